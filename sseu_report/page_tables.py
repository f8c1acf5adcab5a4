"""Tables of figures, and the overview, as tables of texts for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sseu_report.entries import Entry
from sseu_report.page import PageTable
from sseu_report.tables import Figure, Row, Share, Table


def overview_table(entries: Sequence[Entry]) -> PageTable:
    """What each system was asked, and how its answers were scored."""
    rows = []
    for entry in entries:
        result = entry.result
        modes = entry.figures["modes"]
        runs = max((len(figures["by_run"]) for figures in modes.values()), default=0)
        embedders = {_embedder(figures["embedder"]) for figures in modes.values() if figures["embedder"]}
        normalisers = {figures["normalizer"] for figures in modes.values() if figures["normalizer"]}
        rows.append(
            (
                entry.name,
                ", ".join(modes),
                f"{runs}, deterministic" if result.deterministic else str(runs),
                f"{result.answers['ok']} of {result.answers['asked']}",
                "complete" if entry.complete else "incomplete: " + "; ".join(result.incomplete),
                ", ".join(sorted(embedders)) or "none",
                ", ".join(sorted(normalisers)) or "none",
                f"{result.prompts['set']} ({result.family})",
            )
        )
    header = ("System", "Modes", "Runs", "Answered", "Result", "Text embedder", "Text normaliser", "Prompts (family)")
    note = (
        f"Dataset {entries[0].result.dataset['version']}, recipe {entries[0].result.dataset['recipe']}, fingerprint "
        f"{entries[0].result.dataset['fingerprint']}."
    )
    return PageTable("What was asked, and how it was scored", header, rows, words=7, notes=(note,))


def _embedder(embedder: Mapping[str, Any]) -> str:
    revision = embedder["revision"]
    return f"{embedder['id']}, {embedder['dimension']} dimensions" + (f", at {revision:.12}" if revision else "")


def page_table(table: Table) -> PageTable:
    """A table of figures as texts; figures of incomplete rows stand in parentheses, as in the other formats."""
    rows = [(*_heads(row), *(_cell(cell, row) for cell in row.cells)) for row in table.rows]
    kinds = ["control" if row.kind == "upper bound" else row.kind for row in table.rows]
    return PageTable(
        table.title,
        (*table.heads, *(column.label for column in table.columns)),
        rows,
        heads=len(table.heads),
        notes=table.notes,
        breaks=[number for number in range(1, len(kinds)) if kinds[number] != kinds[number - 1]],
    )


def _heads(row: Row) -> list[str]:
    first, *others = row.heads
    return [f"{first} ({', '.join(row.marks)})" if row.marks else first, *others]


def _cell(cell: Figure | Share | None, row: Row) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, Share):
        return str(cell.count) if cell.count in (0, cell.of) else f"{cell.count} ({100 * cell.count / cell.of:.1f} %)"
    text = f"{cell.mean:.2f}" + ("" if cell.deviation is None else f" ± {cell.deviation:.1f}")
    return f"({text})" if row.incomplete else text
