"""The overview and the tables of a report, as tables of texts for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_report.entries import Entry
from sseu_report.page.render import PageTable
from sseu_report.tables.formats import cell_text, head_texts
from sseu_report.tables.records import Table

if TYPE_CHECKING:
    from sseu_models.results.scores_file import EmbedderIdentity


def overview_table(entries: Sequence[Entry]) -> PageTable:
    """What each system was asked, and how its answers were scored."""
    rows = []
    for entry in entries:
        result, modes = entry.result, entry.modes.values()
        runs = max((len(scores.by_run) for scores in modes), default=0)
        embedders = {_embedder(scores.embedder) for scores in modes if scores.embedder}
        normalisers = {scores.normalizer for scores in modes if scores.normalizer}
        rows.append(
            (
                entry.name,
                ", ".join(entry.modes),
                f"{runs}, deterministic" if result.deterministic else str(runs),
                f"{result.answers.ok} of {result.answers.asked}" if result.answers else "none",
                "complete" if entry.complete else "incomplete: " + "; ".join(result.incomplete),
                ", ".join(sorted(embedders)) or "none",
                ", ".join(sorted(normalisers)) or "none",
                f"{result.prompts.set}, for {'all models' if result.family == '*' else result.family}",
            )
        )
    header = ("System", "Modes", "Runs", "Answered", "Result", "Text embedder", "Text normaliser", "Prompts")
    dataset = entries[0].result.dataset
    note = f"Dataset {dataset.version}, recipe {dataset.recipe}, fingerprint {dataset.fingerprint}."
    return PageTable("What was asked, and how it was scored", header, rows, words=7, notes=(note,))


def _embedder(embedder: EmbedderIdentity) -> str:
    size = f", {embedder.dimension} dimensions" if embedder.dimension is not None else ""
    return f"{embedder.id}{size}" + (f", at {embedder.revision:.12}" if embedder.revision else "")


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
