"""The clips of the page as plain records, which its script reads by these names.

All that a model wrote stays text here, and the script puts it on the page as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_TEXT_CHARACTERS = 3_000
"""How much of a raw answer the page holds; the log has all of it."""
MAX_ALIGNED_WORDS = 300
"""How much of an alignment the page holds; of an endless answer it says how many words more there are."""


@dataclass(frozen=True)
class RankedLabel:
    """A label as an answer ranks it.

    Attributes:
        label: Scene or event.
        confidence: From eq. (1) or (3), or a classifier's own score.
        rank: 1 for the highest; equal ones share the worst of their ranks.
        true: Whether it is annotated in the clip.
    """

    label: str
    confidence: float
    rank: int
    true: bool


@dataclass(frozen=True)
class TaskView:
    """An answer to one task.

    Attributes:
        task: `asr`, `asc` or `at`.
        outcome: `hit`, `missed` or `unanswered`, see `clip_choice.outcomes`.
        status: How the answer was parsed (`sseu_metric.answer_values.ParseStatus`).
        rule: By which rule of the parser; empty where nothing was parsed.
        hits: Number of runs in which it is a hit.
        runs: Number of runs.
        said: The scene or the events in the answer's words; for `asr` the error counts.
        alignment: For `asr`, steps [kind, word of the reference, word of the answer].
        cut_words: For `asr`, number of steps of the alignment that are left out.
        ranking: For `asc` and `at`, the first labels and the annotated ones.
    """

    task: str
    outcome: str
    status: str
    rule: str
    hits: int
    runs: int
    said: Sequence[str]
    alignment: Sequence[Sequence[str]] = ()
    cut_words: int = 0
    ranking: Sequence[RankedLabel] = ()


@dataclass(frozen=True)
class RawText:
    """A raw answer, cut at `MAX_TEXT_CHARACTERS`.

    Attributes:
        task: What was asked; `all` for the three tasks in one.
        text: The answer, or why there is none.
        characters: Length of the whole answer.
    """

    task: str
    text: str
    characters: int


@dataclass(frozen=True)
class AnswerView:
    """One system's answers about a clip in one mode, in its first run.

    Attributes:
        system: Position in the page's list of systems.
        mode: How the system was asked.
        tasks: One view for each task.
        raw: The raw answers.
    """

    system: int
    mode: str
    tasks: Sequence[TaskView]
    raw: Sequence[RawText]


@dataclass(frozen=True)
class Span:
    """When something sounds, in seconds of the clip."""

    name: str
    onset_s: float
    offset_s: float


@dataclass(frozen=True)
class ClipCard:
    """A clip on the page.

    Attributes:
        id: Id of the mixture.
        pair: Id of its pair.
        condition: SNR as the dataset names it.
        scene: Name of the scene; empty for speech alone.
        events: Names of the events.
        transcript: What is spoken; empty for background alone.
        source: Speaker and background recording.
        reason: Why it is shown.
        mostly_wrong: What most systems got wrong, see `mostly_wrong`.
        audio: Data URI of an MP3, or None.
        spectrogram: Data URI of a PNG, or None.
        spans: When the speech and each event sound.
        answers: Every system's answers in every mode.
    """

    id: str
    pair: str
    condition: str
    scene: str
    events: Sequence[str]
    transcript: str
    source: str
    reason: str
    mostly_wrong: Sequence[str]
    audio: str | None
    spectrogram: str | None
    spans: Sequence[Span]
    answers: Sequence[AnswerView]
