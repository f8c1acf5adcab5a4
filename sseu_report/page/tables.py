"""A table of the report as a table of texts for the page."""

from __future__ import annotations

from sseu_report.page.render import PageCell, PageTable
from sseu_report.tables.formats import FORMATS, cell_parts
from sseu_report.tables.records import Table
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
