"""Ranks in a report: those of the metric, and none among systems that heard different clips."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sseu_metric.labels import SCENES
from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_models.results.opened_dataset import OpenedDataset
from sseu_report.entries import ScoredEntry
from sseu_report.findings.ranks import find_rank_ranges
from tests.sseu_models.scripted import reference
from tests.sseu_report.made_entries import make_entry


def entry(name: str, right: Callable[[int], bool], clips: range = range(60)) -> ScoredEntry:
    rows = [reference(f"{n}", "0", scene=n % 2) for n in clips]
    predictions = [{"scene": SCENES[n % 2 if right(n) else 4]} for n in clips]
    scores: Scores = score(predictions, rows, tasks=("asc",), mode="independent", embedder="exact")
    made = make_entry(name, conditions=("0",))
    return ScoredEntry(made, cast(OpenedDataset, None), [], {}, {"independent": scores})


def test_clear_orders_are_sharp_and_equal_systems_share_their_ranks() -> None:
    systems = [
        entry("half", lambda n: n // 2 % 2 == 0),
        entry("other half", lambda n: n // 2 % 2 == 1),
        entry("best", lambda n: n > 3),
        entry("worst", lambda n: n < 4),
    ]
    found = {
        name: [(one.mode, one.metric, one.best, one.worst) for one in ranks]
        for name, ranks in find_rank_ranges(systems).items()
    }
    assert found == {
        "half": [("independent", "macc", 2, 3)],
        "other half": [("independent", "macc", 2, 3)],
        "best": [("independent", "macc", 1, 1)],
        "worst": [("independent", "macc", 4, 4)],
    }


def test_systems_that_heard_different_clips_have_no_ranks() -> None:
    systems = [entry("a", lambda n: n % 4 < 2), entry("b", lambda n: True, range(40))]
    assert find_rank_ranges(systems) == {"a": [], "b": []}
    assert find_rank_ranges(systems[:1]) == {"a": []}
