"""What the corpora hold: utterances, backgrounds with their labels, and the issues found while reading them.

Times are in seconds from the start of the recording or clip they refer to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class EventSegment:
    """One annotated sound event, relative to the start of its 10-s clip."""

    event: str
    onset_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class SoftLabel:
    """How strongly an event was heard in each second of a 10-s clip, 0 to about 1 (MAESTRO-Real's soft values)."""

    event: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording with its text; `file` is relative to the corpus root."""

    utterance_id: str
    speaker_id: str
    speaker_gender: str | None
    speaker_accent: str | None
    transcript: str
    transcript_raw: str
    file: str

    def columns(self) -> dict[str, Any]:
        """Its fields as they are named in the rows of recipe and dataset."""
        columns = asdict(self)
        columns["speech_file"] = columns.pop("file")
        return columns

    @classmethod
    def from_columns(cls, row: Mapping[str, Any]) -> Utterance:
        """The utterance of a row, which may have further columns."""
        return cls(**{field.name: row["speech_file" if field.name == "file" else field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Background:
    """One clip of at most 10 s without target speech; `file` is relative to the corpus root.

    `soft_labels` has one entry for each class that the corpus annotates in this way; None for all but MAESTRO-Real.
    """

    background_id: str
    corpus: str
    file: str
    offset_s: int
    scene: str
    segments: tuple[EventSegment, ...]
    source_recording_id: str
    soft_labels: tuple[SoftLabel, ...] | None = None


@dataclass(frozen=True, slots=True)
class SourceIssue:
    """Something the user should know about a source file: which file, and what."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceIssues:
    """Everything found while reading a corpus.

    Attributes:
        problems: Broken or missing files; a build stops at them unless it may be partial.
        excluded: Files left out by rule, such as recordings without text.
        notes: Oddities that change nothing, such as an unusual sampling rate.
    """

    problems: list[SourceIssue] = field(default_factory=list)
    excluded: list[SourceIssue] = field(default_factory=list)
    notes: list[SourceIssue] = field(default_factory=list)
