"""Intervals that are too narrow because a scene rests on one recording, or not every reference names a factor."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric import result_tables
from sseu_report.entries import Entry
from sseu_report.naming import some_of


def narrow_notes(entries: Sequence[Entry]) -> list[str]:
    """One sentence for each cause, naming the results whose intervals are too narrow for it."""
    owners: dict[str, dict[str, None]] = {}
    for entry in entries:
        for scores in entry.modes.values():
            clusters = {metric: one.json_values() for metric, one in scores.clusters.items()}
            for note in result_tables.narrow_notes(clusters, scores.intervals):
                owners.setdefault(note, {})[entry.name] = None
    everybody = len(entries) > 1
    return [
        f"{'All results' if everybody and len(names) == len(entries) else some_of(names)}: {note}."
        for note, names in owners.items()
    ]
