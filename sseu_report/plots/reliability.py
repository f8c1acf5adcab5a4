"""Reliability plots: how often what a system gives a probability is there, against that probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_report.plots.style import COLOURS, canvas, curve_style, plot_style, set_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sseu_metric.calibration import Calibration

_WHAT = {"asc": "scenes: highest probability", "at": "events: probability of each"}


def draw_reliability(found: Sequence[Calibration], title: str, *, whole: bool) -> Figure:
    """A panel for each task: the share that is true against the mean probability of each bin, with 95 % intervals.

    The diagonal is perfect calibration; grey bars below say how many answers are in each bin, on a logarithmic scale.

    Args:
        found: At least one.
        title: Of the figure.
        whole: Whether these are scores of the whole benchmark.
    """
    with plot_style():
        figure, axes = canvas(2, len(found), 3.9 * len(found), 4.9)
        for number, one in enumerate(found):
            curve, counts = axes[number], axes[number + len(found)]
            curve.plot([0, 1], [0, 1], color="#9a9a9a", linewidth=0.8, zorder=1)
            style = curve_style(number, whole)
            curve.plot([a.confidence for a in one.bins], [a.observed for a in one.bins], **style, zorder=3)
            for each in one.bins:
                if each.interval is not None:
                    curve.vlines(each.confidence, each.interval.low, each.interval.high, color=style["color"])
            curve.set_title(_WHAT[one.task])
            curve.set_ylabel("share that is true")
            low, widths = [a.low for a in one.bins], [a.high - a.low for a in one.bins]
            counts.bar(low, [a.answers for a in one.bins], widths, align="edge", color="#b8b8b8", edgecolor="white")
            counts.set_yscale("log")
            counts.set_ylim(bottom=0.5)
            counts.set_ylabel("answers")
            counts.set_xlabel("probability")
            for axis in (curve, counts):
                axis.set_xlim(0, 1)
            curve.set_ylim(0, 1)
            text = f"ECE {one.ece:.1f} points"
            curve.text(0.03, 0.95, text, transform=curve.transAxes, va="top", color=COLOURS[5], fontsize=8)
        about = "" if whole else "\nhollow markers: not scores of the whole benchmark"
        set_title(figure, title + about)
    return figure
