"""Ranks that all hold at once: which places each of several systems may have, given the same clips.

A system's range is [1 + those significantly better, N - those significantly worse]. Two systems differ significantly
where their difference exceeds its standard error times a critical value: the one that the largest of all studentised
differences exceeds in 5 % of draws from the null (max-t; Westfall and Young, 1993). So with 95 % confidence no range of
a whole table is wrong. Errors and their correlations come from the jackknife replicates (jackknife.py); as in an
interval, the variance of each system's mean over three runs or prompt sets, or more, is added. A difference in which it
counts has fewer degrees of freedom (Satterthwaite): it must exceed the value that is as rare with these.

Two systems whose difference no cluster changes do not differ significantly, however far apart they are, since nothing
tells how much it varies: the ground truth and the majority's scene for every clip share their places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from .intervals import LEVEL
from .jackknife import Jackknife
from .scores import MIN_RUNS, with_runs
from .significance import holm

_DRAWS, _MIN_DRAWS, _MAX_PAIRS = 4_000, 400, 2 * 10**8
_NO_VARIANCE = 1e-6  # squared points: what rounding leaves of equal replicates, which a board stores to 1e-5 points
_ROWS = 64


@dataclass(frozen=True)
class AgainstBest:
    """A system beside the best of its column.

    Attributes:
        best: Whether it has the best value; several may share it.
        p: Of the paired t test of its difference to the best (`significance.compare`), Holm-corrected over the column;
            None for the best, and where nothing tells how much the difference varies.
    """

    best: bool
    p: float | None = None

    @property
    def not_worse(self) -> bool:
        """Whether it cannot be told from the best at 0.05; False for the best itself."""
        return self.p is not None and self.p >= 1 - LEVEL


def against_best(
    values: Sequence[float],
    replicates: NDArray[np.float64],
    jackknife: Jackknife,
    *,
    lower_is_better: bool,
    run_means: Sequence[Sequence[float]] = (),
) -> list[AgainstBest]:
    """Which systems of a column cannot be told from its best one: the one rule of every table.

    Args:
        values: One for each system.
        replicates: Its jackknife replicates, shape (systems, replicates).
        jackknife: What the replicates leave out, the same for all.
        lower_is_better: Whether the smallest value is the best.
        run_means: The values of each system's runs, whose variance is added; none leaves it out.
    """
    if not len(values):
        return []
    top = (min if lower_is_better else max)(values)
    first = list(values).index(top)
    p_values: dict[int, float] = {}
    for number, value in enumerate(values):
        if value == top:
            continue
        error = jackknife.error_of(replicates[number] - replicates[first], value - top)
        for means in (run_means[number], run_means[first]) if run_means else ():
            error = with_runs(error, means)
        if error is not None:
            p_values[number] = error.p_value(value - top)
    corrected = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    return [AgainstBest(value == top, corrected.get(number)) for number, value in enumerate(values)]


def rank_ranges(
    values: Sequence[float],
    replicates: NDArray[np.float64],
    jackknife: Jackknife,
    *,
    lower_is_better: bool,
    run_means: Sequence[Sequence[float]] = (),
) -> list[tuple[int, int]]:
    """The best and the worst place that each system may have.

    Args:
        values: One for each system.
        replicates: Its jackknife replicates, shape (systems, replicates).
        jackknife: What the replicates leave out, the same for all.
        lower_is_better: Whether the smallest value has place 1.
        run_means: For each system the value of each run or prompt set (`Scores.run_means`); none: as if of one run.

    Returns:
        (best, worst) for each system, from 1. The draws depend on the replicates alone: the same table gives the same
        ranges.
    """
    estimates = np.asarray(values, dtype=np.float64)
    count = len(estimates)
    covariance, freedom, floors = _covariances(replicates, estimates, jackknife)
    variances = np.max([_of_differences(one) for one in (covariance, *floors)], axis=0)
    variances = np.where(variances > _NO_VARIANCE, variances, np.inf)
    runs = [means if len(means) >= MIN_RUNS else () for means in run_means] or [()] * count
    of_runs = np.array([stdev(means) ** 2 / len(means) if means else 0.0 for means in runs])
    errors = np.sqrt(variances + of_runs[:, np.newaxis] + of_runs)
    critical = np.full_like(errors, _critical_value(covariance + np.diag(of_runs), errors, freedom))
    if of_runs.any() and np.isfinite(critical).all():
        freedoms = _freedoms(variances, freedom, of_runs, [len(one) - 1 for one in runs])
        critical = stdtrit(freedoms, stdtr(freedom, critical))
    differences = estimates[:, np.newaxis] - estimates
    differs = np.abs(differences) > critical * errors
    better = differs & ((differences > 0) if lower_is_better else (differences < 0))
    worse = differs & ~better
    return [(1 + int(ahead), count - int(behind)) for ahead, behind in zip(better.sum(1), worse.sum(1), strict=True)]


def _covariances(
    replicates: NDArray[np.float64], values: NDArray[np.float64], jackknife: Jackknife
) -> tuple[NDArray[np.float64], float, list[NDArray[np.float64]]]:
    """The covariance of all errors, its degrees of freedom, and the covariance by each single factor."""
    every = np.nan_to_num(replicates - values[:, np.newaxis])
    every[:, np.concatenate([factor.coefficients for factor in jackknife.factors]) == 0] = 0
    singles = [
        part * np.sqrt(factor.coefficients)
        for factor, part in zip(jackknife.singles, jackknife.split(every), strict=False)
    ]
    freedom = jackknife.degrees_of_freedom([(one**2).sum(axis=0) for one in singles])
    covariance = (every * np.concatenate(jackknife.crossed)) @ every.T
    return covariance, freedom, [one @ one.T for one in singles]


def _freedoms(
    variances: NDArray[np.float64], freedom: float, of_runs: NDArray[np.float64], freedoms: Sequence[int]
) -> NDArray[np.float64]:
    """Satterthwaite's degrees of freedom of every difference: its variance by clips and those of both systems' runs."""
    squares = np.divide(of_runs**2, freedoms, out=np.zeros_like(of_runs), where=of_runs > 0)
    by_clips = np.where(np.isfinite(variances), variances, 1.0)
    whole = by_clips + of_runs[:, np.newaxis] + of_runs
    return np.asarray(whole**2 / (by_clips**2 / freedom + squares[:, np.newaxis] + squares))


def _of_differences(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The variance of every difference of two."""
    own = np.diag(covariance)
    return np.asarray(own[:, np.newaxis] + own - 2 * covariance)


