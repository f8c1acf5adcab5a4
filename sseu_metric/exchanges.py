"""Differences of two systems whose answers are exchanged within clusters: the null distribution of `compare`.

For WER and mACC, where rows add up, an exchange is exact arithmetic; for mAP every exchange is scored.

Conventions: `of_row` is the cluster of each row; `flips` of shape (clusters, draws) says which clusters are exchanged
in which draw; differences are in percentage points, of shape (draws,).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .averages import average_resamples
from .metrics import errors_of
from .resampling import ClusterWeights
from .rows import Rows
from .scores import Scores
from .tasks import METRICS

_BLOCK = 1 << 17  # numbers handled at a time


def sign_flips(clusters: int, *, draws: int, seed: int = 0, block: int = 1_000) -> Iterator[NDArray[np.bool_]]:
    """Which clusters' answers are exchanged, in blocks of shape (clusters, at most `block`)."""
    digest = hashlib.sha256(f"{seed}|sign-flip".encode()).digest()
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
    for first in range(0, draws, block):
        yield generator.integers(0, 2, (clusters, min(block, draws - first)), dtype=np.uint8).astype(bool)


def exchanged(
    metric: str, a: Scores, b: Scores, resampling: ClusterWeights, flips: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The difference of the averages (mean over conditions, then runs) after each exchange."""
    rows_a, rows_b = a.tables[METRICS[metric]], b.tables[METRICS[metric]]
    cells = {}
    for run, condition in a.cells(metric):
        mask = (rows_a["run"] == run) & (rows_a["condition"] == condition)
        cell_a, cell_b, of_row = rows_a.take(mask), rows_b.take(mask), resampling.of_row[mask]
        if metric == "map":
            cells[run, condition] = _map_differences(cell_a, cell_b, of_row, flips)
        elif metric == "macc":
            cells[run, condition] = _macc_differences(cell_a, cell_b, of_row, flips)
        else:
            errors = errors_of(metric, cell_a).astype(float) - errors_of(metric, cell_b)
            cells[run, condition] = 100 * _signed_sum(errors, of_row, flips) / int(cell_a["counts"][:, 3].sum())
    return average_resamples(cells)


def _signed_sum(
    values: NDArray[np.float64], of_row: NDArray[np.int64], flips: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Sum over rows of value, negated in flipped clusters."""
    per_cluster = np.bincount(of_row, weights=values, minlength=len(flips))
    return np.asarray(per_cluster @ np.where(flips, -1.0, 1.0), dtype=np.float64)


def _macc_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    hits = a["hit"].astype(float) - b["hit"]
    recalls = []
    for scene in np.unique(a["reference"]):
        here = a["reference"] == scene
        recalls.append(_signed_sum(hits * here, of_row, flips) / int(here.sum()))
    return np.asarray(100 * np.mean(recalls, axis=0))


def _map_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Both systems' rows stand in one table; an exchange chooses which of the two counts for which system.

    The two together keep their rows at every score, whatever is exchanged: A is counted, B is what is left. A cluster
    whose rows are as many for both at a score does not move anything there.
    """
    truth = np.concatenate([a["truth"], b["truth"]])
    confidences = np.concatenate([a["confidences"], b["confidences"]])
    both = np.concatenate([of_row, of_row])
    of_a = np.repeat([True, False], len(of_row))
    exchanges = flips.astype(np.float32)  # counts are whole numbers below 2**24: exact
    differences = [
        _precision_differences(truth[:, number], confidences[:, number], both, of_a, exchanges)
        for number in np.flatnonzero(truth.any(axis=0))
    ]
    return np.asarray(np.mean(differences, axis=0))


def _precision_differences(
    truth: NDArray[np.bool_],
    scores: NDArray[np.float64],
    of_row: NDArray[np.int64],
    of_a: NDArray[np.bool_],
    flips: NDArray[np.float32],
) -> NDArray[np.float64]:
    """AP of A minus AP of B for one class and each exchange, shape (draws,); see `resampled_average_precision`."""
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
    cumulated = true_positives.astype(np.float64)
    terms = np.diff(cumulated, axis=0, prepend=0)
    terms *= cumulated
    np.divide(terms, total, out=terms, where=total > 0)
    return np.asarray(100 * terms.sum(axis=0) / cumulated[-1])


@dataclass(frozen=True)
class _Moves:
    """What an exchange of each cluster adds to A's rows at each score.

    Attributes:
        own: A's rows at each level and above without any exchange, shape (levels,).
        both: The same of A and B together.
        clusters: The cluster of each move, sorted by level.
        rows: How many rows A gains by each move (negative: loses), shape (moves, 1).
        levels: The levels with a move.
        starts: Where the moves of each of these levels begin.
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
        total = np.zeros((len(self.own), flips.shape[1]), dtype=np.float32)
        if len(self.starts):
            moved = flips[self.clusters]
            moved *= self.rows
            total[self.levels] = np.add.reduceat(moved, self.starts, axis=0)
            np.cumsum(total, axis=0, out=total)
        total += self.own[:, np.newaxis]
        return total
