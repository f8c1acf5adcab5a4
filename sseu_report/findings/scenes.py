"""How well each scene is recognised, and how much of mACC's sampling error rests on it.

All scenes weigh the same in mACC, however few clips they have, so a small scene may carry most of the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from sseu_metric.intervals import Interval, possible
from sseu_metric.scores import Replicates, Scores


@dataclass(frozen=True)
class SceneRecall:
    """The recall of one scene.

    Attributes:
        mode: How the system was asked.
        scene: Its label.
        recordings: How many source recordings its clips come from.
        recall: Percent, mean over conditions and runs.
        interval: 95 % interval; None where all its clips are from one recording.
        share: Of the variance of mACC, from 0 to 1; None where that of any scene is not known.
    """

    mode: str
    scene: str
    recordings: int
    recall: float
    interval: Interval | None
    share: float | None


def find_scene_recalls(scores: Mapping[str, Scores]) -> tuple[SceneRecall, ...]:
    """The recall of every scene in every mode that has mACC.

    Args:
        scores: By mode.
    """
    return tuple(one for mode, part in scores.items() if part.value("macc") is not None for one in _recalls(mode, part))


def _recalls(mode: str, scores: Scores) -> list[SceneRecall]:
    import numpy as np

    from sseu_metric.labels import SCENES
    from sseu_metric.replicates import ratio_replicates

    rows = scores.tables["asc"]
    jackknife = scores.jackknife("asc")
    (factor,) = jackknife.factors
    found, variances = [], []
    for scene in scores.class_values("macc"):
        values, cells = [], {}
        for run, condition in scores.cells("macc"):
            mask = (rows["run"] == run) & (rows["condition"] == condition)
            clips = mask & (rows["reference"] == SCENES.index(scene))
            if clips.any():
                values.append(100 * float(rows["hit"][clips].mean()))
                of_scene = clips[mask]
                cells[run, condition] = ratio_replicates(jackknife.take(mask), rows["hit"][mask] & of_scene, of_scene)
        recall = fmean(values)
        error = None
        if scene not in factor.fixed:
            error = jackknife.error_of(Replicates(jackknife, cells).average(), recall)
        variances.append(None if error is None else error.variance)
        recordings = int(np.sum(factor.stratum == factor.strata.index(scene))) if scene in factor.strata else 0
        interval = None if error is None else possible("macc", error.interval(recall))
        found.append((scene, recordings, recall, interval))
    known = [variance for variance in variances if variance is not None]
    total = sum(known) if len(known) == len(variances) else 0.0  # the shares of some scenes are not those of mACC
    return [
        SceneRecall(mode, *one, variance / total if variance is not None and total > 0 else None)
        for one, variance in zip(found, variances, strict=True)
    ]
