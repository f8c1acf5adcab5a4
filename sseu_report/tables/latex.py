"""Tables for papers, as LaTeX with booktabs: one that fits a column, and one for the whole width of the page.

Both are as large as their content and shrink to the width at hand, so that no class gets an overfull box. What a column
has no width for is left out: tables of many scores have one decimal there, no deviations and no intervals.
"""

from __future__ import annotations

from sseu_metric.text_table import percent, score_cell
from sseu_report.naming import printable, shortened
from sseu_report.tables.records import Cell, Row, Share, Table
from sseu_report.tables.wording import DAGGER, head_texts, notes_of, share_text

_MAX_WITH_INTERVALS = 4
"""So many scores fit a column with their intervals."""
_MAX_NAME = 40
_SPECIAL = str.maketrans(
    {letter: f"\\{letter}" for letter in "{}$&#_%"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}"}
    # After a line's \\ these two would be read as its options.
    | {"[": "{[}", "*": "{*}"}
    | {"±": r"$\pm$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", DAGGER: r"$\dagger$", "\ufffd": "?"}
    | {"…": r"\ldots{}"}
)


def to_latex(table: Table) -> str:
    """A `table` for one column of a paper, in the packages booktabs, graphicx and textcomp.

    Latin names need no more than pdflatex.
    """
    return _environment(table, "table", details=len(table.columns) <= _MAX_WITH_INTERVALS)


def to_wide_latex(table: Table) -> str:
    """A `table*` for both columns, with deviations and intervals."""
    return _environment(table, "table*", details=True)


def _environment(table: Table, name: str, *, details: bool) -> str:
    """The lines of the float; `details` are second decimals, deviations, and intervals below their scores."""
    titles = [*map(_text, table.heads), *(_label(column.label) for column in table.columns)]
    lines = []
    for number, row in enumerate(table.rows):
        if number in table.group_starts:
            lines.append(r"\midrule")
        heads = [_text(shortened(text, _MAX_NAME)) for text in head_texts(row)]
        lines.append(" & ".join([*heads, *(_score(cell, row, details) for cell in row.cells)]) + r" \\")
        if details and any(isinstance(cell, Cell) and cell.interval for cell in row.cells):
            lines[-1] += "[-0.5ex]"
            intervals = " & ".join(["", *[""] * (len(heads) - 1), *(_interval(cell) for cell in row.cells)])
            lines.append(intervals.lstrip() + r" \\[0.2ex]")
    notes = [_text(note) + r"\par" for note in notes_of(table, best="Bold", intervals=details)]
    below = [r"\par\smallskip\parbox{\linewidth}{\scriptsize\raggedright", *notes, "}"] if notes else []
    return "\n".join(
        [
            r"% \usepackage{booktabs,graphicx,textcomp}",
            rf"\begin{{{name}}}[t]",
            r"\centering",
            rf"\caption{{{_text(table.title)}}}",
            rf"\label{{tab:{table.name.replace('_', '-')}}}",
            r"\footnotesize\setlength{\tabcolsep}{3pt}",
            r"\sbox0{%",
            rf"\begin{{tabular}}{{@{{}}{'l' * len(table.heads)}{'r' * len(table.columns)}@{{}}}}",
            r"\toprule",
            " & ".join(titles) + r" \\",
            *lines,
            r"\bottomrule",
            r"\end{tabular}}%",
            r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi",
            *below,
            rf"\end{{{name}}}",
            "",
        ]
    )


def _score(cell: Cell | Share | None, row: Row, details: bool) -> str:
    if isinstance(cell, Share):
        return _text(share_text(cell) if details else f"{100 * cell.count / cell.of:.1f} %" if cell.of else "-")
    if cell is None:
        return "--"
    text = _text(score_cell(str(cell) if details else percent(cell.mean, 1), whole=not row.limitations))
    if cell.mark == "best":
        return rf"\textbf{{{text}}}"
    return rf"{text}\rlap{{$^\dagger$}}" if cell.mark else text  # without a width, so that digits stand in columns


def _interval(cell: Cell | Share | None) -> str:
    if not isinstance(cell, Cell) or cell.interval is None:
        return ""
    low, high = (percent(bound, 1) for bound in cell.interval)
    return rf"{{\tiny {{[}}{low}, {high}]}}"


def _text(text: str) -> str:
    return printable(text).translate(_SPECIAL)


def _label(label: str) -> str:
    """The title of a column; that SNRs are in dB is said by the table's."""
    signs = {"+inf": r"$+\infty$", "-inf": r"$-\infty$"}
    if label in signs:
        return signs[label]
    return f"${label[:-3]}$" if label.endswith(" dB") else _text(label)
