"""The paired difference of two systems: interval and p value from the jackknife of their difference.

Both hear the same clips, so a cluster is left out of both at once, and what they share cancels. The test is the t test
of the difference: its interval excludes 0 where p is below 0.05.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

from .intervals import Interval
from .rows import Rows
from .scores import MIN_RUNS, Scores
from .summary import undefined
from .tasks import task_of_metric


@dataclass(frozen=True)
class Comparison:
    """System A minus system B on the same answers.

    Attributes:
        metric: One of `METRICS` or `SPELLING_METRICS`.
        difference: A minus B in percentage points.
        interval: 95 % interval of the difference; None where nothing tells how much it varies.
        p: Two-sided p of no difference; None likewise.
        a: Value of system A in percent.
        b: Value of system B in percent.
    """

    metric: str
    difference: float
    interval: Interval | None
    p: float | None
    a: float
    b: float


def compare(a: Scores, b: Scores, metric: str) -> Comparison:
    """The paired difference of two systems.

    Both must have answered the same clips (id, run and condition). With three runs or more the variance of the mean
    over runs is added for each system, as in `Scores.intervals`.

    Args:
        a: Scores of one system in one mode.
        b: Scores of the other.
        metric: One of `METRICS` or `SPELLING_METRICS`.

    Raises:
        ValueError: The metric is not defined, or has no value since a system gave no answer at all in one of the
            conditions, or the two did not answer the same clips.
    """
    value_a, value_b = a.value(metric), b.value(metric)
    if value_a is None or value_b is None:
        name, scores = ("A", a) if value_a is None else ("B", b)
        reason = undefined(scores).get(task_of_metric(metric), "it was not asked")
        raise ValueError(f"{metric} is not defined for system {name}: {reason}")
    cells_a, cells_b = a.cells(metric), b.cells(metric)
    if {key: _ids(rows) for key, rows in cells_a.items()} != {key: _ids(rows) for key, rows in cells_b.items()}:
        raise ValueError(f"{metric}: the two systems did not answer the same clips; compare what both answered")
    ours, theirs = a.replicates(metric), b.replicates(metric)
    difference = value_a - value_b
    error = ours.jackknife.error_of(ours.average() - theirs.average(), difference)
    if error is None:
        return Comparison(metric, difference, None, None, value_a, value_b)
    for scores in (a, b):
        means = scores.run_means(metric)
        if len(means) >= MIN_RUNS:
            error = error.plus(stdev(means) ** 2 / len(means), len(means) - 1)
    return Comparison(metric, difference, error.interval(difference), error.p_value(difference), value_a, value_b)


def _ids(rows: Rows) -> list[str]:
    return [str(value) for value in rows["id"].tolist()]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment of a family of p values, in the given order, capped at 1."""
    order = sorted(range(len(p_values)), key=lambda number: p_values[number])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, number in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[number]))
        adjusted[number] = running
    return adjusted
