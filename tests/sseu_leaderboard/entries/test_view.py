"""Hazards: hostile addresses, views that an address cannot hold."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from sseu_leaderboard.entries.view import (
    DETAILS,
    KINDS,
    MODES,
    PAPER_COLUMNS,
    TABS,
    Choices,
    View,
    columns_of,
    default_view,
    parse_view,
    query_of,
)


@given(
    st.builds(
        View,
        task=st.sampled_from(tuple(TABS)),
        mode=st.sampled_from(MODES),
        columns=st.sets(st.sampled_from((*PAPER_COLUMNS, *DETAILS))).map(
            lambda chosen: tuple(name for name in (*PAPER_COLUMNS, *DETAILS) if name in chosen)
        ),
        kinds=st.sets(st.sampled_from(KINDS)).map(lambda chosen: tuple(kind for kind in KINDS if kind in chosen)),
        search=st.text(max_size=60).filter(lambda text: text.encode(errors="replace").decode() == text),
        sort=st.sampled_from((*PAPER_COLUMNS, "wer", *DETAILS, "name")),
        reverse=st.booleans(),
        every=st.booleans(),
        entry=st.text("abcdef0123456789-", max_size=16),
    )
)
def test_a_view_survives_its_address(view: View) -> None:
    parameters = dict(parse_qsl(query_of(view), keep_blank_values=True))
    assert parse_view(parameters) == (view, ())


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
    view, faults = parse_view({"task": "asr", "columns": "15,date", "sort": "15"}, columns)
    assert (view.columns, view.sort, view.ranked_by, faults) == (("15", "date"), "15", ("wer", "15"), ())
    assert query_of(view, columns) == "task=asr&columns=15%2Cdate&sort=15"
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
    assert "task: there is no '<script>'; there are all, asr, asc, at" in faults
    assert parse_view({"search": "x" * 10_000})[0].search == "x" * 100
