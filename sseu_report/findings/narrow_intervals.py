"""Intervals that are too narrow because a scene rests on one recording, or the references do not name a factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sseu_metric import result_tables
from sseu_report.entries import Entry


def narrow_notes(entries: Sequence[Entry]) -> list[str]:
    """One sentence for each cause, naming the results whose intervals are too narrow, or do not exist for it."""
    owners: dict[str, list[str]] = {}
    for entry in entries:
        for note in _notes(entry):
            owners.setdefault(note, []).append(entry.name)
    return [f"{', '.join(names)}: {note}." for note, names in owners.items()]


def _notes(entry: Entry) -> list[str]:
    found: dict[str, Mapping[str, Sequence[str]]] = {}
    for scores in entry.modes.values():
        found |= {metric: one.json_values() for metric, one in scores.clusters.items()}
    return result_tables.narrow_notes(found)
