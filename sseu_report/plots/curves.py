"""Curves: a metric against the SNR, for the modes of one system or for several systems.

`+inf` and `-inf` stand apart from the finite SNRs behind a break of the axis, and no line crosses it. Bands are the
95 % intervals of `scores.json`. An incomplete result says so in its name and has hollow markers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sseu_metric.conditions import CONDITIONS
from sseu_models.job import FINITE
from sseu_models.records import TASKS
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES, shown
from sseu_report.plots.style import COLOURS, canvas, house_style, look_of, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_TOGETHER = len(COLOURS)
"""Above so many systems each gets its own small panel, the others in grey behind it."""
MAX_SYSTEMS = 20
_GREY = "#b8b8b8"
_PLACES: Mapping[str, float] = {"+inf": -1.5, **{name: float(n) for n, name in enumerate(FINITE)}, "-inf": 5.5}
_BREAKS = (-0.75, 4.75)


@dataclass(frozen=True)
class Curve:
    """A metric over the conditions.

    Attributes:
        name: As the legend shows it.
        values: By condition, in percent.
        intervals: By condition, lower and upper bound; empty where there are none.
        complete: Whether the result answers its whole dataset.
    """

    name: str
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    complete: bool = True


def curve_of(entry: Entry, mode: str, metric: str, name: str | None = None) -> Curve | None:
    """The curve of an entry, from its `scores.json`; None where it has no such figures.

    Args:
        entry: From `read_entries`.
        mode: How it was asked.
        metric: `wer`, `macc` or `map`.
        name: For the legend; the entry's by default.
    """
    figures = entry.scores["modes"].get(mode)
    if figures is None:
        return None
    by_condition = figures["by_condition"]
    values = {c: by_condition[c][metric] for c in CONDITIONS if metric in by_condition.get(c, {})}
    if not values:
        return None
    bounds = figures.get("intervals", {}).get(metric, {})
    intervals = {c: (bounds[c]["low"], bounds[c]["high"]) for c in values if c in bounds}
    return Curve(name or entry_name(entry), values, intervals, entry.complete)


def entry_name(entry: Entry, most: int = 44) -> str:
    """How figures call an entry: on one line, shortened in its middle, and marked if it is incomplete."""
    return shown(entry.name, most) + ("" if entry.complete else " (incomplete)")


def draw_modes(entry: Entry, metrics: Sequence[str] = tuple(METRIC_NAMES)) -> Figure:
    """The paper's Figure 3: each metric against the SNR, a curve for each mode of one system.

    Args:
        entry: From `read_entries`.
        metrics: Panels, from left to right.

    Raises:
        ValueError: It has none of the metrics.
    """
    modes: list[str] = [mode for mode in TASKS if mode in entry.scores["modes"]]
    panels = [
        (metric, [replace(curve, name=mode) for mode in modes if (curve := curve_of(entry, mode, metric)) is not None])
        for metric in metrics
    ]
    panels = [(metric, curves) for metric, curves in panels if curves]
    if not panels:
        raise ValueError(f"{entry.folder}: no figures of {', '.join(metrics)} in scores.json; score it anew")
    with house_style():
        figure, axes = canvas(1, len(panels), 4.2 * len(panels), 3.6)
        for axis, (metric, curves) in zip(axes, panels, strict=True):
            _draw_panel(axis, metric, curves, [modes.index(curve.name) for curve in curves])
        _add_legend(figure, {mode: modes.index(mode) for mode in modes}, entry.complete, columns=len(modes))
        set_title(figure, entry_name(entry, 70))
    return figure


def draw_systems(entries: Sequence[Entry], mode: str, metric: str) -> Figure:
    """One metric against the SNR in one mode, a curve for each system.

    Up to `MAX_TOGETHER` systems share a panel. More get a panel each, in which the others stand behind in grey.

    Args:
        entries: Those without figures in this mode are left out.
        mode: How they were asked.
        metric: `wer`, `macc` or `map`.

    Raises:
        ValueError: None of them has the metric, or they are more than `MAX_SYSTEMS`.
    """
    curves = [curve for entry in entries if (curve := curve_of(entry, mode, metric)) is not None]
    if not curves:
        raise ValueError(f"none of the {len(entries)} results has figures of {metric} in the mode {mode}")
    if len(curves) > MAX_SYSTEMS:
        raise ValueError(f"{len(curves)} systems; at most {MAX_SYSTEMS} are legible in a figure, draw them in groups")
    title = f"{METRIC_NAMES[metric]}, {mode}"
    with house_style():
        if len(curves) <= MAX_TOGETHER:
            figure, (axis,) = canvas(1, 1, 5.6, 3.9 + 0.19 * len(curves))
            _draw_panel(axis, metric, curves, range(len(curves)))
            names = {f"{number}": number for number in range(len(curves))}
            _add_legend(figure, names, True, columns=1, curves=curves)
        else:
            columns = 4
            figure, axes = canvas(-(-len(curves) // columns), columns, 12.0, 2.5 * -(-len(curves) // columns) + 0.5)
            for number, axis in enumerate(axes):
                if number >= len(curves):
                    axis.set_axis_off()
                    continue
                for other in curves:
                    _draw_finite(axis, other, color=_GREY, linewidth=0.7, zorder=1)
                _draw_panel(axis, metric, [curves[number]], [0], small=True)
                axis.set_title("\n".join(wrap(curves[number].name, 30)), parse_math=False, fontsize=8)
                if number % columns:
                    axis.set_ylabel("")
            low, high = zip(*(axis.get_ylim() for axis in axes[: len(curves)]), strict=True)
            for axis in axes[: len(curves)]:
                axis.set_ylim(min(low), max(high))
        set_title(figure, title)
    return figure


def _draw_panel(
    axis: Axes, metric: str, curves: Sequence[Curve], styles: Sequence[int], *, small: bool = False
) -> None:
    """The curves of one metric with their bands, and the broken axis under them."""
    for curve, number in zip(curves, styles, strict=True):
        look = look_of(number, curve.complete)
        _draw_finite(axis, curve, **look, zorder=3)
        finite = [c for c in FINITE if c in curve.intervals]
        places = [_PLACES[c] for c in finite]
        low, high = [curve.intervals[c][0] for c in finite], [curve.intervals[c][1] for c in finite]
        if finite:
            axis.fill_between(places, low, high, color=look["color"], alpha=0.15, linewidth=0, zorder=2)
        for end in ("+inf", "-inf"):
            if end in curve.values:
                axis.plot([_PLACES[end]], [curve.values[end]], **look, zorder=3)
            if end in curve.intervals:
                axis.vlines(_PLACES[end], *curve.intervals[end], color=look["color"], linewidth=1.2, zorder=2)
    axis.set_ylim(0, max(10.0, axis.get_ylim()[1]))
    axis.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.set_ylabel(f"{METRIC_NAMES[metric]} (%)")
    _break_axis(axis, {c for curve in curves for c in curve.values}, small=small)


def _draw_finite(axis: Axes, curve: Curve, **look: Any) -> None:
    finite = [c for c in FINITE if c in curve.values]
    axis.plot([_PLACES[c] for c in finite], [curve.values[c] for c in finite], **look)


def _break_axis(axis: Axes, measured: set[str], *, small: bool) -> None:
    """Ticks at the conditions; the axis is drawn in pieces, with strokes where an infinite end is cut off."""
    conditions = [name for name in CONDITIONS if name in measured or name in FINITE]
    places = [_PLACES[name] for name in conditions]
    axis.set_xticks(places, conditions, fontsize=7 if small else 9)
    axis.set_xlim(places[0] - 0.4, places[-1] + 0.4)
    if not small:
        axis.set_xlabel("SNR (dB)")
    axis.spines["bottom"].set_visible(False)
    edges = [places[0] - 0.4, *(b for b in _BREAKS if places[0] < b < places[-1]), places[-1] + 0.4]
    across = axis.get_xaxis_transform()
    line: dict[str, Any] = {"color": "black", "linewidth": 0.8, "clip_on": False, "transform": across, "zorder": 4}
    for number in range(len(edges) - 1):
        start = edges[number] + (0.09 if number else 0)
        stop = edges[number + 1] - (0.09 if number + 2 < len(edges) else 0)
        axis.plot([start, stop], [0, 0], **line)
    strokes = [place for edge in edges[1:-1] for place in (edge - 0.09, edge + 0.09)]
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


def _add_legend(
    figure: Figure, numbers: Mapping[str, int], complete: bool, *, columns: int, curves: Sequence[Curve] = ()
) -> None:
    """A legend under the axes; names are set afterwards, since a label that begins with `_` would not be shown."""
    from matplotlib.lines import Line2D

    names = [curve.name for curve in curves] or list(numbers)
    full = [curve.complete for curve in curves] or [complete] * len(names)
    handles = [
        Line2D([], [], **look_of(number, whole), label=f"curve {number}")
        for number, whole in zip(numbers.values(), full, strict=True)
    ]
    legend = figure.legend(
        handles=handles, loc="outside lower center", ncols=columns, frameon=False, handlelength=4.0, fontsize=8
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)
