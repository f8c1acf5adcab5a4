"""What was asked, and how it was scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_report.entries import Entry
from sseu_report.page.render import PageTable

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
                "; ".join(result.incomplete) or "complete",
                ", ".join(sorted(embedders)) or "none",
                ", ".join(sorted(normalisers)) or "none",
                f"{result.prompts.set}, for {'all models' if result.family == '*' else result.family}",
            )
        )
    header = ("System", "Modes", "Runs", "Answered", "Result", "Text embedder", "Text normaliser", "Prompts")
    dataset = entries[0].result.dataset
    reasons = f" ({'; '.join(dataset.reasons)})" if dataset.reasons else ""
    note = f"Dataset {dataset.version}, recipe {dataset.recipe}{reasons}, fingerprint {dataset.fingerprint}."
    return PageTable("What was asked, and how it was scored", header, rows, words=7, notes=(note,))


def _embedder(embedder: EmbedderIdentity) -> str:
    size = f", {embedder.dimension} dimensions" if embedder.dimension is not None else ""
    return f"{embedder.id}{size}" + (f", at {embedder.revision:.12}" if embedder.revision else "")
