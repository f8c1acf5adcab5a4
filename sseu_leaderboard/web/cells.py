"""The cells of the board's table: titles, scores with intervals and marks, details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from sseu_leaderboard.entries.ranking import Place, Standing
from sseu_leaderboard.entries.view import ALL_TASKS, DETAILS, View
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell
from sseu_metric.text_table import percent, score_cell
from sseu_report.naming import METRIC_NAMES, TASK_METRICS, condition_name

_TITLES: Mapping[str, str] = {
    AVERAGE: "Average",
    FINITE_AVERAGE: "Average, finite SNRs",
    "embedder": "Embedder",
    "prompts": "Prompts",
    "runs": "Runs",
    "date": "Date",
    "name": "System",
    **METRIC_NAMES,
}
_MAX_NAME_LENGTH = 120


def title_of(column: str) -> str:
    """The head of a column."""
    return _TITLES.get(column) or condition_name(column)


def column_class(name: str) -> str:
    """The classes of a column's cells; on a phone details and conditions are hidden."""
    if name == "name":
        return "text"
    if name in DETAILS:
        return "text detail"
    return "score" if name in (AVERAGE, *METRIC_NAMES) else "score condition"


def shorten(name: str) -> str:
    """Cut a long name so that it fits into a table."""
    return name if len(name) <= _MAX_NAME_LENGTH else name[: _MAX_NAME_LENGTH - 1] + "…"


def cell_of(place: Place, view: View, column: str) -> str:
    """A row's cell in a column of scores or details."""
    row = place.row
    if column in DETAILS:
        text = shorten(str(getattr(row, column)))
        short = text.rpartition("/")[2].partition("@")[0] if column == "embedder" else text
        return f'<td class="text detail" title="{escape(text)}">{escape(short)}</td>'
    metric, of = (column, AVERAGE) if view.task == ALL_TASKS else (TASK_METRICS[view.task], column)
    cell = row.metric(view, metric).get(of)
    if cell is None:
        return f'<td class="{column_class(column)}">–</td>'
    doubts = row.marks.get(view.mode, {}).get(metric, ()) if of in (AVERAGE, FINITE_AVERAGE) else ()
    score = score_of(
        cell, not row.limitations, place.standings.get((metric, of)), doubts, reported=row.kind == "reported"
    )
    return f'<td class="{column_class(column)}" data-value="{cell.value:.6f}">{score}</td>'


def score_of(
    cell: BoardCell,
    whole: bool,
    standing: Standing | None = None,
    doubts: Sequence[str] = (),
    *,
    reported: bool = False,
) -> str:
    """A score with what it is among others, why it is doubtful, and its interval, as far as they are known."""
    score = score_cell(percent(cell.value), whole=whole)
    if standing is not None and standing.best:
        score = f"<b>{score}</b>"
    elif standing is not None and standing.not_worse:
        score = f'<span title="not told from the best">{score}†</span>'
    if doubts:
        said = escape("; ".join(doubts))
        score = f'<span class="doubt" role="img" aria-label="doubtful: {said}" title="{said}">⚑</span> {score}'
    if cell.low is None or cell.high is None:
        return score if reported else f"{score}<small>no interval</small>"
    spread = "" if cell.std is None else f' title="standard deviation over runs {cell.std:.2f}"'
    return f"{score}<small{spread}>{score_cell(f'{percent(cell.low)}–{percent(cell.high)}', whole=whole)}</small>"
