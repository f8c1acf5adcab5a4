"""The settings of a build."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from sseu_dataset.records.benchmark import CLIP_S, MAX_SNR_DB, STRICT, VERSION, RuleName
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, condition_of

_DIVERSE = "d1"
_EDITION = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)*")  # of a local version (PEP 440)
_MAX_EDITION = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """Build settings; the defaults give the paper's benchmark.

    Attributes:
        seed: Seed of every draw.
        snrs_db: The finite conditions in dB, in the order in which they are stored.
        speech_min_s: Minimum length of the speech in seconds: of an utterance's file, or of all that a clip holds.
        speech_max_s: Maximum length of the speech in seconds, at most 10.
        pairs: Number of pairs to build, the first in draw order; None builds one for every background.
        rule: Which rule chooses the speech.
        edition: Name of the edition whose seed this is; None outside editions.

    Raises:
        ValueError: A value is out of range.
    """

    __pydantic_config__ = STRICT

    seed: int = 0
    snrs_db: tuple[float, ...] = (10.0, 5.0, 0.0, -5.0, -10.0)
    speech_min_s: float = 8.0
    speech_max_s: float = 10.0
    pairs: int | None = None
    rule: RuleName = "paper"
    edition: str | None = None

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
        if self.edition is not None:
            check_edition_name(self.edition)

    @property
    def recording_bounds_s(self) -> tuple[Fraction, Fraction]:
        """Minimum and maximum length of a recording to draw from: of those that are cut and joined only the maximum."""
        bounds = (self.speech_min_s, self.speech_max_s) if self.rule == "paper" else (0, CLIP_S)
        return Fraction(str(bounds[0])), Fraction(str(bounds[1]))

    @property
    def conditions(self) -> tuple[str, ...]:
        """`+inf`, each SNR as given, `-inf`."""
        return (SPEECH_ALONE, *map(condition_of, self.snrs_db), BACKGROUND_ALONE)


def check_edition_name(name: str) -> None:
    """Raise a ValueError unless an edition may have this name, which becomes part of versions and file names."""
    if not _EDITION.fullmatch(name) or name.split(".")[0] == _DIVERSE or len(name) > _MAX_EDITION:
        raise ValueError(
            f"an edition named {name!r:.80}: give it a name of small letters and digits, which may have dots in it, at "
            f"most {_MAX_EDITION}, and not {_DIVERSE} or with it in front"
        )


def version_of(settings: Settings | None) -> str:
    """The version of what this code builds: `1.0.0`, of the rule `diverse` `1.0.0+d1`, of editions `1.0.0+<name>`.

    PEP 440 orders them: what follows the plus is a local version, `1.0.0+d1.<name>` of an edition of `diverse`.

    Args:
        settings: The build settings; None for an import.
    """
    if settings is None:
        return VERSION
    parts = [_DIVERSE] * (settings.rule == "diverse") + [settings.edition] * (settings.edition is not None)
    return VERSION + ("+" + ".".join(map(str, parts)) if parts else "")


def title_of(settings: Settings) -> str:
    """What a dataset with these settings is called, whatever its name says of its corpora."""
    return "SSEU-Bench D1" if settings.rule == "diverse" else "SSEU-Bench"


def edition_of(version: str) -> str | None:
    """The name of the edition that has a version; None for one of the benchmark itself, of either rule."""
    local = version.partition("+")[2]
    return None if local == _DIVERSE else local.removeprefix(f"{_DIVERSE}.") or None
