"""Tables as text for a terminal, Markdown and CSV; `latex.py` writes those for papers.

Names come from results folders, which anybody may have written: each format escapes what it would read as markup, and
characters that do not print (line ends, terminal controls) become U+FFFD. Scores of less than the whole benchmark stand
in parentheses, so that a copied row keeps its mark; CSV has plain numbers and says why in the column `limitations`.
The best score of a column is bold, `*` in a terminal; one that cannot be told from it bears a dagger.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping

from sseu_metric.text_table import aligned, markdown, percent, score_cell
from sseu_report.naming import printable
from sseu_report.tables.latex import to_latex, to_wide_latex
from sseu_report.tables.records import Cell, Entered, Mark, Row, Share, Table
from sseu_report.tables.wording import DAGGER, head_texts, notes_of, share_text

_MARKDOWN = str.maketrans(  # "|" is escaped by `text_table.markdown`
    {**{letter: f"\\{letter}" for letter in "\\`*_[]~#"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
_TERMINAL_MARKS: Mapping[Mark, str] = {"best": "*", "not worse": DAGGER}
_CSV_FORMULA = tuple("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def to_text(table: Table) -> str:
    """For a terminal; columns are aligned."""
    unmarked = " " if table.is_marked else ""  # so that digits stand below each other

    def write(text: str, interval: str, mark: Mark, value: float | None) -> str:
        sign = _TERMINAL_MARKS.get(mark, "" if value is None else unmarked)
        return printable(f"{text}{sign}{f' {interval}' if interval else ''}")

    head, *body = aligned(_texts(table, write), left=len(table.heads)).split("\n")
    rule = "-" * max(map(len, (head, *body)))
    lines = [
        part for number, line in enumerate(body) for part in ([rule] if number in table.group_starts else []) + [line]
    ]
    notes = [f"  {printable(note)}" for note in notes_of(table, best="*")]
    return "\n".join([printable(table.title), head, *lines, *notes]) + "\n"


def to_markdown(table: Table) -> str:
    """As GitHub reads it."""
    rows = _texts(table, _marked_down)
    notes = [f"- {_markdown(note)}" for note in notes_of(table, best="Bold")]
    title = f"**{_markdown(table.title)}**"
    return "\n".join([title, "", markdown(rows, left=len(table.heads)), *([""] if notes else []), *notes]) + "\n"


def _texts(table: Table, write: Callable[[str, str, Mark, float | None], str]) -> list[list[str]]:
    """The titles of the columns and all rows; `write` makes one text of a score, its interval and its mark."""
    titles = [*table.heads, *(column.label for column in table.columns)]
    rows = [[write(title, "", "", None) for title in titles]]
    for row in table.rows:
        heads = [write(text, "", "", None) for text in head_texts(row)]
        rows.append([*heads, *(write(*cell_parts(cell, row)) for cell in row.cells)])
    return rows


def _marked_down(text: str, interval: str, mark: Mark, _: float | None) -> str:
    score = _markdown(text)
    score = f"**{score}**" if mark == "best" else f"{score}{DAGGER}" if mark else score
    return f"{score} <sub>{_markdown(interval)}</sub>" if interval else score


def to_csv(table: Table) -> str:
    """For programs: full precision, a column each for score, deviation, interval bounds and mark; without the notes.

    A name that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    has_scores = any(isinstance(cell, Cell) for row in table.rows for cell in row.cells)
    counts = has_scores or any(isinstance(cell, Share) for row in table.rows for cell in row.cells)
    names = [head.lower() for head in table.heads] + (["kind", "limitations"] if counts else [])
    names += ["runs"] if has_scores else []
    for prefix in ("", *(("std_",) if has_scores else ()), *(("low_", "high_") if table.has_intervals else ())):
        names += [prefix + column.key for column in table.columns]
    names += [f"mark_{column.key}" for column in table.columns if table.is_marked]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in table.rows:
        scores = [cell if isinstance(cell, Cell) else None for cell in row.cells]
        values: list[float | int | str | None] = [
            cell.mean if isinstance(cell, Cell) else cell.count if isinstance(cell, Share) else cell
            for cell in row.cells
        ]
        if has_scores:
            values = [max((cell.runs for cell in scores if cell), default=None), *values]
            values += [cell.deviation if cell else None for cell in scores]
        if table.has_intervals:
            for side in (0, 1):
                values += [cell.interval[side] if cell and cell.interval else None for cell in scores]
        texts = [*row.heads, *([row.kind, "; ".join(row.limitations)] if counts else [])]
        marks = [cell_parts(cell, row)[2] for cell in row.cells if table.is_marked]
        writer.writerow([*map(_csv_text, texts), *map(_csv_value, values), *marks])
    return text.getvalue()


def cell_parts(cell: Entered, row: Row) -> tuple[str, str, Mark, float | None]:
    """A cell as text, its interval in brackets, its mark, and the number to sort by; empty where there is none.

    Scores are in parentheses where the row has limitations.
    """
    if isinstance(cell, Share):
        return share_text(cell), "", "", float(cell.count)
    if cell is None or isinstance(cell, str):
        return cell or score_cell(None, whole=True), "", "", None
    interval = "" if cell.interval is None else f"[{percent(cell.interval[0])}, {percent(cell.interval[1])}]"
    return score_cell(str(cell), whole=not row.limitations), interval, cell.mark, cell.mean


def _markdown(text: str) -> str:
    return printable(text).translate(_MARKDOWN)


def _csv_value(value: float | int | str | None) -> float | int | str:
    if isinstance(value, str):
        return "" if value == score_cell(None, whole=True) else _csv_text(value)
    return "" if value is None else round(value, 6)


def _csv_text(text: str) -> str:
    clean = printable(text)
    return f"'{clean}" if clean.startswith(_CSV_FORMULA) and not _NUMBER.fullmatch(clean) else clean


FORMATS: Mapping[str, Callable[[Table], str]] = {
    "csv": to_csv,
    "md": to_markdown,
    "tex": to_latex,
    "wide.tex": to_wide_latex,
}
"""How a table is written to a file, by the file's suffix."""
