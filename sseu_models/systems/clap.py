"""`clap:<model>`: LAION-CLAP through transformers, a classifier of scenes and events (docs/systems/laion-clap.md).

Section 3 of the paper: audio and class labels are encoded separately; the cosines of their embeddings become
confidences by softmax over the scenes (ASC) and by sigmoid for each event (AT). No temperature is applied: it would
change neither the nearest scene nor the ranking of clips.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from sseu_models.records import LABELS, Capabilities, Json, Question, Reply, System, SystemDownError
from sseu_models.systems.hf.loading import (
    choose_device,
    find_weights,
    from_pretrained,
    import_transformers,
    known_identity,
    package_versions,
    system_name,
    weights_missing,
)
from sseu_models.systems.settings import Settings, read_settings
from sseu_models.systems.worker.protocol import confidences, label_texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ClapSettings(Settings):
    """What `--setting` may set for `clap:`.

    Attributes:
        device: `auto` (CUDA if available), `cpu` or `cuda`; float32 on all of them.
        template: Text that is encoded for a label, with `{}` in its place; the bare label by default.
        batch_size: Maximum number of clips per batch.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    template: str = "{}"
    batch_size: int = Field(default=8, ge=1)

    @field_validator("template")
    @classmethod
    def _check_place(cls, template: str) -> str:
        if template.count("{}") != 1:
            raise ValueError("it must hold {} once, such as 'the sound of {}'")
        return template


def make_clap(model: str, /, **settings: Json) -> System:
    """The system of a CLAP on the Hub (`id@revision` for another than the newest) or in a local folder.

    Args:
        model: Such as `laion/clap-htsat-unfused`, `laion/clap-htsat-fused`, `laion/larger_clap_general`.
        settings: The attributes of `ClapSettings`.

    Raises:
        ValueError: A setting is unknown or out of range.
    """
    return ClapSystem(model, read_settings("clap", ClapSettings, settings))


@dataclass(frozen=True, slots=True)
class LoadedClap:
    """A model, its feature extractor, and the label embeddings by task, (labels, dimension), rows of length 1."""

    model: Any
    features: Any
    labels: Mapping[str, NDArray[np.float64]]

    @property
    def crop_s(self) -> float:
        """Length of the part of a clip that is used, in seconds."""
        return float(self.features.nb_max_samples / self.features.sampling_rate)


class ClapSystem:
    """One CLAP in this process."""

    def __init__(self, model: str, settings: ClapSettings) -> None:
        self.id = f"clap:{system_name(model)}"
        self._model = model
        self._given = settings
        self._loaded: LoadedClap | None = None
        self._resolved: dict[str, Json] = {}
        self._weights: dict[str, Json] | None = None

    @property
    def settings(self) -> Mapping[str, Json]:
        """Template, weights and, after `start`, the crop and versions."""
        if self._weights is None:
            self._weights = known_identity("clap", self._model)
        return {"template": self._given.template, "dtype": "float32"} | self._resolved | self._weights

    @property
    def capabilities(self) -> Capabilities:
        """Known after `start`.

        Raises:
            RuntimeError: The system is not started.
        """
        loaded = self._ready()
        return Capabilities(
            rate_hz=int(loaded.features.sampling_rate),
            max_audio_s=loaded.crop_s,
            deterministic=True,
            modes={"independent": ("asc", "at")},
            batch_size=self._given.batch_size,
        )

    async def start(self) -> None:
        """Load the model and encode the labels.

        Raises:
            SystemDownError: A package, the weights or the GPU is missing, or the model is not a CLAP.
        """
        await asyncio.to_thread(self._load)

    def _load(self) -> None:
        torch, transformers = import_transformers("clap")
        transformers.logging.disable_progress_bar()
        device = choose_device("clap", self._given.device)
        weights = find_weights("clap", self._model)
        try:
            config = transformers.AutoConfig.from_pretrained(weights.source, revision=weights.revision)
            if config.model_type != "clap":
                raise ValueError(f"it is a {config.model_type}, not a CLAP")
            processor = transformers.ClapProcessor.from_pretrained(weights.source, revision=weights.revision)
            model = from_pretrained(transformers.ClapModel, weights, dtype=torch.float32)
        except (OSError, ValueError) as error:
            raise weights_missing("clap", self._model, error) from error
        model = model.to(device).eval()
        labels = {
            task: _text_embeddings(model, processor.tokenizer, texts)
            for task, texts in label_texts(LABELS, self._given.template).items()
        }
        self._loaded = LoadedClap(model, processor.feature_extractor, labels)
        self._resolved = {"crop_s": self._loaded.crop_s, "crop": "start", "padding": "repeatpad", "device": device}
        self._resolved |= package_versions()
        self._weights = weights.identity()

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Confidences per label: 6 that add up to 1 for `asc`, 18 in (0, 1) for `at`."""
        return await asyncio.to_thread(self._answer, list(questions))

    async def close(self) -> None:
        """Release the memory."""
        self._loaded = None

    def _ready(self) -> LoadedClap:
        if self._loaded is None:
            raise RuntimeError(f"{self.id} is not started; call start() first")
        return self._loaded

    def _answer(self, questions: list[Question]) -> list[Reply]:
        import torch

        loaded = self._ready()
        clips: dict[int, NDArray[np.float32]] = {}  # the tasks of one clip share its audio, and so its embedding
        for question in questions:
            assert question.audio is not None  # `capabilities` asks for it
            clips[id(question.audio)] = question.audio
        try:
            rows = dict(zip(clips, audio_embeddings(loaded, list(clips.values())), strict=True))
        except torch.OutOfMemoryError as error:
            raise SystemDownError(
                f"{self.id}: out of memory on the GPU at {len(clips)} clips per batch; set a smaller "
                "--setting batch_size, or --setting device=cpu"
            ) from error
        cosines = [loaded.labels[question.task] @ rows[id(question.audio)] for question in questions]
        return [
            Reply(scores=tuple(confidences(row.tolist(), question.task)))
            for row, question in zip(cosines, questions, strict=True)
        ]


def audio_embeddings(loaded: LoadedClap, audios: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """The embeddings of n clips, (n, dimension), rows of length 1.

    Only the first `crop_s` seconds are used: the feature extractor would crop at random. A shorter clip is repeated
    (`repeatpad`). Features are extracted clip by clip and none is marked as longer: in a batch, the extractor of a
    fusion model marks a random clip.
    """
    import torch

    extract = partial(
        loaded.features, sampling_rate=loaded.features.sampling_rate, padding="repeatpad", return_tensors="pt"
    )
    mels = [extract(audio[: loaded.features.nb_max_samples])["input_features"] for audio in audios]
    mel = torch.cat(mels).to(loaded.model.device, dtype=loaded.model.dtype)
    is_longer = torch.zeros((len(audios), 1), dtype=torch.bool, device=mel.device)
    with torch.inference_mode():
        return unit_rows(loaded.model.get_audio_features(input_features=mel, is_longer=is_longer))


def _text_embeddings(model: Any, tokenizer: Any, texts: list[str]) -> NDArray[np.float64]:
    import torch

    tokens = tokenizer(texts, padding=True, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        return unit_rows(model.get_text_features(tokens["input_ids"], tokens["attention_mask"]))


def unit_rows(output: Any) -> NDArray[np.float64]:
    """Embeddings as float64 rows of length 1, from transformers 5 (`pooler_output`) or a bare tensor."""
    import numpy as np

    tensor = getattr(output, "pooler_output", output)
    rows: NDArray[np.float64] = tensor.float().cpu().numpy().astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows
