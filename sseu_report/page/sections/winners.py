"""Who wins, as a table of texts for the page."""

from __future__ import annotations

from sseu_report.findings.collect import Findings
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PageTable
from sseu_report.page.sections.cells import cells_of, notes_of


def rank_table(findings: Findings) -> PageTable:
    """The places that each system may have."""
    rows = [
        (
            name,
            found.mode,
            METRIC_NAMES[found.metric],
            *cells_of(findings, name, found.score),
            f"{found.best} to {found.worst}",
        )
        for name, ranks in findings.ranks.items()
        for found in ranks
    ]
    about = "With 95 % confidence no range of a mode and metric is wrong: they hold for all systems at once."
    header = ("System", "Mode", "Metric", "average, %", "rank")
    return PageTable("Ranks that are open", header, rows, heads=3, notes=(about, *notes_of(findings, rows)))
