"""The jackknife replicates of each metric: the value again without each cluster, in percent.

Conventions: arrays have an entry per row; `jackknife` is that of the rows at hand (`Jackknife.take`), so that a cluster
that has none of them gives the value itself. Results have the shape (replicates,), NaN where a cluster holds all there
is. Where strata matter (mAP ranks all scenes together), the clusters left in the stratum weigh n / (n - 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jackknife import Factor, Jackknife

_BLOCK = 1 << 17  # weights handled at a time: 1 MiB, which stays in a core's cache


def ratio_replicates(
    jackknife: Jackknife, numerators: NDArray[np.integer], denominators: NDArray[np.integer]
) -> NDArray[np.float64]:
    """100 * sum(numerator) / sum(denominator): WER of errors and words."""
    parts = []
    for factor, of_row in zip(jackknife.factors, jackknife.of_row, strict=True):
        clusters = len(factor.sizes)
        top = numerators.sum() - np.bincount(of_row, weights=numerators, minlength=clusters)
        bottom = denominators.sum() - np.bincount(of_row, weights=denominators, minlength=clusters)
        parts.append(np.divide(100 * top, bottom, out=np.full(clusters, np.nan), where=bottom > 0))
    return np.concatenate(parts)


def class_accuracy_replicates(
    jackknife: Jackknife, hits: NDArray[np.bool_], references: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """MACC: the mean of the recalls of the scenes that are left; `references` are scene ids."""
    present = [number for number in range(classes) if (references == number).any()]
    recalls = np.array(
        [ratio_replicates(jackknife, hits & (references == number), references == number) for number in present]
    )
    return mean_of_defined(recalls)


def mean_average_precision_replicates(
    jackknife: Jackknife,
    truth: NDArray[Any],
    scores: NDArray[np.float64],
    ranked: NDArray[np.bool_] | None = None,
    row_weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """MAP: the mean over the classes that have a positive left; arrays of shape (rows, classes).

    `truth` may be soft: how far a class is present in a row, from 0 to 1 (`classification.average_precisions`).
    `ranked` says which clips each class is ranked among, `row_weights` how much each clip counts; all of them, and all
    alike, where they are not given.
    """
    present = np.flatnonzero(truth.any(axis=0))
    parts = []
    for factor, of_row in zip(jackknife.factors, jackknife.of_row, strict=True):
        weights = cluster_weights(factor, of_row)
        if row_weights is not None:
            weights = weights.times(row_weights)
        if ranked is None:
            precisions = [weighted_average_precision(weights, truth[:, one], scores[:, one]) for one in present]
        else:
            precisions = [
                weighted_average_precision(weights.of_rows(mask), truth[mask, one], scores[mask, one])
                for one, mask in zip(present, ranked.T[present], strict=True)
            ]
        parts.append(mean_of_defined(np.array(precisions)))
    return np.concatenate(parts)


@dataclass(frozen=True)
class ClusterWeights:
    """How much each cluster counts in each replicate.

    Attributes:
        weights: Shape (clusters, replicates).
        of_row: The cluster of each row, shape (rows,).
    """

    weights: NDArray[np.float64]
    of_row: NDArray[np.int64]

    def of_rows(self, mask: NDArray[np.bool_]) -> ClusterWeights:
        """The same weights for the rows where `mask` is True."""
        return ClusterWeights(self.weights, self.of_row[mask])

    def times(self, row_weights: NDArray[np.float64]) -> ClusterWeights:
        """The same weights, each row's multiplied by its own."""
        of_rows = self.weights[self.of_row] * row_weights[:, np.newaxis]
        return ClusterWeights(of_rows, np.arange(len(row_weights)))


def cluster_weights(factor: Factor, of_row: NDArray[np.integer]) -> ClusterWeights:
    """0 for the cluster that is left out, n / (n - 1) for the others of its stratum, 1 elsewhere."""
    clusters, counts = len(factor.sizes), factor.counts[factor.stratum]
    kept, rows = np.unique(of_row, return_inverse=True)
    same = factor.stratum[kept][:, np.newaxis] == factor.stratum
    weights = np.where(same, counts / np.maximum(counts - 1, 1), 1.0)
    weights[kept[:, np.newaxis] == np.arange(clusters)] = 0.0
    weights[:, counts == 1] = 1.0  # alone in its stratum: never left out
    return ClusterWeights(weights, rows)


def weighted_average_precision(
    clusters: ClusterWeights, truth: NDArray[Any], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """AP of one class with clusters weighted, in each replicate; rows of equal score enter together.

    Only at the scores of positive rows does recall grow, so rows are counted per such score and cluster, once; the
    replicates then differ in the clusters' weights alone.
    """
    size, replicates = clusters.weights.shape
    levels, level_of_row = np.unique(-scores, return_inverse=True)
    relevant = truth > 0
    gains = np.unique(level_of_row[relevant])
    precision = np.full(replicates, np.nan)
    if not len(gains):
        return precision
    # A row enters at the first score, from its own down, that has a positive; what is below all of them never matters.
    entry = np.searchsorted(gains, np.arange(len(levels)))[level_of_row]
    cells = entry * size + clusters.of_row
    entering = _LevelCounts.of(cells[entry < len(gains)], size)
    positive = _LevelCounts.of(cells[relevant], size, truth[relevant])
    block = max(8, _BLOCK // len(entering.clusters))
    for first in range(0, replicates, block):
        weights = np.ascontiguousarray(clusters.weights[:, first : first + block])
        total, true_positives = entering.cumulated(weights), positive.cumulated(weights)
        terms = np.diff(true_positives, axis=0, prepend=0) * true_positives
        np.divide(terms, total, out=terms, where=total > 0)
        found = true_positives[-1]
        np.divide(100 * terms.sum(axis=0), found, out=precision[first : first + block], where=found > 0)
    return precision


@dataclass(frozen=True)
class _LevelCounts:
    """How many rows of each cluster stand at each score: tied rows of a cluster are weighted once, not one by one."""

    clusters: NDArray[np.int64]
    counts: NDArray[np.float64]
    level_starts: NDArray[np.int64]

    @classmethod
    def of(cls, cells: NDArray[np.int64], clusters: int, relevances: NDArray[Any] | None = None) -> _LevelCounts:
        """Count, or add up relevances; a cell is level * clusters + cluster, and no level is empty."""
        if relevances is None:
            occupied, counts = np.unique(cells, return_counts=True)
        else:
            occupied, place = np.unique(cells, return_inverse=True)
            counts = np.bincount(place, weights=relevances)
        level_starts = np.flatnonzero(np.diff(occupied // clusters, prepend=-1))
        return cls(occupied % clusters, counts[:, np.newaxis].astype(np.float64), level_starts)

    def cumulated(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Total weight of each level and those above it, shape (levels, replicates)."""
        weighted = weights[self.clusters]
        weighted *= self.counts
        return np.add.reduceat(weighted, self.level_starts, axis=0).cumsum(axis=0)


def mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the first axis of what is not NaN; NaN where nothing is."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=0)
    total = np.where(defined, values, 0).sum(axis=0)
    mean: NDArray[np.float64] = np.divide(total, count, out=np.full(values.shape[1], np.nan), where=count > 0)
    return mean
