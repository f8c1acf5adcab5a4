"""The overview, the tables and the findings of a report as tables of texts for the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sseu_metric.intervals import Interval
from sseu_metric.text_table import p_text, percent, percent_range, points, points_range, score_cell
from sseu_models.running.ablation import AudioAblation
from sseu_report.comparability import parentheses_notes
from sseu_report.entries import Entry
from sseu_report.findings.collect import MAX_HARD_CASES, Findings
from sseu_report.findings.embedders import EmbedderSensitivity
from sseu_report.findings.hard_cases import HARD_WER, HardCase
from sseu_report.findings.thresholds import RISE_POINTS
from sseu_report.naming import METRIC_NAMES, TASK_NAMES
from sseu_report.page.hallucination_tables import hallucination_table, memory_tables
from sseu_report.page.matching_tables import disagreement_table, matching_table
from sseu_report.page.render import PageCell, PageTable
from sseu_report.page.validity_tables import (
    calibration_table,
    gap_table,
    group_table,
    label_table,
    prompt_table,
    worst_table,
)
from sseu_report.page.worth_tables import corpus_table, rank_table, with_conditions, worth_table
from sseu_report.tables.formats import FORMATS, cell_parts, head_texts, notes_of
from sseu_report.tables.records import Table

if TYPE_CHECKING:
    from sseu_models.results.scores_file import EmbedderIdentity


def overview_table(entries: Sequence[Entry]) -> PageTable:
    """What each system was asked, and how its answers were scored."""
    rows = []
    for entry in entries:
        result, modes = entry.result, entry.modes.values()
        runs = max((len(scores.by_run) for scores in modes), default=0)
        embedders = {_embedder(scores.embedder) for scores in modes if scores.embedder}
        normalisers = {scores.normalizer for scores in modes if scores.normalizer}
        rows.append(
            (
                entry.name,
                ", ".join(entry.modes),
                f"{runs}, deterministic" if result.deterministic else str(runs),
                f"{result.answers.ok} of {result.answers.asked}" if result.answers else "none",
                "; ".join(result.incomplete) or "complete",
                ", ".join(sorted(embedders)) or "none",
                ", ".join(sorted(normalisers)) or "none",
                f"{result.prompts.set}, for {'all models' if result.family == '*' else result.family}",
            )
        )
    header = ("System", "Modes", "Runs", "Answered", "Result", "Text embedder", "Text normaliser", "Prompts")
    dataset = entries[0].result.dataset
    reasons = f" ({'; '.join(dataset.reasons)})" if dataset.reasons else ""
    note = f"Dataset {dataset.version}, recipe {dataset.recipe}{reasons}, fingerprint {dataset.fingerprint}."
    return PageTable("What was asked, and how it was scored", header, rows, words=7, notes=(note,))


def _embedder(embedder: EmbedderIdentity) -> str:
    size = f", {embedder.dimension} dimensions" if embedder.dimension is not None else ""
    return f"{embedder.id}{size}" + (f", at {embedder.revision:.12}" if embedder.revision else "")


def page_table(table: Table) -> PageTable:
    """A table of the report with the same scores as in the other formats, whose texts it carries."""
    return PageTable(
        table.title,
        (*table.heads, *(column.label for column in table.columns)),
        [(*head_texts(row), *(PageCell(*cell_parts(cell, row)) for cell in row.cells)) for row in table.rows],
        heads=len(table.heads),
        notes=notes_of(table, best="Bold"),
        breaks=sorted(table.group_starts - {0}),
        name=table.name,
        texts={suffix: convert(table) for suffix, convert in FORMATS.items()},
    )


def finding_tables(findings: Findings) -> Iterator[PageTable]:
    """A table for each kind of finding there is; scores are in parentheses as in the other tables."""
    found = [
        worth_table(findings),
        corpus_table(findings),
        prompt_table(findings),
        hallucination_table(findings),
        *memory_tables(findings),
        gap_table(findings),
        group_table(findings),
        worst_table(findings),
        calibration_table(findings),
        label_table(findings),
        rank_table(findings),
        _threshold_table(findings),
        _spelling_table(findings),
        _scene_table(findings),
        _cost_table(findings),
        _interference_table(findings),
        matching_table(findings),
        disagreement_table(findings),
        *map(_ablation_table, findings.ablations),
        *(_embedder_table(sensitivity, findings) for sensitivity in findings.embedders),
        *(_hard_table(mode, cases, findings) for mode, cases in findings.hard_cases.items()),
    ]
    yield from (with_conditions(table, findings) for table in found if table.rows)


def _threshold_table(findings: Findings) -> PageTable:
    rows = [
        (
            name,
            found.mode,
            *_cells(
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
    about = (
        f"The SNR at which WER is {RISE_POINTS:g} points above the system's own WER of speech alone: straight lines "
        "between the measured conditions after isotonic regression, never extrapolated."
    )
    notes = (about, f"-: WER of speech alone leaves no {RISE_POINTS:g} points up to 100 %.", *_notes(findings, rows))
    header = ("System", "Mode", "WER of speech alone, %", "SNR threshold", "95 % interval")
    return PageTable("SNR thresholds: where words get lost", header, rows, heads=2, notes=notes)


def _spelling_table(findings: Findings) -> PageTable:
    rows = [
        (
            name,
            found.mode,
            f"{found.words_lost} of {found.word_errors}",
            *_cells(
                findings,
                name,
                percent(found.wer),
                percent(found.wer_lenient),
                None if found.interval is None else percent_range(found.interval.low, found.interval.high),
                percent(found.cer),
            ),
        )
        for name, losses in findings.spelling.items()
        for found in losses
    ]
    rules = sorted({found.rule for losses in findings.spelling.values() for found in losses})
    about = (
        f"Lenient WER ({', '.join(rules)}): a blank or hyphen within a word, a contraction written as a word of the "
        "same sound and marks cost nothing; a wrong word costs what it costs in WER. Nothing is ranked by it."
    )
    header = ("System", "Mode", "errors of spelling alone", "WER, %", "lenient WER, %", "95 % interval", "CER, %")
    return PageTable("Words lost to spelling", header, rows, heads=2, notes=(about, *_notes(findings, rows)))


def _scene_table(findings: Findings) -> PageTable:
    rows = [
        (
            name,
            found.mode,
            found.scene,
            str(found.recordings),
            *_cells(
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
        "All scenes weigh the same in mACC; the last column says how much of its sampling variance each one carries. "
        "Of a scene of one recording no variance is known, and where there is one, no share of any scene either."
    )
    header = ("System", "Mode", "Scene", "recordings", "recall, %", "95 % interval", "share of mACC's variance")
    return PageTable("Scenes", header, rows, heads=3, notes=(about, *_notes(findings, rows)))


def _cost_table(findings: Findings) -> PageTable:
    rows = [
        (
            name,
            found.mode,
            METRIC_NAMES[found.metric],
            *_cells(
                findings,
                name,
                found.background_alone,
                f"{percent(found.loudest_speech)} at {found.condition} dB",
                points(found.lost),
                _interval(found.interval),
            ),
        )
        for name, costs in findings.speech_costs.items()
        for found in costs
    ]
    header = ("System", "Mode", "Metric", "background alone", "loudest speech", "points lost", "95 % interval")
    title = "What speech costs: scenes and events from background alone to the highest finite SNR"
    return PageTable(title, header, rows, heads=3, notes=_notes(findings, rows))


def _interference_table(findings: Findings) -> PageTable:
    rows = [
        (
            name,
            f"{found.mode} minus {found.base}",
            METRIC_NAMES[found.comparison.metric],
            *_cells(findings, name, points(found.comparison.difference), _interval(found.comparison.interval)),
            p_text(found.comparison.p),
        )
        for name, differences in findings.interference.items()
        for found in differences
    ]
    notes = (
        "Paired differences over the finite conditions both modes have; p of the two-sided t test.",
        *_notes(findings, rows),
    )
    header = ("System", "Modes", "Metric", "points", "95 % interval", "p")
    return PageTable("Interference between tasks", header, rows, heads=3, notes=notes)


def _ablation_table(ablation: AudioAblation) -> PageTable:
    whole = not any(ablation.limitations.values())
    rows = [
        (
            f"{change.mode} {METRIC_NAMES[change.comparison.metric]}",
            score_cell(points(change.comparison.difference), whole=whole),
            score_cell(_interval(change.comparison.interval), whole=whole),
            p_text(change.comparison.p),
            "no sign that the audio matters" if change.flagged else "the audio matters",
        )
        for change in ablation.changes
    ]
    same = "; ".join(f"{name} {100 * share:.1f} %" for name, share in ablation.unchanged.items())
    return PageTable(
        f"Audio ablation of {ablation.system}: {ablation.control} in place of the audio",
        ("Score", "points changed", "95 % interval", "p", "verdict"),
        rows,
        notes=(*([f"Answers that stay the same: {same}."] if same else []), *parentheses_notes(ablation.limitations)),
    )


def _embedder_table(found: EmbedderSensitivity, findings: Findings) -> PageTable:
    rows = [
        (
            name,
            *_cells(
                findings, name, values[0], *(f"{percent(value)}, {points(value - values[0])}" for value in values[1:])
            ),
        )
        for name, values in found.scores.items()
    ]
    notes = [
        f"Ranks of {len(found.ranked)} systems under {one} and {other}: Kendall's tau-b "
        f"{'is not defined' if tau is None else f'{tau:z.2f}'}."
        for (one, other), tau in found.correlations.items()
    ]
    title = f"Embedder sensitivity: {METRIC_NAMES[found.metric]} of the same answers, mode {found.mode}"
    return PageTable(title, ("System", *found.embedders), rows, notes=[*notes, *_notes(findings, rows)])


def _hard_table(mode: str, cases: Sequence[HardCase], findings: Findings) -> PageTable:
    rows = [
        (TASK_NAMES[case.task], case.id, case.condition, case.reference, f"{len(case.failed)} of {case.answered}")
        for case in cases
    ]
    note = (
        f"Failed: more than {HARD_WER:g} % WER, the wrong scene, or none of the clip's k events among the k highest "
        "confidences. Controls take no part, nor do clips that fewer than two systems answered."
    )
    counts = findings.hard_case_counts[mode]
    there = ", ".join(f"{TASK_NAMES[task]} {count}" for task, count in counts.items())
    order = (
        f"At most {MAX_HARD_CASES} of each task are shown, here and in findings.json, of {there}: those that the "
        f"largest share of systems fail first, then those that more systems answered, then by name."
    )
    shown = f"{len(rows)} of {sum(counts.values())}"
    title = f"Hard cases: clips that more than half of the systems fail, mode {mode} ({shown})"
    return PageTable(title, ("Task", "Clip", "SNR", "Reference", "failed by"), rows, heads=4, notes=(note, order))


def _cells(findings: Findings, name: str, *scores: float | str | None) -> tuple[str, ...]:
    """The scores of a result as cells."""
    return tuple(score_cell(score, whole=not findings.limitations[name]) for score in scores)


def _notes(findings: Findings, rows: Sequence[Sequence[str]]) -> list[str]:
    """The sentence about parentheses below rows that begin with the result's name."""
    return parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows})


def _interval(interval: Interval | None) -> str | None:
    return None if interval is None else points_range(interval.low, interval.high)
