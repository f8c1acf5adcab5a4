"""Runner-system interface: question, reply, capabilities.

A system gets questions and gives one reply for each; it sees audio, a prompt and a seed, never a reference. It states
its own capabilities and settings, and a hash of the settings is kept with every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

from sseu_metric.labels import EVENTS, SCENES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Mode: TypeAlias = Literal["independent", "joint", "cot", "likelihood"]
Task: TypeAlias = Literal["asr", "asc", "at", "all"]
Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

TASKS: Mapping[Mode, tuple[Task, ...]] = {
    "independent": ("asr", "asc", "at"),
    "joint": ("all",),
    "cot": ("all",),
    "likelihood": ("asc", "at"),
}
"""The requests of each mode. `all` is one answer to the three tasks; `likelihood` scores the label names."""

TEXT_MODES: Mapping[Mode, tuple[Task, ...]] = {mode: TASKS[mode] for mode in ("independent", "joint", "cot")}
"""The modes that are answered in text, by a system that gives no probabilities."""

LABELS: Mapping[str, tuple[str, ...]] = {"asc": SCENES, "at": EVENTS}
"""The tasks that may be answered with one score per label, and their labels in order."""

MAX_SCORE = 1e300
"""Scores are smaller in magnitude; NaN and infinity are not."""


class SystemDownError(RuntimeError):
    """The system cannot answer any question: wrong key, endpoint down, weights missing. The message says what to do."""


class MissingPackageError(SystemDownError, ImportError):
    """A package of the system is not installed; the message holds the command that installs it."""


class RejectedError(SystemDownError):
    """A server is there and rejects the requests (HTTP 4xx): request, model, key or account is wrong."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt template: the text that goes with the audio.

    Attributes:
        id: Name and version, such as `project/asr-1`.
        task: The task it asks for.
        mode: The mode it belongs to.
        system: The system message; None where there is none.
        user: The text beside the audio.
        source: `project` (our wording), `reconstruction` (ours, of a prompt the paper describes) or `user file`.
        family: The model family it is for; `*` is any.
    """

    id: str
    task: Task
    mode: Mode
    system: str | None
    user: str
    source: str
    family: str = "*"


@dataclass(frozen=True, slots=True)
class Question:
    """One request to a system.

    Attributes:
        clip_id: Id of the mixture.
        audio: float32, shape (n,), full scale 1, at the rate the system states; None for a system without audio input.
        task: The task.
        mode: The mode.
        prompt: The prompt to send with the audio.
        seed: For sampling, 0 to 2**31 - 1; depends on seed, clip, mode, task and run alone.
    """

    clip_id: str
    audio: NDArray[np.float32] | None
    task: Task
    mode: Mode
    prompt: Prompt
    seed: int


_REPLY_TYPES: Mapping[str, type] = {
    "text": str,
    "error": str,
    "finish_reason": str,
    "restarted": str,
    "input_tokens": int,
    "output_tokens": int,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A system's answer to a question: text, or a score per label, or the reason why there is neither.

    Attributes:
        text: The raw answer; "" is an answer.
        scores: One per label, in label order: 6 for `asc`, 18 for `at`.
        error: Why there is no answer; the question is asked again when the run is repeated.
        finish_reason: Why generation ended, such as `stop` or `length`; None where the system does not say.
        input_tokens: Tokens of the request, if the system counts them.
        output_tokens: Tokens of the answer, if it does.
        restarted: Why the system had to be started again for this answer, such as `it exited with status 1`.

    Raises:
        ValueError: None or several of text, scores and error are given, or a value is of another type.
    """

    text: str | None = None
    scores: tuple[float, ...] | None = None
    error: str | None = None
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    restarted: str | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.text, self.scores, self.error)) != 1:
            raise ValueError(f"a reply has a text, scores or an error, and only one of them: {self}")
        for name, kind in _REPLY_TYPES.items():
            value = getattr(self, name)
            if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
                raise ValueError(f"{name} of a reply is {value!r:.60}; {kind.__name__} is needed")
        if self.scores is not None and not isinstance(self.scores, Iterable):
            raise ValueError(f"scores of a reply are {self.scores!r:.60}; one for each label is needed")


def score_problem(scores: Sequence[object] | None, mode: str, task: str) -> str | None:
    """What is wrong with the scores of an answer, or with having none; None if nothing is.

    Args:
        scores: None for an answer in words.
        mode: In the mode `likelihood` words are no answer.
        task: `asr` and `all` are answered in words alone.
    """
    needed = len(LABELS.get(task, ()))
    if scores is None:
        words = "it has words where scores are needed: the mode likelihood asks for one score for each label"
        return words if mode == "likelihood" else None
    if not needed:
        return "it has scores where a text is needed"
    if len(scores) != needed:
        return f"it has {len(scores)} scores, {needed} are needed: one for each label"
    wrong = [score for score in scores if not _is_score(score)]
    return f"it has scores that are no finite numbers, such as {wrong[0]!r:.40}" if wrong else None


def _is_score(value: Any) -> bool:
    try:
        return not isinstance(value, str | bool) and abs(float(value)) < MAX_SCORE
    except (TypeError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a system states about itself.

    Attributes:
        rate_hz: Sampling rate of its audio input; None if it has none.
        max_audio_s: The longest clip it takes uncut; None if there is no limit.
        deterministic: The same question always gets the same answer: one run is enough.
        modes: The modes it can answer, and the tasks in each.
        family: The model family whose prompts it gets, `*` for the general ones.
        batch_size: Maximum number of questions per call of `answer`.
        in_flight: Maximum number of concurrent calls.
    """

    rate_hz: int | None
    max_audio_s: float | None = None
    deterministic: bool = False
    modes: Mapping[Mode, tuple[Task, ...]] = field(default_factory=lambda: TASKS)
    family: str = "*"
    batch_size: int = 1
    in_flight: int = 1

    def refusal(self, question: Question) -> str | None:
        """Why a system must refuse a question: it comes without audio, or the model would cut its clip silently."""
        if self.rate_hz is None:
            return None
        if question.audio is None:
            return f"clip {question.clip_id} has no audio; this system needs it"
        length_s = len(question.audio) / self.rate_hz
        if self.max_audio_s is not None and length_s > self.max_audio_s:
            return f"clip {question.clip_id} is {length_s:.2f} s long; this system takes at most {self.max_audio_s:g} s"
        return None


@runtime_checkable
class System(Protocol):
    """Any model or service under test. `docs/systems/your-own.md` shows one."""

    @property
    def id(self) -> str:
        """Kind and model, such as `hf:Qwen/Qwen2-Audio-7B-Instruct`, without paths and keys."""

    @property
    def settings(self) -> Mapping[str, Json]:
        """Everything that may change an answer: revision of the weights, generation, order of audio and text, ...

        Complete after `start`; before it, what is known already, with the same values.
        """

    @property
    def capabilities(self) -> Capabilities:
        """Its audio input, modes and limits; known after `start`."""

    async def start(self) -> None:
        """Load or connect.

        Raises:
            SystemDownError: It cannot answer any question.
        """

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """One reply for each question, in order; at most `capabilities.batch_size` are given.

        Raises:
            SystemDownError: It cannot answer anything any more.
        """

    async def close(self) -> None:
        """Give back what it holds. Called once, also after a failure."""
