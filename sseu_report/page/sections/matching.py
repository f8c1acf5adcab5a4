"""What lies between the systems' words and the labels, as tables of texts for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sseu_metric.text_table import score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PageTable
from sseu_report.page.sections import in_short

if TYPE_CHECKING:
    from sseu_models.results.scores_file import NameRecord
    from sseu_report.findings.collect import Findings

MAX_DISAGREEMENTS = 5
"""Names on the page for each system, mode and metric."""


def matching_table(findings: Findings) -> PageTable:
    """How much of mACC and mAP is matching: a sentence for each system and mode."""
    limitations = findings.limitations
    rows = [
        (name, found.mode, score_cell(found.sentence, whole=not limitations[name]))
        for name, modes in findings.matching.items()
        for found in modes
    ]
    about = (
        "All other tables show the scores through the text embedder. The table of names says what a person reads in "
        "the commonest names; a name that it does not know counts for no label. It knows no near misses and ranks no "
        "two clips with the same label, so a lower mAP is no proof that the embedder flatters."
    )
    notes = (about, *parentheses_notes({row[0]: limitations[row[0]] for row in rows}))
    header = ("System", "Mode", "How much of the score is matching")
    return PageTable(
        "What lies between a name and a label",
        header,
        rows,
        heads=2,
        words=1,
        notes=notes,
        sentence=in_short.first_said(findings.matching),
    )


def disagreement_table(findings: Findings) -> PageTable:
    """The most frequent names whose nearest label is not what the table of names says."""
    rows = [
        (name, found.mode, METRIC_NAMES[metric], one.name, one.embedder or "-", _meant(one), str(one.count))
        for name, modes in findings.matching.items()
        for found in modes
        for metric, matching in found.by_metric.items()
        for one in matching.disagreements[:MAX_DISAGREEMENTS]
    ]
    header = ("System", "Mode", "Metric", "Name", "nearest label", "label of the table", "answers")
    note = f"The {MAX_DISAGREEMENTS} most frequent of each system, mode and metric; scores.json has more."
    title = "Names that the embedder and the table of names read differently"
    return PageTable(title, header, rows, heads=3, words=3, notes=(note,))


def _meant(one: NameRecord) -> str:
    return " or ".join(one.table or ()) or "no label"
