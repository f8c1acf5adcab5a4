"""Results and comparisons as text for a terminal: tables, with what must stand beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .significance import Comparison
from .tasks import METRIC_NAMES
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
    parts = [aligned(rows)]
    if found["by_condition"]:
        head = ["SNR (dB)", *(METRIC_NAMES[name] for name in metrics)]
        conditions = [
            [condition, *(f"{values[name]:.2f}" if name in values else "-" for name in metrics)]
            for condition, values in found["by_condition"].items()
        ]
        parts.append(aligned([head, *conditions]))
    return "\n\n".join([*parts, "\n".join(_notes(found))])


def _notes(found: Mapping[str, Any]) -> list[str]:
    notes = [
        f"{task}: {counts['answers']} {'answer' if counts['answers'] == 1 else 'answers'}: "
        + ", ".join(f"{number} {status}" for status, number in counts.items() if status != "answers")
        for task, counts in found["counts"].items()
    ]
    if not found["complete"]:
        notes.append("incomplete: answers that never came (missing) count as empty ones")
    notes += [f"no reference, left out: {', '.join(names)}" for names in found["left_out"].values() if names]
    if found.get("resampled_by"):
        notes.append(f"intervals resample: {', '.join(dict.fromkeys(found['resampled_by'].values()))}")
    embedder = found["embedder"]
    notes.append(f"embedder: {embedder['id']} {embedder['revision'] or ''}".rstrip() if embedder else "embedder: none")
    notes.append(f"normalizer: {found['normalizer'] or 'none'}")
    return notes


def describe_comparison(found: Sequence[Comparison], a: str = "A", b: str = "B") -> str:
    """Comparisons of two systems as a table.

    Args:
        found: One for each metric, at least one.
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
        for one in found
    ]
    return (
        f"A: {a}\nB: {b}\n\n{aligned([head, *rows])}\n\n"
        f"p: two-sided cluster sign-flip test, {found[0].draws} draws, not corrected for the number of metrics"
    )