def _critical_value(covariance: NDArray[np.float64], errors: NDArray[np.float64], freedom: float) -> float:
    """The quantile of the largest studentised difference of equal systems; infinite where all errors are."""
    count = len(covariance)
    if np.isinf(errors).all():
        return np.inf
    generator = np.random.default_rng(0)
    # The sum of signed covariances need not be one; the nearest one leaves out its negative directions.
    scales, directions = np.linalg.eigh(covariance)
    root = directions * np.sqrt(np.maximum(scales, 0))
    draws = int(np.clip(_MAX_PAIRS // count**2, _MIN_DRAWS, _DRAWS))
    shared = np.sqrt(generator.chisquare(freedom, draws) / freedom)
    drawn = (generator.standard_normal((draws, count)) @ root.T / shared[:, np.newaxis]).astype(np.float32)
    inverse = (1 / errors).astype(np.float32)
    largest = np.zeros(draws)
    for first in range(0, count, _ROWS):  # the upper triangle, by blocks of rows that stay in the cache
        rows = slice(first, first + _ROWS)
        scale = inverse[rows, first:]
        for number, one in enumerate(drawn):
            gaps = np.abs(one[rows, np.newaxis] - one[first:])
            gaps *= scale
            largest[number] = max(largest[number], gaps.max())
    return float(np.quantile(largest, LEVEL))
