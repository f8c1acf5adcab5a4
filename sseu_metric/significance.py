"""The paired difference of two systems: interval and cluster sign-flip test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .averages import average_resamples
from .intervals import (
    RESAMPLES,
    ClusterWeights,
    Interval,
    p_value,
    percentile_interval,
    sign_flips,
)
from .rows import Rows
from .scores import Scores
from .tasks import METRICS
from .wer import capped_errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGN_FLIP_DRAWS = 10_000
_BLOCK = 1 << 17  # numbers handled at a time


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

    Both must have answered the same clips (id, run and condition). The test exchanges the two systems' answers within
    random clusters; for WER and mACC, where rows add up, this is exact arithmetic, for mAP every exchange is scored.

    Args:
        a: Scores of one system in one mode.
        b: Scores of the other.
        metric: `wer`, `wer_capped`, `macc` or `map`.
        resamples: Number of resamples for the interval.
        draws: Number of sign flips for the p value.
        seed: Seed of both.
        cluster: See `Scores.resampling`.

    Raises:
        ValueError: The metric is not defined, or the two did not answer the same clips.
    """
    import numpy as np

    value_a, value_b = a.value(metric), b.value(metric)
    if value_a is None or value_b is None:
        raise ValueError(f"{metric} is not defined for both systems")
    cells_a, cells_b = a.cells(metric), b.cells(metric)
    if {key: _ids(rows) for key, rows in cells_a.items()} != {key: _ids(rows) for key, rows in cells_b.items()}:
        raise ValueError(f"{metric}: the two systems did not answer the same clips; compare what both answered")
    values_a = a.resampled(metric, resamples=resamples, seed=seed, cluster=cluster)
    values_b = b.resampled(metric, resamples=resamples, seed=seed, cluster=cluster)
    resampling = a.resampling(metric, resamples=1, seed=seed, cluster=cluster)
    exchanged = np.concatenate(
        [
            _exchanged(metric, a, b, resampling, flips)
            for flips in sign_flips(len(resampling.weights), draws=draws, seed=seed)
        ]
    )
    difference = value_a - value_b
    interval = percentile_interval(values_a - values_b, estimate=difference if metric == "map" else None)
    return Comparison(metric, difference, interval, p_value(difference, exchanged), draws, value_a, value_b)


def _ids(rows: Rows) -> list[str]:
    return [str(value) for value in rows["id"].tolist()]


def _exchanged(
    metric: str, a: Scores, b: Scores, resampling: ClusterWeights, flips: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The difference of the averages for each exchange, shape (draws,)."""
    rows_a, rows_b = a.tables[METRICS[metric]], b.tables[METRICS[metric]]
    cells = {}
    for run, condition in a.cells(metric):
        mask = (rows_a["run"] == run) & (rows_a["condition"] == condition)
        of_row = resampling.of_row[mask]
        cells[run, condition] = _CELL_DIFFERENCES[metric](rows_a.take(mask), rows_b.take(mask), of_row, flips)
    return average_resamples(cells)


def _signed_sum(values: NDArray[Any], of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum over rows of value, negated in flipped clusters."""
    import numpy as np

    per_cluster = np.bincount(of_row, weights=np.asarray(values, dtype=np.float64), minlength=len(flips))
    return np.asarray(per_cluster @ np.where(flips, -1.0, 1.0), dtype=np.float64)


def _wer_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    errors = (a["counts"][:, :3].sum(axis=1) - b["counts"][:, :3].sum(axis=1)).astype(float)
    return 100 * _signed_sum(errors, of_row, flips) / int(a["counts"][:, 3].sum())


def _wer_capped_differences(
    a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]
) -> NDArray[np.float64]:
    errors = capped_errors(a["counts"]).astype(float) - capped_errors(b["counts"])
    return 100 * _signed_sum(errors, of_row, flips) / int(a["counts"][:, 3].sum())


def _macc_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    import numpy as np

    hits = a["hit"].astype(float) - b["hit"]
    present = np.unique(a["reference"])
    recalls = [
        _signed_sum(hits * (a["reference"] == scene), of_row, flips) / int((a["reference"] == scene).sum())
        for scene in present
    ]
    mean: NDArray[np.float64] = 100 * np.mean(recalls, axis=0)
    return mean


