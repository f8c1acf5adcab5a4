"""A table of the report as a table of texts for the page."""

from __future__ import annotations

import re
from dataclasses import replace

from sseu_report.page.render import PageCell, PageTable
from sseu_report.tables.formats import FORMATS, cell_parts, to_csv, to_markdown
from sseu_report.tables.latex import to_latex
from sseu_report.tables.records import Column, Row, Table
from sseu_report.tables.wording import head_texts, notes_of


def page_table(table: Table) -> PageTable:
    """A table of the report with the same scores as in the other formats, whose texts it carries."""
    return PageTable(
        table.title,
        (*table.heads, *(column.label for column in table.columns)),
        [(*head_texts(row), *(PageCell(*cell_parts(cell, row)) for cell in row.cells)) for row in table.rows],
        heads=len(table.heads),
        notes=notes_of(table, best="Bold"),
        breaks=sorted(table.group_starts - {0}),
        name=table.name,
        texts={suffix: convert(table) for suffix, convert in FORMATS.items()},
    )


def without_empty_columns(table: PageTable) -> PageTable:
    """The table without the columns to the right of its heads that hold nothing but `-`."""
    shown = [
        number
        for number in range(len(table.header))
        if number < table.heads or any(str(row[number]) != "-" for row in table.rows)
    ]
    words = sum(table.heads <= number < table.heads + table.words for number in shown)
    rows = [tuple(row[number] for number in shown) for row in table.rows]
    return replace(table, header=[table.header[number] for number in shown], rows=rows, words=words)


def with_texts(table: PageTable) -> PageTable:
    """A table of findings with its texts for other programs: what its cells show."""
    left = table.heads + table.words
    columns = tuple(Column(_key(title), title) for title in table.header[left:])
    rows = tuple(Row(tuple(map(str, row[:left])), tuple(map(str, row[left:]))) for row in table.rows)
    name = _key(table.caption)
    found = Table(name, table.caption, tuple(table.header[:left]), columns, rows, tuple(table.notes))
    return replace(table, name=name, texts={"csv": to_csv(found), "md": to_markdown(found), "tex": to_latex(found)})


def _key(title: str) -> str:
    return re.sub("[^a-z0-9]+", "_", title.lower()).strip("_")
