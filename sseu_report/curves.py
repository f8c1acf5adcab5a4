"""The report's figures: metric against SNR, heat maps of classes, the scene confusion matrix.

Figures are drawn for paper and screen: every curve has its own colour, marker and line style, colours differ in
lightness too, so that grey print and colour-blind readers keep them apart. `+inf` and `-inf` stand apart from the
finite SNRs behind a break of the axis, and no line crosses it. Bands are the 95 % intervals of `scores.json`. An
incomplete result says so in its name and has hollow markers.

The same figure gives the same bytes: fixed style whatever the user's settings, no date, a fixed salt of the ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sseu_metric.labels import CONDITIONS, EVENTS, SCENES
from sseu_metric.scores import Scores
from sseu_models.job import FINITE
from sseu_models.records import TASKS
from sseu_report.entries import Entry
from sseu_report.findings import NAMES, shown

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

COLOURS = ("#0a2f8f", "#00786b", "#cf8000", "#a31515", "#a45fc4", "#000000")
"""Each at least 3 to 1 against white and 7 CIELAB steps of lightness from every other; the first three at least 15."""
DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (5, 1.5)),
    (0, (1, 1.2)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (8, 3)),
)
MARKERS = ("o", "s", "^", "D", "v", "P")
MOST_TOGETHER = len(COLOURS)
"""Above so many systems each gets its own small panel, the others in grey behind it."""
MOST_SYSTEMS = 20
_GREY = "#b8b8b8"
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.dpi": 100.0,
    "savefig.dpi": 200.0,
    "svg.fonttype": "none",  # text stays text: found by search, read aloud, in the reader's font
    "svg.hashsalt": "sseu-bench",
}
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
    figures = entry.figures["modes"].get(mode)
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


def draw_modes(entry: Entry, metrics: Sequence[str] = tuple(NAMES)) -> Figure:
    """The paper's Figure 3: each metric against the SNR, a curve for each mode of one system.

    Args:
        entry: From `read_entries`.
        metrics: Panels, from left to right.

    Raises:
        ValueError: It has none of the metrics.
    """
    modes: list[str] = [mode for mode in TASKS if mode in entry.figures["modes"]]
    panels = [
        (metric, [replace(curve, name=mode) for mode in modes if (curve := curve_of(entry, mode, metric)) is not None])
        for metric in metrics
    ]
    panels = [(metric, curves) for metric, curves in panels if curves]
    if not panels:
        raise ValueError(f"{entry.folder}: no figures of {', '.join(metrics)} in scores.json; score it anew")
    with _style():
        figure, axes = _canvas(1, len(panels), 4.2 * len(panels), 3.6)
        for axis, (metric, curves) in zip(axes, panels, strict=True):
            _draw_panel(axis, metric, curves, [modes.index(curve.name) for curve in curves])
        _add_legend(figure, {mode: modes.index(mode) for mode in modes}, entry.complete, columns=len(modes))
        _set_title(figure, entry_name(entry, 70))
    return figure


def draw_systems(entries: Sequence[Entry], mode: str, metric: str) -> Figure:
    """One metric against the SNR in one mode, a curve for each system.

    Up to `MOST_TOGETHER` systems share a panel. More get a panel each, in which the others stand behind in grey.

    Args:
        entries: Those without figures in this mode are left out.
        mode: How they were asked.
        metric: `wer`, `macc` or `map`.

    Raises:
        ValueError: None of them has the metric, or they are more than `MOST_SYSTEMS`.
    """
    curves = [curve for entry in entries if (curve := curve_of(entry, mode, metric)) is not None]
    if not curves:
        raise ValueError(f"none of the {len(entries)} results has figures of {metric} in the mode {mode}")
    if len(curves) > MOST_SYSTEMS:
        raise ValueError(f"{len(curves)} systems; at most {MOST_SYSTEMS} are legible in a figure, draw them in groups")
    title = f"{NAMES[metric]}, {mode}"
    with _style():
        if len(curves) <= MOST_TOGETHER:
            figure, (axis,) = _canvas(1, 1, 5.6, 3.9 + 0.19 * len(curves))
            _draw_panel(axis, metric, curves, range(len(curves)))
            names = {f"{number}": number for number in range(len(curves))}
            _add_legend(figure, names, True, columns=1, curves=curves)
        else:
            columns = 4
            figure, axes = _canvas(-(-len(curves) // columns), columns, 12.0, 2.5 * -(-len(curves) // columns) + 0.5)
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
        _set_title(figure, title)
    return figure


def draw_classes(scores: Scores, metric: str, title: str) -> Figure:
    """A heat map over the SNR: the recall of each scene, or the AP of each event.

    Args:
        scores: Of one mode.
        metric: `macc` (recall of scenes) or `map` (AP of events).
        title: Whose they are.

    Raises:
        ValueError: The metric has no classes, or is not defined for these answers.
    """
    import numpy as np

    if metric not in ("macc", "map"):
        raise ValueError(f"metric {metric!r} has no classes; there are macc and map")
    classes = SCENES if metric == "macc" else EVENTS
    measured = {condition for _, condition in scores.cells(metric)}
    conditions = [name for name in CONDITIONS if name in measured]
    if not conditions:
        raise ValueError(f"{metric} is not defined for these answers: there is no heat map")
    by_condition = [scores.where(condition=name).class_figures(metric) for name in conditions]
    cells = np.array([[figures.get(name, np.nan) for figures in by_condition] for name in classes])
    what = "Recall of scenes" if metric == "macc" else "AP of events"
    with _style():
        figure, (axis,) = _canvas(1, 1, 3.2 + 0.62 * len(conditions), 1.6 + 0.28 * len(classes))
        _draw_cells(axis, cells, classes, conditions)
        axis.set_xlabel("SNR (dB)")
        _set_title(figure, f"{shown(title, 60)}\n{what}, %")
    return figure


def scene_confusion(scores: Scores) -> NDArray[np.int64]:
    """How often each scene was taken for each.

    Returns:
        Shape (6, 7): true scene by the scene of highest confidence; the last column counts the answers that name none
        or tie for the first place.

    Raises:
        ValueError: There are no scene answers.
    """
    import numpy as np

    if "asc" not in scores.tables:
        raise ValueError("no scene answers: there is no confusion matrix")
    rows = scores.tables["asc"]
    confidences = rows["confidences"]
    highest = confidences.max(axis=1, keepdims=True)
    alone = (confidences == highest).sum(axis=1) == 1
    named = np.where(alone, confidences.argmax(axis=1), len(SCENES))
    counts = np.zeros((len(SCENES), len(SCENES) + 1), dtype=np.int64)
    np.add.at(counts, (rows["reference"], named), 1)
    return counts


def draw_confusion(scores: Scores, title: str) -> Figure:
    """The scene confusion matrix: rows are true scenes and sum to 100 %, all conditions and runs together.

    Args:
        scores: Of one mode, or of one condition of it.
        title: Whose they are.

    Raises:
        ValueError: There are no scene answers.
    """
    import numpy as np

    counts = scene_confusion(scores)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(100.0 * counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    with _style():
        figure, (axis,) = _canvas(1, 1, 6.4, 4.4)
        _draw_cells(axis, shares, SCENES, (*SCENES, "none or tie"))
        for label in axis.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
        axis.set_xlabel("Heard")
        axis.set_ylabel("True")
        _set_title(figure, f"{shown(title, 60)}\nScenes taken for scenes, % of the true one")
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as SVG or PNG; the same figure gives the same bytes.

    Raises:
        ValueError: The name ends otherwise.
    """
    import warnings

    kind = path.suffix.lower()
    if kind not in (".svg", ".png"):
        raise ValueError(f"{path}: figures are written as .svg or .png")
    metadata = {"Date": None, "Creator": "SSEU-Bench"} if kind == ".svg" else {"Software": "SSEU-Bench"}
    with _style(), warnings.catch_warnings():
        # A name may hold characters that the font lacks: PNG shows a box, SVG leaves them to the reader's font.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(path, metadata=metadata)