def _map_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Both systems' rows stand in one table; an exchange chooses which of the two counts for which system.

    The two together keep their rows at every score, whatever is exchanged: A is counted, B is what is left. A cluster
    whose rows are as many for both at a score does not move anything there.
    """
    import numpy as np

    truth = np.concatenate([a["truth"], b["truth"]])
    confidences = np.concatenate([a["confidences"], b["confidences"]])
    both = np.concatenate([of_row, of_row])
    of_a = np.repeat([True, False], len(of_row))
    exchanged = flips.astype(np.float32)  # counts are whole numbers below 2**24: exact
    mean: NDArray[np.float64] = np.mean(
        [
            _precision_differences(truth[:, number], confidences[:, number], both, of_a, exchanged)
            for number in np.flatnonzero(truth.any(axis=0))
        ],
        axis=0,
    )
    return mean


def _precision_differences(
    truth: NDArray[np.bool_],
    scores: NDArray[np.float64],
    of_row: NDArray[np.int64],
    of_a: NDArray[np.bool_],
    flips: NDArray[np.float32],
) -> NDArray[np.float64]:
    """AP of A minus AP of B for one class and each exchange, shape (draws,); see `resampled_average_precision`."""
    import numpy as np

    clusters, draws = flips.shape
    levels, level_of_row = np.unique(-scores, return_inverse=True)
    gains = np.unique(level_of_row[truth])
    entry = np.searchsorted(gains, np.arange(len(levels)))[level_of_row]
    entering = _Moves.of(entry, of_row, of_a, entry < len(gains), clusters)
    positive = _Moves.of(entry, of_row, of_a, truth, clusters)
    found = np.empty(draws)
    block = max(8, _BLOCK // max(1, len(entering.clusters), len(gains)))
    for first in range(0, draws, block):
        part = flips[:, first : first + block]
        total, true_positives = entering.of_a(part), positive.of_a(part)
        found[first : first + block] = _average_precision(true_positives, total) - _average_precision(
            positive.both[:, np.newaxis] - true_positives, entering.both[:, np.newaxis] - total
        )
    return found


def _average_precision(true_positives: NDArray[np.float32], total: NDArray[np.float32]) -> NDArray[np.float64]:
    """AP in percent from cumulated counts, shape (levels, draws); no column is without positives."""
    import numpy as np

    cumulated = true_positives.astype(np.float64)
    terms = np.diff(cumulated, axis=0, prepend=0)
    terms *= cumulated
    np.divide(terms, total, out=terms, where=total > 0)
    precision: NDArray[np.float64] = 100 * terms.sum(axis=0) / cumulated[-1]
    return precision


@dataclass(frozen=True)
class _Moves:
    """What an exchange of each cluster adds to A's rows at each score.

    Attributes:
        own: A's rows at each level and above without any exchange, shape (levels,).
        both: The same of A and B together.
        clusters: Of every move, sorted by level.
        rows: How many rows A gains by it (negative: loses), shape (moves, 1).
        levels: Those with a move.
        starts: Where the moves of each begin.
    """

    own: NDArray[np.float32]
    both: NDArray[np.float32]
    clusters: NDArray[np.int64]
    rows: NDArray[np.float32]
    levels: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        entry: NDArray[np.int64],
        of_row: NDArray[np.int64],
        of_a: NDArray[np.bool_],
        counted: NDArray[np.bool_],
        clusters: int,
    ) -> _Moves:
        """Count the rows that are `counted`."""
        import numpy as np

        entry, of_row, of_a = entry[counted], of_row[counted], of_a[counted]
        size = int(entry.max()) + 1
        own = np.cumsum(np.bincount(entry[of_a], minlength=size)).astype(np.float32)
        both = np.cumsum(np.bincount(entry, minlength=size)).astype(np.float32)
        cells, place = np.unique(entry * clusters + of_row, return_inverse=True)
        rows = np.bincount(place, weights=np.where(of_a, -1, 1)).astype(np.float32)
        cells, rows = cells[rows != 0], rows[rows != 0]
        level = cells // clusters
        starts = np.flatnonzero(np.diff(level, prepend=-1))
        return cls(own, both, cells % clusters, rows[:, np.newaxis], level[starts], starts)

    def of_a(self, flips: NDArray[np.float32]) -> NDArray[np.float32]:
        """A's rows at each level and above after each exchange, shape (levels, draws)."""
        import numpy as np

        total = np.zeros((len(self.own), flips.shape[1]), dtype=np.float32)
        if len(self.starts):
            moved = flips[self.clusters]
            moved *= self.rows
            total[self.levels] = np.add.reduceat(moved, self.starts, axis=0)
            np.cumsum(total, axis=0, out=total)
        total += self.own[:, np.newaxis]
        return total


_CELL_DIFFERENCES = {
    "wer": _wer_differences,
    "wer_capped": _wer_capped_differences,
    "macc": _macc_differences,
    "map": _map_differences,
}
