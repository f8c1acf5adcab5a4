"""What `scores.json` holds, checked as it is read: the file may be old, cut or written by anybody.

Everything here raises ValueError with the file and the command that makes it anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sseu_report.entries import Entry

_AGAIN = "python run_model.py score"


def modes_of(entry: Entry) -> Mapping[str, Any]:
    """Mode -> its figures."""
    return part_of(entry.scores, "modes", entry)


def part_of(values: Mapping[str, Any], name: str, entry: Entry) -> Mapping[str, Any]:
    """The object of that name."""
    part = values.get(name)
    if not isinstance(part, Mapping):
        raise ValueError(f"{entry.folder}/scores.json: {name!r} is missing; make it anew: {_AGAIN} {entry.folder}")
    return part


def run_scores(entry: Entry, mode: str, metric: str) -> list[dict[str, float]]:
    """For each run the metric of each condition; empty if it was not asked."""
    figures = modes_of(entry).get(mode)
    if figures is None or metric not in figures:
        return []
    runs = figures.get("by_run")
    if not isinstance(runs, list):
        raise ValueError(f"{entry.folder}/scores.json: 'by_run' is missing; make it anew: {_AGAIN} {entry.folder}")
    return [
        {
            condition: number_of(values[metric], entry)
            for condition, values in part_of(run, "by_condition", entry).items()
            if metric in values
        }
        for run in runs
    ]


def number_of(value: Any, entry: Entry) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(
            f"{entry.folder}/scores.json: {value!r:.40} is no figure; make it anew: {_AGAIN} {entry.folder}"
        )
    return float(value)


def incomplete_reasons(entry: Entry, mode: str) -> tuple[str, ...]:
    """Why the figures of a mode are not those of the whole benchmark; empty if they are."""
    if entry.result.incomplete or modes_of(entry)[mode].get("complete", False):
        return tuple(entry.result.incomplete)
    return ("answers are missing",)
