"""The plots of a report: which are drawn, as files, and for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.records import TASKS
from sseu_report.entries import Entry, ScoredEntry, is_control
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PagePlot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DETAILED = 6
"""Systems whose heat maps stand on the page; the files have everybody's."""


@dataclass(frozen=True)
class Drawn:
    """A plot to be drawn.

    Attributes:
        name: Of its files.
        title: Its caption.
        description: What it shows, in words.
        draw: Makes it.
        on_page: Whether it stands on the page.
        wide: It needs the whole width of the page.
    """

    name: str
    title: str
    description: str
    draw: Callable[[], Figure]
    on_page: bool = True
    wide: bool = False


def drawings(entries: Sequence[Entry], scored: Sequence[ScoredEntry]) -> Iterator[Drawn]:
    """Every plot of a report; curves of more results than a plot can show are left out."""
    from sseu_report.plots.class_maps import draw_classes, draw_confusion
    from sseu_report.plots.curves import MAX_SYSTEMS, MAX_TOGETHER, curve_of, draw_modes, draw_systems

    for mode in TASKS:
        for metric, name in METRIC_NAMES.items():
            shown = [entry for entry in entries if curve_of(entry, mode, metric) is not None]
            if 0 < len(shown) <= MAX_SYSTEMS:
                yield Drawn(
                    f"systems_{mode}_{metric}",
                    f"{name} against SNR, mode {mode}",
                    f"Curves of {name} in percent over the SNR conditions for {len(shown)} results asked in the mode "
                    f"{mode}, with 95 % bands. The tables hold the same values.",
                    partial(draw_systems, shown, mode, metric),
                    wide=len(shown) > MAX_TOGETHER,
                )
    for number, entry in enumerate(entries):
        if len(entry.scores["modes"]) > 1 and not is_control(entry):
            yield Drawn(
                f"modes_{number:02}",
                f"{entry.name}: how it was asked",
                f"Curves of each metric over the SNR conditions, one for each mode that {entry.name} was asked in. The "
                "tables hold the same values.",
                partial(draw_modes, entry),
            )
    detailed = [(number, one) for number, one in enumerate(scored) if not is_control(one.entry)]
    for place, (number, one) in enumerate(detailed):
        first = next(iter(one.scores))
        title = f"{one.entry.marked_name}, {first}"
        on_page = place < DETAILED
        for metric, what in (("macc", "recall of each scene"), ("map", "average precision of each event")):
            if one.scores[first].value(metric) is not None:
                yield Drawn(
                    f"classes_{number:02}_{metric}",
                    f"{title}: {what}",
                    f"Heat map over the SNR conditions: {what}, in percent.",
                    partial(draw_classes, one.scores[first], metric, title),
                    on_page,
                )
        if "asc" in one.scores[first].tables:
            yield Drawn(
                f"confusion_{number:02}",
                f"{title}: scene confusion",
                "Matrix: how often each true scene was taken for each scene, in percent of the true scene's answers.",
                partial(draw_confusion, one.scores[first], title),
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
    bar = tqdm(
        list(drawings(entries, scored)), desc="plots", unit="plot", disable=None if progress else True, leave=False
    )
    for drawn in bar:
        drawing = drawn.draw()
        svg, png = folder / f"{drawn.name}.svg", folder / f"{drawn.name}.png"
        for path in (svg, png):
            save_plot(drawing, path)
        paths += [svg, png]
        if drawn.on_page:
            plots.append(PagePlot(drawn.title, svg.read_text(encoding="utf-8"), drawn.description, drawn.wide))
    return paths, plots
