"""The findings of a report as tables of texts for the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sseu_models.running.ablation import AudioAblation
from sseu_report.entries import Entry
from sseu_report.findings.collect import Findings
from sseu_report.findings.embedders import EmbedderSensitivity
from sseu_report.findings.hard_cases import HARD_WER, HardCase
from sseu_report.findings.speech_cost import SpeechCost
from sseu_report.findings.thresholds import RISE_POINTS, SnrThreshold
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PageTable

_SUBJECTS = {"asr": "speech", "asc": "scene", "at": "events"}


def finding_tables(findings: Findings, entries: Sequence[Entry]) -> Iterator[PageTable]:
    """The findings that have something to say, as tables; names of incomplete entries are marked."""
    marks = {entry.name: entry.marked_name for entry in entries}
    yield from filter(
        None,
        [
            _threshold_table(findings, marks),
            _cost_table(findings, marks),
            _interference_table(findings, marks),
            *(_hearing_table(check, marks) for check in findings.hearing),
            *(_embedder_table(found, marks) for found in findings.embedders),
            *(_hard_table(mode, cases) for mode, cases in findings.hard_cases.items()),
        ],
    )


def _threshold_table(findings: Findings, marks: Mapping[str, str]) -> PageTable | None:
    rows = [
        (
            marks[name],
            found.mode,
            f"{found.clean_wer:.1f}",
            found.text(found.threshold_db) if found.meaningful else "none",
            f"{found.text(found.low_db)} to {found.text(found.high_db)}" if found.meaningful else "-",
        )
        for name, thresholds in findings.thresholds.items()
        for found in thresholds
        if isinstance(found, SnrThreshold)
    ]
    about = (
        f"The SNR at which WER is {RISE_POINTS:g} points above the system's own WER of speech alone: straight lines "
        "between the measured conditions after isotonic regression, never continued beyond them."
    )
    notes = (about, f"none: WER of speech alone leaves no {RISE_POINTS:g} points up to 100 %.")
    header = ("System", "Mode", "WER of speech alone, %", "SNR threshold", "95 % interval")
    return PageTable("SNR thresholds: where words get lost", header, rows, heads=2, notes=notes) if rows else None


def _cost_table(findings: Findings, marks: Mapping[str, str]) -> PageTable | None:
    rows = [
        (
            marks[name],
            found.mode,
            METRIC_NAMES[found.metric],
            f"{found.background_alone:.1f}",
            f"{found.loudest_speech:.1f}",
            f"{found.lost:+.1f}",
            _interval(found.interval),
        )
        for name, costs in findings.thresholds.items()
        for found in costs
        if isinstance(found, SpeechCost)
    ]
    header = ("System", "Mode", "Metric", "background alone", "at 10 dB", "points lost", "95 % interval")
    title = "What speech costs: scenes and events from background alone to 10 dB"
    return PageTable(title, header, rows, heads=3) if rows else None


def _interference_table(findings: Findings, marks: Mapping[str, str]) -> PageTable | None:
    rows = [
        (
            marks[name],
            f"{found.mode} minus {found.base}",
            METRIC_NAMES[found.comparison.metric],
            f"{found.comparison.difference:+.2f}",
            _interval(found.comparison.interval, 2),
            f"{found.comparison.p:.4f}",
        )
        for name, differences in findings.interference.items()
        for found in differences
    ]
    notes = (
        "Paired differences over the conditions that both modes have; p of the cluster sign-flip test, two-sided.",
    )
    header = ("System", "Modes", "Metric", "points", "95 % interval", "p")
    return PageTable("Interference between tasks", header, rows, heads=3, notes=notes) if rows else None


def _hearing_table(check: AudioAblation, marks: Mapping[str, str]) -> PageTable:
    rows = [
        (
            f"{change.mode} {METRIC_NAMES[change.comparison.metric]}",
            f"{change.comparison.difference:+.2f}",
            _interval(change.comparison.interval, 2),
            f"{change.comparison.p:.4f}",
            "no sign that it listens" if change.flagged else "the audio matters",
        )
        for change in check.changes
    ]
    same = "; ".join(f"{name} {100 * share:.1f} %" for name, share in check.unchanged.items())
    return PageTable(
        f"Hearing check of {marks.get(check.system, check.system)}: {check.control} in place of the audio",
        ("Figure", "points changed", "95 % interval", "p", "verdict"),
        rows,
        notes=(f"Answers that stay the same: {same}.",) if same else (),
    )


def _embedder_table(found: EmbedderSensitivity, marks: Mapping[str, str]) -> PageTable:
    rows = [
        (marks[name], f"{values[0]:.2f}", *(f"{value:.2f} ({value - values[0]:+.2f})" for value in values[1:]))
        for name, values in found.scores.items()
    ]
    notes = [
        f"Ranks of {len(found.ranked)} systems under {one} and {other}: Kendall's tau-b "
        f"{'is not defined' if tau is None else f'{tau:.2f}'}."
        for (one, other), tau in found.correlations.items()
    ]
    title = f"Embedder sensitivity: {METRIC_NAMES[found.metric]} of the same answers, mode {found.mode}"
    return PageTable(title, ("System", *found.embedders), rows, notes=notes)


def _hard_table(mode: str, cases: Sequence[HardCase]) -> PageTable:
    rows = [
        (
            _SUBJECTS[case.task],
            case.id,
            case.condition,
            case.reference,
            f"{len(case.failed)} of {case.answered}",
        )
        for case in cases
    ]
    note = (
        f"Failed: more than {HARD_WER:g} % WER, the wrong scene, or none of the clip's k events among the k highest "
        "confidences. Controls take no part."
    )
    title = f"Hard cases: clips that more than half of the systems fail, mode {mode} ({len(rows)} rows)"
    return PageTable(title, ("Task", "Clip", "SNR", "Reference", "failed by"), rows, heads=4, notes=(note,))


def _interval(interval: Any, digits: int = 1) -> str:
    return f"{interval.low:+.{digits}f} to {interval.high:+.{digits}f}"
