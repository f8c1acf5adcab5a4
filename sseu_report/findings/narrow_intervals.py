"""Intervals that are too narrow because a scene rests on one recording, or not every reference names a factor."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric import interval_notes
from sseu_metric.tasks import metric_names
from sseu_report.entries import Entry
from sseu_report.naming import some_of


def narrow_notes(entries: Sequence[Entry]) -> list[str]:
    """One sentence for each cause, naming the results and the metrics whose intervals are too narrow for it."""
    owners: dict[str, dict[str, None]] = {}
    metrics: dict[str, set[str]] = {}
    names = metric_names(entries[0].asr_unit if entries else "word")
    for entry in entries:
        for scores in entry.modes.values():
            for metric, clusters in scores.clusters.items():
                intervals = {metric: scores.intervals.get(metric, {})}
                for note in interval_notes.narrow_notes({metric: clusters.json_values()}, intervals, names):
                    cause = note.removeprefix(f"intervals of {names[metric]} ")
                    owners.setdefault(cause, {})[entry.name] = None
                    metrics.setdefault(cause, set()).add(metric)
    everybody = len(entries) > 1
    return [
        f"{'All results' if everybody and len(owning) == len(entries) else some_of(owning)}: intervals of "
        f"{', '.join(name for metric, name in names.items() if metric in metrics[cause])} {cause}."
        for cause, owning in owners.items()
    ]
