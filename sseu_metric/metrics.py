"""The metrics of a table of answers: the value, the same in every resample, and by class. All in percent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .classification import class_average_precisions, class_recalls, mean_average_precision, mean_class_accuracy
from .intervals import Interval, percentile_interval
from .labels import EVENTS, SCENES
from .resampling import (
    ClusterWeights,
    resampled_class_accuracy,
    resampled_mean_average_precision,
    resampled_ratio,
)
from .rows import Rows
from .wer import capped_errors, word_error_rate


def is_defined(metric: str, rows: Rows) -> bool:
    """Whether the rows have what the metric divides by: reference words, clips with a scene, clips with an event."""
    if metric == "macc":
        return len(rows) > 0
    return bool(rows["truth"].any() if metric == "map" else rows["counts"][:, 3].any())


def is_answered(rows: Rows) -> bool:
    """Whether there is an answer among the rows: an empty, refused or unreadable one is one, a missing one is none."""
    return bool((rows["status"] != "missing").any())


def errors_of(metric: str, rows: Rows) -> NDArray[np.integer]:
    """The word errors of each answer that `wer` or `wer_capped` counts, shape (rows,)."""
    return capped_errors(rows["counts"]) if metric == "wer_capped" else rows["counts"][:, :3].sum(axis=1)


def value_of(metric: str, rows: Rows) -> float:
    """The metric over rows in which it is defined."""
    if metric == "wer":
        return word_error_rate(rows["counts"])
    if metric == "wer_capped":
        return 100 * int(errors_of(metric, rows).sum()) / int(rows["counts"][:, 3].sum())
    if metric == "macc":
        return mean_class_accuracy(rows["hit"], rows["reference"], len(SCENES))
    return mean_average_precision(rows["truth"], rows["confidences"])


def resampled_values(metric: str, resampling: ClusterWeights, rows: Rows) -> NDArray[np.float64]:
    """The metric over the rows in every resample, shape (resamples,); NaN where a resample does not define it."""
    if metric == "macc":
        return resampled_class_accuracy(resampling, rows["hit"], rows["reference"], len(SCENES))
    if metric == "map":
        return resampled_mean_average_precision(resampling, rows["truth"], rows["confidences"])
    return resampled_ratio(resampling, errors_of(metric, rows), rows["counts"][:, 3])


def class_names(metric: str, rows: Rows) -> tuple[str, ...]:
    """The scenes (`macc`) or events (`map`) that occur in the references of the rows."""
    if metric == "macc":
        return tuple(name for number, name in enumerate(SCENES) if (rows["reference"] == number).any())
    return tuple(name for number, name in enumerate(EVENTS) if rows["truth"][:, number].any())


def class_values_of(metric: str, rows: Rows) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The labels, and the recall of each scene (`macc`) or AP of each event (`map`); NaN for a class without clips."""
    if metric == "macc":
        return SCENES, class_recalls(rows["hit"], rows["reference"], len(SCENES))
    return EVENTS, class_average_precisions(rows["truth"], rows["confidences"])


def interval_of(metric: str, resampled: NDArray[np.float64], value: float | None) -> Interval:
    """The 95 % interval of an average from its resamples, shape (resamples,), and its value.

    Of mAP without the bias of the resamples (`percentile_interval`) and within 0 to 100.
    """
    if metric != "map":
        return percentile_interval(resampled)
    found = percentile_interval(resampled, estimate=value)
    return replace(found, low=max(0.0, found.low), high=min(100.0, found.high))
