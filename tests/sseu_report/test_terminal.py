"""The summary in a terminal: its three answers, its colours, and where there are none."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from dataclasses import replace

import click
import pytest

from sseu_report.summary import Summary, SummaryRow
from sseu_report.tables.records import Cell, Standing
from sseu_report.terminal import summary_text

BEST, TIED, WORSE = Standing(True, False), Standing(False, True), Standing(False, False)


def row(name: str, wer: float, standing: Standing | None, **values: object) -> SummaryRow:
    cell = Cell(wer, 0.5, 3, (wer - 2, wer + 2), standing)
    return replace(SummaryRow(name, "system", {"wer": cell}, ()), **values)  # type: ignore[arg-type]


SUMMARY = Summary(
    data="4 results on 40 pairs.",
    mode="independent",
    metrics=("wer",),
    rows=(
        row("good*", 10, BEST),
        row("as-good", 11, TIED),
        row("bad", 30, WORSE, limitations=("40 of 50 pairs",)),
        row("control:majority", 100, None, kind="baseline"),
    ),
    floors={"wer": {"sentence": 74.9}},
    ceilings={"wer": 0.0},
    best=("WER (speech): good* is best, 10.00; not sure: as-good cannot be told from it.",),
    weakest=("good* is weakest in speech: WER 20.00 at -10 dB.",),
    faults=("as-good answered other prompts.",),
)


def line_of(text: str, name: str) -> str:
    return next(line for line in text.split("\n") if name in line and "best" not in line)


def test_the_three_answers_and_the_faults_are_there_in_order() -> None:
    text = summary_text(SUMMARY, colour=False)
    parts = [
        SUMMARY.data,
        "Who is best",
        *SUMMARY.best,
        "Where does",
        *SUMMARY.weakest,
        "What is wrong",
        *SUMMARY.faults,
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "\x1b" not in text


def test_colours_mark_the_best_and_its_equals_and_nothing_else() -> None:
    text = summary_text(SUMMARY, colour=True)
    assert click.unstyle(text) == summary_text(SUMMARY, colour=False)
    assert click.style("10.00±0.5*", fg="green", bold=True) in line_of(text, "good*")
    assert click.style("11.00±0.5†", fg="green") in line_of(text, "as-good")
    assert "\x1b" not in line_of(text, "bad")
    assert line_of(text, "control:majority").startswith("\x1b[2m")


def test_a_narrow_terminal_gets_no_intervals_and_no_broken_lines() -> None:
    wide, narrow = (summary_text(SUMMARY, colour=False, columns=columns) for columns in (200, 54))
    assert "[8.00, 12.00]" in wide
    assert "[8.00" not in narrow
    assert "10.00±0.5*" in narrow
    assert max(map(len, narrow.split("\n"))) <= 54


def test_a_fault_that_the_table_says_is_not_said_again() -> None:
    limited = "Scores in parentheses are not scores of the whole benchmark: 40 of 50 pairs."
    noted = summary_text(SUMMARY, colour=False)
    (said,) = [line.strip() for line in noted.split("\n") if "Scores in parentheses" in line]
    assert limited.split(":")[0] in said
    assert summary_text(replace(SUMMARY, faults=(said, *SUMMARY.faults)), colour=False) == noted


def test_names_cannot_write_to_the_terminal() -> None:
    evil = "evil\x1b[2J\nname"
    shown = replace(SUMMARY, rows=(row(evil, 10, BEST),), best=(f"{evil} is best.",), data=evil, faults=(evil,))
    assert "\x1b" not in summary_text(shown, colour=False)
    assert "\x1b[2J" not in summary_text(shown, colour=True)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, "True"), ({"NO_COLOR": "1"}, "False"), ({"NO_COLOR": ""}, "True"), ({"TERM": "dumb"}, "False")],
)
def test_a_terminal_gets_colours_unless_they_are_not_wanted(settings: dict[str, str], expected: str) -> None:
    code = "from sseu_report.terminal import wants_colour; print(wants_colour())"
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    subprocess.run([sys.executable, "-c", code], stdout=theirs, env=environment | settings, check=True)
    os.close(theirs)
    assert os.read(ours, 100).decode().strip() == expected
    os.close(ours)
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert piped.stdout.strip() == "False"
