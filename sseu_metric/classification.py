"""Macro accuracy of scenes and mean average precision of events, from hits and confidences.

Scenes and events stand in the order of `labels`. Results are in percent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def class_recalls(hits: NDArray[np.bool_], references: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """The share of each class's references that are hit, in percent.

    Args:
        hits: Shape (n,).
        references: Class ids in 0 to classes - 1, shape (n,).
        classes: Number of classes.

    Returns:
        Shape (classes,), NaN for a class without references.
    """
    total = np.bincount(references, minlength=classes)
    hit = np.bincount(references, weights=hits, minlength=classes)
    return np.asarray(np.divide(100 * hit, total, out=np.full(classes, np.nan), where=total > 0))


def mean_class_accuracy(hits: NDArray[np.bool_], references: NDArray[np.int64], classes: int) -> float:
    """MACC in percent: the mean of `class_recalls` over the classes that have references.

    Raises:
        ValueError: There is no reference at all.
    """
    if len(references) == 0:
        raise ValueError("no references: mACC is the mean over scenes that occur, and none does")
    return float(np.nanmean(class_recalls(hits, references, classes)))


def average_precision(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """AP of one class: the sum over distinct scores, from high to low, of precision times the gain in recall.

    Rows of equal score enter together, so their order does not matter (as in scikit-learn's
    `average_precision_score`).

    Args:
        truth: Whether the class is present, shape (n,), at least one True.
        scores: Shape (n,), finite.

    Returns:
        AP in [0, 1].
    """
    return float(average_precisions(truth[np.newaxis], scores)[0])


def average_precisions(
    relevances: NDArray[Any], scores: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """AP of one class for several truths, which may be soft: a clip counts as far as it is relevant.

    Args:
        relevances: How far the class is present, from 0 to 1, shape (truths, n).
        scores: Shape (n,), finite.
        weights: How much each clip counts, shape (n,), above 0; all alike where they are not given.

    Returns:
        Shape (truths,), in [0, 1]; NaN where nothing is relevant.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last_of_group = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    present = relevances[:, order] if weights is None else relevances[:, order] * weights[order]
    above = last_of_group + 1 if weights is None else weights[order].cumsum()[last_of_group]
    exact = np.float64 if np.issubdtype(present.dtype, np.floating) else np.int64
    found = np.cumsum(present, axis=1, dtype=exact)[:, last_of_group]
    gains = np.diff(found, axis=1, prepend=0)
    total = found[:, -1]
    products = (gains * found / above).sum(axis=1)
    return np.asarray(np.divide(products, total, out=np.full(len(total), np.nan), where=total > 0))


def class_average_precisions(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """AP of every class in percent from truth and scores of shape (n, classes); NaN for a class without positives."""
    return np.array(
        [
            100 * average_precision(truth[:, number], scores[:, number]) if truth[:, number].any() else np.nan
            for number in range(truth.shape[1])
        ]
    )


def mean_average_precision(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """MAP in percent: the mean of `class_average_precisions` over the classes that have positives.

    Raises:
        ValueError: No class has a positive.
    """
    if not truth.any():
        raise ValueError("no positives: mAP is the mean over events that occur, and none does")
    return float(np.nanmean(class_average_precisions(truth, scores)))
