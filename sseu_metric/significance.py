"""The paired difference of two systems: interval and cluster sign-flip test.

Under the null hypothesis the two systems' answers may be exchanged within any cluster; p is the share of random
exchanges whose difference is at least as large, (1 + hits) / (1 + draws).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .averages import average_resamples
from .intervals import RESAMPLES, Interval, percentile_interval
from .rows import Rows
from .scores import Scores
from .summary import undefined
from .tasks import METRICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGN_FLIP_DRAWS = 10_000


@dataclass(frozen=True)
class Comparison:
    """System A minus system B on the same answers.

    Attributes:
        metric: `wer`, `wer_capped`, `macc` or `map`.
        difference: A minus B in percentage points.
        interval: 95 % interval of the difference, from resamples shared by both systems.
        p: p value of the cluster sign-flip test, two-sided.
        draws: Number of sign flips.
        a: Value of system A in percent.
        b: Value of system B in percent.
    """

    metric: str
    difference: float
    interval: Interval
    p: float
    draws: int
    a: float
    b: float


def compare(
    a: Scores,
    b: Scores,
    metric: str,
    *,
    resamples: int = RESAMPLES,
    draws: int = SIGN_FLIP_DRAWS,
    seed: int = 0,
    cluster: str = "recording",
) -> Comparison:
    """The paired difference of two systems.

    Both must have answered the same clips (id, run and condition).

    Args:
        a: Scores of one system in one mode.
        b: Scores of the other.
        metric: `wer`, `wer_capped`, `macc` or `map`.
        resamples: Number of resamples for the interval.
        draws: Number of sign flips for the p value.
        seed: Seed of both.
        cluster: See `Scores.resampling`.

    Raises:
        ValueError: The metric is not defined, or has no value since a system gave no answer at all in one of the
            conditions, or the two did not answer the same clips.
    """
    import numpy as np

    from .exchanges import exchanged, sign_flips

    value_a, value_b = a.value(metric), b.value(metric)
    if value_a is None or value_b is None:
        name, scores = ("A", a) if value_a is None else ("B", b)
        reason = undefined(scores).get(METRICS[metric], "it was not asked")
        raise ValueError(f"{metric} is not defined for system {name}: {reason}")
    cells_a, cells_b = a.cells(metric), b.cells(metric)
    if {key: _ids(rows) for key, rows in cells_a.items()} != {key: _ids(rows) for key, rows in cells_b.items()}:
        raise ValueError(f"{metric}: the two systems did not answer the same clips; compare what both answered")
    values_a, values_b = (
        average_resamples(scores.resampled_cells(metric, resamples=resamples, seed=seed, cluster=cluster))
        for scores in (a, b)
    )
    resampling = a.resampling(metric, resamples=1, seed=seed, cluster=cluster)
    flips = sign_flips(len(resampling.weights), draws=draws, seed=seed)
    null = np.concatenate([exchanged(metric, a, b, resampling, some) for some in flips])
    difference = value_a - value_b
    interval = percentile_interval(values_a - values_b, estimate=difference if metric == "map" else None)
    return Comparison(metric, difference, interval, p_value(difference, null), draws, value_a, value_b)


def _ids(rows: Rows) -> list[str]:
    return [str(value) for value in rows["id"].tolist()]


def p_value(observed: float, exchanged: NDArray[np.float64]) -> float:
    """Two-sided: (1 + exchanges with at least the observed size of difference) / (1 + exchanges)."""
    import numpy as np

    hits = int(np.count_nonzero(np.abs(exchanged) >= abs(observed) - 1e-9))
    return (1 + hits) / (1 + len(exchanged))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment of a family of p values, in the given order, capped at 1."""
    order = sorted(range(len(p_values)), key=lambda number: p_values[number])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, number in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[number]))
        adjusted[number] = running
    return adjusted
