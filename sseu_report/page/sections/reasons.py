"""Why scores are as they are, as tables of texts for the page: modes, spelling, the audio, the embedder."""

from __future__ import annotations

from sseu_metric.text_table import p_text, percent, percent_range, points, score_cell
from sseu_models.running.ablation import AudioAblation
from sseu_report.comparability import parentheses_notes
from sseu_report.findings.collect import Findings
from sseu_report.findings.embedders import EmbedderSensitivity
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PageTable
from sseu_report.page.sections import in_short
from sseu_report.page.sections.cells import cells_of, interval_text, notes_of


def spelling_table(findings: Findings) -> PageTable:
    """How much of WER is spelling."""
    rows = [
        (
            name,
            found.mode,
            f"{found.words_lost} of {found.word_errors}",
            *cells_of(
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
    return PageTable(
        "Words lost to spelling",
        header,
        rows,
        heads=2,
        notes=(about, *notes_of(findings, rows)),
        sentence=in_short.spelling(findings),
    )


def interference_table(findings: Findings) -> PageTable:
    """What asking for several tasks at once costs."""
    rows = [
        (
            name,
            f"{found.mode} minus {found.base}",
            found.comparison.name,
            *cells_of(findings, name, points(found.comparison.difference), interval_text(found.comparison.interval)),
            p_text(found.comparison.p),
        )
        for name, differences in findings.interference.items()
        for found in differences
    ]
    notes = (
        "Paired differences over the finite conditions both modes have; p of the two-sided t test.",
        *notes_of(findings, rows),
    )
    header = ("System", "Modes", "Metric", "points", "95 % interval", "p")
    return PageTable(
        "Interference between tasks", header, rows, heads=3, notes=notes, sentence=in_short.together(findings)
    )


def ablation_table(ablation: AudioAblation) -> PageTable:
    """Whether scores fall where the audio is taken away."""
    whole = not any(ablation.limitations.values())
    rows = [
        (
            f"{change.mode} {change.comparison.name}",
            score_cell(points(change.comparison.difference), whole=whole),
            score_cell(interval_text(change.comparison.interval), whole=whole),
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
        sentence=in_short.ablated(ablation),
    )


def embedder_table(found: EmbedderSensitivity, findings: Findings) -> PageTable:
    """The same answers under several embedders."""
    rows = [
        (
            name,
            *cells_of(
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
    return PageTable(title, ("System", *found.embedders), rows, notes=[*notes, *notes_of(findings, rows)])
