"""Hazards: ranks without support by intervals, the wrong direction, hostile addresses, invalid links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.verified import BoardCell, Verified
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

VERIFIED = Verified(
    "ab" * 32, VERSION, "cd" * 32, "hf:lab/model", None, "none", "project-1", "exact", "default", 3, (), (), {}
)


def make_row(name: str, values: Mapping[str, float], metric: str = "wer", spread: float = 0.1, **more: Any) -> BoardRow:
    generator = np.random.default_rng(sum(map(ord, name)))
    cells = {
        column: BoardCell(
            value, value - spread, value + spread, 0.1, tuple(value + spread * generator.normal(size=200))
        )
        for column, value in values.items()
    }
    made: dict[str, Any] = {
        "id": name, "name": name, "kind": "verified", "version": VERSION, "url": None, "embedder": "e",
        "prompts": "p", "runs": 1,
        "date": "2026-01-01", "remarks": (), "cells": {"independent": {metric: cells}},
    }  # fmt: skip
    return BoardRow(**{**made, **more})


def places(rows: Sequence[BoardRow], view: View) -> list[Place]:
    return Ranking(tuple(rows)).places(view)


def names(rows: Sequence[BoardRow], view: View) -> list[str]:
    return [place.row.name for place in places(rows, view)]


def spans(samples: Mapping[str, Sequence[float | None]], metric: str) -> dict[str, tuple[int, int]]:
    def mean(values: Sequence[float | None]) -> float:
        defined = [value for value in values if value is not None]
        return sum(defined) / len(defined) if defined else 0.0

    cells = {name: BoardCell(mean(values), resampled=tuple(values)) for name, values in samples.items()}
    return rank_spans(cells, metric)


def test_map_is_compared_without_the_bias_of_its_resamples() -> None:
    """A resample repeats recordings, which moves mAP; a bias that only one system has makes no winner."""
    draws = np.random.default_rng(2).normal(size=500)
    cells = {
        "a": BoardCell(30.0, resampled=tuple(35 + draws)),
        "b": BoardCell(30.1, resampled=tuple(30.1 + 0.5 * draws)),
    }
    assert rank_spans(cells, "map") == {"a": (1, 2), "b": (1, 2)}
    assert rank_spans(cells, "macc") == {"a": (1, 1), "b": (2, 2)}


def test_a_clear_order_has_sharp_ranks_and_a_tie_has_open_ones() -> None:
    generator = np.random.default_rng(0)
    shared = generator.normal(size=500)
    samples = {
        "best": tuple(10 + shared),
        "tie-1": tuple(20 + shared + 0.5 * generator.normal(size=500)),
        "tie-2": tuple(20.1 + shared + 0.5 * generator.normal(size=500)),
        "last": tuple(40 + shared),
    }
    assert spans(samples, "wer") == {
        "best": (1, 1),
        "tie-1": (2, 3),
        "tie-2": (2, 3),
        "last": (4, 4),
    }
    assert spans(samples, "macc") == {
        "last": (1, 1),
        "tie-1": (2, 3),
        "tie-2": (2, 3),
        "best": (4, 4),
    }


def test_differences_are_paired() -> None:
    """Two intervals that overlap widely, but one system is better in every resample."""
    draws = 10 * np.random.default_rng(1).normal(size=500)
    samples = {"a": tuple(50 + draws), "b": tuple(49 + draws)}
    assert spans(samples, "wer") == {"b": (1, 1), "a": (2, 2)}


def test_resamples_without_a_value_are_left_out() -> None:
    none: tuple[float | None, ...] = (None,) * 3
    assert spans({"a": (1.0, None, 1.0), "b": (2.0, 2.0, 2.0), "c": none}, "wer") == {
        "a": (1, 2),
        "b": (2, 3),
        "c": (1, 3),
    }
    with pytest.raises(ValueError, match=r"cells have \[1, 2\] resamples; equal numbers"):
        spans({"a": (1.0,), "b": (2.0, 2.0)}, "wer")


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
    twins = [make_row("same", {"average": 1.0}, id=one, version=one, answers_sha256="f") for one in ("1.0", "1.1")]
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
