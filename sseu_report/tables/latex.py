"""Tables for papers, as LaTeX with booktabs: one that fits a column, and one for the whole width of the page.

Both are as large as their content and shrink to the width at hand, so that no class gets an overfull box. What a column
has no width for is left out: tables of many scores have one decimal there, no deviations and no intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from sseu_metric.text_table import percent, score_cell
from sseu_report.naming import printable, shortened
from sseu_report.tables.records import Cell, Entered, Row, RowKind, Share, Table
from sseu_report.tables.wording import DAGGER, notes_of, share_text

_MAX_WITH_INTERVALS = 4
"""So many scores fit a column with their intervals below them, and the width of the page with these beside them."""
_MAX_LINES = 34
"""So many lines of a table fit a page; one with its interval below counts as 1.7."""
_KIND_MARKS: Mapping[RowKind, str] = {"reported": "r", "oracle": "o", "baseline": "b", "control": "c"}
"""As superscripts of names, since words would cost a column its width."""
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

    Latin names need no more than pdflatex. What is longer than a page becomes several tables.
    """
    few = len(table.columns) <= _MAX_WITH_INTERVALS
    return _floats(
        table,
        _Form("table", few, few and table.has_intervals, gap="4pt" if few else "2.5pt", max_name=40 if few else 26),
    )


def to_wide_latex(table: Table) -> str:
    """A `table*` for both columns, with deviations and intervals."""
    few = len(table.columns) <= _MAX_WITH_INTERVALS
    return _floats(table, _Form("table*", True, not few and table.has_intervals, gap="4pt", max_name=40))


@dataclass(frozen=True)
class _Form:
    """How a table is laid out.

    Attributes:
        environment: The float's.
        details: Whether second decimals, deviations and intervals are shown.
        below: Whether intervals stand below their scores, else beside them.
        gap: Half the space between two columns.
        max_name: So many letters of a name are shown, all where two names would be the same.
    """

    environment: str
    details: bool
    below: bool
    gap: str
    max_name: int


def _floats(table: Table, form: _Form) -> str:
    names = {row.heads[0] for row in table.rows}
    if len({shortened(name, form.max_name) for name in names}) < len(names):
        form = replace(form, max_name=max(map(len, names)))
    parts = ceil(len(table.rows) * (1.7 if form.below else 1) / _MAX_LINES) or 1
    size = ceil(len(table.rows) / parts)
    notes = _notes(table, form)
    return "\n".join(
        _float(
            replace(table, rows=table.rows[start : start + size]),
            form,
            number=number if parts > 1 else None,
            notes=notes if number == parts else [],
        )
        for number, start in enumerate(range(0, len(table.rows), size), 1)
    )


def _float(table: Table, form: _Form, *, number: int | None, notes: Sequence[str]) -> str:
    """The lines of the float; `number` says which part of a table it is."""
    titles = [*map(_text, table.heads), *(_label(column.label) for column in table.columns)]
    lines = []
    for place, row in enumerate(table.rows):
        if place in table.group_starts:
            lines.append(r"\midrule")
        lines += _lines(row, form)
    below = [r"\par\smallskip\parbox{\linewidth}{\scriptsize\raggedright", *notes, "}"] if notes else []
    name = table.name.replace("_", "-") + ("" if number in (None, 1) else f"-{number}")
    return "\n".join(
        [
            r"% \usepackage{booktabs,graphicx,textcomp}",
            rf"\begin{{{form.environment}}}[t]",
            r"\centering",
            rf"\caption{{{_text(table.title)}{'' if number is None else f' (part {number})'}}}",
            rf"\label{{tab:{name}}}",
            rf"\footnotesize\setlength{{\tabcolsep}}{{{form.gap}}}",
            r"\sbox0{%",
            rf"\begin{{tabular}}{{@{{}}{'l' * len(table.heads)}{'r' * len(table.columns)}@{{}}}}",
            r"\toprule",
            " & ".join(titles) + r" \\",
            *lines,
            r"\bottomrule",
            r"\end{tabular}}%",
            r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi",
            *below,
            rf"\end{{{form.environment}}}",
            "",
        ]
    )


def _lines(row: Row, form: _Form) -> list[str]:
    heads = [_text(shortened(row.heads[0], form.max_name)), *map(_text, row.heads[1:])]
    heads[0] += rf"$^\mathrm{{{_KIND_MARKS[row.kind]}}}$" if row.kind in _KIND_MARKS else ""
    scores = [_score(cell, row, form.details) for cell in row.cells]
    intervals = [_interval(cell) if form.details else "" for cell in row.cells]
    if not form.below:
        # The space is where a dagger stands.
        scores = [rf"{one}\enspace {beside}" if beside else one for one, beside in zip(scores, intervals, strict=True)]
    first = " & ".join([*heads, *scores]) + r" \\"
    if not (form.below and any(intervals)):
        return [first]
    return [f"{first}[-0.5ex]", " & ".join([*[""] * len(heads), *intervals]).lstrip() + r" \\[0.2ex]"]


def _notes(table: Table, form: _Form) -> list[str]:
    kinds = [f"{mark}: {kind}" for kind, mark in _KIND_MARKS.items() if any(row.kind == kind for row in table.rows)]
    notes = notes_of(table, best="Bold", spreads=form.details, details=False)
    return [rf"{_text(note)}\par" for note in ([f"{', '.join(kinds)}."] if kinds else []) + notes]


def _score(cell: Entered, row: Row, details: bool) -> str:
    if isinstance(cell, Share):
        return _text(share_text(cell) if details else f"{100 * cell.count / cell.of:.1f} %" if cell.of else "-")
    if cell is None or isinstance(cell, str):
        return _text(cell) if cell else "--"
    text = _text(score_cell(str(cell) if details else percent(cell.mean, 1), whole=not row.limitations))
    if cell.mark == "best":
        return rf"\textbf{{{text}}}"
    return rf"{text}\rlap{{$^\dagger$}}" if cell.mark else text  # without a width, so that digits stand in columns


def _interval(cell: Entered) -> str:
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
