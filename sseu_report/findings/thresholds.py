"""The SNR at which words get lost.

The SNR threshold of a system is the SNR at which its WER is 10 percentage points above its own WER of speech alone.
Between measured conditions the curve is a straight line, after isotonic regression has made it monotone (equal weights:
every condition has the same sentences). It is never extrapolated: where the level is not reached at the lowest SNR the
threshold is `< -10 dB`, where it is exceeded at the highest it is `> 10 dB`.

The interval is the range of SNRs at which the rise is not significantly above or below those 10 points (Fieller's
argument: a test is inverted, so that the interval stays right where the curve is flat). Where that is still so at the
lowest SNR measured, its lower bound reads `< -10 dB`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.conditions import SPEECH_ALONE, finite
from sseu_metric.scores import Replicates, Scores
from sseu_metric.wer import word_error_rate
from sseu_report.by_condition import mean_over_runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RISE_POINTS = 10.0
"""How far WER must rise above that of speech alone, in percentage points."""
_STEP_DB = 0.1
MAX_LEVEL_PERCENT = 100.0
"""The WER of empty transcripts; only runaway transcripts exceed it, so no threshold is looked for above it."""


@dataclass(frozen=True)
class SnrThreshold:
    """The SNR at which WER is `RISE_POINTS` above the system's own WER of speech alone.

    Attributes:
        mode: How the system was asked.
        clean_wer: WER of speech alone (`+inf`), percent, mean over runs.
        threshold_db: In dB; -inf where it is below `lowest_db`, inf where it is above `highest_db`; None where WER of
            speech alone leaves no `RISE_POINTS` up to `MAX_LEVEL_PERCENT`.
        low_db: Lower bound of the 95 % interval, infinite in the same way; None where nothing tells how WER varies.
        high_db: Upper bound, likewise.
        lowest_db: The lowest SNR measured.
        highest_db: The highest SNR measured.
    """

    mode: str
    clean_wer: float
    threshold_db: float | None
    low_db: float | None
    high_db: float | None
    lowest_db: float
    highest_db: float

    @property
    def level(self) -> float:
        """The WER at the threshold, percent."""
        return self.clean_wer + RISE_POINTS

    @property
    def meaningful(self) -> bool:
        """Whether the system understands enough of clean speech to lose 10 points of it."""
        return self.threshold_db is not None

    @property
    def interval_text(self) -> str | None:
        """The interval as text; None where there is none."""
        if self.low_db is None or self.high_db is None:
            return None
        return f"{self.text(self.low_db)} to {self.text(self.high_db)}"

    def text(self, value_db: float) -> str:
        """A threshold or a bound as text, such as `-3.2 dB` or `< -10 dB`."""
        if math.isinf(value_db):
            return f"< {self.lowest_db:g} dB" if value_db < 0 else f"> {self.highest_db:g} dB"
        return f"{value_db:z.1f} dB"


def find_thresholds(scores: Mapping[str, Scores]) -> tuple[SnrThreshold, ...]:
    """The threshold of every mode that has the conditions it needs; joint and cot lack `+inf` unless asked for all.

    Args:
        scores: By mode.
    """
    found = (_threshold(mode, part) for mode, part in scores.items())
    return tuple(threshold for threshold in found if threshold is not None)


def _threshold(mode: str, scores: Scores) -> SnrThreshold | None:
    """None without speech alone and at least two finite conditions."""
    import numpy as np

    wers = mean_over_runs({key: word_error_rate(rows["counts"]) for key, rows in scores.cells("wer").items()})
    measured = finite(wers)
    if SPEECH_ALONE not in wers or len(measured) < 2:
        return None
    snrs_db = np.array([float(name) for name in measured])  # falling
    clean = float(wers[SPEECH_ALONE])
    own = np.array([wers[name] for name in measured], dtype=np.float64)
    threshold_db, low_db, high_db = None, None, None
    if clean + RISE_POINTS <= MAX_LEVEL_PERCENT:
        threshold_db = float(crossings_db(snrs_db, own[np.newaxis], np.array([clean + RISE_POINTS]))[0])
        low_db, high_db = _bounds_db(scores.replicates("wer"), measured, own, clean)
    return SnrThreshold(
        mode=mode,
        clean_wer=clean,
        threshold_db=threshold_db,
        low_db=low_db,
        high_db=high_db,
        lowest_db=float(snrs_db.min()),
        highest_db=float(snrs_db.max()),
    )


def _bounds_db(
    replicates: Replicates, measured: Sequence[str], wers: NDArray[np.float64], clean: float
) -> tuple[float | None, float | None]:
    """The lowest and the highest SNR at which the rise may be `RISE_POINTS`; infinite at the ends of what was measured.

    Args:
        replicates: Of WER.
        measured: The finite conditions, from the highest SNR down.
        wers: WER in each of them, percent.
        clean: WER of speech alone, percent.
    """
    import numpy as np
    from sklearn.isotonic import isotonic_regression

    cells = mean_over_runs(replicates.cells)
    curves = np.column_stack([cells[name] for name in measured])
    if np.isnan(curves).any():  # all words of a condition are in one cluster
        return None, None
    rises = (
        np.array([isotonic_regression(curve) for curve in curves]) - cells[SPEECH_ALONE][:, np.newaxis] - RISE_POINTS
    )
    own = isotonic_regression(wers) - clean - RISE_POINTS
    snrs_db = np.array([float(name) for name in measured])
    steps = math.ceil((snrs_db.max() - snrs_db.min()) / _STEP_DB)
    grid_db = np.linspace(snrs_db.min(), snrs_db.max(), steps + 1)
    possible = []
    for snr_db in grid_db:
        right = int(np.clip(np.searchsorted(-snrs_db, -snr_db), 1, len(snrs_db) - 1))  # the next condition below it
        share = (snrs_db[right - 1] - snr_db) / (snrs_db[right - 1] - snrs_db[right])
        value = float(own[right - 1] + share * (own[right] - own[right - 1]))
        error = replicates.jackknife.error_of(
            rises[:, right - 1] + share * (rises[:, right] - rises[:, right - 1]), value
        )
        if error is None:
            return None, None
        interval = error.interval(value)
        possible.append(interval.low <= 0 <= interval.high)
    # The crossing itself lies between two steps, or beyond an end.
    low = high = float(crossings_db(snrs_db, wers[np.newaxis], np.array([clean + RISE_POINTS]))[0])
    if any(possible):
        places = np.flatnonzero(possible)
        low = min(low, -math.inf if places[0] == 0 else float(grid_db[places[0]]))
        high = max(high, math.inf if places[-1] == steps else float(grid_db[places[-1]]))
    return low, high


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
