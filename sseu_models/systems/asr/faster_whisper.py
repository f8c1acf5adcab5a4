"""`asr:faster-whisper:<size, Hub id or folder>`: Whisper through CTranslate2 (docs/systems/faster-whisper.md).

It transcribes English in its own way: no prompt is read. Upstream repeats a doubtful clip at higher temperatures, which
samples; here that is asked for with `--setting fallback=true`, so that by default equal clips get equal transcripts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from sseu_dataset.parallel import worker_count
from sseu_metric.suggestions import did_you_mean
from sseu_models.records import Capabilities, Json, Question, Reply, SystemDownError
from sseu_models.systems.hf.loading import find_weights, known_identity, split_revision, system_name
from sseu_models.systems.packages import missing_package
from sseu_models.systems.settings import Settings, read_settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 16_000
"""The rate of Whisper's features."""

_KIND = "asr:faster-whisper"
_GREEDY, _FALLBACK = (0.0,), (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class FasterWhisperSettings(Settings):
    """What `--setting` may set for `asr:faster-whisper`.

    Attributes:
        beam_size: Beams of the search; upstream's default.
        language: Language that is spoken, by its code.
        fallback: Repeat a clip whose transcript is improbable or repetitive at the temperatures 0.2 to 1.0, as upstream
            does by default. These sample, and not reproducibly.
        compute_type: Type of the weights in memory; `default` is that of the file.
        device: `auto` (CUDA if available), `cpu` or `cuda`.
    """

    beam_size: int = Field(default=5, ge=1)
    language: str = "en"
    fallback: bool = Field(default=False, exclude=True)
    compute_type: Literal["default", "int8", "int8_float32", "int8_float16", "float16", "bfloat16", "float32"] = Field(
        default="default", exclude=True
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", exclude=True)


def make_faster_whisper(model: str, /, **settings: Json) -> FasterWhisperSystem:
    """Make the recogniser; nothing is loaded before `start`.

    Args:
        model: A size that faster-whisper knows (`tiny.en`, `base`, `large-v3`, ...), the Hub id or the folder of a
            converted model; `@<revision>` names a commit on the Hub.
        settings: The attributes of `FasterWhisperSettings`.

    Raises:
        ValueError: The model is neither a size, a folder nor a Hub id, or a setting is unknown or has another value.
        MissingPackageError: The package is not installed.
    """
    if not model:
        raise ValueError(f"{_KIND} names no model; write {_KIND}:base, or a Hub id or folder in place of `base`")
    read = read_settings(_KIND, FasterWhisperSettings, settings)
    try:
        import ctranslate2  # noqa: F401
        import faster_whisper  # noqa: F401
    except ImportError as error:
        raise missing_package(_KIND, error.name, "asr") from None
    return FasterWhisperSystem(model, read)


class FasterWhisperSystem:
    """One Whisper in this process; with greedy search it decodes several clips at a time, one on each core."""

    def __init__(self, model: str, settings: FasterWhisperSettings) -> None:
        """Use `make_faster_whisper`."""
        import ctranslate2

        self.id = f"{_KIND}:{system_name(model)}"
        self._source = _hub_name(model)
        self._given = settings
        self._device = settings.device
        if settings.device == "auto":
            self._device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        self._recorded: dict[str, Json] = settings.model_dump() | {
            "temperature": list(_FALLBACK if settings.fallback else _GREEDY),
            "condition_on_previous_text": False,
            "faster-whisper": version("faster-whisper"),
            "ctranslate2": version("ctranslate2"),
        }
        self._weights: dict[str, Json] | None = None
        # What samples is seeded before each question, which concurrent ones would undo.
        one_by_one = settings.fallback or self._device == "cuda"
        self.capabilities = Capabilities(
            rate_hz=RATE_HZ,
            deterministic=not settings.fallback,
            modes={"independent": ("asr",)},
            in_flight=1 if one_by_one else worker_count(None),
        )
        self._loaded: Any = None

    @property
    def settings(self) -> Mapping[str, Json]:
        """Search, versions, weights and, after `start`, the device and the type of the weights in memory."""
        if self._weights is None:
            self._weights = known_identity(_KIND, self._source)
        return self._recorded | self._weights

    async def start(self) -> None:
        """Load the model.

        Raises:
            SystemDownError: The weights are missing or are not those of a converted Whisper, or the device or language
                is not there.
        """
        await asyncio.to_thread(self._load)

    def _load(self) -> None:
        import ctranslate2
        from faster_whisper import WhisperModel

        if self._device == "cuda" and not ctranslate2.get_cuda_device_count():
            raise SystemDownError(
                f"{self.id}: device cuda is requested, but CTranslate2 sees no GPU; use --setting device=cpu"
            )
        weights = find_weights(_KIND, self._source)
        try:
            loaded = WhisperModel(
                weights.source,
                device=self._device,
                compute_type=self._given.compute_type,
                cpu_threads=1 if self.capabilities.in_flight > 1 else 0,
                num_workers=self.capabilities.in_flight,
                revision=weights.revision,
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise SystemDownError(
                f"{self.id} cannot be loaded ({type(error).__name__}: {error}); it needs a Whisper converted for "
                "CTranslate2 (model.bin, config.json, tokenizer.json, vocabulary); those for transformers run as hf:"
            ) from error
        if self._given.language not in loaded.supported_languages:
            raise SystemDownError(
                f"{self.id} does not know the language {self._given.language!r}; it has "
                f"{', '.join(loaded.supported_languages)}"
            )
        self._loaded = loaded
        self._weights = weights.identity()
        self._recorded |= {"device": loaded.model.device, "compute_type": loaded.model.compute_type}

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The transcript of each clip, which is empty where Whisper hears no speech."""
        return [await asyncio.to_thread(self._reply, question) for question in questions]

    def _reply(self, question: Question) -> Reply:
        assert question.audio is not None  # `capabilities` asks for it
        try:
            return Reply(text=self._transcribe(question.audio))
        except (RuntimeError, ValueError) as error:
            return Reply(error=f"{self.id}: clip {question.clip_id} cannot be transcribed: {error}")

    def _transcribe(self, audio: NDArray[np.float32]) -> str:
        segments, _ = self._loaded.transcribe(
            audio,
            language=self._given.language,
            beam_size=self._given.beam_size,
            temperature=list(_FALLBACK if self._given.fallback else _GREEDY),
            condition_on_previous_text=False,
        )
        return "".join(segment.text for segment in segments).strip()

    async def close(self) -> None:
        """Release the memory."""
        self._loaded = None


def _hub_name(model: str) -> str:
    """The Hub id behind a size, with its revision; a folder or another Hub id as it is.

    Raises:
        ValueError: It is neither.
    """
    from faster_whisper import available_models, utils

    name, revision = split_revision(model)
    if "/" in name or Path(name).is_dir():
        return model
    if name not in available_models():
        raise ValueError(
            f"{_KIND}:{model}: no folder and no size{did_you_mean(name, available_models())} (there are "
            f"{', '.join(available_models())}; a Hub id is written <owner>/<name>)"
        )
    return f"{utils._MODELS[name]}@{revision}" if revision else str(utils._MODELS[name])
