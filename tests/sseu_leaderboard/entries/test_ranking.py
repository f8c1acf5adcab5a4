"""Hazards: ranks without support by intervals, the wrong direction, versions in one table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sseu_dataset.records import VERSION
from sseu_leaderboard.entries.ranking import Place, Ranking, rank_spans
from sseu_leaderboard.entries.rows import BoardRow, paper_rows, tell_apart
from sseu_leaderboard.entries.view import (
    View,
)
from sseu_leaderboard.intake.verified import BoardCell, BoardFactor, pack
from tests.sseu_leaderboard.made_records import make_verified

VERIFIED = make_verified()


CLUSTERS = 50
FACTORS = (BoardFactor(("speaker",), 1, (0,) * CLUSTERS, (20.0,) * CLUSTERS, ("",)),)


def make_cell(value: float, error: float, seed: int) -> BoardCell:
    """A cell whose replicates give about this standard error, independent of other seeds."""
    deviations = np.random.default_rng(seed).normal(0, error / math.sqrt(CLUSTERS - 1), CLUSTERS)
    return BoardCell(value, value - 2 * error, value + 2 * error, 0.1, pack(value + deviations))


def make_row(name: str, values: Mapping[str, float], metric: str = "wer", error: float = 0.05, **more: Any) -> BoardRow:
    seed = sum(map(ord, name))
    cells = {column: make_cell(value, error, seed + number) for number, (column, value) in enumerate(values.items())}
    made: dict[str, Any] = {
        "id": name, "name": name, "system": name, "kind": "verified", "version": VERSION, "url": None, "embedder": "e",
        "prompts": "p", "runs": 1, "date": "2026-01-01", "remarks": (),
        "cells": {"independent": {metric: cells}}, "factors": {"independent": {metric: FACTORS}},
    }  # fmt: skip
    return BoardRow(**{**made, **more})


def places(rows: Sequence[BoardRow], view: View) -> list[Place]:
    return Ranking.of(rows).show(view)


def names(rows: Sequence[BoardRow], view: View) -> list[str]:
    return [place.row.name for place in places(rows, view)]


def spans(cells: Mapping[str, BoardCell], metric: str = "wer") -> dict[str, tuple[int, int]]:
    return rank_spans(cells, dict.fromkeys(cells, FACTORS), metric)


def test_a_clear_order_has_sharp_ranks_and_a_tie_has_open_ones() -> None:
    values = {"best": 10.0, "tie-1": 20.0, "tie-2": 20.1, "last": 40.0}
    cells = {name: make_cell(value, 1.0, number) for number, (name, value) in enumerate(values.items())}
    assert spans(cells) == {"best": (1, 1), "tie-1": (2, 3), "tie-2": (2, 3), "last": (4, 4)}
    assert spans(cells, "macc") == {"last": (1, 1), "tie-1": (2, 3), "tie-2": (2, 3), "best": (4, 4)}


def test_twelve_equal_submissions_may_have_any_rank() -> None:
    """On 95 % of such boards; the largest of 66 differences is large, so pairwise intervals would close most ranges."""
    boards, closed = 60, 0
    for board in range(boards):
        errors = np.random.default_rng([7, board]).normal(0, 1.0, 12)
        cells = {f"{number}": make_cell(20 + one, 1.0, 12 * board + number) for number, one in enumerate(errors)}
        closed += set(spans(cells).values()) != {(1, 12)}
    assert closed <= 0.08 * boards


def test_twelve_clearly_different_submissions_have_one_rank_each() -> None:
    rows = [make_row(chr(97 + number), {"average": 10.0 + number}) for number in range(12)]
    assert [place.span for place in places(rows, View(task="asr"))] == [(rank, rank) for rank in range(1, 13)]


def test_differences_are_paired() -> None:
    """Two intervals that overlap widely, but without any speaker one system is better by about a point."""
    shared, own = (np.random.default_rng(seed).normal(size=CLUSTERS) for seed in (1, 2))
    a, b = BoardCell(50, replicates=pack(50 + shared)), BoardCell(49, replicates=pack(49 + shared + 0.01 * own))
    assert spans({"a": a, "b": b}) == {"b": (1, 1), "a": (2, 2)}
    assert spans({"a": a, "b": make_cell(49, 7.0, 3)}) == {"a": (1, 2), "b": (1, 2)}


def test_without_replicates_every_rank_is_open() -> None:
    cells = {"a": make_cell(1.0, 0.1, 0), "b": BoardCell(2.0), "c": make_cell(30.0, 0.1, 1)}
    assert spans(cells) == {"a": (1, 3), "b": (1, 3), "c": (1, 3)}


def test_rows_that_leave_out_different_clusters_are_refused() -> None:
    """Their replicates may be as many, but the difference of two of them means nothing."""
    cells = {"a": make_cell(1.0, 0.1, 0), "b": make_cell(2.0, 0.1, 1)}
    others = (
        replace(FACTORS[0], names=("recording",)),
        replace(FACTORS[0], sizes=(1.0, *FACTORS[0].sizes[1:])),
        replace(FACTORS[0], stratum=(0,) * 25 + (1,) * 25, strata=("Home", "Restaurant")),
    )
    for other in others:
        with pytest.raises(ValueError, match="replicates leave out different clusters, so they are of different dat"):
            rank_spans(cells, {"a": FACTORS, "b": (other,)}, "wer")


def test_low_wer_and_high_map_come_first() -> None:
    wer = [make_row("high", {"average": 40.0}), make_row("low", {"average": 10.0})]
    assert names(wer, View(task="asr")) == ["low", "high"]
    assert names(wer, View(task="asr", reverse=True)) == ["high", "low"]
    maps = [make_row("low", {"average": 10.0}, "map"), make_row("high", {"average": 40.0}, "map")]
    assert names(maps, View(task="at")) == ["high", "low"]
    assert [(place.rank, place.span) for place in places(maps, View(task="at"))] == [(1, (1, 1)), (2, (2, 2))]


def test_ranks_do_not_depend_on_what_is_searched_or_hidden() -> None:
    rows = [make_row(f"system {number}", {"average": float(number)}) for number in range(1, 5)]
    found = places(rows, View(task="asr", search="SYSTEM 3"))
    assert [(place.row.name, place.rank) for place in found] == [("system 3", 3)]


def test_reported_and_flagged_rows_have_no_rank() -> None:
    rows = [
        make_row("cheat", {"average": 0.0}, kind="flagged"),
        make_row("ours", {"average": 20.0}),
        *paper_rows(),
    ]
    found = {place.row.name: place.rank for place in places(rows, View(task="asr"))}
    assert found["ours"] == 1
    assert [name for name, rank in found.items() if rank is not None] == ["ours"]
    assert list(found)[-1] == "cheat"
    assert names(rows, View(task="asr", kinds=("verified",))) == ["ours"]


def test_sorting_by_a_condition_ranks_by_it_and_rows_without_it_come_last() -> None:
    rows = [
        make_row("a", {"average": 10.0, "0": 50.0}),
        make_row("b", {"average": 20.0, "0": 5.0}),
        make_row("c", {"average": 5.0}),
    ]
    found = places(rows, View(task="asr", sort="0"))
    assert [(place.row.name, place.rank) for place in found] == [("b", 1), ("a", 2), ("c", None)]
    assert names(rows, View(task="asr", sort="name", reverse=True)) == ["c", "b", "a"]


def test_versions_of_the_dataset_are_never_in_one_table_or_ranking() -> None:
    rows = [
        make_row("a", {"average": 10.0}),
        make_row("b", {"average": 20.0}),
        make_row("c", {"average": 5.0}, version="1.1.0"),
        *paper_rows(),
    ]
    ranking = Ranking.of(rows)
    old = [place for place in ranking.show(View(task="asr")) if place.row.kind == "verified"]
    new = [place for place in ranking.show(View(task="asr", version="1.1.0")) if place.row.kind == "verified"]
    assert [(place.row.name, place.rank, place.span) for place in old] == [("a", 1, (1, 1)), ("b", 2, (2, 2))]
    assert [(place.row.name, place.rank, place.span) for place in new] == [("c", 1, (1, 1))]
    assert {place.row.version for place in ranking.show(View(task="asr", version="1.1.0"))} == {"1.1.0", "the paper's"}
    twins = [make_row("same", {"average": 1.0}, id=one, version=one, answers_sha256=("f",)) for one in ("1.0", "1.1")]
    assert [row.remarks for row in tell_apart(twins)] == [(), ()]
    assert tell_apart([replace(row, version="1.0") for row in twins])[0].remarks != ()


def test_over_all_tasks_the_mean_of_the_places_ranks_and_what_was_not_asked_is_last() -> None:
    def cells(**values: float) -> dict[str, Any]:
        return {"independent": {name: {"average": BoardCell(value)} for name, value in values.items()}}

    rows = [
        make_row("words", {}, cells=cells(wer=5.0)),
        make_row("all", {}, cells=cells(wer=10.0, macc=60.0, map=40.0)),
        make_row("worse", {}, cells=cells(wer=20.0, macc=50.0, map=30.0)),
        make_row("published", {}, cells=cells(wer=15.0, macc=55.0, map=35.0), kind="reported"),
        make_row("front", {}, cells=cells(wer=1.0, macc=99.0, map=99.0), kind="apart"),
        make_row("cheat", {}, cells=cells(wer=0.0, macc=100.0, map=100.0), kind="flagged"),
    ]
    found = places(rows, View())
    assert [(place.row.name, place.rank) for place in found] == [
        ("all", 1), ("published", None), ("worse", 2), ("words", 3), ("front", None), ("cheat", None)
    ]  # fmt: skip
    assert names(rows, View(reverse=True))[:2] == ["words", "worse"]
    by_words = places(rows, View(sort="wer"))
    assert [(place.row.name, place.rank) for place in by_words][:3] == [("words", 1), ("all", 2), ("published", None)]


def test_the_best_and_what_cannot_be_told_from_it_are_by_the_paired_test() -> None:
    rows = [make_row(name, {"average": value}, error=1.0) for name, value in (("a", 10.0), ("b", 10.5), ("c", 30.0))]
    standings = {place.row.name: place.standings["wer", "average"] for place in places(rows, View(task="asr"))}
    assert {name: (one.best, one.not_worse) for name, one in standings.items()} == {
        "a": (True, False), "b": (False, True), "c": (False, False)
    }  # fmt: skip


def test_a_new_ranking_keeps_the_standings_of_columns_that_did_not_change_and_no_replicates() -> None:
    rows = [make_row(name, {"average": value}) for name, value in (("a", 10.0), ("b", 20.0))]
    before = Ranking.of(rows)
    newer = make_row("c", {"average": 40.0}, "map")
    after = Ranking.of([*rows, newer], before)
    key = (VERSION, "independent", "wer", "average")
    assert after.standings[key] is before.standings[key]
    assert Ranking.of([*rows, make_row("d", {"average": 5.0})], before).standings[key]["a"].rank == 2
    columns = [cells for row in after.rows for metrics in row.cells.values() for cells in metrics.values()]
    assert {cell.replicates for cells in columns for cell in cells.values()} == {""}


def test_a_system_keeps_its_look_whatever_is_searched_sorted_or_hidden() -> None:
    ranking = Ranking.of([*(make_row(f"system {number}", {"average": 10.0 + number}) for number in range(12))])
    looks = ranking.looks(View())
    assert [looks[f"system {number}"].named for number in (0, 7, 8, 11)] == [True, True, False, False]
    assert ranking.looks(View(task="asr", search="3", sort="name", reverse=True)) == looks
