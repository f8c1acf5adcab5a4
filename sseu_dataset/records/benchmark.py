"""What is fixed: version, audio format, the names of recipes, the official counts; and the errors about data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

VERSION = "1.0.0rc1"
"""Version of the benchmark, written to the manifest, the card and every row."""

RATE_HZ = 44_100
"""Sampling rate of every mixture (paper section 2.1)."""

CLIP_S = 10
"""Length of every mixture in seconds."""

CLIP_SAMPLES = RATE_HZ * CLIP_S

MAX_SNR_DB = 40
"""Largest magnitude of a finite SNR: beyond it 16-bit samples cannot hold both signals."""

Layout = Literal["full", "stems"]
"""What a dataset folder stores: every mixture, or the two signals of each pair, which are mixed on loading."""

RuleName = Literal["paper", "diverse"]
"""Which rule chooses the speech: one long utterance for each background, or several short ones said nowhere else."""

RecipeName = Literal["paper", "diverse", "edition", "partial", "custom", "imported"]
"""A rule's name, or `edition`, for the complete official corpora alone."""

OFFICIAL: tuple[RecipeName, ...] = ("paper", "diverse", "edition")
"""The names of benchmarks of this project: scores on these are scores on SSEU-Bench, each on its own."""

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
