"""A table of the report as a table of texts for the page."""

from __future__ import annotations

from sseu_report.page.render import PageTable
from sseu_report.tables.formats import cell_text, head_texts
from sseu_report.tables.records import Table


def page_table(table: Table) -> PageTable:
    """A table of the report with the same texts as in the other formats."""
    return PageTable(
        table.title,
        (*table.heads, *(column.label for column in table.columns)),
        [(*head_texts(row), *(cell_text(cell, row) for cell in row.cells)) for row in table.rows],
        heads=len(table.heads),
        notes=table.notes,
        breaks=sorted(table.group_starts - {0}),
    )
