"""Records passed from the corpus readers to the dataset folder.

    corpus reader -> Utterance, Background -> Recipe (of Pairs) -> mixtures, one per condition -> rows

Times are in seconds from the start of the recording or clip they refer to; levels are in dB.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, condition_of

VERSION = "1.0.0rc1"
"""Version of the benchmark, written to the manifest, the card and every row."""

RATE_HZ = 44_100
"""Sampling rate of every mixture (paper section 2.1)."""

CLIP_S = 10
"""Length of every mixture in seconds."""

CLIP_SAMPLES = RATE_HZ * CLIP_S

MAX_SNR_DB = 40
"""Largest magnitude of a finite SNR: beyond it 16-bit samples cannot hold both signals."""

RecipeName = Literal["paper", "partial", "custom", "imported"]

PAPER_PAIRS: Mapping[str, int] = {"DESED": 378, "MAESTRO-Real": 739}
"""Backgrounds in the official corpora (paper section 2.1; counted in the published labels): clips, and windows."""

PAPER_SPEECH = "wav48_silence_trimmed"
"""The folder of the recordings in VCTK 0.92, the paper's release."""

STRICT = {"extra": "forbid"}
"""Pydantic's configuration of records that are read back from disk (`validation`): unknown fields are errors."""


class CorpusError(ValueError):
    """A corpus is missing, incomplete or broken; the message names the files and the remedy."""


class DatasetError(ValueError):
    """A dataset, manifest or recipe is missing, unfinished or inconsistent; the message names it and the remedy."""


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
    """One VCTK recording with its text; `file` is relative to the corpus root."""

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

    `soft_labels` has one entry for each class that the corpus annotates in this way; None for DESED.
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


@dataclass(frozen=True)
class Backgrounds:
    """A corpus of backgrounds: its root, those selected, and the issues found."""

    root: Path
    selected: list[Background]
    issues: SourceIssues


@dataclass(frozen=True, slots=True)
class Pair:
    """An utterance placed on a background: with the corpora it determines every sample of the pair's mixtures.

    `speech_onset_samples` is counted at 44,100 Hz from the start of the 10-s clip.
    """

    background: Background
    background_sha256: str
    utterance: Utterance
    speech_sha256: str
    speech_onset_samples: int

    @property
    def pair_id(self) -> str:
        """The background's id: every background is used once."""
        return self.background.background_id


