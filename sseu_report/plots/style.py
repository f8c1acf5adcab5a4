"""What all plots share: media, inks, the canvas, and files with reproducible bytes.

A plot is drawn for a medium: the page (sans serif, wide enough for labels at the line ends) or a paper (the serif font
that is closest to Times, 8 pt, as wide as a column of IEEE and ICASSP). The style does not depend on the user's
settings; files have no date, ids a fixed salt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_report.appearance import GREY, PALETTE, Appearance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Medium:
    """Where a plot is seen.

    Attributes:
        fonts: Font families, each for what those before it lack.
        font_pt: Size of all text.
        column_in: Width of a plot of one panel.
        wide_in: Width of a plot of several panels.
        panel_in: Height of the axes of curves.
        line_pt: Width of the line of a named system.
        marker_pt: Size of its markers.
        labels_at_ends: Whether curves are named at their ends; else below the axes.
        max_name: Longer names of systems are shortened to so many characters.
    """

    fonts: tuple[str, ...]
    font_pt: float
    column_in: float
    wide_in: float
    panel_in: float
    line_pt: float
    marker_pt: float
    labels_at_ends: bool
    max_name: int


PAGE = Medium(("DejaVu Sans",), 9.0, 4.7, 12.4, 2.9, 1.5, 4.5, labels_at_ends=True, max_name=26)
PAPER = Medium(("STIXGeneral", "DejaVu Serif"), 8.0, 3.39, 7.0, 1.75, 1.0, 3.2, labels_at_ends=False, max_name=24)
"""86 mm and 178 mm: one and both columns of a page of IEEE, ICASSP and Interspeech."""

INK, DIM, GRID, BACK = "#1b1b1f", "#6c6c75", "#dedee3", "#fdfdfd"
"""Text and axes, grey text, grid lines, and the inside of hollow markers."""
DARK = {
    **{look.colour: look.dark_colour for look in PALETTE},
    GREY.colour: GREY.dark_colour,
    INK: "#f2f2f5",
    DIM: "#a0a0aa",
    GRID: "#34343c",
    BACK: "#16161a",
}
"""The colours of a plot on a dark page; others, such as those of heat maps, stay."""
_STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 100.0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "lines.solid_capstyle": "round",
    "pdf.fonttype": 42,  # TrueType: conferences refuse Type 3
    "svg.fonttype": "none",  # text stays text: found by search, read aloud, in the reader's font
    "svg.hashsalt": "sseu-bench",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.color": INK,
    "ytick.major.width": 0.6,
}


@contextmanager
def plot_style(medium: Medium = PAGE) -> Iterator[None]:
    """The style of this project on matplotlib's defaults, whatever the user's settings are.

    A name may hold characters that the font lacks: they are boxes in PNG and PDF, and SVG leaves them to the reader's.
    """
    import warnings

    import matplotlib

    text = dict.fromkeys(
        ("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"),
        medium.font_pt,
    )
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE | text | {"font.family": list(medium.fonts)})
        yield


def canvas(rows: int, columns: int, width_in: float, height_in: float, **grid: Any) -> tuple[Figure, list[Axes]]:
    """A figure with a grid of axes that find their places themselves, without pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid).ravel())


def marker_style(look: Appearance, whole: bool, medium: Medium) -> dict[str, Any]:
    """Keyword arguments to draw markers; hollow ones where a result is not of the whole benchmark."""
    return {
        "color": look.colour,
        "marker": look.marker or "_",
        "markersize": medium.marker_pt if look.marker else 1.5 * medium.marker_pt,
        "markerfacecolor": look.colour if whole else BACK,
        "markeredgewidth": 0.65 * medium.line_pt,
    }


def line_style(look: Appearance, medium: Medium) -> dict[str, Any]:
    """Keyword arguments to draw a line."""
    return {
        "color": look.colour,
        "linestyle": look.dash,
        "linewidth": medium.line_pt if look.named else 0.5 * medium.line_pt,
    }


def settle(figure: Figure) -> None:
    """Find the places of the axes once for all files; what lies inside of them takes no part in it."""
    for axis in figure.axes:
        for text in axis.texts:
            text.set_in_layout(False)
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")


def plain(text: Any) -> None:
    """Keep a text of matplotlib as it is, whatever it contains."""
    text.set_parse_math(False)


def set_title(figure: Figure, title: str) -> None:
    """Set a title that stays plain text."""
    plain(figure.suptitle(title, fontsize="medium"))


def save_plot(figure: Figure, path: Path) -> None:
    """Write a plot as .svg, .pdf or .png (300 dpi) for papers; the same plot gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    with plot_style():
        if path.suffix == ".svg":
            path.write_text(
                as_svg(figure).replace("'STIXGeneral'", "'STIX Two Text', 'STIXGeneral', 'Times New Roman'")
            )
        elif path.suffix == ".pdf":
            dates = {"CreationDate": None, "Creator": "SSEU-Bench", "Producer": None}
            FigureCanvasPdf(figure).print_pdf(path, metadata=dates)  # type: ignore[no-untyped-call]
        else:
            figure.set(dpi=300, facecolor="white")
            FigureCanvasAgg(figure).print_png(path, metadata={"Software": "SSEU-Bench"})  # type: ignore[no-untyped-call]
            figure.set(dpi=100, facecolor="none")


def as_svg(figure: Figure) -> str:
    """The SVG document, without a date."""
    import io

    from matplotlib.backends.backend_svg import FigureCanvasSVG

    metadata = {"Date": None, "Creator": "SSEU-Bench"}
    with plot_style(), io.StringIO() as file:
        # The canvas itself: `savefig` would draw everything twice.
        FigureCanvasSVG(figure).print_svg(file, metadata=metadata)  # type: ignore[no-untyped-call]
        return file.getvalue()
