"""Results and comparisons as text for a terminal: tables, with what must stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answer_files import FileComparison
from .tasks import METRIC_NAMES, METRICS, undefined
from .text_table import aligned


def describe(found: Mapping[str, Any]) -> str:
    """The result of `answer_files.score_file` (or of `summarise`) as tables and notes."""
    metrics = [name for name in METRIC_NAMES if name in found]
    floors: Mapping[str, Mapping[str, float]] = found.get("floors", {})
    rows = [["percent", "score", "95 % interval", *floors]]
    for name in metrics:
        interval = found.get("intervals", {}).get(name, {}).get("all")
        shown = f"{interval['low']:.2f} to {interval['high']:.2f}" if interval else "-"
        below = [f"{values[name]:.2f}" for values in floors.values()]
        rows.append([METRIC_NAMES[name], f"{found[name]:.2f}", shown, *below])
    parts = [aligned(rows)] if metrics else []
    if metrics and found["by_condition"]:
        head = ["SNR (dB)", *(METRIC_NAMES[name] for name in metrics)]
        conditions = [
            [condition, *(f"{values[name]:.2f}" if name in values else "-" for name in metrics)]
            for condition, values in found["by_condition"].items()
        ]
        parts.append(aligned([head, *conditions]))
    return "\n\n".join([*parts, "\n".join(_notes(found))])


def _notes(found: Mapping[str, Any]) -> list[str]:
    defined = {METRICS[name] for name in METRICS if name in found}
    notes = [undefined(task) for task in found["counts"] if task not in defined]
    notes += [
        f"{task}: {counts['answers']} {'answer' if counts['answers'] == 1 else 'answers'}: "
        + ", ".join(f"{number} {status}" for status, number in counts.items() if status != "answers")
        for task, counts in found["counts"].items()
    ]
    if not found["complete"]:
        notes.append("incomplete: answers that never came (missing) count as empty ones")
    notes += [f"no reference, left out: {', '.join(names)}" for names in found["left_out"].values() if names]
    if found.get("resampled_by"):
        notes.append(f"intervals resample: {', '.join(dict.fromkeys(found['resampled_by'].values()))}")
    return notes + _scored_by(found["embedder"], found["normalizer"])


def _scored_by(embedder: Mapping[str, Any] | None, normalizer: str | None) -> list[str]:
    return [
        f"embedder: {embedder['id']} {embedder['revision'] or ''}".rstrip() if embedder else "embedder: none",
        f"normalizer: {normalizer or 'none'}",
    ]


def describe_comparison(found: FileComparison, a: str = "A", b: str = "B") -> str:
    """The comparison of two files as a table and notes.

    Args:
        found: What `answer_files.compare_files` returns.
        a: What the first system is called.
        b: What the second system is called.
    """
    head = ["percentage points", "A", "B", "A - B", "95 % interval", "p"]
    rows = [
        [
            METRIC_NAMES[one.metric],
            f"{one.a:.2f}",
            f"{one.b:.2f}",
            f"{one.difference:+.2f}",
            f"{one.interval.low:+.2f} to {one.interval.high:+.2f}",
            f"{one.p:.4f}",
        ]
        for one in found.comparisons
    ]
    draws = found.comparisons[0].draws
    return (
        f"A: {a}\nB: {b}\n\n{aligned([head, *rows])}\n\n"
        f"p: two-sided cluster sign-flip test, {draws} draws, not corrected for the number of metrics\n"
        + "\n".join(_comparison_notes(found, a, b))
    )


def _comparison_notes(found: FileComparison, a: str, b: str) -> list[str]:
    notes = []
    for name, tasks in zip((a, b), found.counts, strict=True):
        missing, answers = max((counts.get("missing", 0), counts["answers"]) for counts in tasks.values())
        if missing:
            notes.append(
                f"incomplete: {name} has no answer for {missing} of {answers} clips; they count as empty answers"
            )
    defined = {METRICS[name] for name in found.resampled_by}
    notes += [undefined(task) for task in found.counts[0] if task not in defined]
    notes.append(f"intervals resample: {', '.join(dict.fromkeys(found.resampled_by.values()))}")
    metrics_of: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for metric, strata in found.held_fixed.items():
        if strata:
            metrics_of.setdefault((strata, found.resampled_by[metric]), []).append(METRIC_NAMES[metric])
    for (strata, unit), metrics in metrics_of.items():
        names = ", ".join(strata)
        fault = (
            f"are too narrow: they hold {names} fixed, of one cluster ({unit}) each"
            if names
            else f"have no width: all clips are one cluster ({unit})"
        )
        notes.append(f"intervals of {', '.join(metrics)} {fault}")
    return notes + _scored_by(found.embedder, found.normalizer)
