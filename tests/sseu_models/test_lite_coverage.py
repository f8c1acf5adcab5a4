"""Do the intervals of a lite run hold the score on all questions? Over simulated systems and results at hand."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from sseu_metric.lite import as_lite
from sseu_metric.scores import Scores
from sseu_models.lite_design import choose_questions
from tests.sseu_metric.test_floors import maker, official
from tests.sseu_models.simulated_systems import Population, as_pairs, only

__all__ = ["maker", "official"]  # fixtures
METRICS = ("wer", "wer_capped", "macc", "map")
WITHIN = {2450: {"wer": 2.0, "wer_capped": 2.0, "macc": 2.0, "map": 2.5}, 350: {"wer": 5.0, "macc": 8.5, "map": 7.5}}
"""Points of error that 95 % stay below."""


def _estimate(scores: Scores, chosen: dict[tuple[str, str], float], metric: str) -> tuple[float, bool]:
    """The error of the estimate in points, and whether its interval holds the score on all questions."""
    lite, truth = as_lite(only(scores, chosen), chosen), scores.value(metric)
    found, interval = lite.value(metric), lite.intervals(metric, lite.replicates(metric, "question"))["all"]
    assert truth is not None
    assert found is not None
    if interval is None:  # no question changes the score
        return found - truth, abs(found - truth) < 1e-6
    return found - truth, interval.low - 1e-6 <= truth <= interval.high + 1e-6


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("questions", [2450, 350])
def test_coverage_over_simulated_systems(official: list[dict[str, Any]], questions: int) -> None:
    generator = np.random.default_rng(17)
    held: dict[str, list[bool]] = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    for draw in range(100):
        rows = as_pairs(official, f"{draw}-")
        population, chosen = Population(rows), choose_questions(rows, questions)
        for _ in range(4):
            scores = population.answers(generator)
            for metric in METRICS:
                error, holds = _estimate(scores, chosen, metric)
                errors[metric].append(error)
                held[metric].append(holds)
    coverage = {metric: np.mean(values) for metric, values in held.items()}
    limits = {metric: float(np.quantile(np.abs(values), 0.95)) for metric, values in errors.items()}
    print(questions, coverage, limits)
    assert all(0.93 - 0.01 <= value <= 0.97 + 0.015 for value in coverage.values()), coverage
    assert all(limits[metric] < points for metric, points in WITHIN[questions].items()), limits
