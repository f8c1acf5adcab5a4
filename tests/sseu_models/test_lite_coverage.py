"""Do the intervals of a lite run hold the score on all questions? Over simulated systems and results at hand."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_metric.lite import as_lite
from sseu_metric.rows import Rows
from sseu_metric.scores import Scores
from sseu_models.lite_design import choose_questions
from sseu_report.entries import read_entries, score_entries
from tests.sseu_metric.test_floors import maker, official
from tests.sseu_models.simulated_systems import Population, as_pairs, only

__all__ = ["maker", "official"]  # fixtures
METRICS = ("wer", "wer_capped", "macc", "map")
WITHIN = {
    2450: {"wer": 2.0, "wer_capped": 2.0, "macc": 2.0, "map of names": 2.0, "map": 3.0},
    350: {"wer": 5.0, "wer_capped": 4.0, "macc": 8.5, "map of names": 6.0, "map": 8.5},
}
"""Points of error that 95 % stay below; `map` is of systems that name events and of classifiers."""


def _estimate(scores: Scores, chosen: dict[tuple[str, str], float], metric: str) -> tuple[float, bool]:
    """The error of the estimate in points, and whether its interval holds the score on all questions."""
    lite, truth = as_lite(only(scores, chosen), chosen), scores.value(metric)
    found, interval = lite.value(metric), lite.intervals(metric, lite.replicates(metric, "question"))["all"]
    assert truth is not None
    assert found is not None
    if interval is None:  # no question changes the score
        return found - truth, abs(found - truth) < 1e-6
    return found - truth, interval.low - 1e-6 <= truth <= interval.high + 1e-6


@pytest.mark.slow
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
                if metric == "map" and scores.tables["at"]["names"][0] is not None:
                    errors["map of names"].append(error)
                held[metric].append(holds)
    coverage = {metric: np.mean(values) for metric, values in held.items()}
    limits = {metric: float(np.quantile(np.abs(values), 0.95)) for metric, values in errors.items()}
    print(questions, coverage, limits)
    assert all(0.92 <= value <= 0.985 for value in coverage.values()), coverage  # 93 to 97 % of 400, give or take
    assert all(limits[metric] < points for metric, points in WITHIN[questions].items()), limits


DEMO = Path(__file__).parents[2] / "demo" / "results"
RESULTS = [folder for folder in os.environ.get("SSEU_RESULTS", "").split(os.pathsep) if folder] or sorted(
    str(path.parent) for path in DEMO.glob("*/result.json")
)
"""Results folders in SSEU_RESULTS, or those of `make demo`; their datasets lie where they were."""


@pytest.mark.long
@pytest.mark.parametrize("folder", RESULTS)
def test_coverage_over_real_answers(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other names of the pairs draw other questions about the same answers."""
    monkeypatch.chdir(DEMO.parents[1])  # where `make demo` was called
    scored = score_entries(read_entries([folder]))[0]
    scores = scored.scores["independent"]
    size = 3 * max(30, min(len(rows) for rows in scores.tables.values()) // 3)
    held: dict[str, list[bool]] = defaultdict(list)
    for draw in range(60):
        name_of = {row["id"]: f"{draw}-{row['id']}" for row in scored.dataset.references}
        rows = [
            {**row, "id": name_of[row["id"]], "pair_id": f"{draw}-{row['pair_id']}"}
            for row in scored.dataset.references
        ]
        chosen = choose_questions(rows, size)
        named = replace(scores, tables={task: _renamed(rows, name_of) for task, rows in scores.tables.items()})
        for metric in METRICS:
            if named.value(metric) is not None:
                held[metric].append(_estimate(named, chosen, metric)[1])
    coverage = {metric: float(np.mean(values)) for metric, values in held.items()}
    print(folder, size, coverage)
    assert all(value >= 0.8 for value in coverage.values()), coverage  # of a few dozen pairs, all drawn again


def _renamed(rows: Rows, name_of: Mapping[str, str]) -> Rows:
    return Rows({**rows.columns, "id": np.array([name_of[name] for name in rows["id"]], dtype=object)})
