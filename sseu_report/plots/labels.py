"""Names of curves: at the ends of the lines, one above the other without overlap, or below the axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_report.appearance import Appearance
from sseu_report.plots.style import DIM, Medium, line_style, marker_style, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

_POINTS_PER_INCH = 72
_LINE = 1.22
"""Distance of labels in font sizes."""
_GAP_IN = 0.28
"""Between the axes and the labels: room for the lines that lead to them."""


@dataclass(frozen=True)
class Label:
    """The name of a curve.

    Attributes:
        text: Untrusted text.
        look: Of the curve.
        whole: Whether its markers are filled.
        point: Where the curve ends: the place on the axis and the value.
    """

    text: str
    look: Appearance
    whole: bool
    point: tuple[float, float]

    @property
    def colour(self) -> str:
        """Of the text: grey curves have a darker name, which is small and must be read."""
        return self.look.colour if self.look.named else DIM


def spread(wanted: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Places near those wanted, `distance` apart and between two bounds where they fit: least squares.

    Args:
        wanted: In any order.
        distance: Least distance of two places.
        low: No place is below.
        high: No place is above, unless there are more places than fit.
    """
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    # Each block is a run of places that touch: the sum of what its members want of its first place, and their number.
    blocks: list[tuple[float, int]] = []
    for place, number in enumerate(order):
        blocks.append((wanted[number] - place * distance, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            (one, ones), (other, others) = blocks[-2:]
            blocks[-2:] = [(one + other, ones + others)]
    firsts = [total / count for total, count in blocks for _ in range(count)]
    top = max(low, high - (len(order) - 1) * distance)
    found = [0.0] * len(order)
    for place, (number, first) in enumerate(zip(order, firsts, strict=True)):
        found[number] = min(max(first, low), top) + place * distance
    return found


def label_width_in(figure: Figure, names: Sequence[str]) -> float:
    """How much space labels at the ends need beside the axes."""
    texts = [figure.text(0, 0, name) for name in names]
    for text in texts:
        plain(text)
    widest = max((text.get_window_extent().width for text in texts), default=0.0) / figure.dpi
    for text in texts:
        text.remove()
    return _GAP_IN + widest + 0.04 if names else 0.1


def most_labels(height_in: float, font_pt: float) -> int:
    """How many labels have a place beside axes of this height."""
    return int(height_in * _POINTS_PER_INCH / (font_pt * _LINE)) + 1


def label_ends(axis: Axes, labels: Sequence[Label], width_in: float, height_in: float, font_pt: float) -> None:
    """Names beside the axes, each with a thin line from the end of its curve.

    Args:
        axis: With its final limits.
        labels: At most `most_labels`.
        width_in: Of the axes.
        height_in: Of the axes.
        font_pt: Size of the text.
    """
    (first, last), (bottom, top) = axis.get_xlim(), axis.get_ylim()
    right_per_in, up_per_in = (last - first) / width_in, (top - bottom) / height_in
    places = spread(
        [min(label.point[1], top) for label in labels], font_pt * _LINE / _POINTS_PER_INCH * up_per_in, bottom, top
    )
    start = last + _GAP_IN * right_per_in
    for label, place in zip(labels, places, strict=True):
        text = axis.text(start, place, label.text, color=label.colour, va="center_baseline", clip_on=False, gid="label")
        plain(text)
        here, value = label.point
        axis.plot(
            [here + 0.08 * right_per_in, start - 0.16 * right_per_in, start - 0.04 * right_per_in],
            [min(value, top), place, place],
            color=label.look.colour,
            linewidth=0.5,
            clip_on=False,
            zorder=1,
        )


def legend_below(figure: Figure, labels: Sequence[Label], medium: Medium) -> Legend:
    """A legend at the bottom of the figure, in as many columns as its width holds.

    Args:
        figure: Its height may change afterwards.
        labels: At least one; in order, down the columns.
        medium: Where the plot is seen.
    """
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], **line_style(one.look, medium) | marker_style(one.look, one.whole, medium)) for one in labels
    ]
    for columns in range(min(5, len(labels)), 0, -1):
        legend = figure.legend(
            handles,
            # Numbers, since matplotlib hides labels that begin with `_`: the names are set afterwards.
            [str(number) for number in range(len(labels))],
            loc="lower center",
            ncols=columns,
            frameon=False,
            handlelength=2.8,
            handletextpad=0.5,
            columnspacing=1.0,
            labelspacing=0.25,
            borderaxespad=0.2,
            borderpad=0.0,
        )
        for text, label in zip(legend.get_texts(), labels, strict=True):
            plain(text)
            text.set_text(label.text)
        if legend.get_window_extent().width <= figure.bbox.width:
            break
        if columns > 1:
            legend.remove()
    return legend
