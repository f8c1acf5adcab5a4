"""Scores of a lite run: answers to questions drawn by design, as estimates of the scores on all questions.

Every question has the probability with which it was to be drawn. WER is the plain mean over conditions, as always.
Scenes and events are pooled over conditions, of which each question has one:

- mACC: the mean over scenes of the share of hits among the questions about a scene, which are drawn alike.
- mAP: average precision with every clip weighted by 1 / probability (Hajek). A classifier's scores have another scale
  in each condition, so they are brought to one: the normal score of a clip's weighted rank among all conditions, moved
  and stretched by the line that comes nearest to that of its rank within the condition. (Ranks within the condition
  alone are too coarse.) What pooling costs is part of what the intervals were tested for
  (tests/sseu_models/test_lite_coverage.py).

The interval is about the score on all questions of the dataset, not about other clips: questions are left out one by
one within a condition (WER) or a scene (mACC), each times the finite population correction 1 - f:

    V = sum over strata of (n - 1) / n * sum over questions of (1 - f) * (replicate - value)^2

What varies belongs in part to the clip, whatever its condition, and in part to the question. Of the questions a share
p = probability was drawn, of the clips c p with c conditions, at most 1. How the parts are divided one question a clip
cannot tell; f = p + share * (min(1, c p) - p) with the shares below, for which the intervals were tested. For mAP the
jackknife's bias stands beside the variance (`Jackknife`): few clips raise an average precision, pooling lowers it.

Two lite runs answer the same questions, so they are compared as two whole results are, with recordings and speakers as
clusters (`compare`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from .conditions import ordered
from .rows import Rows
from .scores import Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POOLED = ("asc", "at")
_OF_CLIP = {"asr": 0.5, "asc": 0.25, "at": 0.5}
"""Share of the variance of a question that belongs to its clip, whatever the condition."""


def as_lite(scores: Scores, probabilities: Mapping[tuple[str, str], float]) -> Scores:
    """The scores of answers to a sample of questions, as estimates for all of them.

    Args:
        scores: Of a single mode, one run.
        probabilities: (row id, task) -> the probability with which the question was to be drawn, in (0, 1].
    """
    return replace(scores, tables={task: _weighted(task, rows, probabilities) for task, rows in scores.tables.items()})


def is_lite(scores: Scores) -> bool:
    """Whether the scores are estimates from a sample of questions."""
    return any("probability" in rows.columns for rows in scores.tables.values())


def _weighted(task: str, rows: Rows, probabilities: Mapping[tuple[str, str], float]) -> Rows:
    import numpy as np

    columns = dict(rows.columns)
    columns["probability"] = np.array([probabilities[name, task] for name in rows["id"]])
    answered = rows["status"] != "missing"
    if task == "at" and all(names is None for names in rows["names"][answered]):
        columns["confidences"] = _on_one_scale(rows, 1 / columns["probability"])
    of_clips = np.minimum(columns["probability"] * len(set(rows["condition"].tolist())), 1)
    columns["drawn"] = columns["probability"] + _OF_CLIP[task] * (of_clips - columns["probability"])
    if task in _POOLED:
        columns["condition"] = np.full(len(rows), "", dtype=object)
    return Rows(columns)


def _on_one_scale(rows: Rows, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores of each class on a scale that all conditions share, in the same order within each; (rows, classes)."""
    import numpy as np

    found = np.zeros(rows["confidences"].shape)
    masks = [rows["condition"] == condition for condition in ordered(rows["condition"].tolist())]
    for number, scores in enumerate(rows["confidences"].T):
        among_all = _normal_scores(scores, weights)
        for mask in masks:
            ours, own = among_all[mask], _normal_scores(scores[mask], weights[mask])
            spread = ours.var()
            slope = np.mean((ours - ours.mean()) * own) / spread if spread > 0 else 1.0
            found[mask, number] = own.mean() + slope * (ours - ours.mean())
    return found


def _normal_scores(scores: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normal quantiles of the weighted share of scores below each one, ties counted half; shape (n,)."""
    import numpy as np
    from scipy.special import ndtri

    levels, level_of = np.unique(scores, return_inverse=True)
    at_level = np.bincount(level_of, weights=weights, minlength=len(levels))
    return np.asarray(ndtri((at_level.cumsum() - at_level / 2) / weights.sum())[level_of])
