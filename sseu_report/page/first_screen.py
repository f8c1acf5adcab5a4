"""The first screen of the page: the ranked summary with its intervals drawn to scale, as plain records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.text_table import percent, percent_range, score_cell
from sseu_report.appearance import GREY, PALETTE, Appearance
from sseu_report.naming import TASK_METRICS, TASK_NAMES
from sseu_report.tables.records import Mark

if TYPE_CHECKING:
    from sseu_report.summary import Summary, SummaryRow

MAX_ROWS = 14
"""Rows in view; of more one row less, since a button opens the rest."""
_TASK_OF_METRIC = {metric: TASK_NAMES[task] for task, metric in TASK_METRICS.items()}
_BETTER = {"wer": "lower is better", "macc": "higher is better", "map": "higher is better"}
_MARKERS = {
    "o": "M14 2a4 4 0 1 0 .01 0z",
    "s": "M10.5 2.5h7v7h-7z",
    "^": "M14 1.5l4.5 8h-9z",
    "D": "M14 1l5 5-5 5-5-5z",
    "v": "M14 10.5l4.5-8h-9z",
    "P": "M12.5 1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
    "X": "M11 1l3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3-3-3z",
    "p": "M14 1l5 3.6-1.9 5.9h-6.2L9 4.6z",
}
"""The outlines of matplotlib's markers, around (14, 6)."""


@dataclass(frozen=True)
class Line:
    """A floor or the ceiling on the scale of a metric.

    Attributes:
        place: From 0 at the left end to 100 at the right one.
        name: What scores so.
        kind: `floor` or `ceiling`.
    """

    place: float
    name: str
    kind: str


@dataclass(frozen=True)
class ScreenCell:
    """A score and its interval.

    Attributes:
        text: The score, in parentheses where it is not of the whole benchmark.
        interval: The interval in words; empty where none is known.
        mark: Whether it is the best, or cannot be told from it.
        value: The score in percent, to sort by.
        place: Of the score on the scale, 0 to 100.
        low: Left end of the interval there; that of the score where there is none.
        high: Right end.
    """

    text: str
    interval: str
    mark: Mark
    value: float
    place: float
    low: float
    high: float


@dataclass(frozen=True)
class ScreenRow:
    """A system.

    Attributes:
        place: Its number in the order; None for what is not ranked.
        name: Untrusted text.
        kind: What it is where it is no system; else empty.
        look: Class of its look, see `look_css`.
        dash: Its line, as SVG's `stroke-dasharray`; empty for a whole one.
        marker: Outline of its marker; empty where it has none.
        cells: One for each metric; None where it was not asked.
    """

    place: int | None
    name: str
    kind: str
    look: str
    dash: str
    marker: str
    cells: Sequence[ScreenCell | None]


@dataclass(frozen=True)
class ScreenColumn:
    """A metric.

    Attributes:
        metric: Its name.
        task: What is asked.
        better: Which direction is.
        end: The right end of the scale, which begins at 0, in percent.
        lines: Floors and ceiling.
        floors: Their scores in words.
    """

    metric: str
    task: str
    better: str
    end: float
    lines: Sequence[Line]
    floors: str


@dataclass(frozen=True)
class FirstScreen:
    """What answers the three questions: who is best, is it sure, where does it fail.

    Attributes:
        data: One sentence on the data.
        mode: How the systems were asked.
        columns: The metrics.
        rows: The systems, the best first, then what is not ranked.
        best: Who is best, and is it sure: a sentence for each metric.
        weakest: Where the best fail.
        faults: What is wrong with the comparison.
    """

    data: str
    mode: str
    columns: Sequence[ScreenColumn]
    rows: Sequence[ScreenRow]
    best: Sequence[str]
    weakest: Sequence[str]
    faults: Sequence[str]

    @property
    def is_comparison(self) -> bool:
        """Whether several systems are ranked."""
        return sum(row.place is not None for row in self.rows) > 1

    @property
    def rows_in_view(self) -> int:
        """So many rows are in view before the rest is opened."""
        return MAX_ROWS if len(self.rows) <= MAX_ROWS else MAX_ROWS - 1


def first_screen(summary: Summary, looks: Mapping[str, Appearance]) -> FirstScreen:
    """The first screen of a summary.

    Args:
        summary: From `summarise_report`.
        looks: By name.
    """
    ends = {metric: _end(summary, metric) for metric in summary.metrics}
    return FirstScreen(
        data=summary.data,
        mode=summary.mode,
        columns=[_column(summary, metric, ends[metric]) for metric in summary.metrics],
        rows=[_row(row, summary.metrics, ends, looks[row.name]) for row in summary.rows],
        best=summary.best,
        weakest=summary.weakest,
        faults=summary.faults,
    )


def _end(summary: Summary, metric: str) -> float:
    """The right end of a scale: 100, or of error rates beyond it the highest score, at most 200."""
    scores = [row.cells[metric].mean for row in summary.rows if metric in row.cells]
    return min(200.0, max(100.0, *scores)) if scores else 100.0


def _column(summary: Summary, metric: str, end: float) -> ScreenColumn:
    floors = summary.floors.get(metric, {})
    lines = [Line(_place(score, end), FLOOR_NAMES[name], "floor") for name, score in floors.items()]
    if metric in summary.ceilings:
        lines.append(Line(_place(summary.ceilings[metric], end), "the truth", "ceiling"))
    return ScreenColumn(
        summary.names[metric],
        _TASK_OF_METRIC[metric],
        _BETTER[metric],
        end,
        lines,
        "; ".join(
            f"{percent(score)} {FLOOR_NAMES[name].removeprefix('always the ')}" for name, score in floors.items()
        ),
    )


def _row(row: SummaryRow, metrics: Sequence[str], ends: Mapping[str, float], look: Appearance) -> ScreenRow:
    _, dashes = look.dash
    return ScreenRow(
        place=row.place,
        name=row.name,
        kind="" if row.kind == "system" else row.kind,
        look=_look_class(look),
        dash=" ".join(f"{1.5 * dash:g}" for dash in dashes),
        marker=_MARKERS.get(look.marker, ""),
        cells=[_cell(row, metric, ends[metric]) if metric in row.cells else None for metric in metrics],
    )


def _cell(row: SummaryRow, metric: str, end: float) -> ScreenCell:
    cell = row.cells[metric]
    low, high = cell.interval or (cell.mean, cell.mean)
    return ScreenCell(
        text=score_cell(percent(cell.mean), whole=not row.limitations),
        interval="" if cell.interval is None else f"[{percent_range(low, high)}]",
        mark=cell.mark,
        value=cell.mean,
        place=_place(cell.mean, end),
        low=_place(low, end),
        high=_place(high, end),
    )


def _place(score: float, end: float) -> float:
    return round(min(100.0, max(0.0, 100 * score / end)), 2)


def _look_class(look: Appearance) -> str:
    return f"look-{PALETTE.index(look)}" if look in PALETTE else "look-grey"


def look_css() -> str:
    """The colours of the palette as classes `look-0` and on, and `look-grey`, for light and dark pages."""
    looks = {**{f"look-{number}": look for number, look in enumerate(PALETTE)}, "look-grey": GREY}
    light = "".join(f".{name} {{ color: {look.colour}; }}\n" for name, look in looks.items())
    dark = "".join(f".{name} {{ color: {look.dark_colour}; }}\n" for name, look in looks.items())
    return f"{light}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"
