"""How far the SNR may fall: where words get lost, and what speech costs scenes and events.

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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sseu_metric.intervals import LEVEL, RESAMPLES, Interval, percentile_interval
from sseu_metric.labels import CONDITIONS
from sseu_metric.scores import Scores
from sseu_metric.wer import word_error_rate
from sseu_models.job import FINITE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RISE_POINTS = 10.0
"""How far WER rises above that of speech alone."""
MOST_PERCENT = 100.0
"""The WER of a system that says nothing; a level above it is reached by runaway answers only."""
_LOST = {"macc": "mACC", "map": "mAP"}


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
        return self.level <= MOST_PERCENT

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


@dataclass(frozen=True)
class SpeechCost:
    """What the speech costs scenes or events: the figure of background alone minus that of a condition with speech.

    Attributes:
        mode: How it was asked.
        metric: `macc` or `map`.
        background_alone: The figure in `-inf`, percent, mean over runs.
        loudest_speech: The figure in `condition`.
        condition: The highest SNR, 10 dB.
        interval: 95 %, of the points lost.
    """

    mode: str
    metric: str
    background_alone: float
    loudest_speech: float
    condition: str
    interval: Interval

    @property
    def lost(self) -> float:
        """In percentage points; negative where speech helps."""
        return self.background_alone - self.loudest_speech

    def lines(self) -> Iterator[str]:
        """What is printed."""
        figures = f"-inf ({self.background_alone:.1f}) to {self.condition} dB ({self.loudest_speech:.1f})"
        bounds = f"{self.interval.low:+.1f} to {self.interval.high:+.1f}"
        yield f"{self.mode} {_LOST[self.metric]}, points lost from {figures}: {self.lost:+.1f}, 95 % {bounds}"


def only_conditions(scores: Scores, conditions: Sequence[str]) -> Scores:
    """The answers in any of the conditions; tasks without one are left out."""
    import numpy as np

    tables = {
        task: rows.take(np.isin(rows["condition"].astype(str), list(conditions)))
        for task, rows in scores.tables.items()
    }
    return replace(scores, tables={task: rows for task, rows in tables.items() if len(rows)})


def one_mode(scores: Scores) -> str:
    """The mode of the answers.

    Raises:
        ValueError: There are several, or no answers.
    """
    modes = sorted({str(mode) for rows in scores.tables.values() for mode in rows["mode"].tolist()})
    if len(modes) != 1:
        raise ValueError(f"answers of {len(modes)} modes ({', '.join(modes)}); choose one with where(mode=...)")
    return modes[0]


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
    figures = _mean_over_runs({key: word_error_rate(rows["counts"]) for key, rows in scores.cells("wer").items()})
    measured = [name for name in FINITE if name in figures]
    if "+inf" not in figures or len(measured) < 2:
        known = ", ".join(name for name in CONDITIONS if name in figures) or "no condition"
        raise ValueError(
            f"{mode}: WER was measured in {known}; a threshold needs +inf and two finite conditions: run with "
            "--conditions all"
        )
    cells = _mean_over_runs(scores.resampled_cells("wer", resamples=resamples, seed=seed))
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


def speech_cost(scores: Scores, metric: str, *, resamples: int = RESAMPLES, seed: int = 0) -> SpeechCost:
    """What speech at 10 dB costs scenes or events of one system in one mode.

    Args:
        scores: Of one mode; with `-inf` and `10`.
        metric: `macc` or `map`.
        resamples: For the interval.
        seed: Of the resamples.

    Raises:
        ValueError: One of the conditions is missing, there are several modes, or the metric is another.
    """
    if metric not in _LOST:
        raise ValueError(f"metric {metric!r}: speech costs {', '.join(_LOST)}; for WER there is snr_threshold")
    mode, loudest = one_mode(scores), FINITE[0]
    ends = only_conditions(scores, ("-inf", loudest))
    alone, with_speech = ends.figure(metric, ("-inf",)), ends.figure(metric, (loudest,))
    if alone is None or with_speech is None:
        raise ValueError(f"{mode}: {metric} was not measured in both -inf and {loudest} dB; run with --conditions all")
    cells = _mean_over_runs(ends.resampled_cells(metric, resamples=resamples, seed=seed))
    # As everywhere, mAP's resamples are moved to the figure itself, since AP rises when clips are drawn twice.
    estimate = alone - with_speech if metric == "map" else None
    interval = percentile_interval(cells["-inf"] - cells[loudest], estimate=estimate)
    return SpeechCost(mode, metric, alone, with_speech, loudest, interval)


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
            for metric in _LOST
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


def _mean_over_runs(cells: Mapping[tuple[int, str], Any]) -> dict[str, Any]:
    """The mean over runs of each condition's figure, or of its resamples, shape (resamples,)."""
    import numpy as np

    conditions = dict.fromkeys(condition for _, condition in cells)
    return {name: np.mean([value for (_, c), value in cells.items() if c == name], axis=0) for name in conditions}
