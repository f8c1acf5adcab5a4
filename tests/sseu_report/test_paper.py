"""The published scores are those of the paper's text."""

from __future__ import annotations

import re

import pytest

from sseu_report.paper import RUNS, published_rows, published_systems
from tests.conftest import SHARED

CONDITIONS = ("+inf", "10", "5", "0", "-5", "-10", "-inf")

# The text of the paper that lies beside the project prints these six deviations otherwise; every mean agrees.
PRINTED_OTHERWISE = {
    ("macc", "Kimi-Audio", "0"): 0.3,
    ("map", "LTU-AS", "10"): 0.3,
    ("map", "LTU-AS", "0"): 0.3,
    ("map", "LTU-AS", "-5"): 0.2,
    ("map", "Kimi-Audio", "0"): 0.5,
    ("map", "Kimi-Audio", "-5"): 0.6,
}


def test_every_row_is_there_with_the_conditions_of_its_task() -> None:
    assert len(published_rows(1)) == len(published_rows(2)) == 18
    assert len(published_systems()) == 7
    for row in published_rows(1):
        expected = CONDITIONS[:-1] if row.metric == "wer" else CONDITIONS[1:]
        assert tuple(row.cells) == expected
        is_clap = "CLAP" in row.system
        assert tuple(row.deviations) == (() if is_clap else expected)
        assert row.runs == (1 if is_clap else RUNS)
    assert {(row.system, row.mode) for row in published_rows(2)} == {
        (system, mode)
        for system in ("Qwen2-Audio-Instruct", "Kimi-Audio", "Step-Audio 2 Mini")
        for mode in ("independent", "joint")
    }


def test_scores_that_a_reader_can_look_up() -> None:
    clean = next(row for row in published_rows(1) if (row.system, row.metric) == ("LTU-AS", "wer"))
    assert (clean.cells["+inf"], clean.deviations["+inf"], clean.average) == (100.93, 1.2, 89.29)
    joint = next(
        row for row in published_rows(2) if (row.system, row.mode, row.metric) == ("Kimi-Audio", "joint", "map")
    )
    assert (joint.average, joint.average_deviation) == (26.91, 0.4)


def test_table_1_is_that_of_the_papers_text() -> None:
    path = SHARED / "paper" / "paper.txt"
    if not path.is_file():
        pytest.skip(f"the paper's text is not in {path}")
    rows = {(row.metric, row.system): row for row in published_rows(1)}
    metric, seen, otherwise = "", 0, {}
    for line in path.read_text(encoding="utf-8").partition("\nTable 1.")[2].partition("\nTable 2.")[0].splitlines():
        if heading := re.search(r"Understanding \((\w+) [↓↑]\)", line):
            metric = heading[1].lower()
        parts = line.split("\t")
        if len(parts) != 9 or not metric or "[" not in parts[0]:
            continue
        row, seen = rows[metric, parts[0].partition(" [")[0]], seen + 1
        for condition, printed in zip((*CONDITIONS, "average"), parts[1:], strict=True):
            mean, _, deviation = printed.partition("±")
            at_end = condition == "average"
            assert mean == "-" or float(mean) == (row.average if at_end else row.cells[condition])
            assert (mean == "-") == (not at_end and condition not in row.cells)
            ours = row.average_deviation if at_end else row.deviations.get(condition)
            if (float(deviation) if deviation else None) != ours:
                otherwise[metric, row.system, condition] = float(deviation)
    assert seen == 18
    assert otherwise == PRINTED_OTHERWISE
