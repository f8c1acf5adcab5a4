"""Averages over conditions and runs, as the paper forms them (section 3, Tables 1 and 2).

A run's average is the plain mean of its scores over the conditions; the average is the mean over the runs, and its
deviation the sample standard deviation of the runs' averages. It does not follow from the deviations of the cells.

The caller names the conditions, from those of the dataset: `conditions.scored_conditions(task, ...)` for a single task
(Table 1: six of the paper's seven), `conditions.finite(...)` where all three are asked together (Table 2: five).

    average(scores.values("wer").values(), finite(asked))  # None if a run lacks one of them
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from .conditions import ordered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Average:
    """A score averaged over conditions and runs.

    Attributes:
        value: In percent.
        deviation: Sample standard deviation of the runs' averages, in percentage points; None for a single run.
        runs: Number of runs.
        conditions: The conditions averaged over, in the order given.
    """

    value: float
    deviation: float | None
    runs: int
    conditions: tuple[str, ...]


def average(runs: Iterable[Mapping[str, float]], conditions: Iterable[str]) -> Average | None:
    """The mean over runs of each run's plain mean over conditions.

    Args:
        runs: For each run the score of each condition, in percent; see `Scores.values`.
        conditions: To average over; a single one gives the value and deviation of a cell.

    Returns:
        None where there is no run or no condition, or a run lacks one of the conditions: nothing is averaged over less
        than was asked for.
    """
    by_run, over = list(runs), tuple(conditions)
    if not by_run or not over or any(condition not in run for run in by_run for condition in over):
        return None
    means = [fmean(run[condition] for condition in over) for run in by_run]
    return Average(fmean(means), stdev(means) if len(means) > 1 else None, len(means), over)


def conditions_in(runs: Iterable[Mapping[str, float]]) -> tuple[str, ...]:
    """The conditions in which any run has a score, from "+inf" down."""
    return ordered(condition for run in runs for condition in run if condition)


def average_replicates(cells: Mapping[tuple[int, str], NDArray[np.float64]]) -> NDArray[np.float64]:
    """The mean over runs of the mean over conditions in every replicate; NaN where a (run, condition) is NaN."""
    import numpy as np

    by_run: dict[int, list[NDArray[np.float64]]] = {}
    for (run, _), values in cells.items():
        by_run.setdefault(run, []).append(values)
    return np.asarray(np.mean([np.mean(values, axis=0) for values in by_run.values()], axis=0))