@contextmanager
def _style() -> Iterator[None]:
    """Our style on matplotlib's own defaults, whatever the user's settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def _canvas(rows: int, columns: int, width_in: float, height_in: float) -> tuple[Figure, list[Axes]]:
    """A figure with a grid of axes, without pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).ravel())


def _draw_panel(
    axis: Axes, metric: str, curves: Sequence[Curve], styles: Sequence[int], *, small: bool = False
) -> None:
    """The curves of one metric with their bands, and the broken axis under them."""
    for curve, number in zip(curves, styles, strict=True):
        look = _look(number, curve.complete)
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
    axis.set_ylabel(f"{NAMES[metric]} (%)")
    _break_axis(axis, {c for curve in curves for c in curve.values}, small=small)


def _draw_finite(axis: Axes, curve: Curve, **look: Any) -> None:
    finite = [c for c in FINITE if c in curve.values]
    axis.plot([_PLACES[c] for c in finite], [curve.values[c] for c in finite], **look)


def _look(number: int, complete: bool) -> dict[str, Any]:
    colour = COLOURS[number % len(COLOURS)]
    return {
        "color": colour,
        "linestyle": DASHES[number % len(DASHES)],
        "linewidth": 1.5,
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 5.0,
        "clip_on": False,  # a marker at 0 is shown whole
        "markerfacecolor": colour if complete else "white",
    }


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
        Line2D([], [], **_look(number, whole), label=f"curve {number}")
        for number, whole in zip(numbers.values(), full, strict=True)
    ]
    legend = figure.legend(
        handles=handles, loc="outside lower center", ncols=columns, frameon=False, handlelength=4.0, fontsize=8
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)


def _set_title(figure: Figure, title: str) -> None:
    figure.suptitle(title, fontsize=10).set_parse_math(False)


def relative_luminance(rgb: Sequence[float]) -> float:
    """Luminance of an sRGB colour, 0 (black) to 1 (white), after WCAG 2.2.

    Args:
        rgb: Red, green and blue, 0 to 1.
    """
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _draw_cells(axis: Axes, cells: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]) -> None:
    """A table of percentages in colours of steady lightness, each with its number; what is not defined is a dash."""
    import matplotlib
    import numpy as np

    colours = matplotlib.colormaps["cividis"]
    axis.imshow(cells, cmap=colours, vmin=0, vmax=100, aspect="auto", interpolation="nearest")
    for (row, column), value in np.ndenumerate(cells):
        # The relative luminance at which black and white ink have the same contrast (WCAG 2.2) is 0.179.
        ink = "black" if np.isnan(value) or relative_luminance(colours(value / 100)[:3]) > 0.179 else "white"
        axis.text(
            column, row, "–" if np.isnan(value) else f"{value:.0f}", ha="center", va="center", color=ink, fontsize=8
        )
    axis.set_xticks(range(len(columns)), columns, fontsize=8)
    axis.set_yticks(range(len(rows)), rows, fontsize=8)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
