"""`hf:<model>`: an audio language model, recogniser or tagger of transformers, in this process.

Greedy by default, so that one run is enough. Text answers come from `generation`, the mode `likelihood` from
`likelihood`, transcripts from `recogniser`, scores of classes from `tagger`; all block, so they run in a thread, one at
a time. docs/systems/transformers.md says which models there are.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from sseu_models.kinds import TEXT_ONLY_PREFIX
from sseu_models.records import LABELS, TASKS, Capabilities, Json, Mode, Question, Reply, System, SystemDownError, Task
from sseu_models.systems.hf import generation as hf_generation
from sseu_models.systems.hf.likelihood import label_scores
from sseu_models.systems.hf.loading import (
    choose_device,
    choose_dtype,
    find_weights,
    import_transformers,
    known_identity,
    package_versions,
    system_name,
)
from sseu_models.systems.hf.model import LoadedModel, load
from sseu_models.systems.hf.recogniser import LoadedRecogniser, transcribe
from sseu_models.systems.hf.settings import HfSettings
from sseu_models.systems.hf.tagger import LoadedTagger, tag
from sseu_models.systems.settings import read_settings

FAMILIES = {"qwen2_audio": "qwen2-audio"}
"""Model types with prompts of their own, and the family of these."""
ResultT = TypeVar("ResultT")


def make_hf(model: str, /, *, hears: bool = True, **settings: Json) -> System:
    """The system of a Hub id (`id@revision` for another than the newest) or a local folder.

    Args:
        model: Such as `Qwen/Qwen2-Audio-7B-Instruct`.
        hears: False for a language model, with or without ears, that gets its prompts alone: `text-only:hf:...`.
        settings: The attributes of `HfSettings`.

    Raises:
        ValueError: A setting is unknown or out of range.
    """
    read = read_settings("hf", HfSettings, settings)
    if not hears and read.order != "auto":
        raise ValueError(f"{TEXT_ONLY_PREFIX}hf:{model}: setting order has no effect without audio; leave it out")
    return HfSystem(model, read, hears=hears)


class HfSystem:
    """One model in this process."""

    def __init__(self, model: str, settings: HfSettings, *, hears: bool = True) -> None:
        self.id = f"hf:{system_name(model)}" if hears else f"{TEXT_ONLY_PREFIX}hf:{system_name(model)}"
        self._hears = hears
        self._model = model
        self._given = settings
        self._loaded: LoadedModel | LoadedRecogniser | LoadedTagger | None = None
        chosen = {"order": settings.order, "dtype": settings.dtype}
        self._resolved: dict[str, Json] = {name: value for name, value in chosen.items() if value != "auto"}
        self._weights: dict[str, Json] | None = None
        self._batch_size = settings.batch_size
        self._is_halved = False

    @property
    def settings(self) -> Mapping[str, Json]:
        """Decoding, order, precision, weights and, after `start`, versions.

        The batch size is recorded in bfloat16 only, where it may change answers through rounding; in float32 it does
        not, and a run may be resumed with another one.
        """
        if self._weights is None:
            self._weights = known_identity("hf", self._model)
        return self._given.model_dump() | self._resolved | self._weights

    @property
    def capabilities(self) -> Capabilities:
        """Known after `start`.

        Raises:
            RuntimeError: The system is not started.
        """
        loaded = self._ready()
        modes: Mapping[Mode, tuple[Task, ...]] = TASKS
        if isinstance(loaded, LoadedRecogniser):
            modes = {"independent": ("asr",)}
        elif isinstance(loaded, LoadedTagger):
            modes = {"independent": ("asc", "at")}
        return Capabilities(
            rate_hz=loaded.rate_hz,
            max_audio_s=loaded.max_audio_s,
            deterministic=self._given.temperature == 0,
            modes=modes,
            family=FAMILIES.get(loaded.model_type, "*"),
            batch_size=self._given.batch_size,
        )

    async def start(self) -> None:
        """Load the model.

        Raises:
            SystemDownError: A package, the weights, the GPU or the memory for them is missing.
        """
        await asyncio.to_thread(self._load)

    def _load(self) -> None:
        kind = "hf" if self._hears else f"{TEXT_ONLY_PREFIX}hf"
        torch, transformers = import_transformers(kind)
        transformers.logging.disable_progress_bar()
        device = choose_device(kind, self._given.device)
        dtype = choose_dtype(self._given.dtype, device)
        weights = find_weights(kind, self._model)
        try:
            loaded = load(
                weights,
                dtype=dtype,
                device_map=self._given.device_map or device,
                order=self._given.order,
                trust_remote_code=self._given.trust_remote_code,
                hears=self._hears,
            )
        except torch.OutOfMemoryError as error:
            raise SystemDownError(
                f"{self.id}: its weights in {dtype} do not fit on this GPU; use --setting dtype=bfloat16, "
                "--setting device_map=auto with several GPUs, or --setting device=cpu"
            ) from error
        if not isinstance(loaded, LoadedModel):
            self._refuse_sampling()
        self._loaded = loaded
        self._resolved = {"device": loaded.model.device.type, "dtype": dtype, **_own_way(loaded)}
        if dtype != "float32":
            self._resolved["batch_size"] = self._given.batch_size
        self._resolved |= package_versions()
        self._weights = weights.identity()

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """One reply per question; a question that cannot be answered gets an error of its own."""
        return await asyncio.to_thread(self._answer, list(questions))

    async def close(self) -> None:
        """Release the memory."""
        self._loaded = None
        await asyncio.to_thread(_free_memory)

    def _ready(self) -> LoadedModel | LoadedRecogniser | LoadedTagger:
        if self._loaded is None:
            raise RuntimeError(f"{self.id} is not started; call start() first")
        return self._loaded

    def _answer(self, questions: list[Question]) -> list[Reply]:
        loaded = self._ready()
        replies: dict[int, Reply] = {}
        texts: list[int] = []
        for place, question in enumerate(questions):
            if problem := self.capabilities.refusal(question):
                replies[place] = Reply(error=problem)
            elif question.mode == "likelihood" and isinstance(loaded, LoadedModel):
                replies[place] = self._score(loaded, question)
            else:
                texts.append(place)
        lengths = {place: 0 if (audio := questions[place].audio) is None else len(audio) for place in texts}
        while texts:
            # Clips of one length make a batch: the ears of Phi-4 and Gemma 3n, and CTC models, hear padding.
            batch = [place for place in texts if lengths[place] == lengths[texts[0]]][: self._batch_size]
            answers = self._write(loaded, [questions[place] for place in batch])
            if answers is not None:  # otherwise memory ran out and the batch size was halved
                replies |= zip(batch, answers, strict=True)
                texts = [place for place in texts if place not in replies]
        return [replies[place] for place in range(len(questions))]

    def _write(
        self, loaded: LoadedModel | LoadedRecogniser | LoadedTagger, questions: list[Question]
    ) -> list[Reply] | None:
        """Answer as one batch; None if it should be tried again in smaller ones."""
        replies = _within_memory(lambda: self._reply(loaded, questions))
        if replies is None:
            return None if self._halve(len(questions)) else [self._out_of_memory(len(questions))] * len(questions)
        return replies

    def _reply(self, loaded: LoadedModel | LoadedRecogniser | LoadedTagger, questions: list[Question]) -> list[Reply]:
        audios = [question.audio for question in questions if question.audio is not None]
        if isinstance(loaded, LoadedTagger):
            # The two tasks of one clip share its audio, and so its scores.
            clips = {id(audio): audio for audio in audios}
            scores = dict(zip(clips, tag(loaded, list(clips.values())), strict=True))
            return [
                Reply(scores=scores[id(question.audio)][0 if question.task == "asc" else 1]) for question in questions
            ]
        if isinstance(loaded, LoadedRecogniser):
            return [
                Reply(
                    text=made.text,
                    finish_reason=None if made.ended is None else "stop" if made.ended else "length",
                    output_tokens=made.tokens,
                )
                for made in transcribe(loaded, audios, self._given.max_new_tokens)
            ]
        prompts = [question.prompt for question in questions]
        seeds = [question.seed for question in questions]
        heard = [None if loaded.rate_hz is None else question.audio for question in questions]
        answers = hf_generation.generate(loaded, prompts, heard, seeds, self._given)
        return [
            Reply(
                text=loaded.tokenizer.decode(answer.tokens, skip_special_tokens=True),
                finish_reason="stop" if answer.ended else "length",
                input_tokens=answer.input_tokens,
                output_tokens=len(answer.tokens),
            )
            for answer in answers
        ]

    def _score(self, loaded: LoadedModel, question: Question) -> Reply:
        """Score the label names of a task."""
        labels = LABELS[question.task]
        score = partial(label_scores, loaded, question.prompt, question.audio, labels, self._given.likelihood)
        while True:
            size = min(self._batch_size, len(labels))
            scores = _within_memory(partial(score, batch_size=size))
            if scores is not None:
                return Reply(scores=scores)
            if not self._halve(size):
                return self._out_of_memory(size)

    def _refuse_sampling(self) -> None:
        """A recogniser or tagger decodes in its own way: what it does not follow is refused.

        Raises:
            SystemDownError: A setting for language models is given.
        """
        ours = HfSettings()
        names = ("temperature", "top_p", "top_k", "repetition_penalty", "order", "likelihood")
        for name in names:
            if getattr(self._given, name) != getattr(ours, name):
                raise SystemDownError(
                    f"{self.id} is no language model and follows no prompts, so --setting {name}="
                    f"{getattr(self._given, name)} has no effect; leave it out"
                )

    def _halve(self, tried: int) -> bool:
        """Halve the batch size from now on, at most once per system; return whether it was done."""
        if self._is_halved or tried == 1:
            return False
        self._batch_size, self._is_halved = tried // 2, True
        return True

    def _out_of_memory(self, tried: int) -> Reply:
        after = f" (halved from {self._given.batch_size})" if self._is_halved else ""
        remedy = f"--setting batch_size={tried // 2}" if tried > 1 else "a smaller max_new_tokens or a larger GPU"
        return Reply(error=f"out of memory on the GPU at batch size {tried}{after}; set {remedy}")


def _own_way(loaded: LoadedModel | LoadedRecogniser | LoadedTagger) -> dict[str, Json]:
    """What is recorded of how a model of each kind answers."""
    if isinstance(loaded, LoadedModel):
        return {"audio": "none"} if loaded.rate_hz is None else {"order": loaded.order}
    if isinstance(loaded, LoadedRecogniser):
        return {"answers": "transcribes in its own way", "language": "en"}
    return {"answers": "scores of AudioSet's classes, by table"}


def _within_memory(work: Callable[[], ResultT]) -> ResultT | None:
    """The result of `work`, or None, with memory freed, if the GPU runs out of memory."""
    import torch

    try:
        return work()
    except torch.OutOfMemoryError:
        pass  # memory is freed outside, where the error no longer holds the tensors
    _free_memory()
    return None


def _free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
