"""Where systems fail, as tables of texts for the page: SNR, scenes, and clips that most miss."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric.text_table import percent, percent_range, points
from sseu_report.findings.collect import MAX_HARD_CASES, Findings
from sseu_report.findings.hard_cases import HARD_WER, HardCase
from sseu_report.findings.thresholds import RISE_POINTS
from sseu_report.naming import METRIC_NAMES, TASK_NAMES
from sseu_report.page.render import PageCell, PageTable, view_link
from sseu_report.page.sections import in_short
from sseu_report.page.sections.cells import cells_of, interval_text, notes_of


def threshold_table(findings: Findings) -> PageTable:
    """The SNR at which words get lost."""
    rows = [
        (
            name,
            found.mode,
            *cells_of(
                findings,
                name,
                found.clean_wer,
                None if found.threshold_db is None else found.text(found.threshold_db),
                found.interval_text,
            ),
        )
        for name, thresholds in findings.thresholds.items()
        for found in thresholds
    ]
    wer = findings.names["wer"]
    about = (
        f"The SNR at which {wer} is {RISE_POINTS:g} points above the system's own {wer} of speech alone: straight "
        "lines between the measured conditions after isotonic regression, never extrapolated."
    )
    unknown = f"-: {wer} of speech alone leaves no {RISE_POINTS:g} points up to 100 %."
    notes = (about, unknown, *notes_of(findings, rows))
    header = ("System", "Mode", f"{wer} of speech alone, %", "SNR threshold", "95 % interval")
    return PageTable(
        "SNR thresholds: where words get lost",
        header,
        rows,
        heads=2,
        notes=notes,
        sentence=in_short.words_lost(findings),
    )


def scene_table(findings: Findings) -> PageTable:
    """The recall of each scene, and its part in how uncertain mACC is."""
    rows = [
        (
            name,
            found.mode,
            found.scene,
            str(found.recordings),
            *cells_of(
                findings,
                name,
                found.recall,
                None if found.interval is None else percent_range(found.interval.low, found.interval.high),
                None if found.share is None else f"{100 * found.share:.0f} %",
            ),
        )
        for name, recalls in findings.scenes.items()
        for found in recalls
    ]
    about = (
        "All scenes weigh the same in mACC; the share says how much of its sampling variance each one carries. "
        "Of a scene of one recording no variance is known, and where there is one, no share of any scene either."
    )
    header = ("System", "Mode", "Scene", "recordings", "recall, %", "95 % interval", "share of mACC's variance")
    return PageTable("Scenes", header, rows, heads=3, notes=(about, *notes_of(findings, rows)))


def cost_table(findings: Findings) -> PageTable:
    """How much speech costs scenes and events."""
    rows = [
        (
            name,
            found.mode,
            METRIC_NAMES[found.metric],
            *cells_of(
                findings,
                name,
                found.background_alone,
                f"{percent(found.loudest_speech)} at {found.condition} dB",
                points(found.lost),
                interval_text(found.interval),
            ),
        )
        for name, costs in findings.speech_costs.items()
        for found in costs
    ]
    header = ("System", "Mode", "Metric", "background alone", "loudest speech", "points lost", "95 % interval")
    title = "What speech costs: scenes and events from background alone to the highest finite SNR"
    return PageTable(
        title, header, rows, heads=3, notes=notes_of(findings, rows), sentence=in_short.dearest_speech(findings)
    )


def _to_clip(case: HardCase, mode: str) -> PageCell:
    return PageCell(case.id, link=view_link(f"clip-{case.id}", mode=mode, task=case.task))


def hard_table(mode: str, cases: Sequence[HardCase], findings: Findings) -> PageTable:
    """Clips that most systems miss."""
    rows = [
        (
            TASK_NAMES[case.task],
            _to_clip(case, mode),
            case.condition,
            case.reference,
            f"{len(case.missed_by)} of {case.answered}",
        )
        for case in cases
    ]
    note = (
        f"Missed: more than {HARD_WER:g} % {findings.names['wer']}, the wrong scene, or none of the clip's k events "
        "among the k highest confidences. Only ranked systems count (no front ends, baselines, oracles, controls), and "
        "only clips that at least two of them answered."
    )
    counts = findings.hard_case_counts[mode]
    there = ", ".join(f"{TASK_NAMES[task]} {count}" for task, count in counts.items())
    order = (
        f"At most {MAX_HARD_CASES} of each task are shown, here and in findings.json, of {there}: those that the "
        f"largest share of systems miss first, then those that more systems answered, then by name."
    )
    shown = f"{len(rows)} of {sum(counts.values())}"
    title = f"Hard cases: clips that more than half of the systems miss, mode {mode} ({shown})"
    return PageTable(
        title,
        ("Task", "Clip", "SNR", "Reference", "missed by, systems"),
        rows,
        heads=4,
        notes=(note, order),
        sentence=in_short.hard_counts(findings, mode),
    )
