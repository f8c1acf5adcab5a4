"""Heat maps as tables: the recall of each scene and the precision of each event by SNR, whose cells lead to clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.tasks import METRICS
from sseu_metric.text_table import percent, score_cell
from sseu_report.entries import ScoredEntry
from sseu_report.naming import condition_name
from sseu_report.page.render import Block, PageCell, PageTable, view_link
from sseu_report.page.tables import page_table, with_texts
from sseu_report.tables.records import Table

if TYPE_CHECKING:
    from sseu_metric.scores import Scores

MAX_SYSTEMS = 6
"""So many of the best systems have their heat maps on the page."""
SHADES = 10
_ABOUT_LINKS = "A score that is a link leads to its misses among the clips of this page; of the others none is there."
_ABOUT = {
    "macc": ("Recall of each scene at each SNR", "recall, %", SCENES, "scene"),
    "map": ("Average precision of each event at each SNR", "average precision, %", EVENTS, "event"),
}


def heat_maps(scored: Sequence[ScoredEntry], mode: str) -> Iterator[Block]:
    """A block for the scenes and one for the events, with a table for each of the best systems.

    Args:
        scored: The best first; controls are left out.
        mode: How they were asked; of a system that was not asked so its first mode is shown.
    """
    systems = [one for one in scored if not one.entry.is_control]
    for metric, (title, *_) in _ABOUT.items():
        tables = []
        for one in systems:
            shown = mode if mode in one.scores else next(iter(one.scores))
            if one.scores[shown].cells(metric):
                tables.append(_heat_map(one.entry.name, shown, one.scores[shown], metric, not one.entry.limitations))
        more = f" The {MAX_SYSTEMS} best systems; the files in plots/ have all." if len(tables) > MAX_SYSTEMS else ""
        if tables:
            about = f"A cell with a line below leads to such clips; of the others none is on this page.{more}"
            yield Block(title, text=[about], tables=tables[:MAX_SYSTEMS])


def _heat_map(name: str, mode: str, scores: Scores, metric: str, whole: bool) -> PageTable:
    _, what, classes, kind = _ABOUT[metric]
    conditions = scores.conditions(metric)
    by_condition = {one: scores.where(condition=one).class_values(metric) for one in conditions}
    rows: list[tuple[str | PageCell, ...]] = []
    for label in classes:
        cells = [
            _cell(
                by_condition[one].get(label),
                view_link("clips", system=name, mode=mode, task=METRICS[metric], condition=one, **{kind: label}),
                whole,
            )
            for one in conditions
        ]
        if any(cell.value is not None for cell in cells):
            rows.append((label, *cells))
    header = (kind.capitalize(), *map(condition_name, conditions))
    return with_texts(PageTable(f"{name}, {mode}: {what}", header, rows))


def _cell(value: float | None, link: str, whole: bool) -> PageCell:
    if value is None:
        return PageCell("-")
    text = score_cell(percent(value, 0), whole=whole)
    return PageCell(text, value=value, link=link, shade=min(SHADES - 1, int(value * SHADES / 100)))


def linked(table: Table, mode: str, metric: str) -> PageTable:
    """A table by condition, whose scores lead to the clips that were missed."""
    page = page_table(table)
    rows: list[tuple[str | PageCell, ...]] = []
    for row, cells in zip(table.rows, page.rows, strict=True):
        heads, scores = cells[: len(row.heads)], cells[len(row.heads) :]
        shown = [
            replace(cell, link=_missed(row.heads[0], mode, metric, column.key))
            if isinstance(cell, PageCell) and cell.value is not None and row.kind in ("system", "front end")
            else cell
            for column, cell in zip(table.columns, scores, strict=True)
        ]
        rows.append((*heads, *shown))
    return replace(page, rows=rows, notes=(*page.notes, _ABOUT_LINKS))


def _missed(name: str, mode: str, metric: str, column: str) -> str:
    condition = column.removeprefix("snr_") if column.startswith("snr_") else ""
    condition = "+inf" if condition == "inf" else condition
    return view_link("clips", system=name, mode=mode, task=METRICS[metric], outcome="missed", condition=condition)
