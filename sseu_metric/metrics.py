"""The metrics of a table of answers: the value, its jackknife replicates, and by class.

In percent, but those that count per clip (`tasks.PER_CLIP_METRICS`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .classification import (
    average_precision,
    average_precisions,
    class_average_precisions,
    class_recalls,
    mean_average_precision,
    mean_class_accuracy,
)
from .jackknife import Jackknife
from .labels import EVENTS, SCENES
from .replicates import (
    class_accuracy_replicates,
    mean_average_precision_replicates,
    mean_of_defined,
    ratio_replicates,
)
from .rows import Rows
from .tasks import PER_CLIP_METRICS
from .wer import capped_errors, word_error_rate


def is_defined(metric: str, rows: Rows) -> bool:
    """Whether the rows have what the metric divides by: reference words, clips with a scene, clips with an event."""
    if metric == "macc":
        return len(rows) > 0
    if metric == "map_within_corpus":
        return bool(rows["corpus"].all() and annotating_corpora(rows).any())
    if metric == "words_remembered":
        return "silenced" in rows.columns and bool(rows["silenced"][:, 0].any())
    if metric in PER_CLIP_METRICS:
        return "absent" in rows.columns or (metric == "words_per_clip" and not rows["counts"][:, 3].any())
    return bool(rows["truth"].any() if metric == "map" else rows["counts"][:, 3].any())


def is_answered(rows: Rows) -> bool:
    """Whether there is an answer among the rows: an empty, refused or unreadable one is one, a missing one is none."""
    return bool((rows["status"] != "missing").any())


def counts_of(metric: str, rows: Rows) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """What is counted in each answer, and what it is divided by; (rows,) each.

    Of an error rate the errors and the words (`cer`: characters) of the reference.
    """
    if metric == "cer":
        return rows["characters"][:, 0], rows["characters"][:, 1]
    if metric == "words_remembered":
        return rows["remembered"][:, 0], rows["silenced"][:, 0]
    if metric == "events_per_clip":
        return rows["absent"], np.ones(len(rows), dtype=np.int64)
    counts = rows["counts"]
    if metric == "words_per_clip":
        return counts[:, 2], np.ones(len(rows), dtype=np.int64)
    if metric == "wer_lenient":
        return rows["lenient_errors"], counts[:, 3]
    return capped_errors(counts) if metric == "wer_capped" else counts[:, :3].sum(axis=1), counts[:, 3]


def value_of(metric: str, rows: Rows) -> float:
    """The metric over rows in which it is defined."""
    if metric == "wer":
        return word_error_rate(rows["counts"])
    if metric == "macc":
        return mean_class_accuracy(rows["hit"], rows["reference"], len(SCENES))
    if metric == "map" and (weights := _lite_weights(rows)) is not None:
        return _weighted_mean_average_precision(rows, weights)
    if metric == "map":
        return mean_average_precision(rows["truth"], rows["confidences"])
    if metric == "map_within_corpus":
        return float(np.nanmean(_precisions_within_corpus(rows)))
    counted, sizes = counts_of(metric, rows)
    return _unit(metric) * int(counted.sum()) / int(sizes.sum())


def _unit(metric: str) -> int:
    """100 for percent, 1 for a number per clip."""
    return 1 if metric in PER_CLIP_METRICS else 100


def replicates_of(metric: str, jackknife: Jackknife, rows: Rows) -> NDArray[np.float64]:
    """The metric over the rows without each cluster, shape (replicates,); NaN where nothing is left that defines it."""
    if metric == "macc":
        return class_accuracy_replicates(jackknife, rows["hit"], rows["reference"], len(SCENES))
    if metric == "map":
        weights = _lite_weights(rows)
        return mean_average_precision_replicates(jackknife, rows["truth"], rows["confidences"], row_weights=weights)
    if metric == "map_within_corpus":
        ranked = annotating_corpora(rows)
        return mean_average_precision_replicates(jackknife, rows["truth"], rows["confidences"], ranked)
    return ratio_replicates(jackknife, *counts_of(metric, rows)) * (_unit(metric) / 100)


def _lite_weights(rows: Rows) -> NDArray[np.float64] | None:
    """1 / probability of each question of a lite run; None where all questions were asked."""
    return 1 / rows["probability"] if "probability" in rows.columns else None


def _weighted_mean_average_precision(rows: Rows, weights: NDArray[np.float64]) -> float:
    """MAP with a weight for each clip."""
    precisions = [
        average_precisions(truth[np.newaxis], scores, weights)
        for truth, scores in zip(rows["truth"].T, rows["confidences"].T, strict=True)
    ]
    return 100 * float(mean_of_defined(np.array(precisions))[0])


def annotating_corpora(rows: Rows) -> NDArray[np.bool_]:
    """Whether each clip is from a corpus that annotates each event: has a positive among the rows, (rows, 18).

    Clips whose corpus is not named are of none.
    """
    truth, corpora = rows["truth"], rows["corpus"]
    ranked = np.zeros(truth.shape, dtype=bool)
    for name in set(corpora.tolist()) - {""}:
        ranked[corpora == name] = truth[corpora == name].any(axis=0)
    return ranked


def _precisions_within_corpus(rows: Rows) -> NDArray[np.float64]:
    """AP of every event among the clips of the corpora that annotate it; NaN where there is none."""
    ranked, truth, confidences = annotating_corpora(rows), rows["truth"], rows["confidences"]
    return np.array(
        [
            100 * average_precision(truth[mask, number], confidences[mask, number]) if mask.any() else np.nan
            for number, mask in enumerate(ranked.T)
        ]
    )


def class_names(metric: str, rows: Rows) -> tuple[str, ...]:
    """The scenes (`macc`) or events (`map`) that occur in the references of the rows."""
    if metric == "macc":
        return tuple(name for number, name in enumerate(SCENES) if (rows["reference"] == number).any())
    return tuple(name for number, name in enumerate(EVENTS) if rows["truth"][:, number].any())


def class_values_of(metric: str, rows: Rows) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The labels, and the recall of each scene (`macc`) or AP of each event (`map`); NaN for a class without clips."""
    if metric == "macc":
        return SCENES, class_recalls(rows["hit"], rows["reference"], len(SCENES))
    if metric == "map_within_corpus":
        return EVENTS, _precisions_within_corpus(rows)
    return EVENTS, class_average_precisions(rows["truth"], rows["confidences"])
