"""Plots of curves: a metric against the SNR for several systems, all metrics side by side, or the modes of one system.

`+∞` and `−∞` stand apart from the finite SNRs behind a break of the axis, and no line crosses it. Bands are the 95 %
intervals of `scores.json`; more than three named systems have none. What is not a result on the whole benchmark has
hollow markers. Floors are dashed and grey; controls, baselines, oracles and systems without a look of their own are
thin and grey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_models.records import TASKS
from sseu_report.appearance import GREY, PALETTE, Appearance
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES, shortened
from sseu_report.plots.labels import Label, label_ends, label_width_in, legend_below, most_labels
from sseu_report.plots.panel import Curve, Panel, curve_of, draw_panel, floors_of
from sseu_report.plots.style import DIM, INK, PAGE, Medium, plain, plot_style, set_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sseu_report.summary import Summary

_MODE_LOOKS = dict(zip(TASKS, PALETTE, strict=False))


def draw_systems(
    entries: Sequence[Entry], mode: str, metric: str, looks: Mapping[str, Appearance], medium: Medium = PAGE
) -> Figure:
    """One metric against the SNR in one mode, a curve for each system.

    Args:
        entries: The best first; those without the metric in this mode are left out.
        mode: How the systems were asked.
        metric: `wer`, `macc` or `map`.
        looks: By name of the entry, in the order of a legend.
        medium: Where the plot is seen.
    """
    return _draw([_panel(entries, mode, metric, looks)], list(looks), medium)


def draw_summary(
    entries: Sequence[Entry], summary: Summary, looks: Mapping[str, Appearance], medium: Medium = PAGE
) -> Figure:
    """The metrics of the summary that have a ranked system, against the SNR, side by side, in the summary's mode.

    Args:
        entries: The best first.
        summary: Of these entries, with at least one metric. Where it ranks nothing, all its metrics are drawn.
        looks: By name of the entry, in the order of a legend.
        medium: Where the plot is seen.
    """
    panels = [_panel(entries, summary.mode, metric, looks) for metric in curves_of(summary)]
    return _draw(panels, list(looks), medium)


def curves_of(summary: Summary) -> list[str]:
    """The metrics of a summary's plot."""
    ranked = {metric for row in summary.rows if row.is_system for metric in row.cells}
    return [metric for metric in summary.metrics if metric in ranked or not ranked]


def draw_modes(entry: Entry, look: Appearance, medium: Medium = PAGE) -> Figure:
    """The paper's Figure 3: each metric against the SNR, a curve for each mode of one system, in the system's colour.

    Args:
        entry: From `read_entries`, with scores.
        look: Of the system.
        medium: Where the plot is seen.
    """
    colour = look.colour if look.named else INK
    panels = []
    for metric in METRIC_NAMES:
        curves = [
            replace(curve, name=mode)
            for mode, one in _MODE_LOOKS.items()
            if (curve := curve_of(entry, mode, metric, replace(one, colour=colour))) is not None
        ]
        if curves:
            panels.append(Panel(metric, curves, asr_unit=entry.asr_unit))
    return _draw(panels, list(_MODE_LOOKS), medium, shortened(entry.name, 70))


def _panel(entries: Sequence[Entry], mode: str, metric: str, looks: Mapping[str, Appearance]) -> Panel:
    curves = [curve for entry in entries if (curve := curve_of(entry, mode, metric, looks[entry.name])) is not None]
    return Panel(metric, curves, floors_of(entries, mode, metric), entries[0].asr_unit)


