"""The summary of a report in a terminal: the three answers, in colour where colours are wanted."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import click

from sseu_report.naming import printable
from sseu_report.summary import Summary, summary_table
from sseu_report.tables.formats import to_text
from sseu_report.tables.records import Cell, Table
from sseu_report.tables.wording import DAGGER

_BEST = re.compile(r"\(?\d[\d.±]*\)?\*")
_NOT_WORSE = re.compile(rf"\(?\d[\d.±]*\)?{DAGGER}")
_bold, _dim = partial(click.style, bold=True), partial(click.style, dim=True)


def wants_colour() -> bool:
    """Whether standard output is a terminal and nobody asked for no colour (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def summary_text(summary: Summary, *, colour: bool, columns: int | None = None) -> str:
    """What the first screen of the page says, as text without a final line end.

    Args:
        summary: The summary; its names are untrusted text.
        colour: With codes for bold, dim and colours.
        columns: Width of the terminal: a table with intervals that is wider is shown without them. None for no limit.
    """
    text = "\n".join(_lines(summary, columns))
    return text if colour else click.unstyle(text)


def terminal_columns() -> int | None:
    """The width of the terminal; None where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _lines(summary: Summary, columns: int | None) -> Iterator[str]:
    table = _fitting(summary_table(summary), columns)
    yield from _wrapped(summary.data, columns, indent="")
    yield ""
    yield from _table_lines(table, columns)
    said = {
        _bold("Who is best, and is it sure?"): summary.best,
        _bold("Where does the best one fail?"): summary.weakest,
        _bold("What is wrong with the comparison", fg="yellow"): [
            fault for fault in summary.faults if fault not in table.notes
        ],
    }
    for title, sentences in said.items():
        if sentences:
            yield ""
            yield title
        for sentence in sentences:
            yield from _wrapped(sentence, columns)


def _wrapped(sentence: str, columns: int | None, indent: str = "  ") -> list[str]:
    text = printable(sentence)
    if columns is None:
        return [indent + text]
    return textwrap.wrap(
        text,
        columns,
        initial_indent=indent,
        subsequent_indent=2 * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fitting(table: Table, columns: int | None) -> Table:
    """The table, without intervals where these make it wider than the terminal."""
    if columns is None or max(map(len, _rows_of(table))) <= columns:
        return table
    rows = (
        replace(
            row, cells=tuple(replace(cell, interval=None) if isinstance(cell, Cell) else cell for cell in row.cells)
        )
        for row in table.rows
    )
    return replace(table, rows=tuple(rows), about_intervals=())


def _rows_of(table: Table) -> list[str]:
    return to_text(replace(table, notes=(), about_intervals=())).split("\n")[1 : len(table.rows) + 1]


def _table_lines(table: Table, columns: int | None) -> Iterator[str]:
    """The best of each column bold and green, what cannot be told from it green, what is no system dim."""
    title, head, *lines = to_text(table).rstrip("\n").split("\n")
    yield _bold(title)
    yield head
    rows = iter(table.rows)
    for line in lines:
        if set(line) == {"-"}:
            yield _dim(line)
        elif (row := next(rows, None)) is None:  # notes come after the rows
            yield from map(_dim, _wrapped(line.strip(), columns))
        elif row.group:  # no system
            yield _dim(line)
        else:
            marked = _BEST.sub(lambda found: click.style(found[0], fg="green", bold=True), line)
            yield _NOT_WORSE.sub(lambda found: click.style(found[0], fg="green"), marked)
