"""Plots of classes: recall of each scene or AP of each event over the SNR, and the scene confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.scores import Scores
from sseu_metric.text_table import percent, score_cell
from sseu_report.naming import shortened
from sseu_report.plots.snr_axis import tick_name
from sseu_report.plots.style import PAGE, Medium, canvas, plot_style, set_title, settle

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_NOT_WHOLE = "\n(in parentheses: not scores of the whole benchmark)"
_BLACK_FROM = 46.9
"""Percent. Here cividis has the relative luminance 0.179, with which black and white have equal contrast (WCAG 2.2)."""


def draw_classes(scores: Scores, metric: str, title: str, medium: Medium = PAGE, *, whole: bool = True) -> Figure:
    """A heat map over the SNR: the recall of each scene, or the AP of each event.

    Args:
        scores: Answers of one mode for which the metric is defined.
        metric: `macc` (recall of scenes) or `map` (AP of events).
        title: Names the system.
        medium: Where the plot is seen.
        whole: Whether these are scores of the whole benchmark; others stand in parentheses.
    """
    import numpy as np

    classes = SCENES if metric == "macc" else EVENTS
    conditions = scores.conditions(metric)
    by_condition = [scores.where(condition=name).class_values(metric) for name in conditions]
    cells = np.array([[values.get(name, np.nan) for values in by_condition] for name in classes])
    what = "Recall of scenes" if metric == "macc" else "AP of events"
    line_in = medium.font_pt / 72
    with plot_style(medium):
        figure, (axis,) = canvas(1, 1, medium.column_in, (8 if whole else 9.5) * line_in + 1.7 * line_in * len(classes))
        _draw_cells(axis, cells, classes, [tick_name(name) for name in conditions], whole)
        axis.set_xlabel("SNR (dB)")
        set_title(figure, f"{shortened(title, 60)}\n{what}, %{'' if whole else _NOT_WHOLE}")
        settle(figure)
    return figure


def scene_confusion(scores: Scores) -> NDArray[np.int64]:
    """How often each scene was classified as which.

    Returns:
        Shape (6, 7): true scene by scene of highest confidence; the last column counts the answers that name none or
        tie for the first place.
    """
    import numpy as np

    rows = scores.tables["asc"]
    confidences = rows["confidences"]
    highest = confidences.max(axis=1, keepdims=True)
    alone = (confidences == highest).sum(axis=1) == 1
    named = np.where(alone, confidences.argmax(axis=1), len(SCENES))
    counts = np.zeros((len(SCENES), len(SCENES) + 1), dtype=np.int64)
    np.add.at(counts, (rows["reference"], named), 1)
    return counts


def draw_confusion(scores: Scores, title: str, medium: Medium = PAGE, *, whole: bool = True) -> Figure:
    """The scene confusion matrix: rows are true scenes and sum to 100 %, all conditions and runs together.

    Args:
        scores: Answers of one mode, scenes among them.
        title: Names the system.
        medium: Where the plot is seen.
        whole: Whether these are scores of the whole benchmark; others stand in parentheses.
    """
    import numpy as np

    counts = scene_confusion(scores)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(100.0 * counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    line_in = medium.font_pt / 72
    with plot_style(medium):
        figure, (axis,) = canvas(1, 1, medium.column_in, (28 if whole else 29.5) * line_in)
        _draw_cells(axis, shares, SCENES, (*SCENES, "none or tie"), whole)
        for label in axis.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
        axis.set_xlabel("Answered")
        axis.set_ylabel("True")
        set_title(figure, f"{shortened(title, 60)}\nScene confusion, % of the true scene{'' if whole else _NOT_WHOLE}")
        settle(figure)
    return figure


def _draw_cells(
    axis: Axes, cells: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], whole: bool
) -> None:
    """A matrix of percentages, coloured with even lightness and labelled; undefined values are dashes."""
    import numpy as np

    axis.imshow(cells, cmap="cividis", vmin=0, vmax=100, aspect="auto", interpolation="nearest")
    for (row, column), value in np.ndenumerate(cells):
        ink = "white" if value < _BLACK_FROM else "black"
        text = score_cell(None if np.isnan(value) else percent(float(value), 0), whole=whole)
        axis.text(column, row, text, ha="center", va="center", color=ink)
    axis.set_xticks(range(len(columns)), columns)
    axis.set_yticks(range(len(rows)), rows)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
