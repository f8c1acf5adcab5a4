"""Metrics in resamples that respect clusters: clips of one recording, or sentences of one speaker.

Per stratum n - 1 of n clusters are drawn with replacement and weighted by n / (n - 1) (Rao and Wu, 1988, "Resampling
inference with complex survey data"), so that few clusters do not shrink the interval. One matrix of weights serves
every metric, condition and run, so that all rows of a cluster move together.

The functions `resampled_...` take arrays with one entry per row, and weights for these rows. They give the metric in
percent in each resample, shape (resamples,); NaN in a resample that does not define it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .intervals import RESAMPLES
from .rows import Rows

_BLOCK = 1 << 17  # weights handled at a time: 1 MiB, which stays in a core's cache


@dataclass(frozen=True)
class ClusterWeights:
    """How often each cluster counts in each resample.

    Attributes:
        weights: Shape (clusters, resamples).
        of_row: The cluster of each row, shape (rows,).
        single: Strata with one cluster, which cannot be resampled and stay as they are.
    """

    weights: NDArray[np.float64]
    of_row: NDArray[np.int64]
    single: tuple[str, ...] = ()

    def take(self, mask: NDArray[np.bool_]) -> ClusterWeights:
        """The same resamples of the rows where `mask` is True, without the clusters that have none of them."""
        kept, of_row = np.unique(self.of_row[mask], return_inverse=True)
        weights = self.weights if len(kept) == len(self.weights) else self.weights[kept]
        return ClusterWeights(weights, of_row, self.single)


def clusters_of(rows: Rows, task: str, cluster: str) -> tuple[list[str], list[str]]:
    """What is resampled: the cluster and the stratum of each row.

    The sentences of one speaker move together for `asr`; for the others, the clips of one source recording, drawn
    within its scene. A row without the column is a cluster of its own.

    Args:
        rows: The rows of one task.
        task: `asr`, `asc` or `at`.
        cluster: `recording` (the rule above), `pair`, or `row`.

    Raises:
        ValueError: The cluster is none of the three.
    """
    by_speaker = task == "asr"
    column = {"recording": "speaker" if by_speaker else "recording", "pair": "pair"}.get(cluster)
    if column is None and cluster != "row":
        raise ValueError(f"unknown cluster {cluster!r}; there are recording, pair, row")
    own = np.array([name or f"row {number}" for number, name in enumerate(rows["id"])], dtype=object)
    names = own if column is None else np.where(rows[column] == "", own, rows[column])
    strata = np.full(len(rows), "", dtype=object) if by_speaker else rows["scene"]
    return names.tolist(), strata.tolist()


def resample_clusters(
    clusters: Sequence[str], strata: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> ClusterWeights:
    """Draw the weights of every resample.

    Args:
        clusters: The cluster of each row.
        strata: The stratum of each row; clusters are drawn within strata.
        resamples: Number of resamples, at least 1.
        seed: The draws of a stratum depend on the seed, its name and its clusters only.

    Raises:
        ValueError: There is less than one resample.
    """
    if resamples < 1:
        raise ValueError(f"{resamples} resamples; at least 1 is needed")
    stratum_names, stratum_of_row = np.unique(np.asarray(strata, dtype=object).astype(str), return_inverse=True)
    cluster_names, cluster_of_row = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    keys, of_row = np.unique(stratum_of_row * len(cluster_names) + cluster_of_row, return_inverse=True)
    stratum_of_cluster = keys // len(cluster_names)
    weights = np.empty((len(keys), resamples))
    single = []
    for number, name in enumerate(stratum_names):
        members = np.flatnonzero(stratum_of_cluster == number)
        size = len(members)
        if size == 1:
            weights[members] = 1.0
            single.append(str(name))
            continue
        digest = hashlib.sha256(f"{seed}|bootstrap|{name}".encode()).digest()
        generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
        drawn = generator.integers(0, size, (resamples, size - 1))
        cell = drawn + size * np.arange(resamples)[:, np.newaxis]
        counts = np.bincount(cell.ravel(), minlength=resamples * size).reshape(resamples, size)
        weights[members] = counts.T * (size / (size - 1))
    return ClusterWeights(weights, of_row, tuple(single))


def resampled_ratio(
    resampling: ClusterWeights, numerators: NDArray[np.integer], denominators: NDArray[np.integer]
) -> NDArray[np.float64]:
    """100 * sum(numerator) / sum(denominator): pooled WER (errors, words), or one scene's recall (hits, references)."""
    clusters = len(resampling.weights)
    top = np.bincount(resampling.of_row, weights=numerators, minlength=clusters) @ resampling.weights
    bottom = np.bincount(resampling.of_row, weights=denominators, minlength=clusters) @ resampling.weights
    ratio: NDArray[np.float64] = np.divide(100 * top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return ratio


def resampled_class_accuracy(
    resampling: ClusterWeights, hits: NDArray[np.bool_], references: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """MACC: the mean of the recalls of the scenes that the resample holds; `references` are scene ids."""
    present = [number for number in range(classes) if (references == number).any()]
    recalls = [resampled_ratio(resampling, hits & (references == number), references == number) for number in present]
    return _mean_of_defined(np.array(recalls))


def resampled_average_precision(
    resampling: ClusterWeights, truth: NDArray[np.bool_], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """AP of one class; rows of equal score enter together.

    Only at the scores of positive rows does recall grow, so rows are counted per such score and cluster, once; the
    resamples then differ in the clusters' weights alone.
    """
    clusters, resamples = resampling.weights.shape
    levels, level_of_row = np.unique(-scores, return_inverse=True)
    gains = np.unique(level_of_row[truth])
    precision = np.full(resamples, np.nan)
    if not len(gains):
        return precision
    # A row enters at the first score, from its own down, that has a positive; what is below all of them never matters.
    entry = np.searchsorted(gains, np.arange(len(levels)))[level_of_row]
    cells = entry * clusters + resampling.of_row
    entering = _LevelCounts.of(cells[entry < len(gains)], clusters)
    positive = _LevelCounts.of(cells[truth], clusters)
    block = max(8, _BLOCK // len(entering.clusters))
    for first in range(0, resamples, block):
        weights = np.ascontiguousarray(resampling.weights[:, first : first + block])
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
    def of(cls, cells: NDArray[np.int64], clusters: int) -> _LevelCounts:
        """Count; a cell is level * clusters + cluster, and no level is empty."""
        occupied, counts = np.unique(cells, return_counts=True)
        level_starts = np.flatnonzero(np.diff(occupied // clusters, prepend=-1))
        return cls(occupied % clusters, counts[:, np.newaxis].astype(np.float64), level_starts)

    def cumulated(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Total weight of each level and those above it, shape (levels, resamples)."""
        weighted = weights[self.clusters]
        weighted *= self.counts
        return np.add.reduceat(weighted, self.level_starts, axis=0).cumsum(axis=0)


def resampled_mean_average_precision(
    resampling: ClusterWeights, truth: NDArray[np.bool_], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """MAP: the mean over the classes that have a positive in the resample; arrays of shape (rows, classes)."""
    present = np.flatnonzero(truth.any(axis=0))
    return _mean_of_defined(
        np.array([resampled_average_precision(resampling, truth[:, number], scores[:, number]) for number in present])
    )


def _mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the first axis of what is not NaN; NaN where nothing is."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=0)
    total = np.where(defined, values, 0).sum(axis=0)
    mean: NDArray[np.float64] = np.divide(total, count, out=np.full(values.shape[1], np.nan), where=count > 0)
    return mean
