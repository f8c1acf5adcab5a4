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
KINDS = ("map of names", "map of classifiers")
WITHIN = {
    2450: dict.fromkeys((*METRICS, "map of names"), 2.0) | {"map of classifiers": 3.0},
    350: {"wer": 6.5, "wer_capped": 5.5, "macc": 7.5, "map": 6.5, "map of names": 5.0, "map of classifiers": 8.0},
}
"""Points of error that 95 % stay below."""


def _estimate(scores: Scores, chosen: dict[tuple[str, str], float], metric: str) -> tuple[float, bool, float]:
    """The error of the estimate in points, whether its interval holds the score on all, and half its width."""
    lite, truth = as_lite(only(scores, chosen), chosen), scores.value(metric)
    found, interval = lite.value(metric), lite.intervals(metric, lite.replicates(metric, "question"))["all"]
    assert truth is not None
    assert found is not None
    if interval is None:  # no question changes the score
        return found - truth, abs(found - truth) < 1e-6, 0.0
    half = (interval.high - interval.low) / 2
    return found - truth, interval.low - 1e-6 <= truth <= interval.high + 1e-6, half


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("questions", [2450, 350])
def test_coverage_over_simulated_systems(official: list[dict[str, Any]], questions: int) -> None:
    generator = np.random.default_rng(17)
    found: dict[str, list[tuple[float, bool, float]]] = defaultdict(list)
    for draw in range(100):
        rows = as_pairs(official, f"{draw}-")
        population, chosen = Population(rows), choose_questions(rows, questions)
        for _ in range(4):
            scores = population.answers(generator)
            kind = KINDS[scores.tables["at"]["names"][0] is None]
            for metric in METRICS:
                found[metric].append(_estimate(scores, chosen, metric))
            found[kind].append(found["map"][-1])
    print()
    for name, estimates in found.items():
        errors, held, halves = (np.array(values) for values in zip(*estimates, strict=True))
        limit, covered, half = float(np.quantile(np.abs(errors), 0.95)), held.mean(), halves.mean()
        print(
            f"{questions} {name}: {len(held)} systems, 95 % of errors below {limit:.2f} points, "
            f"coverage {100 * covered:.1f} %, half-width {half:.1f} points"
        )
        assert limit < WITHIN[questions][name], name
        assert name in KINDS or 0.92 <= covered <= 0.985, name  # 93 to 97 % of 400, give or take


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
