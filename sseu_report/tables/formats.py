"""Tables as text for a terminal, Markdown, CSV and LaTeX (booktabs).

Names come from results folders, which anybody may have written: each format escapes what it would read as markup, and
characters that do not print (line ends, terminal controls) become U+FFFD. Scores of less than the whole benchmark stand
in parentheses, so that a copied row keeps its mark; CSV has plain numbers and says why in the column `limitations`.
"""

from __future__ import annotations

import csv
import io

from sseu_metric.text_table import aligned, markdown, score_cell
from sseu_report.naming import printable
from sseu_report.tables.records import Cell, Row, Share, Table

_MARKDOWN = str.maketrans(  # "|" is escaped by `text_table.markdown`
    {**{letter: f"\\{letter}" for letter in "\\`*_[]~#"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
_LATEX = str.maketrans(
    {letter: f"\\{letter}" for letter in "{}$&#_%"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}"}
    # After a line's \\ these two would be read as its options.
    | {"[": "{[}", "*": "{*}"}
    | {"±": r"$\pm$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "\ufffd": "?"}
)
_CSV_FORMULA = tuple("=+-@\t\r")


def to_text(table: Table) -> str:
    """For a terminal; columns are aligned."""
    head, *body = aligned(_texts(table), left=len(table.heads)).split("\n")
    rule = "-" * max(map(len, (head, *body)))
    lines = [
        part for number, line in enumerate(body) for part in ([rule] if number in table.group_starts else []) + [line]
    ]
    notes = [f"  {printable(note)}" for note in table.notes]
    return "\n".join([printable(table.title), head, *lines, *notes]) + "\n"


def to_markdown(table: Table) -> str:
    """As GitHub reads it."""
    rows = [[text.translate(_MARKDOWN) for text in row] for row in _texts(table)]
    notes = [f"- {_markdown(note)}" for note in table.notes]
    title = f"**{_markdown(table.title)}**"
    return "\n".join([title, "", markdown(rows, left=len(table.heads)), *([""] if notes else []), *notes]) + "\n"


def _texts(table: Table) -> list[list[str]]:
    """The titles of the columns and all rows, without characters that do not print."""
    titles = [*table.heads, *(column.label for column in table.columns)]
    rows = [[*head_texts(row), *(cell_text(cell, row) for cell in row.cells)] for row in table.rows]
    return [[printable(text) for text in row] for row in (titles, *rows)]


def to_csv(table: Table) -> str:
    """For programs: full precision, a column each for score, deviation and interval bounds; notes are left out.

    A name that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    has_scores = any(isinstance(cell, Cell) for row in table.rows for cell in row.cells)
    has_interval = any(isinstance(cell, Cell) and cell.interval for row in table.rows for cell in row.cells)
    names = [head.lower() for head in table.heads] + ["kind", "limitations"] + (["runs"] if has_scores else [])
    for prefix in ("", *(("std_",) if has_scores else ()), *(("low_", "high_") if has_interval else ())):
        names += [prefix + column.key for column in table.columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in table.rows:
        scores = [cell if isinstance(cell, Cell) else None for cell in row.cells]
        values: list[float | int | None] = [
            cell.mean if isinstance(cell, Cell) else cell.count if isinstance(cell, Share) else None
            for cell in row.cells
        ]
        if has_scores:
            values = [max((cell.runs for cell in scores if cell), default=None), *values]
            values += [cell.deviation if cell else None for cell in scores]
        if has_interval:
            for side in (0, 1):
                values += [cell.interval[side] if cell and cell.interval else None for cell in scores]
        texts = [_csv_text(value) for value in (*row.heads, row.kind, "; ".join(row.limitations))]
        writer.writerow([*texts, *("" if value is None else round(value, 6) for value in values)])
    return text.getvalue()


def to_latex(table: Table) -> str:
    """A `table` environment for the packages booktabs and textcomp; Latin names need no more than pdflatex."""
    columns = "l" * len(table.heads) + "r" * len(table.columns)
    heads = [*map(_latex, table.heads), *(_latex_label(column.label) for column in table.columns)]
    body = []
    for number, row in enumerate(table.rows):
        if number in table.group_starts:
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


def head_texts(row: Row) -> list[str]:
    """The texts in front of a row, its marks behind the system's name."""
    first, *others = row.heads
    return [f"{first} ({', '.join(row.marks)})" if row.marks else first, *others]


def cell_text(cell: Cell | Share | None, row: Row) -> str:
    """A cell; scores are in parentheses where the row has limitations."""
    if isinstance(cell, Share):
        return str(cell.count) if cell.count in (0, cell.of) else f"{cell.count} ({100 * cell.count / cell.of:.1f} %)"
    text = None if cell is None else str(cell)
    if cell is not None and cell.interval is not None:
        text = f"{cell} [{cell.interval[0]:.2f}, {cell.interval[1]:.2f}]"
    return score_cell(text, whole=not row.limitations)


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
