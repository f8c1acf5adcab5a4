"""Ranks in a report: those of the metric, and none among systems that heard different clips."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from sseu_metric.labels import SCENES
from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_metric.significance import compare
from sseu_models.results.opened_dataset import OpenedDataset
from sseu_report.entries import ScoredEntry
from sseu_report.findings.ranks import find_rank_ranges, find_standings
from sseu_report.tables.records import Standing
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


def test_each_condition_has_a_best_of_its_own_by_the_test_of_compare() -> None:
    def both(name: str, right: dict[str, int]) -> ScoredEntry:
        """Right about the first so many of 60 clips in each condition."""
        rows = [
            reference(f"{n}{snr}", snr, scene=n % 2) | {"source_recording_id": f"r{n}"}
            for snr in right
            for n in range(60)
        ]
        said = [{"scene": SCENES[n % 2 if n < count else 4]} for count in right.values() for n in range(60)]
        scores = score(said, rows, tasks=("asc",), mode="independent", embedder="exact")
        made = make_entry(name, conditions=tuple(right))
        return ScoredEntry(made, cast(OpenedDataset, None), [], {}, {"independent": scores})

    systems = [both("loud", {"10": 30, "0": 50}), both("quiet", {"10": 58, "0": 48})]
    ranks = find_rank_ranges(systems)
    (loud,), (quiet,) = ranks.values()
    assert {name: one.best for name, one in loud.columns.items()} == {"10": False, "0": True, "finite": False}
    assert {name: one.best for name, one in quiet.columns.items()} == {"10": True, "0": False, "finite": True}
    for snr, ours in (("10", loud), ("0", quiet)):
        mine, other = (one.scores["independent"].where(condition=snr) for one in systems)
        assert ours.columns[snr].p == pytest.approx(compare(mine, other, "macc").p)
    assert loud.columns["finite"].p == pytest.approx(loud.p)
    standings = find_standings(ranks)
    assert standings["loud", "independent", "macc"]["10"] == Standing(is_best=False, p=loud.columns["10"].p)
    assert [standings[name, "independent", "macc"]["0"].not_worse for name in ("loud", "quiet")] == [False, True]
    assert [standings[name, "independent", "macc"]["10"].not_worse for name in ("loud", "quiet")] == [False, False]
    assert standings["quiet", "independent", "macc"]["all"].places == (1, 1)
