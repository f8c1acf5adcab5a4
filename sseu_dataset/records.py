"""The records that walk from the corpora to the dataset folder.

Arrows, one way:  corpus reader -> Utterance / Background -> Recipe (of Pairs) -> seven mixtures -> rows.
All times are seconds from the start of the thing they are measured in; all levels are dB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

VERSION = "1.0.0rc1"
"""Version of the benchmark (semantic), in the manifest, the card and every row."""

RATE_HZ = 44_100
"""Sampling rate of every mixture (paper section 2.1)."""

CLIP_S = 10
"""Length of every mixture in seconds."""

CLIP_SAMPLES = RATE_HZ * CLIP_S

MAX_SNR_DB = 40

RecipeName = Literal["paper", "partial", "custom"]


class CorpusError(ValueError):
    """A corpus is missing, incomplete or broken; the message names the files and the remedy."""


class DatasetError(ValueError):
    """A dataset folder is not what it claims to be; the message says what is wrong where."""


@dataclass(frozen=True, slots=True)
class EventSegment:
    """One annotated sound event, relative to the start of its 10-s clip."""

    event: str
    onset_s: float
    offset_s: float


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


@dataclass(frozen=True, slots=True)
class Background:
    """One clip of at most 10 s without target speech; `file` is relative to the corpus root."""

    background_id: str
    corpus: str
    file: str
    offset_s: int
    scene: str
    segments: tuple[EventSegment, ...]
    source_recording_id: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a source file that the user should know: what and where."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What reading a corpus brought to light.

    `problems` stop a build unless it may be partial, `excluded` files are left out by rule, `notes` change nothing.
    """

    problems: tuple[Finding, ...] = ()
    excluded: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        """Both sets of findings, in order."""
        return Findings(self.problems + other.problems, self.excluded + other.excluded, self.notes + other.notes)


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of the recipe: an utterance laid on a background, which with the corpora fixes every sample.

    `speech_onset_samples` counts samples at 44,100 Hz from the start of the 10-s clip.
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
    """What a build may be asked to do differently; the defaults are the paper's benchmark.

    Attributes:
        seed: Seed of every draw.
        snrs_db: The finite conditions, in order.
        speech_min_s: Shortest file of the utterance pool.
        speech_max_s: Longest file of the utterance pool, at most 10 s.
        pairs: Number of pairs, the first in draw order; None takes every background.

    Raises:
        ValueError: A value is out of its range.
    """

    seed: int = 0
    snrs_db: tuple[float, ...] = (10.0, 5.0, 0.0, -5.0, -10.0)
    speech_min_s: float = 8.0
    speech_max_s: float = 10.0
    pairs: int | None = None

    def __post_init__(self) -> None:
        """Make the numbers floats, so that equal settings are one recipe, and check the ranges."""
        object.__setattr__(self, "snrs_db", tuple(float(snr_db) + 0.0 for snr_db in self.snrs_db))  # no -0.0
        object.__setattr__(self, "speech_min_s", float(self.speech_min_s))
        object.__setattr__(self, "speech_max_s", float(self.speech_max_s))
        if not self.snrs_db or len(set(self.conditions)) < len(self.conditions):
            raise ValueError(f"the SNRs {self.snrs_db} are empty or repeat; give each once")
        if not all(-MAX_SNR_DB <= snr_db <= MAX_SNR_DB for snr_db in self.snrs_db):
            raise ValueError(f"the SNRs {self.snrs_db} leave -{MAX_SNR_DB} to {MAX_SNR_DB} dB, what 16 bits can hold")
        if not 0 < self.speech_min_s <= self.speech_max_s <= CLIP_S:
            raise ValueError(
                f"speech of {self.speech_min_s} to {self.speech_max_s} s does not lie within 0 to {CLIP_S} s"
            )
        if self.pairs is not None and self.pairs < 1:
            raise ValueError(f"{self.pairs} pairs; at least 1 is needed")

    @property
    def conditions(self) -> tuple[str, ...]:
        """`+inf`, each SNR in dB, `-inf`."""
        return ("+inf", *(f"{snr_db:g}" for snr_db in self.snrs_db), "-inf")


@dataclass(frozen=True)
class Recipe:
    """A whole benchmark before any sample is computed.

    Attributes:
        name: `paper` only for the complete official corpora with the default settings.
        reasons: Why the name is not `paper`; empty when it is.
        settings: What was asked for.
        pairs: In the order of the dataset's rows.
        version: Of the benchmark.
    """

    name: RecipeName
    reasons: tuple[str, ...]
    settings: Settings
    pairs: tuple[Pair, ...]
    version: str = VERSION
