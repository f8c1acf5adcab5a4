"""Results and comparisons as text for a terminal: tables, with what must stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answer_files import FileComparison
from .tasks import METRIC_NAMES
from .text_table import aligned, score_cell


def describe(found: Mapping[str, Any]) -> str:
    """The result of `answer_files.score_file` (or of `summarise`) as tables and notes."""
    metrics = [
        name for name in METRIC_NAMES if name in found or any(name in row for row in found["by_condition"].values())
    ]
    whole = found["complete"]
    floors: Mapping[str, Mapping[str, float]] = found.get("floors", {})
    rows = [["percent", "score", "95 % interval", *floors]]
    for name in metrics:
        interval = found.get("intervals", {}).get(name, {}).get("all")
        spread = f"{interval['low']:.2f} to {interval['high']:.2f}" if interval else None
        below = [score_cell(values.get(name), whole=True) for values in floors.values()]
        rows.append(
            [METRIC_NAMES[name], score_cell(found.get(name), whole=whole), score_cell(spread, whole=whole), *below]
        )
    parts = [aligned(rows)] if metrics else []
    if metrics and found["by_condition"]:
        head = ["SNR (dB)", *(METRIC_NAMES[name] for name in metrics)]
        conditions = [
            [condition, *(score_cell(values.get(name), whole=whole) for name in metrics)]
            for condition, values in found["by_condition"].items()
        ]
        parts.append(aligned([head, *conditions]))
    return "\n\n".join([*parts, "\n".join(_notes(found))])


def _notes(found: Mapping[str, Any]) -> list[str]:
    notes = list(found["undefined"].values())
    notes += [
        f"{task}: {counts['answers']} {'answer' if counts['answers'] == 1 else 'answers'}: "
        + ", ".join(f"{number} {status}" for status, number in counts.items() if status != "answers")
        for task, counts in found["counts"].items()
    ]
    if not found["complete"]:
        notes.append("in parentheses, since incomplete: answers that never came (missing) count as empty ones")
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
    whole = not any("missing" in counts for tasks in found.counts for counts in tasks.values())
    rows = [
        [
            METRIC_NAMES[one.metric],
            score_cell(one.a, whole=whole),
            score_cell(one.b, whole=whole),
            score_cell(f"{one.difference:+.2f}", whole=whole),
            score_cell(f"{one.interval.low:+.2f} to {one.interval.high:+.2f}", whole=whole),
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
                f"in parentheses, since incomplete: {name} has no answer for {missing} of {answers} clips; they count "
                "as empty answers"
            )
    notes += found.undefined.values()
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
