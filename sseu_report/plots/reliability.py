"""Reliability plots: how often what a system gives a probability is there, against that probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sseu_report.appearance import GREY, Appearance
from sseu_report.plots.style import BACK, GRID, INK, PAGE, Medium, canvas, marker_style, plot_style, set_title, settle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sseu_metric.calibration import Calibration

_WHAT = {"asc": "scenes", "at": "events"}


def draw_reliability(
    found: Sequence[Calibration], title: str, look: Appearance, medium: Medium = PAGE, *, whole: bool
) -> Figure:
    """A panel for each task: the share that is true against the mean probability of each bin, with 95 % intervals.

    The diagonal is perfect calibration; grey bars below say how many answers are in each bin, on a logarithmic scale.

    Args:
        found: At least one.
        title: Of the figure.
        look: Of the system.
        medium: Where the plot is seen.
        whole: Whether these are scores of the whole benchmark.
    """
    from matplotlib.ticker import NullLocator

    colour = look.colour if look.named else INK
    style = marker_style(replace(look, colour=colour, marker=look.marker or "o"), whole, medium)
    with plot_style(medium):
        height_in = 1.5 * medium.panel_in + 6 * medium.font_pt / 72
        figure, axes = canvas(2, len(found), medium.column_in, height_in, height_ratios=(3, 1))
        for number, one in enumerate(found):
            curve, counts = axes[number], axes[number + len(found)]
            curve.plot([0, 1], [0, 1], color=GREY.colour, linewidth=0.7, zorder=1)
            confidences, shares = [each.confidence for each in one.bins], [each.observed for each in one.bins]
            curve.plot(confidences, shares, **style, linewidth=medium.line_pt, clip_on=False, zorder=3)
            for each in one.bins:
                if each.interval is not None:
                    bounds = each.interval.low, each.interval.high
                    curve.vlines(each.confidence, *bounds, color=colour, linewidth=medium.line_pt / 2)
            curve.set_title(f"{_WHAT[one.task]}: ECE {one.ece:.1f} points", fontsize="medium")
            low, widths = [each.low for each in one.bins], [each.high - each.low for each in one.bins]
            answers = [each.answers for each in one.bins]
            counts.bar(low, answers, widths, align="edge", color=GREY.colour, edgecolor=BACK, linewidth=0.5)
            counts.set_yscale("log")
            counts.set_ylim(bottom=0.5)
            counts.yaxis.set_minor_locator(NullLocator())
            counts.set_xlabel("probability")
            for axis in (curve, counts):
                axis.set_xlim(0, 1)
                axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
            curve.set_ylim(0, 1)
            curve.grid(color=GRID, linewidth=0.5)
        axes[0].set_ylabel("share that is true")
        axes[len(found)].set_ylabel("answers")
        set_title(figure, title + ("" if whole else "\nhollow markers: not scores of the whole benchmark"))
        settle(figure)
    return figure
