"""Tables of figures, and the overview, as tables of texts for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sseu_report.entries import Entry
from sseu_report.page.render import PageTable
from sseu_report.tables.formats import cell_text, group_starts, head_texts
from sseu_report.tables.records import Table


def overview_table(entries: Sequence[Entry]) -> PageTable:
    """What each system was asked, and how its answers were scored."""
    rows = []
    for entry in entries:
        result = entry.result
        modes = entry.scores["modes"]
        runs = max((len(figures["by_run"]) for figures in modes.values()), default=0)
        embedders = {_embedder(figures["embedder"]) for figures in modes.values() if figures["embedder"]}
        normalisers = {figures["normalizer"] for figures in modes.values() if figures["normalizer"]}
        rows.append(
            (
                entry.name,
                ", ".join(modes),
                f"{runs}, deterministic" if result.deterministic else str(runs),
                f"{result.answers.ok} of {result.answers.asked}",
                "complete" if entry.complete else "incomplete: " + "; ".join(result.incomplete),
                ", ".join(sorted(embedders)) or "none",
                ", ".join(sorted(normalisers)) or "none",
                f"{result.prompts.set}, for {'all models' if result.family == '*' else result.family}",
            )
        )
    header = ("System", "Modes", "Runs", "Answered", "Result", "Text embedder", "Text normaliser", "Prompts")
    note = (
        f"Dataset {entries[0].result.dataset.version}, recipe {entries[0].result.dataset.recipe}, fingerprint "
        f"{entries[0].result.dataset.fingerprint}."
    )
    return PageTable("What was asked, and how it was scored", header, rows, words=7, notes=(note,))


def _embedder(embedder: Mapping[str, Any]) -> str:
    dimension, revision = embedder["dimension"], embedder["revision"]
    size = f", {dimension} dimensions" if dimension is not None else ""
    return f"{embedder['id']}{size}" + (f", at {revision:.12}" if revision else "")


def page_table(table: Table) -> PageTable:
    """A table of figures as texts, the same as in the other formats."""
    return PageTable(
        table.title,
        (*table.heads, *(column.label for column in table.columns)),
        [(*head_texts(row), *(cell_text(cell, row) for cell in row.cells)) for row in table.rows],
        heads=len(table.heads),
        notes=table.notes,
        breaks=sorted(group_starts(table) - {0}),
    )
