"""Curves: a metric against the SNR, for the modes of one system or for several systems.

`+inf` and `-inf` stand apart from the finite SNRs behind a break of the axis, and no line crosses it. Bands are the
95 % intervals of `scores.json`. What is not a result on the whole benchmark has hollow markers, and the title says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, finite, ordered, snr_db_of
from sseu_models.records import TASKS
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES, shortened
from sseu_report.plots.style import COLOURS, canvas, curve_style, plot_style, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_TOGETHER = len(COLOURS)
"""Above this number of systems each gets its own small panel, with the others in grey behind it."""
MAX_SYSTEMS = 20
"""More systems are not legible in a plot."""
_GREY = "#b8b8b8"
_GAP = 1.5  # between an infinite end and the finite conditions, which are 1 apart on average


@dataclass(frozen=True)
class Curve:
    """A metric over the conditions.

    Attributes:
        name: Its name in the legend.
        values: By condition, in percent.
        intervals: By condition, lower and upper bound; empty where there are none.
        whole: Whether these are scores of the whole benchmark.
    """

    name: str
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    whole: bool = True


def curve_of(entry: Entry, mode: str, metric: str) -> Curve | None:
    """The curve of an entry, from its `scores.json`; None where it was not asked.

    Args:
        entry: From `read_entries`.
        mode: How the system was asked.
        metric: `wer`, `macc` or `map`.
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
    return Curve(shortened(entry.name, 44), values, intervals, not entry.limitations)


def places_of(conditions: Sequence[str]) -> dict[str, float]:
    """Where conditions stand on the axis: the finite ones linear in dB from the highest SNR at 0, the ends apart."""
    snrs_db = [snr_db_of(name) for name in finite(conditions)]
    span_db, last = (max(snrs_db) - min(snrs_db), len(snrs_db) - 1) if snrs_db else (0.0, 0)
    places = {
        name: (snrs_db[0] - snr_db) * last / span_db if span_db else 0.0
        for name, snr_db in zip(finite(conditions), snrs_db, strict=True)
    }
    ends = {SPEECH_ALONE: -_GAP, BACKGROUND_ALONE: last + _GAP}
    return places | {name: place for name, place in ends.items() if name in conditions}


def draw_modes(entry: Entry) -> Figure:
    """The paper's Figure 3: each metric against the SNR, a curve for each mode of one system.

    Args:
        entry: From `read_entries`, with scores.
    """
    modes: list[str] = [mode for mode in TASKS if mode in entry.modes]
    panels = [
        (metric, [replace(curve, name=mode) for mode in modes if (curve := curve_of(entry, mode, metric)) is not None])
        for metric in METRIC_NAMES
    ]
    panels = [(metric, curves) for metric, curves in panels if curves]
    with plot_style():
        figure, axes = canvas(1, len(panels), 4.2 * len(panels), 3.6)
        for axis, (metric, curves) in zip(axes, panels, strict=True):
            _draw_panel(axis, metric, curves, [modes.index(curve.name) for curve in curves])
        _add_legend(figure, [(mode, not entry.limitations) for mode in modes], columns=len(modes))
        set_title(figure, shortened(entry.name, 70) + _about_markers(not entry.limitations))
    return figure


def draw_systems(entries: Sequence[Entry], mode: str, metric: str) -> Figure:
    """One metric against the SNR in one mode, a curve for each system.

    Up to `MAX_TOGETHER` systems share a panel. More get a panel each, in which the others stand behind in grey.

    Args:
        entries: At most `MAX_SYSTEMS`, those without the metric in this mode are left out.
        mode: How the systems were asked.
        metric: `wer`, `macc` or `map`.
    """
    curves = [curve for entry in entries if (curve := curve_of(entry, mode, metric)) is not None]
    title = f"{METRIC_NAMES[metric]}, {mode}{_about_markers(all(curve.whole for curve in curves))}"
    with plot_style():
        if len(curves) <= MAX_TOGETHER:
            figure, (axis,) = canvas(1, 1, 5.6, 3.9 + 0.19 * len(curves))
            _draw_panel(axis, metric, curves, range(len(curves)))
            _add_legend(figure, [(curve.name, curve.whole) for curve in curves], columns=1)
        else:
            columns = 4
            rows = math.ceil(len(curves) / columns)
            figure, axes = canvas(rows, columns, 12.0, 2.5 * rows + 0.5)
            for number, axis in enumerate(axes):
                if number >= len(curves):
                    axis.set_axis_off()
                    continue
                _draw_panel(axis, metric, [curves[number]], [0], behind=curves)
                axis.set_title("\n".join(wrap(curves[number].name, 30)), parse_math=False, fontsize=8)
                if number % columns:
                    axis.set_ylabel("")
            low, high = zip(*(axis.get_ylim() for axis in axes[: len(curves)]), strict=True)
            for axis in axes[: len(curves)]:
                axis.set_ylim(min(low), max(high))
        set_title(figure, title)
    return figure


