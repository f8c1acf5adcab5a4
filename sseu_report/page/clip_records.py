"""The clips of the page as plain records, which its script reads by these names.

Everything a model wrote stays text here; `page` and its script put it on the page as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_TEXT = 3_000
"""Characters of a raw answer that the page holds; the log has the rest."""
LONGEST_ALIGNMENT = 300
"""Words of an alignment that the page holds: an endless answer is told in numbers."""


@dataclass(frozen=True)
class Ranked:
    """A label as an answer ranks it.

    Attributes:
        label: Scene or event.
        confidence: Of eq. (1) or (3), or a classifier's own score.
        rank: 1 for the highest; equal ones share the worst of their ranks.
        true: The clip has it.
    """

    label: str
    confidence: float
    rank: int
    true: bool


@dataclass(frozen=True)
class TaskView:
    """What an answer says about one task.

    Attributes:
        task: `asr`, `asc` or `at`.
        outcome: `hit`, `missed` or `failed`, see `clip_choice.outcomes`.
        status: How the answer was read.
        hits: In how many runs it is a hit.
        runs: How many runs there are.
        said: The scene or the events in the answer's words; for `asr` the figures of the alignment.
        alignment: `asr`: [kind, word of the reference, word of the answer] each.
        cut_words: `asr`: steps of the alignment that are left out.
        ranking: `asc`, `at`: the first labels, and the true ones.
    """

    task: str
    outcome: str
    status: str
    hits: int
    runs: int
    said: Sequence[str]
    alignment: Sequence[Sequence[str]] = ()
    cut_words: int = 0
    ranking: Sequence[Ranked] = ()


@dataclass(frozen=True)
class RawText:
    """An answer as it came, at most `LONGEST_TEXT` characters.

    Attributes:
        task: What was asked; `all` for the three tasks in one.
        text: The answer, or why there is none.
        characters: Length of the whole.
    """

    task: str
    text: str
    characters: int


@dataclass(frozen=True)
class AnswerView:
    """What one system answered about a clip in one mode, in its first run.

    Attributes:
        system: Position in the page's list of systems.
        mode: How it was asked.
        tasks: One each.
        raw: As it came.
    """

    system: int
    mode: str
    tasks: Sequence[TaskView]
    raw: Sequence[RawText]


@dataclass(frozen=True)
class Span:
    """Where something sounds, in seconds of the clip."""

    name: str
    onset_s: float
    offset_s: float


@dataclass(frozen=True)
class ClipCard:
    """A clip on the page.

    Attributes:
        id: Of the mixture.
        pair: Of its pair.
        condition: One of `CONDITIONS`.
        scene: By name; empty for speech alone.
        events: By name.
        transcript: What is said; empty for background alone.
        source: Corpora and speaker, for the reader.
        reason: Why it is shown.
        audio: data URI of an MP3, or None.
        spectrogram: data URI of a PNG, or None.
        spans: Where the speech and each event sound.
        answers: Of every system in every mode.
    """

    id: str
    pair: str
    condition: str
    scene: str
    events: Sequence[str]
    transcript: str
    source: str
    reason: str
    audio: str | None
    spectrogram: str | None
    spans: Sequence[Span]
    answers: Sequence[AnswerView]
