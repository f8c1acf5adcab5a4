"""What is wrong with a comparison: one sentence for each kind of thing, however many results it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_metric.text_table import points
from sseu_report.comparability import limitations_of, parentheses_notes, unequal
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.naming import METRIC_NAMES, printable, some_of

if TYPE_CHECKING:
    from sseu_report.findings.collect import Findings


def find_faults(
    entries: Sequence[Entry],
    scored: Sequence[ScoredEntry],
    unscored: str | None,
    findings: Findings | None,
    *,
    mode: str,
) -> list[str]:
    """What a reader must know before comparing.

    Args:
        entries: Of one dataset.
        scored: The same with their answers; none where the dataset is not at hand.
        unscored: Why it is not.
        findings: From `collect_findings`, where there are answers.
        mode: How the systems were asked whose scores are compared.
    """
    found = []
    if unscored is not None:
        found.append(
            "The dataset is not at hand, so the scores are those of scores.json, not checked against the answers; "
            f"there are no findings and no clips ({unscored}). Give its place with --data."
        )
    found += parentheses_notes(limitations_of(entries))
    found += unequal(entries, tuple(METRIC_NAMES), (mode,))
    found += narrow_notes(entries)
    if findings is not None:
        found += _lost_names(findings, mode)
        found += findings.problems
    found += _changed(scored)
    return [printable(fault) for fault in dict.fromkeys(found)]


def _lost_names(findings: Findings, mode: str) -> list[str]:
    """Systems whose mACC is surely lower through the embedder than through the table of names."""
    lost = {
        name: found.difference
        for name, modes in findings.matching.items()
        for one in modes
        if one.mode == mode and (found := one.by_metric.get("macc")) is not None
        if found.interval is not None and found.interval.low > 0
    }
    if not lost:
        return []
    most = points(max(lost.values()))
    return [
        (
            f"Scenes are lost between words and labels: through the table of names the mACC of {some_of(lost)} is "
            f"higher, by up to {most} points."
        )
    ]


def _changed(scored: Sequence[ScoredEntry]) -> list[str]:
    """Results whose files differ from their answers: a sentence about one, else one about all."""
    changed = {one.entry.name: one.disagreement for one in scored if one.disagreement}
    computed = "All scores here are computed from the answers."
    if len(changed) < 2:
        return [f"{sentence} {computed}" for sentence in changed.values()]
    first = next(iter(changed.values()))
    return [f"The files of {some_of(changed)} are not as their runs left them, for example {first} {computed}"]