def _draw(panels: Sequence[Panel], order: Sequence[str], medium: Medium, title: str = "") -> Figure:
    """Panels side by side; one alone has its labels at the line ends where the medium has room for them.

    Everything has its place in inches, so that the plot needs no second pass to find it.
    """
    from matplotlib.figure import Figure

    line_in = medium.font_pt / 72
    at_ends = len(panels) == 1 and medium.labels_at_ends
    width_in = medium.column_in if len(panels) == 1 else medium.wide_in
    with plot_style(medium):
        figure = Figure(figsize=(width_in, width_in))
        labels = _end_labels(panels[0], medium) if at_ends else _legend_labels(panels, order, medium)
        legend = None if at_ends or not labels else legend_below(figure, labels, medium)
        legend_in = 0.0 if legend is None else legend.get_window_extent().height / figure.dpi + 0.4 * line_in
        notes = _notes(panels, labels, medium)
        notes_in = 1.35 * line_in * len(notes) + 0.3 * line_in
        left_in, between_in = 4.4 * line_in, 5.2 * line_in
        right_in = label_width_in(figure, [label.text for label in labels]) if at_ends else line_in
        below_in, above_in = notes_in + legend_in + 3.4 * line_in, (1.3 + (1.6 if title else 0)) * line_in
        height_in = below_in + medium.panel_in + above_in
        figure.set_size_inches(width_in, height_in)
        if legend is not None:
            legend.set_bbox_to_anchor((0.5, notes_in / height_in), figure.transFigure)
        panel_in = (width_in - left_in - right_in - between_in * (len(panels) - 1)) / len(panels)
        for number, panel in enumerate(panels):
            x_in = left_in + number * (panel_in + between_in)
            place = x_in / width_in, below_in / height_in, panel_in / width_in, medium.panel_in / height_in
            axis = figure.add_axes(place)
            draw_panel(axis, panel, medium)
            if at_ends:
                label_ends(axis, labels, panel_in, medium.panel_in, medium.font_pt)
        for number, note in enumerate(reversed(notes)):
            y = (0.5 + 1.35 * number) * line_in / height_in
            plain(figure.text(line_in / 2 / width_in, y, note, color=DIM, gid="note"))
        if title:
            set_title(figure, title)
    return figure


def _end_labels(panel: Panel, medium: Medium) -> list[Label]:
    """Labels for the line ends: named curves, floors, then grey curves if all of them have room."""
    others = [curve for curve in panel.curves if not curve.look.named]
    room = most_labels(medium.panel_in, medium.font_pt)
    chosen = [*panel.named, *panel.floors]
    if len(chosen) + len(others) <= room:
        chosen += others
    return [_label(panel, curve, medium) for curve in chosen[:room]]


def _label(panel: Panel, curve: Curve, medium: Medium) -> Label:
    last = ordered(curve.values)[-1]
    return Label(
        shortened(curve.name, medium.max_name), curve.look, curve.whole, (panel.places[last], curve.values[last])
    )


def _legend_labels(panels: Sequence[Panel], order: Sequence[str], medium: Medium) -> list[Label]:
    """Labels for a legend: the named curves of all panels, each once, and one that names all floors."""
    found = {curve.name: _label(panel, curve, medium) for panel in panels for curve in panel.named}
    floors = [_label(panel, floor, medium) for panel in panels for floor in panel.floors]
    names = dict.fromkeys(floor.text.removeprefix("floor: ") for floor in floors)
    all_floors = [replace(floor, text=f"floor{'s'[: len(names) > 1]}: {', '.join(names)}") for floor in floors[:1]]
    return [*(found[name] for name in order if name in found), *all_floors]


def _notes(panels: Sequence[Panel], labels: Sequence[Label], medium: Medium) -> list[str]:
    """What a reader must know; several panels have room for it on one line."""
    curves = [curve for panel in panels for curve in panel.curves]
    grey = {curve.name for curve in curves if not curve.look.named}
    found = []
    if grey and not any(label.look == GREY for label in labels):
        more = (
            shortened(grey.pop(), medium.max_name)
            if len(grey) == 1
            else f"{len(grey)} more systems, baselines, controls, oracles"
        )
        found.append(f"thin grey: {more}")
    if not all(curve.whole for curve in curves):
        found.append("hollow markers: not scores of the whole benchmark")
    return ["; ".join(found)] if found and len(panels) > 1 else found
