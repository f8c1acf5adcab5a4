"""The SNR at which words get lost.

The SNR threshold of a system is the SNR at which its WER is 10 percentage points above its own WER of speech alone.
Between measured conditions the curve is a straight line, after isotonic regression has made it monotone (equal weights:
every condition has the same sentences). It is never extrapolated: where the level is not reached at the lowest SNR the
threshold is `< -10 dB`, where it is exceeded at the highest it is `> 10 dB`.

Every resample gives a threshold of its own. One outside the measured range counts as beyond every number on its side,
so a bound of the interval is always a resampled threshold (no mean of two) and may read `< -10 dB` too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.conditions import SPEECH_ALONE, finite
from sseu_metric.intervals import LEVEL, RESAMPLES
from sseu_metric.scores import Scores
from sseu_metric.wer import word_error_rate
from sseu_report.by_condition import mean_over_runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RISE_POINTS = 10.0
"""How far WER must rise above that of speech alone, in percentage points."""
MAX_LEVEL_PERCENT = 100.0
"""The WER of empty transcripts; only runaway transcripts exceed it, so no threshold is looked for above it."""


@dataclass(frozen=True)
class SnrThreshold:
    """The SNR at which WER is `RISE_POINTS` above the system's own WER of speech alone.

    Attributes:
        mode: How the system was asked.
        clean_wer: WER of speech alone (`+inf`), percent, mean over runs.
        threshold_db: In dB; -inf where it is below `lowest_db`, inf where it is above `highest_db`.
        low_db: Lower bound of the 95 % interval, infinite in the same way.
        high_db: Upper bound.
        lowest_db: The lowest SNR measured.
        highest_db: The highest SNR measured.
        below: Number of resamples whose threshold is below `lowest_db`.
        above: Number of resamples whose threshold is above `highest_db`.
        resamples: Number of resamples that have a threshold.
    """

    mode: str
    clean_wer: float
    threshold_db: float
    low_db: float
    high_db: float
    lowest_db: float
    highest_db: float
    below: int
    above: int
    resamples: int

    @property
    def level(self) -> float:
        """The WER at the threshold, percent."""
        return self.clean_wer + RISE_POINTS

    @property
    def meaningful(self) -> bool:
        """Whether the system understands enough of clean speech to lose 10 points of it."""
        return self.level <= MAX_LEVEL_PERCENT

    def text(self, value_db: float) -> str:
        """A threshold or a bound as text, such as `-3.2 dB` or `< -10 dB`."""
        if math.isinf(value_db):
            return f"< {self.lowest_db:g} dB" if value_db < 0 else f"> {self.highest_db:g} dB"
        return f"{value_db:.1f} dB"


def find_thresholds(scores: Mapping[str, Scores], *, resamples: int = RESAMPLES) -> tuple[SnrThreshold, ...]:
    """The threshold of every mode that has the conditions it needs; joint and cot lack `+inf` unless asked for all.

    Args:
        scores: By mode.
        resamples: Number of resamples for the interval; the same draws as those of `Scores.intervals`.
    """
    found = (_threshold(mode, part, resamples) for mode, part in scores.items())
    return tuple(threshold for threshold in found if threshold is not None)


def _threshold(mode: str, scores: Scores, resamples: int) -> SnrThreshold | None:
    """None without speech alone and at least two finite conditions, each answered in every run."""
    import numpy as np

    if scores.unanswered("wer"):
        return None
    wers = mean_over_runs({key: word_error_rate(rows["counts"]) for key, rows in scores.cells("wer").items()})
    measured = finite(wers)
    if SPEECH_ALONE not in wers or len(measured) < 2:
        return None
    cells = mean_over_runs(scores.resampled_cells("wer", resamples=resamples))
    snrs_db = np.array([float(name) for name in measured])
    own = np.array([[wers[name] for name in measured]], dtype=np.float64)
    clean = float(wers[SPEECH_ALONE])
    found = crossings_db(snrs_db, own, np.array([clean + RISE_POINTS]))[0]
    curves = np.stack([cells[name] for name in measured], axis=1)
    drawn = crossings_db(snrs_db, curves, cells[SPEECH_ALONE] + RISE_POINTS)
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], method="inverted_cdf")
    return SnrThreshold(
        mode=mode,
        clean_wer=clean,
        threshold_db=float(found),
        low_db=float(low),
        high_db=float(high),
        lowest_db=float(snrs_db.min()),
        highest_db=float(snrs_db.max()),
        below=int(np.isneginf(drawn).sum()),
        above=int(np.isposinf(drawn).sum()),
        resamples=len(drawn),
    )


def crossings_db(
    snrs_db: NDArray[np.float64], wers: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The highest SNR at which each curve, made monotone, is at its level or above.

    Args:
        snrs_db: Distinct SNRs, shape (conditions,).
        wers: Percent, shape (curves, conditions).
        levels: Percent, shape (curves,).

    Returns:
        Shape (curves,), in dB; -inf where the curve stays below its level, inf where it is above it at the highest SNR,
        NaN where a value is NaN.
    """
    import numpy as np
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(-snrs_db)
    falling_db = snrs_db[order]
    found = np.full(len(wers), np.nan)
    for number, (curve, level) in enumerate(zip(wers[:, order], levels, strict=True)):
        if np.isnan(curve).any() or np.isnan(level):
            continue
        fitted = isotonic_regression(curve)
        reached = next((place for place, wer in enumerate(fitted) if wer >= level), None)
        if reached is None:
            found[number] = -np.inf
        elif reached == 0:
            found[number] = np.inf if fitted[0] > level else falling_db[0]
        else:
            share = (level - fitted[reached - 1]) / (fitted[reached] - fitted[reached - 1])
            found[number] = falling_db[reached - 1] + share * (falling_db[reached] - falling_db[reached - 1])
    return found
