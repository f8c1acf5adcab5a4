"""Cells and notes that the tables of findings share."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric.intervals import Interval
from sseu_metric.text_table import points_range, score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.findings.collect import Findings


def cells_of(findings: Findings, name: str, *scores: float | str | None) -> tuple[str, ...]:
    """The scores of a result as cells."""
    return tuple(score_cell(score, whole=not findings.limitations[name]) for score in scores)


def notes_of(findings: Findings, rows: Sequence[Sequence[str]]) -> list[str]:
    """The sentence about parentheses below rows that begin with the result's name."""
    return parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows})


def interval_text(interval: Interval | None) -> str | None:
    """An interval of differences; None where there is none."""
    return None if interval is None else points_range(interval.low, interval.high)
