"""Who wins, as a table of texts for the page."""

from __future__ import annotations

from sseu_metric.text_table import score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.findings.collect import Findings
from sseu_report.findings.validity.labels import tie_text
from sseu_report.page.render import PageTable
from sseu_report.page.sections import in_short


def rank_table(findings: Findings) -> PageTable:
    """The places that every system may have, ties by other labels marked."""
    ties = () if findings.labels is None else findings.labels.ties
    tied = {(name, tie.mode, "map") for tie in ties for name in (tie.first, tie.second)}
    ranks = [(name, found) for name, of_system in findings.ranks.items() for found in of_system]
    rows = [
        (
            name,
            found.mode,
            findings.names[found.metric],
            score_cell(found.score, whole=not findings.limitations[name]),
            f"{found.best} to {found.worst}{' (tie)' if (name, found.mode, found.metric) in tied else ''}",
        )
        for name, found in ranks
    ]
    notes = ["With 95 % confidence no range of a mode and metric is wrong: they hold for all systems at once."]
    if tied:
        notes.append("(tie): by another reasonable rule for the labels the order is the other way round.")
        notes += [f"{tie_text(tie)}." for tie in ties]
    notes += dict.fromkeys(f"{note[0].upper()}{note[1:]}." for _, found in ranks for note in found.narrow)
    notes += parentheses_notes({name: findings.limitations[name] for name, _ in ranks})
    header = ("System", "Mode", "Metric", "average, %", "rank")
    return PageTable(
        "Ranks that are open", header, rows, heads=3, notes=tuple(notes), sentence=in_short.open_places(findings)
    )
