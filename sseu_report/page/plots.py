"""The plots of a report: which are drawn, as files and for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.records import TASKS
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PagePlot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_DETAILED = 6
"""Number of systems whose heat maps stand on the page; the files have those of all systems."""


@dataclass(frozen=True)
class PlannedPlot:
    """A plot to be drawn.

    Attributes:
        name: Name of its files.
        title: Its caption.
        description: Its content in words.
        draw: Draws it.
        on_page: Whether it stands on the page.
        wide: Whether it needs the whole width of the page.
    """

    name: str
    title: str
    description: str
    draw: Callable[[], Figure]
    on_page: bool = True
    wide: bool = False


def plan_plots(entries: Sequence[Entry], scored: Sequence[ScoredEntry]) -> Iterator[PlannedPlot]:
    """Every plot of a report; curves of more results than a plot can show are left out."""
    from sseu_report.plots.curves import MAX_SYSTEMS, MAX_TOGETHER, curve_of, draw_modes, draw_systems

    for mode in TASKS:
        for metric, name in METRIC_NAMES.items():
            shown = [entry for entry in entries if curve_of(entry, mode, metric) is not None]
            if 0 < len(shown) <= MAX_SYSTEMS:
                yield PlannedPlot(
                    f"systems_{mode}_{metric}",
                    f"{name} against SNR, mode {mode}",
                    f"Curves of {name} in percent over the SNR conditions for {len(shown)} results asked in the mode "
                    f"{mode}, with 95 % bands. The tables hold the same values.",
                    partial(draw_systems, shown, mode, metric),
                    wide=len(shown) > MAX_TOGETHER,
                )
    for number, entry in enumerate(entries):
        drawn = any(curve_of(entry, mode, metric) for mode in entry.modes for metric in METRIC_NAMES)
        if len(entry.modes) > 1 and drawn and not entry.is_control:
            yield PlannedPlot(
                f"modes_{number:02}",
                f"{entry.name}: modes of asking",
                f"Curves of each metric over the SNR conditions, one for each mode that {entry.name} was asked in. The "
                "tables hold the same values.",
                partial(draw_modes, entry),
            )
    detailed = [(number, one) for number, one in enumerate(scored) if not one.entry.is_control]
    for place, (number, one) in enumerate(detailed):
        yield from _class_plots(number, one, place < MAX_DETAILED)
        yield from _reliability_plots(number, one, place < MAX_DETAILED)


def _class_plots(number: int, one: ScoredEntry, on_page: bool) -> Iterator[PlannedPlot]:
    """The heat maps of a system in its first mode."""
    from sseu_report.plots.class_maps import draw_classes, draw_confusion

    mode, scores = next(iter(one.scores.items()))
    title, whole = f"{one.entry.name}, {mode}", not one.entry.limitations
    for metric, what in (("macc", "recall of each scene"), ("map", "average precision of each event")):
        if scores.cells(metric):
            yield PlannedPlot(
                f"classes_{number:02}_{metric}",
                f"{title}: {what}",
                f"Heat map over the SNR conditions: {what}, in percent.",
                partial(draw_classes, scores, metric, title, whole=whole),
                on_page,
            )
    if scores.cells("macc"):
        yield PlannedPlot(
            f"confusion_{number:02}",
            f"{title}: scene confusion",
            "Matrix: how often each true scene was classified as which, in percent of the true scene's answers.",
            partial(draw_confusion, scores, title, whole=whole),
            on_page,
        )


def _reliability_plots(number: int, one: ScoredEntry, on_page: bool) -> Iterator[PlannedPlot]:
    """The reliability plot of a system in every mode in which it gives probabilities."""
    from sseu_metric.calibration import Calibration, find_calibration
    from sseu_report.plots.reliability import draw_reliability

    for mode, scores in one.scores.items():
        found = [each for task in ("asc", "at") if isinstance(each := find_calibration(scores, task), Calibration)]
        if found:
            title = f"{one.entry.name}, {mode}: reliability"
            yield PlannedPlot(
                f"reliability_{number:02}_{mode}",
                title,
                "Reliability plot: the share of answers that are true against the probability given to them, in "
                "fifteen bins, with 95 % intervals; the diagonal is perfect calibration.",
                partial(draw_reliability, found, title, whole=not one.entry.limitations),
                on_page,
            )


def draw_plots(
    entries: Sequence[Entry], scored: Sequence[ScoredEntry], folder: Path, progress: bool
) -> tuple[list[Path], list[PagePlot]]:
    """Draw every plot into a folder as SVG and PNG.

    Returns:
        The files, and the plots of the page.
    """
    from tqdm import tqdm

    from sseu_report.plots.style import save_plot

    folder.mkdir(parents=True, exist_ok=True)
    paths, plots = [], []
    planned = list(plan_plots(entries, scored))
    for plot in tqdm(planned, desc="plots", unit="plot", disable=None if progress else True, leave=False):
        figure = plot.draw()
        svg, png = folder / f"{plot.name}.svg", folder / f"{plot.name}.png"
        for path in (svg, png):
            save_plot(figure, path)
        paths += [svg, png]
        if plot.on_page:
            plots.append(PagePlot(plot.title, svg.read_text(encoding="utf-8"), plot.description, plot.wide, plot.name))
    return paths, plots
