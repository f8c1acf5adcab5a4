"""Every format keeps its structure whatever a system is called."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from sseu_report.paper import published_rows
from sseu_report.tables.formats import to_csv, to_markdown, to_text
from sseu_report.tables.paper_tables import condition_table
from sseu_report.tables.records import Cell, Column, Row, Standing, Table
from tests.sseu_report.made_entries import make_entry
from tests.sseu_report.tables.made_tables import made, made_nasty


@pytest.fixture
def nasty() -> Table:
    return made_nasty()


def test_markdown_keeps_its_columns_and_holds_no_markup(nasty: Table) -> None:
    text = to_markdown(nasty)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 6
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {7}
    assert "<" not in text.replace("<sub>", "").replace("</sub>", "")  # our own, around intervals
    assert "&lt;script&gt;" in text
    assert r"\[link\](http://x)" in text


def test_text_is_aligned_and_cannot_steer_a_terminal(nasty: Table) -> None:
    text = to_text(nasty)
    assert text.replace("\n", "").isprintable()
    assert "line�break�[31m� bell�" in text
    lines = [line for line in text.splitlines() if line.endswith("3 (1.5 %)")]
    assert len(lines) == 6
    assert len({line.index("joint") for line in lines}) == 1


def test_a_row_with_limitations_has_every_score_in_parentheses() -> None:
    table = made(["whole", "part"])
    for text in (to_text(table), to_markdown(table)):
        (whole,) = [line for line in text.splitlines() if "whole" in line]
        (part,) = [line for line in text.splitlines() if "part " in line]
        assert " 12.35±0.2 [11.00, 13.00]" in re.sub(r"\\|</?sub>", "", whole)
        assert "(12.35±0.2) [11.00, 13.00]" in re.sub(r"\\|</?sub>", "", part)
        assert "(4.00)" in part
        assert "4.00±" not in part


def test_the_best_and_what_is_not_worse_are_marked_and_the_rule_stands_once_below() -> None:
    best, close, worse = (Cell(8.0 + n, None, 1, standing=Standing(not n, (None, 0.06, 0.04)[n])) for n in range(3))
    rows = tuple(Row((name,), (cell,)) for name, cell in (("a", best), ("b", close), ("c", worse)))
    table = Table(
        "t", "T", ("System",), (Column("wer", "WER"),), (*rows, Row(("truth",), (Cell(0.0, None, 1),), "oracle"))
    )
    rule = "the best system of its column. †: not told from it at 0.05 (paired t test of the difference"
    text, markdown = to_text(table), to_markdown(table)
    assert re.findall(r"^(?:a|b|c|truth).*", text, re.M) == [
        "a                8.00*", "b                9.00†", "c               10.00", "truth (oracle)   0.00",
    ]  # fmt: skip
    assert "| a | **8.00** |\n| b | 9.00† |\n| c | 10.00 |" in markdown
    assert [text.count(rule), markdown.count(rule)] == [1, 1]
    assert [row["mark_wer"] for row in csv.DictReader(io.StringIO(to_csv(table)))] == ["best", "not worse", "", ""]
    unmarked = replace(table, rows=rows[2:])
    assert "mark_" not in to_csv(unmarked)
    assert "0.05" not in to_text(unmarked)


def test_csv_of_the_published_table_gives_its_scores_back() -> None:
    table = condition_table([make_entry()], "wer", reported=True)
    assert table is not None
    rows = {row["system"]: row for row in csv.DictReader(io.StringIO(to_csv(table)))}
    for published in (row for row in published_rows(1) if row.metric == "wer"):
        row = rows[published.system]
        assert row["kind"] == "reported"
        for condition, value in published.cells.items():
            key = f"snr_{condition.lstrip('+')}"
            assert (float(row[key]), float(row[f"std_{key}"])) == (value, published.deviations[condition])
        assert float(row["average"]) == published.average
    assert "snr_-inf" not in rows["LTU-AS"]  # nobody has a score of no words


def test_csv_keeps_precision_bounds_and_reasons() -> None:
    first, second, _ = csv.DictReader(io.StringIO(to_csv(made(["=1+1", "b,c\n"]))))
    assert (first["system"], first["limitations"]) == ("'=1+1", "")
    assert (second["system"], second["limitations"]) == ("b,c�", "why")
    assert (first["snr_inf"], first["std_snr_inf"], first["low_snr_inf"], first["high_snr_inf"]) == (
        "12.345", "0.25", "11.0", "13.0",
    )  # fmt: skip
    assert (first["snr_-5"], first["std_snr_-5"], first["n"], first["runs"]) == ("4.0", "", "3", "3")
