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

_BLOCK = 1 << 17  # sums handled at a time: 1 MiB, which stays in a core's cache
_NOTHING = 1e-9  # share of all weights: what is left by rounding where every row is left out


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
    row_weights = np.ones(len(truth)) if row_weights is None else row_weights
    parts = []
    for factor, of_row in zip(jackknife.factors, jackknife.of_row, strict=True):
        precisions = []
        for one in present:
            mask = slice(None) if ranked is None else ranked[:, one]
            precisions.append(
                average_precision_replicates(
                    factor, of_row[mask], truth[mask, one], scores[mask, one], row_weights[mask]
                )
            )
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


def cluster_weights(factor: Factor, of_row: NDArray[np.integer]) -> ClusterWeights:
    """0 for the cluster that is left out, n / (n - 1) for the others of its stratum, 1 elsewhere."""
    clusters, counts = len(factor.sizes), factor.counts[factor.stratum]
    kept, rows = np.unique(of_row, return_inverse=True)
    same = factor.stratum[kept][:, np.newaxis] == factor.stratum
    weights = np.where(same, counts / np.maximum(counts - 1, 1), 1.0)
    weights[kept[:, np.newaxis] == np.arange(clusters)] = 0.0
    weights[:, counts == 1] = 1.0  # alone in its stratum: never left out
    return ClusterWeights(weights, rows)


def average_precision_replicates(
    factor: Factor,
    of_row: NDArray[np.integer],
    truth: NDArray[Any],
    scores: NDArray[np.float64],
    row_weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """AP of one class in percent without each cluster; rows of equal score enter together, each by its weight.

    Only at the scores of positive rows does recall grow, so rows are added up per such score, stratum and cluster,
    once. A replicate has the sum of all rows, less the cluster's, plus 1 / (n - 1) of the others of its stratum.
    """
    clusters, strata = len(factor.sizes), len(factor.strata)
    precision = np.full(clusters, np.nan)
    relevant = np.flatnonzero(truth > 0)
    if not len(relevant):
        return precision
    gains, levels_of_relevant = np.unique(-scores[relevant], return_inverse=True)
    # A row enters at the first score, from its own down, that has a positive; what is below all of them never matters.
    entry = np.searchsorted(gains, -scores)
    entering = np.flatnonzero(entry < len(gains))
    counts = factor.counts
    raised = np.divide(1, counts - 1, out=np.zeros(strata), where=counts > 1)
    left_out = np.where(counts == 1, 0, 1 + raised)[factor.stratum]  # what is alone in its stratum is never left out
    tables = (
        (entry[entering], of_row[entering], row_weights[entering]),
        (levels_of_relevant, of_row[relevant], row_weights[relevant] * truth[relevant]),
    )
    of_strata = [_cumulated(level, factor.stratum[own], weights, len(gains), strata) for level, own, weights in tables]
    raised_sums = [sums.sum(axis=1, keepdims=True) + raised * sums for sums in of_strata]
    block = max(8, _BLOCK // len(gains))
    for first in range(0, clusters, block):
        stratum = factor.stratum[first : first + block]
        sums = []
        for (level, own, weights), raised_sum in zip(tables, raised_sums, strict=True):
            here = (own >= first) & (own < first + block)
            lost = weights[here] * left_out[own[here]]
            left = raised_sum[:, stratum]
            left -= _cumulated(level[here], own[here] - first, lost, len(gains), len(stratum))
            left *= left > _NOTHING * raised_sum.max()
            sums.append(left)
        total, found = sums
        terms = np.diff(found, axis=0, prepend=0) * found
        np.divide(terms, total, out=terms, where=total > 0)
        np.divide(100 * terms.sum(axis=0), found[-1], out=precision[first : first + block], where=found[-1] > 0)
    return precision


def _cumulated(
    level: NDArray[np.integer], group: NDArray[np.integer], weights: NDArray[np.float64], levels: int, groups: int
) -> NDArray[np.float64]:
    """The weight of each group's rows at each level and those above it, shape (levels, groups)."""
    sums = np.bincount(level * groups + group, weights=weights, minlength=levels * groups)
    return np.asarray(sums.reshape(levels, groups).cumsum(axis=0))


def mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the first axis of what is not NaN; NaN where nothing is."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=0)
    total = np.where(defined, values, 0).sum(axis=0)
    mean: NDArray[np.float64] = np.divide(total, count, out=np.full(values.shape[1], np.nan), where=count > 0)
    return mean
