"""What all plots share: colours, markers, dashes, the canvas, and files with reproducible bytes.

Plots are drawn for paper and screen: every curve has its own colour, marker and line style, and colours differ in
lightness too, so that grey print and colour-blind readers keep them apart. The style does not depend on the user's
settings; files have no date, ids a fixed salt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0a2f8f", "#00786b", "#cf8000", "#a31515", "#a45fc4", "#000000")
"""Contrast of at least 3 to 1 with white; lightness at least 7 CIELAB steps apart, of the first three at least 15."""
DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (5, 1.5)),
    (0, (1, 1.2)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (8, 3)),
)
MARKERS = ("o", "s", "^", "D", "v", "P")
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


@contextmanager
def plot_style() -> Iterator[None]:
    """The style of this project on matplotlib's defaults, whatever the user's settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def canvas(rows: int, columns: int, width_in: float, height_in: float) -> tuple[Figure, list[Axes]]:
    """A figure with a grid of axes, without pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).ravel())


def curve_style(number: int, whole: bool) -> dict[str, Any]:
    """Keyword arguments to draw curve number `number`; hollow markers where it is not of the whole benchmark."""
    colour = COLOURS[number % len(COLOURS)]
    return {
        "color": colour,
        "linestyle": DASHES[number % len(DASHES)],
        "linewidth": 1.5,
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 5.0,
        "clip_on": False,  # a marker at 0 is not cut in half
        "markerfacecolor": colour if whole else "white",
    }


def set_title(figure: Figure, title: str) -> None:
    """Set a title that stays plain text, whatever it contains."""
    figure.suptitle(title, fontsize=10).set_parse_math(False)


def save_plot(figure: Figure, path: Path) -> None:
    """Write a plot as .svg or .png; the same plot gives the same bytes."""
    import warnings

    metadata = {"Date": None, "Creator": "SSEU-Bench"} if path.suffix == ".svg" else {"Software": "SSEU-Bench"}
    with plot_style(), warnings.catch_warnings():
        # A name may hold characters that the font lacks: PNG shows a box, SVG leaves them to the reader's font.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(path, metadata=metadata)
