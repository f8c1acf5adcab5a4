"""Recalls of scenes: intervals by hand, shares of mACC's own variance, a scene of one recording."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from sseu_metric.labels import SCENES
from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_report.findings.scenes import find_scene_recalls
from tests.sseu_models.scripted import reference


def answered(right: dict[int, list[bool]]) -> Scores:
    """Answers about clips of their own recordings: for each scene which are right."""
    rows = [reference(f"{scene} {n}", "0", scene=scene) for scene, hits in right.items() for n in range(len(hits))]
    said = [SCENES[scene if hit else 5] for scene, hits in right.items() for hit in hits]
    predictions = [{"scene": name} for name in said]
    return score(predictions, rows, tasks=("asc",), mode="independent", embedder="exact")


def test_intervals_are_those_of_a_share_and_the_small_scene_carries_the_error() -> None:
    right = {0: [True, False] * 10, 1: [True, True, False, False]}
    scores = answered(right)
    large, small = find_scene_recalls({"independent": scores})
    assert [(one.scene, one.recordings, one.recall) for one in (large, small)] == [
        (SCENES[0], 20, 50),
        (SCENES[1], 4, 50),
    ]
    errors = {}
    for one, hits in ((large, right[0]), (small, right[1])):
        errors[one.scene] = 100 * np.std(hits, ddof=1) / math.sqrt(len(hits))
        half = scipy.stats.t.ppf(0.975, len(hits) - 1) * errors[one.scene]
        assert one.interval is not None
        assert one.interval.low == pytest.approx(max(0, 50 - half), abs=1e-5)
        assert one.interval.high == pytest.approx(min(100, 50 + half), abs=1e-5)
    total = sum(error**2 for error in errors.values())
    assert small.share == pytest.approx(errors[SCENES[1]] ** 2 / total)
    assert large.share == pytest.approx(errors[SCENES[0]] ** 2 / total)
    whole = scores.error_of("macc", scores.replicates("macc"))
    assert whole is not None
    assert whole.variance == pytest.approx(total / 4)


def test_a_scene_of_one_recording_has_no_interval_and_leaves_no_share() -> None:
    several, one = find_scene_recalls({"independent": answered({0: [True, False, False], 1: [True]})})
    assert several.interval is not None
    assert several.share is None  # not all of mACC's variance: that of the other scene is not known
    assert (one.recordings, one.recall, one.interval, one.share) == (1, 100, None, None)
    assert [found.share for found in find_scene_recalls({"independent": answered({0: [True], 1: [False]})})] == [
        None,
        None,
    ]
