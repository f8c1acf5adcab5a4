"""Intervals that are too narrow because a scene rests on one recording, or not every reference names a factor."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric import interval_notes
from sseu_metric.tasks import METRIC_NAMES
from sseu_report.entries import Entry
from sseu_report.naming import some_of


def narrow_notes(entries: Sequence[Entry]) -> list[str]:
    """One sentence for each cause, naming the results and the metrics whose intervals are too narrow for it."""
    owners: dict[str, dict[str, None]] = {}
    metrics: dict[str, set[str]] = {}
    for entry in entries:
        for scores in entry.modes.values():
            for metric, clusters in scores.clusters.items():
                intervals = {metric: scores.intervals.get(metric, {})}
                for note in interval_notes.narrow_notes({metric: clusters.json_values()}, intervals):
                    cause = note.removeprefix(f"intervals of {METRIC_NAMES[metric]} ")
                    owners.setdefault(cause, {})[entry.name] = None
                    metrics.setdefault(cause, set()).add(metric)
    everybody = len(entries) > 1
    return [
        f"{'All results' if everybody and len(names) == len(entries) else some_of(names)}: intervals of "
        f"{', '.join(name for metric, name in METRIC_NAMES.items() if metric in metrics[cause])} {cause}."
        for cause, names in owners.items()
    ]
