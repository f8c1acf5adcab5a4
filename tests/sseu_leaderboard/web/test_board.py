"""Hazards: ranks without support by intervals, the wrong direction, hostile addresses, invalid links."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.verified import BoardCell, BoardFactor
from sseu_leaderboard.web.board import (
    DETAILS,
    KINDS,
    MODES,
    PAPER_COLUMNS,
    BoardRow,
    Choices,
    View,
    columns_of,
    default_view,
    model_url,
    paper_rows,
    parse_view,
    query_of,
    row_of,
    tell_apart,
)
from sseu_leaderboard.web.ranking import Place, Ranking, rank_spans
from sseu_report.naming import TASK_METRICS
from tests.sseu_leaderboard.made_records import make_verified

VERIFIED = make_verified()


CLUSTERS = 50
FACTORS = (BoardFactor(("speaker",), 1, (0,) * CLUSTERS, (20.0,) * CLUSTERS, ("",)),)


def make_cell(value: float, error: float, seed: int) -> BoardCell:
    """A cell whose replicates give about this standard error, independent of other seeds."""
    deviations = np.random.default_rng(seed).normal(0, error / math.sqrt(CLUSTERS - 1), CLUSTERS)
    return BoardCell(value, value - 2 * error, value + 2 * error, 0.1, tuple(value + deviations))


def make_row(name: str, values: Mapping[str, float], metric: str = "wer", error: float = 0.05, **more: Any) -> BoardRow:
    seed = sum(map(ord, name))
    cells = {column: make_cell(value, error, seed + number) for number, (column, value) in enumerate(values.items())}
    made: dict[str, Any] = {
        "id": name, "name": name, "kind": "verified", "version": VERSION, "url": None, "embedder": "e",
        "prompts": "p", "runs": 1, "date": "2026-01-01", "remarks": (),
        "cells": {"independent": {metric: cells}}, "factors": {"independent": {metric: FACTORS}},
    }  # fmt: skip
    return BoardRow(**{**made, **more})


def places(rows: Sequence[BoardRow], view: View) -> list[Place]:
    return Ranking(tuple(rows)).places(view)


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
    assert [place.span for place in places(rows, View())] == [(rank, rank) for rank in range(1, 13)]


def test_differences_are_paired() -> None:
    """Two intervals that overlap widely, but without any speaker one system is better by about a point."""
    shared, own = (np.random.default_rng(seed).normal(size=CLUSTERS) for seed in (1, 2))
    a, b = BoardCell(50, replicates=tuple(50 + shared)), BoardCell(49, replicates=tuple(49 + shared + 0.01 * own))
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
    assert names(wer, View()) == ["low", "high"]
    assert names(wer, View(reverse=True)) == ["high", "low"]
    maps = [make_row("low", {"average": 10.0}, "map"), make_row("high", {"average": 40.0}, "map")]
    assert names(maps, View(task="at")) == ["high", "low"]
    assert [(place.rank, place.span) for place in places(maps, View(task="at"))] == [(1, (1, 1)), (2, (2, 2))]


def test_ranks_do_not_depend_on_what_is_searched_or_hidden() -> None:
    rows = [make_row(f"system {number}", {"average": float(number)}) for number in range(1, 5)]
    found = places(rows, View(search="SYSTEM 3"))
    assert [(place.row.name, place.rank) for place in found] == [("system 3", 3)]


def test_reported_and_flagged_rows_have_no_rank() -> None:
    rows = [
        make_row("cheat", {"average": 0.0}, kind="flagged"),
        make_row("ours", {"average": 20.0}),
        *paper_rows(),
    ]
    found = {place.row.name: place.rank for place in places(rows, View())}
    assert found["ours"] == 1
    assert [name for name, rank in found.items() if rank is not None] == ["ours"]
    assert list(found)[-1] == "cheat"
    assert names(rows, View(kinds=("verified",))) == ["ours"]


def test_sorting_by_a_condition_ranks_by_it_and_rows_without_it_come_last() -> None:
    rows = [
        make_row("a", {"average": 10.0, "0": 50.0}),
        make_row("b", {"average": 20.0, "0": 5.0}),
        make_row("c", {"average": 5.0}),
    ]
    found = places(rows, View(sort="0"))
    assert [(place.row.name, place.rank) for place in found] == [("b", 1), ("a", 2), ("c", None)]
    assert names(rows, View(sort="name", reverse=True)) == ["c", "b", "a"]


def test_the_paper_s_rows_are_the_paper_s() -> None:
    rows = paper_rows()
    assert names(rows, View())[:2] == ["Kimi-Audio", "Qwen2-Audio-Instruct"]
    assert names(rows, View(task="asc"))[0] == "LAION-CLAP"
    qwen = next(row for row in rows if row.name == "Qwen2-Audio-Instruct")
    assert qwen.columns(View()).get("-10") == BoardCell(37.71, std=0.2)
    assert qwen.columns(View()).get("average") == BoardCell(14.50, std=0.1)
    assert qwen.columns(View()).get("finite") == BoardCell(16.59, std=0.1)
    assert qwen.columns(View(task="at", mode="joint")).get("finite") == BoardCell(16.52, std=1.1)
    five = [cell.value for c in ("10", "5", "0", "-5", "-10") if (cell := qwen.columns(View()).get(c)) is not None]
    assert sum(five) / 5 == pytest.approx(16.59, abs=0.01)


@given(
    st.builds(
        View,
        task=st.sampled_from(tuple(TASK_METRICS)),
        mode=st.sampled_from(MODES),
        columns=st.sets(st.sampled_from((*PAPER_COLUMNS, *DETAILS))).map(
            lambda chosen: tuple(name for name in (*PAPER_COLUMNS, *DETAILS) if name in chosen)
        ),
        kinds=st.sets(st.sampled_from(KINDS)).map(lambda chosen: tuple(kind for kind in KINDS if kind in chosen)),
        search=st.text(max_size=60).filter(lambda text: text.encode(errors="replace").decode() == text),
        sort=st.sampled_from((*PAPER_COLUMNS, *DETAILS, "name")),
        reverse=st.booleans(),
        entry=st.text("abcdef0123456789-", max_size=16),
    )
)
def test_a_view_survives_its_address(view: View) -> None:
    parameters = dict(parse_qsl(query_of(view), keep_blank_values=True))
    assert parse_view(parameters) == (view, ())


def test_versions_of_the_dataset_are_never_in_one_table_or_ranking() -> None:
    rows = [
        make_row("a", {"average": 10.0}),
        make_row("b", {"average": 20.0}),
        make_row("c", {"average": 5.0}, version="1.1.0"),
        *paper_rows(),
    ]
    ranking = Ranking(tuple(rows))
    old = [place for place in ranking.places(View()) if place.row.kind == "verified"]
    new = [place for place in ranking.places(View(version="1.1.0")) if place.row.kind == "verified"]
    assert [(place.row.name, place.rank, place.span) for place in old] == [("a", 1, (1, 1)), ("b", 2, (2, 2))]
    assert [(place.row.name, place.rank, place.span) for place in new] == [("c", 1, (1, 1))]
    assert {place.row.version for place in ranking.places(View(version="1.1.0"))} == {"1.1.0", "the paper's"}
    twins = [make_row("same", {"average": 1.0}, id=one, version=one, answers_sha256=("f",)) for one in ("1.0", "1.1")]
    assert [row.remarks for row in tell_apart(twins)] == [(), ()]
    assert tell_apart([replace(row, version="1.0") for row in twins])[0].remarks != ()


def test_the_address_holds_a_version_that_is_not_the_default() -> None:
    both = Choices(versions=("1.1.0", "1.0.0"))
    assert default_view(both).version == "1.1.0"
    assert query_of(default_view(both), both) == ""
    assert query_of(replace(default_view(both), version="1.0.0"), both) == "version=1.0.0"
    assert parse_view({"version": "1.0.0"}, both) == (replace(default_view(both), version="1.0.0"), ())
    view, faults = parse_view({"version": "9"}, both)
    assert (view.version, faults) == ("1.1.0", ("version: there is no '9'; there are 1.1.0, 1.0.0",))


def test_a_plain_view_has_a_plain_address() -> None:
    assert query_of(View()) == ""


def test_another_list_of_snrs_has_its_own_columns_and_addresses() -> None:
    columns = Choices(columns_of(("+inf", "15", "0", "-inf")))
    view, faults = parse_view({"columns": "15,date", "sort": "15"}, columns)
    assert (view.columns, view.sort, view.ranked_by, faults) == (("15", "date"), "15", "15", ())
    assert query_of(view, columns) == "columns=15%2Cdate&sort=15"
    assert query_of(default_view(columns), columns) == ""
    assert parse_view({"sort": "15"})[1] != ()
    assert parse_view({"sort": "-5"}, columns)[1] != ()


def test_a_hostile_address_gives_the_default_view_and_a_message() -> None:
    view, faults = parse_view(
        {
            "task": "<script>",
            "columns": "average,__class__",
            "sort": "cells",
            "mode": "joint",
            "utm": "x",
            "reverse": "2",
        }
    )
    assert view == View(mode="joint")
    assert len(faults) == 4
    assert "task: there is no '<script>'; there are asr, asc, at" in faults
    assert parse_view({"search": "x" * 10_000})[0].search == "x" * 100


@pytest.mark.parametrize(
    ("system", "model", "url"),
    [
        ("hf:Qwen/Qwen2-Audio-7B-Instruct", None, "https://huggingface.co/Qwen/Qwen2-Audio-7B-Instruct"),
        ("api:some@http://host", "lab/model", "https://huggingface.co/lab/model"),
        ("hf:lab/model@abc123", None, "https://huggingface.co/lab/model"),
        ("hf:javascript:alert(1)", None, None),
        ('hf:a/b" onmouseover="x', None, None),
        ("hf:../..", None, None),
        ("noisy", None, None),
    ],
)
def test_only_what_can_be_a_model_is_a_link(system: str, model: str | None, url: str | None) -> None:
    assert model_url(replace(VERIFIED, system=system, model=model)) == url


def test_a_front_end_stands_in_the_name() -> None:
    assert row_of(replace(VERIFIED, frontend="enhancer"), "2026-01-01").name == "hf:lab/model + enhancer"
    assert row_of(replace(VERIFIED, flags=("x",)), "2026-01-01").kind == "flagged"
