"""One metric against the SNR: curves with their bands, floors, and what lies beyond the axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sseu_metric.conditions import finite, ordered
from sseu_metric.normalisers import Unit
from sseu_report.appearance import GREY, Appearance
from sseu_report.entries import Entry
from sseu_report.naming import metric_names
from sseu_report.plots.snr_axis import ENDS, break_axis, places_of
from sseu_report.plots.style import GRID, Medium, line_style, marker_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOOR = replace(GREY, dash=(0, (4, 2.5)))
_CUT_AT = 105.0
"""Percent: the axis of the error rate ends here where a curve runs far beyond and most do not."""
_MAX_BANDS = 3
"""More bands in one plot hide the curves."""


@dataclass(frozen=True)
class Curve:
    """A metric over the conditions.

    Attributes:
        name: Its name for readers, untrusted text.
        look: How it is drawn.
        values: By condition, in percent.
        intervals: By condition, lower and upper bound; empty where there are none.
        whole: Whether these are scores of the whole benchmark.
    """

    name: str
    look: Appearance
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    whole: bool = True


@dataclass(frozen=True)
class Panel:
    """What is drawn of a metric.

    Attributes:
        metric: `wer`, `macc` or `map`.
        curves: At least one; the best system first.
        floors: Curves of those who understand nothing.
        asr_unit: What errors of transcripts are counted in.
    """

    metric: str
    curves: Sequence[Curve]
    floors: Sequence[Curve] = ()
    asr_unit: Unit = "word"

    @property
    def places(self) -> dict[str, float]:
        """Where the conditions of the curves stand on the axis."""
        return places_of(ordered(condition for curve in self.curves for condition in curve.values))

    @property
    def named(self) -> list[Curve]:
        """The curves with a look of their own."""
        return [curve for curve in self.curves if curve.look.named]

    @property
    def banded(self) -> list[Curve]:
        """The curves that have bands."""
        return self.named if len(self.named) <= _MAX_BANDS else []

    @property
    def top(self) -> float:
        """Where the axis of the metric ends, in percent."""
        beyond = sum(max(curve.values.values()) > _CUT_AT for curve in self.curves)
        if self.metric == "wer" and 0 < 2 * beyond < len(self.curves):
            return _CUT_AT
        values = [value for curve in (*self.curves, *self.floors) for value in curve.values.values()]
        bounds = [high for curve in self.banded for _, high in curve.intervals.values()]
        return max(10.0, 1.05 * max(values), 1.05 * max(bounds, default=0.0))


def curve_of(entry: Entry, mode: str, metric: str, look: Appearance = GREY) -> Curve | None:
    """The curve of an entry, from its `scores.json`; None where it was not asked.

    Args:
        entry: From `read_entries`.
        mode: How the system was asked.
        metric: `wer`, `macc` or `map`.
        look: How it is drawn.
    """
    scores = entry.modes.get(mode)
    if scores is None:
        return None
    by_condition: Mapping[str, Mapping[str, float]] = scores.by_condition
    values = {c: by_condition[c][metric] for c in ordered(by_condition) if metric in by_condition[c]}
    if not values:
        return None
    bounds = scores.intervals.get(metric, {})
    intervals = {c: (bound.low, bound.high) for c in values if (bound := bounds.get(c)) is not None}
    return Curve(entry.name, look, values, intervals, not entry.limitations)


def floors_of(entries: Sequence[Entry], mode: str, metric: str) -> list[Curve]:
    """The floors of a metric: those of the dataset, so those of the result that lacks least."""
    for entry in sorted(entries, key=lambda entry: bool(entry.limitations)):
        floors = entry.modes[mode].skill.get(metric, {}) if mode in entry.modes else {}
        if floors:
            return [
                Curve(f"floor: {name}", FLOOR, {c: cell.floor for c, cell in cells.items() if c != "all"}, {})
                for name, cells in floors.items()
            ]
    return []


def draw_panel(axis: Axes, panel: Panel, medium: Medium) -> None:
    """Draw a panel; each line has the gid `line` or `floor`, its markers `markers`."""
    places, top, named = panel.places, panel.top, panel.named
    for floor in panel.floors:
        _draw_curve(axis, floor, places, top, 1.5, "floor", medium)
    for curve in panel.curves:
        # The best lies on top of the others.
        order = 3 - named.index(curve) / 100 if curve.look.named else 1
        _draw_curve(axis, curve, places, top, order, "line", medium)
    for curve in panel.banded:
        _draw_band(axis, curve, places, 0.15 if len(panel.banded) < 3 else 0.09)
    axis.set_ylim(0, top)
    _mark_beyond(axis, panel.curves, places, top, medium)
    axis.grid(axis="y", color=GRID, linewidth=0.5)
    axis.set_axisbelow(True)
    axis.set_ylabel(f"{metric_names(panel.asr_unit)[panel.metric]} (%) {'↓' if panel.metric == 'wer' else '↑'}")
    break_axis(axis, places)


def _draw_curve(
    axis: Axes, curve: Curve, places: Mapping[str, float], top: float, order: float, gid: str, medium: Medium
) -> None:
    """The line through the finite conditions, broken where one has no score, and markers: of grey ones at the ends."""
    line = finite(places)
    values = [curve.values.get(condition, math.nan) for condition in line]
    axis.plot([places[c] for c in line], values, **line_style(curve.look, medium), zorder=order, gid=gid)
    marked = [c for c in places if curve.values.get(c, math.inf) <= top and (curve.look.named or c in ENDS)]
    style = marker_style(curve.look, curve.whole, medium)
    values = [curve.values[c] for c in marked]
    # Not clipped, so that a marker at 0 is not cut in half.
    axis.plot(
        [places[c] for c in marked], values, **style, linestyle="none", clip_on=False, zorder=order, gid="markers"
    )


def _draw_band(axis: Axes, curve: Curve, places: Mapping[str, float], opacity: float) -> None:
    """The intervals: a band over the finite conditions, a stroke at each end."""
    if finite(curve.intervals):
        line = finite(places)
        low, high = zip(*(curve.intervals.get(c, (math.nan, math.nan)) for c in line), strict=True)
        style: dict[str, Any] = {"color": curve.look.colour, "alpha": opacity, "linewidth": 0, "zorder": 2}
        axis.fill_between([places[c] for c in line], low, high, **style)
    for end in ENDS:
        if end in curve.intervals:
            axis.vlines(places[end], *curve.intervals[end], color=curve.look.colour, linewidth=1.0, zorder=2)


def _mark_beyond(axis: Axes, curves: Sequence[Curve], places: Mapping[str, float], top: float, medium: Medium) -> None:
    """A triangle at the upper edge where values lie beyond it, with the values."""
    for condition, place in places.items():
        beyond = [curve for curve in curves if curve.values.get(condition, 0.0) > top]
        if not beyond:
            continue
        for curve in beyond:
            style = marker_style(curve.look, curve.whole, medium) | {
                "marker": "^",
                "markersize": 1.1 * medium.marker_pt,
            }
            axis.plot([place], [top], **style, clip_on=False, zorder=3, gid="beyond")
        values = sorted({f"{curve.values[condition]:.0f}" for curve in beyond}, key=float)
        text = values[0] if len(values) == 1 else f"{values[0]}…{values[-1]}"
        offset: dict[str, Any] = {
            "xytext": (0, 4),
            "textcoords": "offset points",
            "ha": "center",
            "va": "bottom",
            "size": "small",
        }
        axis.annotate(text, (place, top), color=beyond[0].look.colour, annotation_clip=False, gid="beyond", **offset)
