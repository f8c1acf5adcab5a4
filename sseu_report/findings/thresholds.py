"""How far the SNR may fall: where words get lost.

The WER threshold of a system is the SNR at which its WER is 10 points above its own WER in `+inf`. Between measured
conditions the curve is a straight line; it is made monotone first (isotonic regression by pool adjacent violators,
equal weights: every condition has the same sentences). It is never continued beyond them: where the level is not
reached at the lowest SNR the threshold is `< -10 dB`, where it is exceeded at the highest it is `> 10 dB`.

Every resample gives a threshold of its own. One outside the measured range is beyond every number on its side, so that
a bound of the interval is a resampled threshold itself (no mean of two), and may read `< -10 dB` too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.conditions import CONDITIONS
from sseu_metric.intervals import LEVEL, RESAMPLES
from sseu_metric.scores import Scores
from sseu_metric.wer import word_error_rate
from sseu_models.job import FINITE
from sseu_report.by_condition import mean_over_runs, one_mode
from sseu_report.findings.speech_cost import HIDDEN, SpeechCost, speech_cost

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RISE_POINTS = 10.0
"""How far WER rises above that of speech alone."""
MAX_PERCENT = 100.0
"""The WER of a system that says nothing; a level above it is reached by runaway answers only."""


@dataclass(frozen=True)
class SnrThreshold:
    """The SNR at which WER is `RISE_POINTS` above the system's own WER of speech alone.

    Attributes:
        mode: How it was asked.
        clean_wer: WER in `+inf`, percent, mean over runs.
        threshold_db: In dB; -inf where it is below `lowest_db`, inf where it is above `highest_db`.
        low_db: Lower bound of the 95 % interval, in the same way.
        high_db: Upper bound.
        lowest_db: The lowest SNR measured.
        highest_db: The highest.
        below: Resamples whose threshold is below `lowest_db`.
        above: Resamples whose threshold is above `highest_db`.
        resamples: How many there are in all.
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
        """The WER looked for, percent."""
        return self.clean_wer + RISE_POINTS

    @property
    def meaningful(self) -> bool:
        """Whether the system hears enough of clean speech to lose 10 points by hearing less."""
        return self.level <= MAX_PERCENT

    def text(self, value_db: float) -> str:
        """A threshold or a bound, such as `-3.2 dB` or `< -10 dB`."""
        if math.isinf(value_db):
            return f"< {self.lowest_db:g} dB" if value_db < 0 else f"> {self.highest_db:g} dB"
        return f"{value_db:.1f} dB"

    def lines(self) -> Iterator[str]:
        """What is printed."""
        if not self.meaningful:
            yield (
                f"{self.mode} WER: no threshold, {self.clean_wer:.1f} % of speech alone leave no {RISE_POINTS:g} points"
            )
            return
        yield (
            f"{self.mode} WER reaches {self.level:.1f} % (speech alone {self.clean_wer:.1f} %) at "
            f"{self.text(self.threshold_db)}, 95 % {self.text(self.low_db)} to {self.text(self.high_db)}"
        )
        if self.below or self.above:
            yield (
                f"  {self.below} of {self.resamples} resamples below {self.lowest_db:g} dB, "
                f"{self.above} above {self.highest_db:g} dB"
            )


def snr_threshold(scores: Scores, *, resamples: int = RESAMPLES, seed: int = 0) -> SnrThreshold:
    """The threshold of one system in one mode.

    Args:
        scores: Of one mode; with `+inf` and at least two finite conditions.
        resamples: For the interval; the same draws as those of `Scores.intervals`.
        seed: Of the resamples.

    Raises:
        ValueError: A condition is missing, or there are several modes.
    """
    import numpy as np

    mode = one_mode(scores)
    figures = mean_over_runs({key: word_error_rate(rows["counts"]) for key, rows in scores.cells("wer").items()})
    measured = [name for name in FINITE if name in figures]
    if "+inf" not in figures or len(measured) < 2:
        known = ", ".join(name for name in CONDITIONS if name in figures) or "no condition"
        raise ValueError(
            f"{mode}: WER was measured in {known}; a threshold needs +inf and two finite conditions: run with "
            "--conditions all"
        )
    cells = mean_over_runs(scores.resampled_cells("wer", resamples=resamples, seed=seed))
    snrs_db = np.array([float(name) for name in measured])
    own = np.array([[figures[name] for name in measured]], dtype=np.float64)
    clean = float(figures["+inf"])
    found = crossings_db(snrs_db, own, np.array([clean + RISE_POINTS]))[0]
    drawn = crossings_db(snrs_db, np.stack([cells[name] for name in measured], axis=1), cells["+inf"] + RISE_POINTS)
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


def find_thresholds(
    scores: Mapping[str, Scores], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[SnrThreshold | SpeechCost, ...]:
    """Every threshold and cost whose conditions were measured; joint and cot have no ends unless asked for all.

    Args:
        scores: By mode.
        resamples: For the intervals.
        seed: Of the resamples.
    """
    found: list[SnrThreshold | SpeechCost] = []
    for part in scores.values():
        words = {condition for _, condition in part.cells("wer")}
        if "+inf" in words and len(words & set(FINITE)) >= 2:
            found.append(snr_threshold(part, resamples=resamples, seed=seed))
        found += [
            speech_cost(part, metric, resamples=resamples, seed=seed)
            for metric in HIDDEN
            if {"-inf", FINITE[0]} <= {condition for _, condition in part.cells(metric)}
        ]
    return tuple(found)


def crossings_db(
    snrs_db: NDArray[np.float64], wers: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The highest SNR at which each monotone curve is at its level or above.

    Args:
        snrs_db: Shape (conditions,), distinct.
        wers: Percent, shape (curves, conditions).
        levels: Percent, shape (curves,).

    Returns:
        Shape (curves,), in dB; -inf where the curve stays below its level, inf where it is above it at the highest SNR,
        NaN where a value is NaN.
    """
    import numpy as np

    order = np.argsort(-snrs_db)
    falling_db = snrs_db[order]
    found = np.full(len(wers), np.nan)
    for number, (curve, level) in enumerate(zip(wers[:, order], levels, strict=True)):
        if np.isnan(curve).any() or np.isnan(level):
            continue
        fitted = isotonic(curve.tolist())
        reached = next((place for place, wer in enumerate(fitted) if wer >= level), None)
        if reached is None:
            found[number] = -np.inf
        elif reached == 0:
            found[number] = np.inf if fitted[0] > level else falling_db[0]
        else:
            share = (level - fitted[reached - 1]) / (fitted[reached] - fitted[reached - 1])
            found[number] = falling_db[reached - 1] + share * (falling_db[reached] - falling_db[reached - 1])
    return found


def isotonic(values: Sequence[float]) -> list[float]:
    """The non-decreasing sequence of least squared distance, equal weights (pool adjacent violators).

    Source: Ayer, Brunk, Ewing, Reid and Silverman (1955), "An empirical distribution function for sampling with
    incomplete information", Ann. Math. Statist. 26.
    """
    blocks: list[tuple[float, int]] = []
    for value in values:
        total, count = value, 1
        while blocks and blocks[-1][0] * count > total * blocks[-1][1]:
            earlier, size = blocks.pop()
            total, count = total + earlier, count + size
        blocks.append((total, count))
    return [total / count for total, count in blocks for _ in range(count)]
