"""Averages by the paper's rules; incomplete, unequal and missing scores are pointed out."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from sseu_metric.conditions import CONDITIONS, finite
from sseu_models.gpu_prices import GPU_PRICES
from sseu_models.job import Job
from sseu_models.results.record import IntervalRecord
from sseu_models.results.records import Speed
from sseu_models.results.scores_file import EmbedderIdentity
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report.by_condition import averaged_conditions
from sseu_report.entries import read_entries
from sseu_report.paper import published_rows
from sseu_report.tables.paper_tables import all_tables, condition_table, strategy_table
from sseu_report.tables.records import Cell, Share, Table, cell_of
from sseu_report.tables.response_rates import rates_table
from tests.sseu_models.made_results import make_summary
from tests.sseu_models.scripted import ScriptedSystem
from tests.sseu_report.made_entries import flat, make_entry, make_mode

FINITE = finite(CONDITIONS)
SIX = dict(zip(CONDITIONS[:-1], (2.0, 4.0, 6.0, 8.0, 10.0, 30.0), strict=True))


def shown(table: Table | None) -> Table:
    assert table is not None
    return table


def average_of(table: Table | None, row: int = 0) -> Cell:
    cell = shown(table).rows[row].cells[-1]
    assert isinstance(cell, Cell)
    return cell


# The paper's averages


def test_the_published_cells_give_every_published_average() -> None:
    cells = {(row.system, row.metric): row.cells for row in published_rows(1)}
    others = []
    rows = [row for table in (1, 2) for row in published_rows(table) if row.mode == "independent"]
    for row in rows:
        conditions = averaged_conditions(row.mode, row.metric, CONDITIONS) if row.table == 1 else FINITE
        found = cell_of([cells[row.system, row.metric]], conditions)
        assert found is not None
        assert abs(found.mean - row.average) < 0.01
        values = [cells[row.system, row.metric][condition] for condition in conditions]
        others += [(row.table, row.system, row.metric)] if rounds_otherwise(values, row.average) else []
    assert len(rows) == 18 + 9
    assert others == [(1, "MGA-CLAP", "map"), (2, "Qwen2-Audio-Instruct", "map")]


def rounds_otherwise(cells: list[float], published: float) -> bool:
    """In decimal arithmetic, whichever way halves go."""
    mean = sum((Decimal(str(value)) for value in cells), Decimal(0)) / len(cells)
    rounded = {mean.quantize(Decimal("0.01"), way) for way in (ROUND_HALF_EVEN, ROUND_HALF_UP)}
    return Decimal(str(published)) not in rounded


def test_the_spread_of_an_average_is_that_of_the_runs_averages() -> None:
    opposite = flat("wer", SIX | {"10": 3.0, "5": 7.0}, SIX | {"10": 5.0, "5": 5.0})
    table = condition_table([make_entry(modes={"independent": make_mode(opposite)})], "wer")
    cells = dict(zip([column.key for column in shown(table).columns], shown(table).rows[0].cells, strict=True))
    assert cells["snr_10"] == Cell(4.0, math.sqrt(2), 2)
    assert average_of(table) == Cell(10.0, 0.0, 2)


def test_a_missing_condition_leaves_no_average_and_a_note() -> None:
    five = flat("wer", {condition: SIX[condition] for condition in FINITE})
    table = shown(condition_table([make_entry(modes={"independent": make_mode(five)})], "wer"))
    assert table.rows[0].cells[-1] is None
    assert "No average, since conditions are missing: scripted:one." in table.notes


def test_joint_averages_the_five_finite_conditions_whatever_else_was_asked() -> None:
    entry = make_entry(modes={"joint": make_mode(flat("wer", SIX | {"+inf": 90.0}))})
    table = shown(condition_table([entry], "wer", mode="joint"))
    assert average_of(table).mean == pytest.approx((4 + 6 + 8 + 10 + 30) / 5)
    assert "averaged over 5" in table.title
    assert table.rows[0].cells[0] == Cell(90.0, None, 1)


def test_the_interval_of_another_average_is_not_shown() -> None:
    bounds = {"wer": {"all": IntervalRecord(low=1.0, high=2.0), "0": IntervalRecord(low=3.0, high=4.0)}}
    whole = make_entry(modes={"independent": make_mode(flat("wer", SIX), intervals=bounds)})
    joint = make_entry(modes={"joint": make_mode(flat("wer", SIX), intervals=bounds)})
    assert average_of(condition_table([whole], "wer")).interval == (1.0, 2.0)
    table = shown(condition_table([joint], "wer", mode="joint"))
    assert average_of(table).interval is None
    cell = table.rows[0].cells[3]
    assert isinstance(cell, Cell)
    assert cell.interval == (3.0, 4.0)


# Rows


def test_controls_and_published_rows_stand_apart() -> None:
    names = ["control:random", "control:ground-truth", "hf:some/model"]
    entries = [*(make_entry(name) for name in names), make_entry("hf:some/model", frontend="silence")]
    table = shown(condition_table(entries, "wer", reported=True))
    assert [(row.heads[0], row.marks) for row in table.rows if row.kind != "reported"] == [
        ("hf:some/model", ()),
        ("control:ground-truth", ("oracle",)),
        ("control:random", ("baseline",)),
        ("hf:some/model + silence", ("control",)),
    ]
    assert [row.kind for row in table.rows] == ["system", *["reported"] * 4, "oracle", "baseline", "control"]
    assert table.rows[1].heads == ("LTU-AS",)
    assert table.rows[1].marks == ("reported",)
    assert shown(condition_table(entries, "wer")).rows[1].kind == "oracle"


def test_what_nobody_was_asked_is_no_table() -> None:
    assert condition_table([make_entry()], "map") is None
    assert condition_table([make_entry()], "wer", mode="cot") is None
    assert strategy_table([make_entry(modes={})]) is None
    assert rates_table([make_entry(modes={})]) is None


MEANING = "Scores in parentheses are not scores of the whole benchmark"


def test_what_is_not_the_whole_benchmark_has_limitations_in_every_table() -> None:
    modes = {"independent": make_mode(flat("wer", SIX))}
    tables = all_tables([make_entry(modes=modes, incomplete=("limited to 6 pairs",)), make_entry("other:one", modes)])
    assert [table.name for table in tables] == ["table1_independent_wer", "table2", "rates"]
    for table in tables:
        limited = {row.heads[0] for row in table.rows if row.limitations}
        assert limited == {"scripted:one"}
        note = f"{MEANING}: scripted:one: limited to 6 pairs."
        assert (note if table.name != "rates" else "Limited to 6 pairs: scripted:one.") in table.notes


def test_reasons_that_all_results_share_stand_first_without_names() -> None:
    entries = [make_entry(incomplete=("limited to 6 pairs",)), make_entry("other:one")]
    reasons = ("synthetic stand-in corpora", "12 pairs")
    for number, entry in enumerate(entries):
        dataset = entry.result.dataset.replace(recipe="custom", reasons=reasons)
        entries[number] = replace(entry, result=entry.result.replace(dataset=dataset))
    table = shown(condition_table(entries, "wer"))
    assert table.notes[0] == (
        f"{MEANING}: custom dataset (synthetic stand-in corpora; 12 pairs); scripted:one: limited to 6 pairs."
    )
    whole = shown(condition_table([make_entry()], "wer"))
    assert not any("parentheses" in note for note in whole.notes)


def test_what_was_never_answered_is_a_row_without_scores() -> None:
    silent = make_mode([{}, {}], undefined={"asr": "WER is undefined: no answer"}, complete=False)
    entry = make_entry(modes={"independent": silent}, incomplete=("6 of 6 questions have no answer",))
    table = shown(condition_table([entry, make_entry("other:one")], "wer"))
    assert set(table.rows[0].cells) == {None}
    assert "scripted:one: WER is undefined: no answer." in table.notes
    assert not any("parentheses" in note for note in table.notes)  # there are none
    assert "No average, since conditions are missing: other:one." in table.notes
    strategies = shown(strategy_table([entry]))
    assert strategies.rows[0].cells == (None, None, None)
    assert "scripted:one, independent: WER is undefined: no answer." in strategies.notes


def test_a_run_without_an_answer_in_a_condition_leaves_no_average() -> None:
    runs = flat("wer", SIX, {name: value for name, value in SIX.items() if name != "0"})
    whole = make_entry("other:one", {"independent": make_mode(flat("wer", SIX, SIX))})
    table = shown(condition_table([make_entry(modes={"independent": make_mode(runs)}), whole], "wer"))
    cells = dict(zip([column.key for column in table.columns], table.rows[0].cells, strict=True))
    assert (cells["snr_0"], cells["average"]) == (None, None)
    assert cells["snr_5"] == Cell(6.0, 0.0, 2)


def test_answers_that_never_came_are_counted_below_the_scores_they_make_worse() -> None:
    counts = {"asr": {"answers": 60, "missing": 58, "plain": 2, "runaway": 0}}
    entry = make_entry(modes={"independent": make_mode(flat("wer", {"-10": 100.0}), counts=counts)})
    notes = shown(condition_table([entry], "wer")).notes
    assert "scripted:one: asr: 58 of 60 answers never came; where others came they count as empty." in notes
    assert not any("never came" in note for note in shown(condition_table([make_entry()], "wer")).notes)


def test_other_numbers_of_runs_get_a_note_unless_the_system_is_deterministic() -> None:
    entries = [make_entry(), make_entry("other:one"), make_entry("clap:x", deterministic=True)]
    notes = shown(condition_table(entries, "wer")).notes
    assert "1 run, where the paper has 3: scripted:one (independent) and other:one (independent)." in notes


def test_strategies_stand_below_each_other() -> None:
    modes = {mode: make_mode(flat("wer", SIX)) for mode in ("joint", "independent", "cot")}
    table = shown(strategy_table([make_entry(modes=modes)], reported=True))
    assert [row.heads for row in table.rows[:3]] == [("scripted:one", mode) for mode in ("independent", "joint", "cot")]
    wer, *others = table.rows[0].cells
    assert isinstance(wer, Cell)
    assert wer.mean == pytest.approx(11.6)
    assert (wer.deviation, others) == (None, [None, None])
    assert table.rows[3].heads == ("Qwen2-Audio-Instruct", "independent")
    assert table.rows[3].cells == (Cell(16.59, 0.1, 3), Cell(31.24, 0.1, 3), Cell(33.42, 0.1, 3))
    assert len(table.rows) == 9


def test_rates_count_responses_without_a_value() -> None:
    entry = make_entry(answers=make_summary(cut_short=7))
    table = shown(rates_table([entry]))
    assert [column.key for column in table.columns] == ["answers", "missing", "unparsed", "refused", "empty", "runaway"]
    assert table.rows[0].heads == ("scripted:one", "independent", "asr")
    assert [cell.count for cell in table.rows[0].cells if isinstance(cell, Share)] == [200, 0, 4, 6, 0, 3]
    assert "Answers cut at the length limit: scripted:one 7." in table.notes


@pytest.mark.parametrize(
    ("asked", "whole"), [(0, ""), (1117 * 2, "; all 1,117 pairs at this speed: 2,234 questions, {}")]
)
def test_the_speed_stands_with_the_gpu_hours_of_the_whole(asked: int, whole: str) -> None:
    speed = Speed(answers=7200, wall_s=3600.0, gpus=("NVIDIA L4", "NVIDIA L4"))
    table = shown(rates_table([make_entry(answers=make_summary(asked=asked), speed=speed)]))
    cost = f"about 0.62 GPU hours on 2 x NVIDIA L4, 0.50 USD at 0.80 USD an hour each ({GPU_PRICES['L4'].stated})"
    assert f"scripted:one: 2.00 answers a second, real-time factor 0.0500{whole.format(cost)}." in table.details


# What is not comparable


def test_different_embedders_get_a_note_where_they_matter() -> None:
    cells = [{"0": {"wer": 1.0, "macc": 50.0}}]
    mine = EmbedderIdentity(id="local:mini", revision="abc", dimension=384)
    entries = [
        make_entry(modes={"independent": make_mode(cells)}),
        make_entry("other:one", {"independent": make_mode(cells, embedder=mine)}),
        make_entry("clap:one", {"independent": make_mode(cells, embedder=None)}),
    ]
    expected = (
        "Not comparable as they stand, different text embedders: openai:text-embedding-3-large (scripted:one); "
        "local:mini at abc (other:one)."
    )
    assert expected in shown(condition_table(entries, "macc")).notes
    assert not any("embedder" in note for note in shown(condition_table(entries, "wer")).notes)
    assert expected in shown(strategy_table(entries)).notes
    reported = shown(condition_table(entries[1:2], "macc", reported=True)).notes
    assert any("openai:text-embedding-3-large, ours local:mini at abc" in note for note in reported)
    assert not any("ours" in note for note in shown(condition_table(entries[:1], "macc", reported=True)).notes)


@pytest.mark.parametrize(
    ("other", "note"),
    [
        (
            {"modes": {"independent": make_mode(flat("wer", SIX), normalizer="none")}},
            "different text normalisers: whisper-english 0.1.15 (scripted:one and control:random); none (other:one).",
        ),
        ({"prompts": "mine-1"}, "different prompt sets: project-1 (scripted:one); mine-1 (other:one)."),
        (
            {"prompt_sha256": "1" * 64},
            "different prompts for independent/asr: p/asr 000000000000 (scripted:one); p/asr 111111111111 (other:one).",
        ),
        ({}, None),
    ],
)
def test_what_makes_wer_unequal_is_a_note(other: dict[str, Any], note: str | None) -> None:
    # A baseline reads no prompts, so its set does not matter.
    entries = [make_entry(), make_entry("other:one", **other), make_entry("control:random", prompts="mine-2")]
    notes = [one for one in shown(condition_table(entries, "wer")).notes if one.startswith("Not comparable")]
    assert notes == ([] if note is None else [f"Not comparable as they stand, {note}"])


# Other SNRs


def test_other_snrs_have_their_columns_and_averages() -> None:
    conditions = ("+inf", "15", "0", "-inf")
    runs = flat("wer", {"+inf": 3.0, "15": 6.0, "0": 30.0})
    entry = make_entry(modes={mode: make_mode(runs) for mode in ("independent", "joint")}, conditions=conditions)
    table = shown(condition_table([entry], "wer"))
    assert [column.label for column in table.columns] == ["+inf", "15 dB", "0 dB", "average"]  # no words in -inf
    assert [cell.mean for cell in table.rows[0].cells if isinstance(cell, Cell)] == [3, 6, 30, 13]
    joint = shown(condition_table([entry], "wer", mode="joint"))
    assert ("averaged over 2" in joint.title, average_of(joint).mean) == (True, 18)
    strategies = shown(strategy_table([entry]))
    assert strategies.title == "Modes of asking: averages over 15, 0 dB, in %"
    assert {row.cells[0] for row in strategies.rows} == {Cell(18.0, None, 1)}


def test_published_rows_bring_the_papers_columns_and_say_that_their_average_is_another() -> None:
    entry = make_entry(modes={"independent": make_mode(flat("wer", {"15": 6.0}))}, conditions=("15",))
    table = shown(condition_table([entry], "wer", reported=True))
    assert [column.key for column in table.columns[:3]] == ["snr_inf", "snr_15", "snr_10"]
    assert average_of(table).mean == 6
    assert "reported averages are over +inf, 10, 5, 0, -5, -10 dB, ours over 15 dB: not comparable." in table.notes


# A real folder


def test_tables_say_what_scores_json_says(built: Path, tmp_path: Path) -> None:
    job = Job(modes=("independent", "joint", "likelihood"), runs=2)
    evaluate(Request(ScriptedSystem(), str(built), tmp_path / "out", job=job, embedder="exact"), progress=False)
    (entry,) = read_entries([tmp_path / "out"])
    tables = {table.name: table for table in all_tables([entry])}
    assert set(tables) == {
        *(f"table1_{mode}_{metric}" for mode in ("independent", "joint") for metric in ("wer", "macc", "map")),
        *(f"table1_likelihood_{metric}" for metric in ("macc", "map")),
        "table2",
        "rates",
    }
    for row in tables["table2"].rows:
        for metric, cell in zip(("wer", "macc", "map"), row.cells, strict=True):
            bounds = entry.modes[row.heads[1]].intervals.get(metric, {}).get("finite")
            assert (cell is None) == (row.heads[1] == "likelihood" and metric == "wer")  # of no words
            assert not isinstance(cell, Cell) or cell.interval == (
                None if bounds is None else (bounds.low, bounds.high)
            )
    for name, table in tables.items():
        if name.startswith("table1"):
            _, mode, metric = name.split("_")
            scores = entry.modes[mode]
            found = average_of(table)
            assert found.mean == pytest.approx(getattr(scores, metric), abs=1e-9)
            assert found.runs == 2
            bounds = scores.intervals[metric]["all"]
            assert found.interval == (None if bounds is None else (bounds.low, bounds.high))
            assert (bounds is None) == any("no interval of " in note for note in table.about_intervals)
            known = [condition for condition in CONDITIONS if metric in scores.by_condition.get(condition, {})]
            for condition, cell in zip(known, table.rows[0].cells[:-1], strict=True):
                assert isinstance(cell, Cell)
                assert cell.mean == pytest.approx(scores.by_condition[condition][metric], abs=1e-9)
