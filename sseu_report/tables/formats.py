"""Tables as text for a terminal, Markdown, CSV and LaTeX (booktabs).

Names come from results folders, which anybody may have written: each format escapes what it would read as markup, and
characters that do not print (line ends, terminal controls) become U+FFFD. Figures of incomplete rows stand in
parentheses, so that a copied row keeps its mark.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence

from sseu_report.naming import printable
from sseu_report.tables.records import Cell, Row, Share, Table

__all__ = ["aligned", "cell_text", "group_starts", "head_texts", "to_csv", "to_latex", "to_markdown", "to_text"]

_ABSENT = "-"
_MARKDOWN = str.maketrans(
    {**{letter: f"\\{letter}" for letter in "\\`*_[]|~#"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
_LATEX = str.maketrans(
    {letter: f"\\{letter}" for letter in "{}$&#_%"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}"}
    # After a line's \\ these two would be read as its options.
    | {"[": "{[}", "*": "{*}"}
    | {"±": r"$\pm$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "�": "?"}
)
_CSV_FORMULA = tuple("=+-@\t\r")


def to_text(table: Table) -> str:
    """For a terminal; columns are aligned."""
    heads = [*table.heads, *(column.label for column in table.columns)]
    lines = [[*head_texts(row), *(cell_text(cell, row) for cell in row.cells)] for row in table.rows]
    found = aligned([heads, *lines], left=len(table.heads))
    rule = "-" * max(map(_width, found))
    starts = group_starts(table)
    body = [part for number, line in enumerate(found[1:]) for part in ([rule] if number in starts else []) + [line]]
    notes = [f"  {printable(note)}" for note in table.notes]
    return "\n".join([printable(table.title), found[0], *body, *notes]) + "\n"


def to_markdown(table: Table) -> str:
    """As GitHub reads it."""
    heads = [*table.heads, *(column.label for column in table.columns)]
    rules = ["---"] * len(table.heads) + ["---:"] * len(table.columns)
    rows = ["| " + " | ".join(map(_markdown, heads)) + " |", "| " + " | ".join(rules) + " |"]
    for row in table.rows:
        cells = [*head_texts(row), *(cell_text(cell, row) for cell in row.cells)]
        rows.append("| " + " | ".join(map(_markdown, cells)) + " |")
    notes = [f"- {_markdown(note)}" for note in table.notes]
    return "\n".join([f"**{_markdown(table.title)}**", "", *rows, *([""] if notes else []), *notes]) + "\n"


def to_csv(table: Table) -> str:
    """For programs: full precision, a column each for figure, deviation and interval bounds; notes are left out.

    A name that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    has_interval = any(isinstance(cell, Cell) and cell.interval for row in table.rows for cell in row.cells)
    is_cell = any(isinstance(cell, Cell) for row in table.rows for cell in row.cells)
    names = [head.lower() for head in table.heads] + ["kind", "incomplete"] + (["runs"] if is_cell else [])
    for prefix in ("", *(("std_",) if is_cell else ()), *(("low_", "high_") if has_interval else ())):
        names += [prefix + column.key for column in table.columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in table.rows:
        figures = [cell if isinstance(cell, Cell) else None for cell in row.cells]
        values: list[float | int | None] = [
            cell.mean if isinstance(cell, Cell) else cell.count if isinstance(cell, Share) else None
            for cell in row.cells
        ]
        if is_cell:
            values = [max((figure.runs for figure in figures if figure), default=None), *values]
            values += [figure.deviation if figure else None for figure in figures]
        if has_interval:
            for side in (0, 1):
                values += [figure.interval[side] if figure and figure.interval else None for figure in figures]
        texts = [_csv_text(value) for value in (*row.heads, row.kind, "; ".join(row.incomplete))]
        writer.writerow([*texts, *("" if value is None else round(value, 6) for value in values)])
    return text.getvalue()


def to_latex(table: Table) -> str:
    """A `table` environment for the packages booktabs and textcomp; Latin names need no more than pdflatex."""
    columns = "l" * len(table.heads) + "r" * len(table.columns)
    heads = [*map(_latex, table.heads), *(_latex_label(column.label) for column in table.columns)]
    starts = group_starts(table)
    body = []
    for number, row in enumerate(table.rows):
        if number in starts:
            body.append(r"\midrule")
        cells = [*head_texts(row), *(cell_text(cell, row) for cell in row.cells)]
        body.append(" & ".join(map(_latex, cells)) + r" \\")
    notes = [f"{_latex(note)}\\par" for note in table.notes]
    return (
        "\n".join(
            [
                r"% \usepackage{booktabs,textcomp}",
                r"\begin{table}[t]",
                r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
                rf"\caption{{{_latex(table.title)}}}",
                rf"\label{{tab:{table.name.replace('_', '-')}}}",
                rf"\begin{{tabular}}{{{columns}}}",
                r"\toprule",
                " & ".join(heads) + r" \\",
                *body,
                r"\bottomrule",
                r"\end{tabular}",
                *(
                    [r"\par\smallskip\begin{minipage}{\linewidth}\scriptsize", *notes, r"\end{minipage}"]
                    if notes
                    else []
                ),
                r"\end{table}",
            ]
        )
        + "\n"
    )


def aligned(rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    """Lines of equal columns, two blanks apart: the first `left` ones to the left, the others to the right.

    Raises:
        ValueError: The rows differ in length.
    """
    clean = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*clean, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) if number < left else " " * (width - _width(cell)) + cell
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in clean
    ]


def _width(text: str) -> int:
    """Columns on a terminal; East Asian wide letters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def head_texts(row: Row) -> list[str]:
    """The texts in front of a row, its marks behind the system's name."""
    first, *others = row.heads
    return [f"{first} ({', '.join(row.marks)})" if row.marks else first, *others]


def cell_text(cell: Cell | Share | None, row: Row) -> str:
    """A cell, in parentheses where its row is incomplete."""
    if cell is None:
        return _ABSENT
    if isinstance(cell, Share):
        return str(cell.count) if cell.count in (0, cell.of) else f"{cell.count} ({100 * cell.count / cell.of:.1f} %)"
    text = f"{cell.mean:.2f}" + ("" if cell.deviation is None else f"±{cell.deviation:.1f}")
    if cell.interval is not None:
        text += f" [{cell.interval[0]:.2f}, {cell.interval[1]:.2f}]"
    return f"({text})" if row.incomplete else text


def group_starts(table: Table) -> set[int]:
    """The rows before which a rule stands: the first, and each that begins another kind; controls stand together."""
    kinds = ["control" if row.kind == "upper bound" else row.kind for row in table.rows]
    return {number for number, kind in enumerate(kinds) if number == 0 or kind != kinds[number - 1]}


def _markdown(text: str) -> str:
    return printable(text).translate(_MARKDOWN)


def _latex(text: str) -> str:
    return printable(text).translate(_LATEX)


def _latex_label(label: str) -> str:
    signs = {"+inf": r"$+\infty$", "-inf": r"$-\infty$"}
    if label in signs:
        return signs[label]
    return f"${label[:-3]}$ dB" if label.endswith(" dB") else _latex(label)


def _csv_text(text: str) -> str:
    clean = printable(text)
    return f"'{clean}" if clean.startswith(_CSV_FORMULA) else clean
