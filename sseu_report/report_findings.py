"""Every finding of a report together: collected from scored entries, as JSON, and as tables for the page."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_models.hearing import HearingCheck
from sseu_models.records import TASKS
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.findings import (
    NAMES,
    STEPS,
    AnswerRates,
    EmbedderSensitivity,
    Interference,
    find_answer_rates,
    find_embedder_sensitivity,
    find_hearing,
    find_interference,
    is_control,
)
from sseu_report.hard_cases import HARD_WER, HardCase, find_hard_cases
from sseu_report.page import PageTable
from sseu_report.thresholds import RISE_POINTS, SnrThreshold, SpeechCost, find_thresholds

if TYPE_CHECKING:
    from sseu_metric.embedders import Embedder

HARD_CASES = 20
"""Per mode and task, on the page and in the file."""
_SUBJECTS = {"asr": "speech", "asc": "scene", "at": "events"}


@dataclass(frozen=True)
class Findings:
    """What a report finds beside its tables; keys are names of entries.

    Attributes:
        thresholds: SNR thresholds and the cost of speech, of the systems that listen.
        interference: Joint and cot against single tasks, of the same.
        rates: How the answers came, of every entry.
        hearing: Runs beside their controls.
        embedders: The same answers under several embedders; empty unless asked for.
        hard_cases: By mode.
        problems: What could not be computed, and why.
    """

    thresholds: Mapping[str, Sequence[SnrThreshold | SpeechCost]]
    interference: Mapping[str, Sequence[Interference]]
    rates: Mapping[str, Sequence[AnswerRates]]
    hearing: Sequence[HearingCheck]
    embedders: Sequence[EmbedderSensitivity]
    hard_cases: Mapping[str, Sequence[HardCase]]
    problems: Sequence[str]


def collect_findings(
    scored: Sequence[ScoredEntry], *, embedders: Sequence[str | Embedder] = (), progress: bool = False
) -> Findings:
    """All findings.

    Args:
        scored: The entries of a report.
        embedders: For the embedder sensitivity, at least two; none leaves it out.
        progress: Show a bar on a terminal.

    Raises:
        ValueError: The embedders are too few or unknown.
        ImportError: The package of one is missing.
        EmbedderError: One cannot answer.
    """
    listening = [one for one in scored if not is_control(one.entry)]
    interference, problems = _interference(listening, progress)
    return Findings(
        thresholds={one.entry.name: find_thresholds(one.scores) for one in listening},
        interference=interference,
        rates={one.entry.name: find_answer_rates(one) for one in scored},
        hearing=find_hearing(scored),
        embedders=find_embedder_sensitivity(scored, embedders, progress=progress) if embedders else (),
        hard_cases={mode: cases for mode in TASKS if (cases := find_hard_cases(scored, mode, most=HARD_CASES))},
        problems=problems,
    )


def _interference(listening: Sequence[ScoredEntry], progress: bool) -> tuple[dict[str, list[Interference]], list[str]]:
    """Every system's interference, the steps side by side: they take most of a report's time, nearly all in NumPy."""
    import os
    from concurrent.futures import ThreadPoolExecutor

    from tqdm import tqdm

    found: dict[str, list[Interference]] = {one.entry.name: [] for one in listening}
    problems = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [
            (one.entry.name, pool.submit(find_interference, {mode: one.scores[mode] for mode in modes}))
            for one in listening
            for modes in STEPS
            if set(modes) <= set(one.scores)
        ]
        for name, task in tqdm(tasks, desc="findings", disable=None if progress else True, leave=False):
            try:
                found[name] += task.result()
            except ValueError as error:  # modes that were asked about different clips have no paired difference
                problems.append(f"{name}: no interference between modes ({error})")
    return found, problems


def as_json(value: Any) -> Any:
    """A finding as JSON values: records by their fields, `(a, b)` keys as `a | b`, infinite numbers as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {" | ".join(key) if isinstance(key, tuple) else str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def finding_tables(findings: Findings, entries: Sequence[Entry]) -> Iterator[PageTable]:
    """The findings that have something to say, as tables; names of incomplete entries are marked."""
    marks = {entry.name: entry.name if entry.complete else f"{entry.name} (incomplete)" for entry in entries}
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
            NAMES[found.metric],
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
            NAMES[found.comparison.metric],
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


def _hearing_table(check: HearingCheck, marks: Mapping[str, str]) -> PageTable:
    rows = [
        (
            f"{change.mode} {NAMES[change.comparison.metric]}",
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
        for name, values in found.figures.items()
    ]
    notes = [
        f"Ranks of {len(found.ranked)} systems under {one} and {other}: Kendall's tau-b "
        f"{'is not defined' if tau is None else f'{tau:.2f}'}."
        for (one, other), tau in found.correlations.items()
    ]
    title = f"Embedder sensitivity: {NAMES[found.metric]} of the same answers, mode {found.mode}"
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
    title = f"Hard cases: clips that more than half of the systems fail, mode {mode}"
    return PageTable(title, ("Task", "Clip", "SNR", "Reference", "failed by"), rows, heads=4, notes=(note,))


def _interval(interval: Any, digits: int = 1) -> str:
    return f"{interval.low:+.{digits}f} to {interval.high:+.{digits}f}"