def _about_markers(whole: bool) -> str:
    """The second line of a title, where not all curves are of the whole benchmark."""
    return "" if whole else "\nhollow markers: not scores of the whole benchmark"


def _draw_panel(
    axis: Axes, metric: str, curves: Sequence[Curve], styles: Sequence[int], *, behind: Sequence[Curve] = ()
) -> None:
    """The curves of one metric with their bands, those behind them in grey, and the broken axis below."""
    places = places_of(ordered(condition for curve in (*curves, *behind) for condition in curve.values))
    for curve in behind:
        _draw_finite(axis, curve, places, color=_GREY, linewidth=0.7, zorder=1)
    for curve, number in zip(curves, styles, strict=True):
        look = curve_style(number, curve.whole)
        _draw_finite(axis, curve, places, **look, zorder=3)
        if finite(curve.intervals):
            bounded = finite(places)
            low, high = zip(*(curve.intervals.get(c, (math.nan, math.nan)) for c in bounded), strict=True)
            band = {"color": look["color"], "alpha": 0.15, "linewidth": 0, "zorder": 2}
            axis.fill_between([places[c] for c in bounded], low, high, **band)
        for end in (SPEECH_ALONE, BACKGROUND_ALONE):
            if end in curve.values:
                axis.plot([places[end]], [curve.values[end]], **look, zorder=3)
            if end in curve.intervals:
                axis.vlines(places[end], *curve.intervals[end], color=look["color"], linewidth=1.2, zorder=2)
    axis.set_ylim(0, max(10.0, axis.get_ylim()[1]))
    axis.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.set_ylabel(f"{METRIC_NAMES[metric]} (%)")
    _break_axis(axis, places, small=bool(behind))


def _draw_finite(axis: Axes, curve: Curve, places: Mapping[str, float], **look: Any) -> None:
    """The line of a curve; it is broken where a condition has no score."""
    conditions = finite(places)
    axis.plot([places[c] for c in conditions], [curve.values.get(c, math.nan) for c in conditions], **look)


def _break_axis(axis: Axes, places: Mapping[str, float], *, small: bool) -> None:
    """Ticks at the conditions; the axis is drawn in pieces, with strokes where an infinite end is cut off."""
    names = ordered(places)
    first, last = places[names[0]] - 0.4, places[names[-1]] + 0.4
    axis.set_xticks([places[name] for name in names], names, fontsize=7 if small else 9)
    axis.set_xlim(first, last)
    if not small:
        axis.set_xlabel("SNR (dB)")
    axis.spines["bottom"].set_visible(False)
    breaks = [
        (places[one] + places[other]) / 2
        for one, other in pairwise(names)
        if one == SPEECH_ALONE or other == BACKGROUND_ALONE
    ]
    edges = [first, *breaks, last]
    across = axis.get_xaxis_transform()
    line: dict[str, Any] = {"color": "black", "linewidth": 0.8, "clip_on": False, "transform": across, "zorder": 4}
    for number in range(len(edges) - 1):
        start = edges[number] + (0.09 if number else 0)
        stop = edges[number + 1] - (0.09 if number + 2 < len(edges) else 0)
        axis.plot([start, stop], [0, 0], **line)
    strokes = [place for edge in breaks for place in (edge - 0.09, edge + 0.09)]
    if not strokes:
        return
    axis.plot(
        strokes,
        [0] * len(strokes),
        marker=[(-0.5, -1), (0.5, 1)],
        markersize=8,
        linestyle="none",
        markeredgewidth=0.8,
        **{name: value for name, value in line.items() if name != "linewidth"},
    )


def _add_legend(figure: Figure, curves: Sequence[tuple[str, bool]], *, columns: int) -> None:
    """A legend below the axes: the name of each curve, and whether its result is whole."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], **curve_style(number, whole), label=f"curve {number}")
        for number, (_, whole) in enumerate(curves)
    ]
    legend = figure.legend(
        handles=handles, loc="outside lower center", ncols=columns, frameon=False, handlelength=4.0, fontsize=8
    )
    # Set afterwards, since matplotlib hides labels that begin with `_`.
    for text, (name, _) in zip(legend.get_texts(), curves, strict=True):
        text.set_parse_math(False)
        text.set_text(name)