@dataclass(frozen=True, slots=True)
class Settings:
    """Build settings; the defaults give the paper's benchmark.

    Attributes:
        seed: Seed of every draw.
        snrs_db: The finite conditions in dB, in the order in which they are stored.
        speech_min_s: Minimum length of an utterance's file in seconds.
        speech_max_s: Maximum length of an utterance's file in seconds, at most 10.
        pairs: Number of pairs to build, the first in draw order; None builds one for every background.

    Raises:
        ValueError: A value is out of range.
    """

    __pydantic_config__ = STRICT

    seed: int = 0
    snrs_db: tuple[float, ...] = (10.0, 5.0, 0.0, -5.0, -10.0)
    speech_min_s: float = 8.0
    speech_max_s: float = 10.0
    pairs: int | None = None

    def __post_init__(self) -> None:
        """Convert integers to floats, so that equal settings have equal hashes, and check the ranges."""
        object.__setattr__(self, "snrs_db", tuple(float(snr_db) + 0.0 for snr_db in self.snrs_db))  # no -0.0
        object.__setattr__(self, "speech_min_s", float(self.speech_min_s))
        object.__setattr__(self, "speech_max_s", float(self.speech_max_s))
        if not all(map(math.isfinite, self.snrs_db)):
            raise ValueError(
                f"the SNRs {self.snrs_db}: each must be finite; the ends, speech alone and background alone, are "
                "always built"
            )
        if not self.snrs_db or len(set(self.conditions)) < len(self.conditions):
            raise ValueError(f"the SNRs {self.snrs_db} are empty or repeat a value; give each once")
        if not all(-MAX_SNR_DB <= snr_db <= MAX_SNR_DB for snr_db in self.snrs_db):
            raise ValueError(
                f"the SNRs {self.snrs_db} exceed -{MAX_SNR_DB} to {MAX_SNR_DB} dB, which is what 16 bits can hold"
            )
        if not 0 < self.speech_min_s <= self.speech_max_s <= CLIP_S:
            raise ValueError(
                f"speech of {self.speech_min_s} to {self.speech_max_s} s: the minimum must be above 0, the maximum at "
                f"most {CLIP_S} s and not below the minimum"
            )
        if self.pairs is not None and self.pairs < 1:
            raise ValueError(f"{self.pairs} pairs; at least 1 is needed")

    @property
    def conditions(self) -> tuple[str, ...]:
        """`+inf`, each SNR as given, `-inf`."""
        return (SPEECH_ALONE, *map(condition_of, self.snrs_db), BACKGROUND_ALONE)


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a benchmark's samples, given the corpora.

    Attributes:
        name: `paper` only for the complete official corpora with the default settings; never `imported`.
        reasons: Why the name is not `paper`; empty when it is.
        settings: The build settings.
        pairs: The pairs in the order of the dataset's rows.
        version: Version of the benchmark.

    Raises:
        ValueError: The name is `paper`, but this is not the paper's recipe (`check_name`), or it is `imported`.
    """

    name: RecipeName
    reasons: tuple[str, ...]
    settings: Settings
    pairs: tuple[Pair, ...]
    version: str = VERSION

    def __post_init__(self) -> None:
        """Check the name."""
        if self.name == "imported":
            raise ValueError("it is named `imported`, but mixtures made elsewhere have no recipe")
        check_name(
            self.name,
            len(self.pairs),
            self.settings.conditions,
            settings=self.settings,
            reasons=self.reasons,
            sources=self.sources,
        )

    @property
    def sources(self) -> dict[str, str]:
        """SHA-256 of each source file, by corpus and path in it, sorted."""
        found = {f"{pair.background.corpus}/{pair.background.file}": pair.background_sha256 for pair in self.pairs}
        found |= {f"VCTK/{pair.utterance.file}": pair.speech_sha256 for pair in self.pairs}
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class ImportRecord:
    """What a manifest says of mixtures that were made elsewhere (`sseu import`).

    Attributes:
        clipped_samples: Number of samples at full scale of each row that has any, by row id.
        notes: What was done to files and labels, one line each, such as how many clips were resampled.
    """

    __pydantic_config__ = STRICT

    clipped_samples: dict[str, int]
    notes: list[str]


def check_name(
    name: str,
    pairs: int,
    conditions: Sequence[str],
    *,
    settings: Settings | None = None,
    reasons: Sequence[str] = (),
    sources: Collection[str] | None = None,
) -> None:
    """Refuse the name `paper` for anything but the paper's benchmark; every record that holds a name calls this.

    Args:
        name: The name.
        pairs: Number of pairs.
        conditions: The conditions, from `+inf` down.
        settings: The build settings, where they are known.
        reasons: Why the name is not `paper`.
        sources: The source files as `corpus/path`, where they are known.

    Raises:
        ValueError: The name is `paper`, and something about it is not the paper's.
    """
    if name != "paper":
        return
    default = Settings()
    faults = {
        f"its own reasons say that it is not ({', '.join(reasons)})": bool(reasons),
        "its settings are not the default": settings not in (None, default),
        f"its conditions are {', '.join(conditions)}": tuple(conditions) != default.conditions,
        f"it has {pairs} pairs": pairs != sum(PAPER_PAIRS.values()),
    }
    if sources is not None:
        clips = sum(file.startswith("DESED/") for file in sources)
        other = [file for file in sources if file.startswith("VCTK/") and not file.startswith(f"VCTK/{PAPER_SPEECH}/")]
        faults |= {
            f"{clips} of its clips are of DESED": clips != PAPER_PAIRS["DESED"],
            f"its speech is not that of VCTK 0.92 ({', '.join(other[:1])})": bool(other),
        }
    if wrong := [fault for fault, is_so in faults.items() if is_so]:
        expected = " + ".join(f"{count} {corpus}" for corpus, count in PAPER_PAIRS.items())
        raise ValueError(
            f"it is named `paper`, but {wrong[0]}; that name needs the {expected} pairs of the complete official "
            "corpora, VCTK 0.92 and the default settings"
        )
