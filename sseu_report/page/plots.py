"""The plots of a report: which are drawn, as files and for the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.records import TASKS
from sseu_report.appearance import Appearance, appearances
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.naming import METRIC_NAMES, metric_names
from sseu_report.page.render import PagePlot
from sseu_report.summary import Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sseu_report.plots.style import Medium

SUMMARY_CURVES = "summary_curves"
MAX_DETAILED = 6
"""So many systems have their heat maps on the page, the best ones; the files have those of all systems."""


@dataclass(frozen=True)
class PlannedPlot:
    """A plot to be drawn.

    Attributes:
        name: Name of its files: `summary_curves`, or `systems_`, `classes_`, `confusion_`, `reliability_`, `modes_` and
            of what.
        title: Its caption.
        description: Its content in words.
        draw: Draws it for a medium.
        on_page: Whether it stands on the page.
        wide: Whether it needs the whole width of the page.
    """

    name: str
    title: str
    description: str
    draw: Callable[[Medium], Figure]
    on_page: bool = True
    wide: bool = False


def looks_of(entries: Sequence[Entry], summary: Summary) -> dict[str, Appearance]:
    """The look of each entry in every plot and table, by name, in the order of the summary.

    Those that a reader highlights, the best system of each metric and the first of the summary have one of their own,
    front ends what is left of them; the others are grey.
    """
    controls = [entry.name for entry in entries if entry.kind not in ("system", "front end")]
    order = list(dict.fromkeys([*summary.in_order, *(entry.name for entry in entries)]))
    looks = appearances([*summary.highlighted, *_leaders(summary), *order], grey=controls)
    return {name: looks[name] for name in order}


def _leaders(summary: Summary) -> list[str]:
    """The best system of each metric."""
    found = []
    for metric in summary.metrics:
        means = {row.name: row.cells[metric].mean for row in summary.rows if row.is_system and metric in row.cells}
        pick = min if metric == "wer" else max
        if means:
            found.append(pick(means, key=lambda name: means[name]))
    return found


def plan_plots(entries: Sequence[Entry], scored: Sequence[ScoredEntry], summary: Summary) -> Iterator[PlannedPlot]:
    """Every plot of a report; the best systems come first."""
    from sseu_report.plots.curves import curves_of, draw_modes, draw_summary
    from sseu_report.plots.panel import curve_of

    looks = looks_of(entries, summary)
    places = {name: place for place, name in enumerate(looks)}
    entries = sorted(entries, key=lambda entry: places[entry.name])
    if summary.metrics:
        names = ", ".join(summary.names[metric] for metric in curves_of(summary))
        yield PlannedPlot(
            SUMMARY_CURVES,
            f"{names} against SNR, mode {summary.mode}",
            _about_curves(names, len(summary.rows), summary.mode),
            lambda medium: draw_summary(entries, summary, looks, _low(medium)),
            wide=True,
        )
    for mode in sorted(TASKS, key=lambda mode: mode != summary.mode):
        for metric in METRIC_NAMES:
            yield from _system_plots(entries, mode, metric, looks)
    # A plot of one system takes a second: those without a look of their own get theirs in a report of fewer.
    detailed = [one for one in sorted(scored, key=lambda one: places[one.entry.name]) if looks[one.entry.name].named]
    for place, one in enumerate(detailed):
        yield from _class_plots(_file_name(place, one.entry), one, place < MAX_DETAILED)
    for place, one in enumerate(detailed):
        yield from _reliability_plots(_file_name(place, one.entry), one, looks[one.entry.name], place < MAX_DETAILED)
    asked = [entry for entry in entries if looks[entry.name].named]
    for place, entry in enumerate(asked):
        drawn = any(curve_of(entry, mode, metric) for mode in entry.modes for metric in METRIC_NAMES)
        if len(entry.modes) > 1 and drawn:
            yield PlannedPlot(
                f"modes_{_file_name(place, entry)}",
                f"{entry.name}: modes of asking",
                f"Curves of each metric over the SNR conditions, one for each mode that {entry.name} was asked in, "
                "with 95 % bands. The tables hold the same values.",
                partial(draw_modes, entry, looks[entry.name]),
                place < MAX_DETAILED,
                wide=True,
            )


def _low(medium: Medium) -> Medium:
    """As high as the first screen of the page has room for, below fourteen systems."""
    return replace(medium, panel_in=min(medium.panel_in, 1.5))


def _about_curves(names: str, count: int, mode: str) -> str:
    return (
        f"Curves of {names} in percent over the SNR conditions for {count} results asked in the mode {mode}. Up to "
        "eight systems have a colour and a marker; thin grey lines are other systems, baselines, controls and oracles, "
        "dashed ones the floors. The tables hold the same values, with intervals."
    )


def _file_name(place: int, entry: Entry) -> str:
    """The place of a system and what is left of its name in a file's name."""
    return f"{place + 1:02}_{re.sub('[^A-Za-z0-9.]+', '-', entry.name)[:40].strip('-.').lower()}".rstrip("_")


def _system_plots(
    entries: Sequence[Entry], mode: str, metric: str, looks: Mapping[str, Appearance]
) -> Iterator[PlannedPlot]:
    from sseu_report.plots.curves import draw_systems
    from sseu_report.plots.panel import curve_of

    shown = [entry for entry in entries if curve_of(entry, mode, metric) is not None]
    if shown:
        title = metric_names(shown[0].asr_unit)[metric]
        yield PlannedPlot(
            f"systems_{mode}_{metric}",
            f"{title} against SNR, mode {mode}",
            _about_curves(title, len(shown), mode),
            partial(draw_systems, shown, mode, metric, looks),
        )


def _class_plots(name: str, one: ScoredEntry, on_page: bool) -> Iterator[PlannedPlot]:
    """The heat maps of a system in its first mode."""
    from sseu_report.plots.class_maps import draw_classes, draw_confusion

    mode, scores = next(iter(one.scores.items()))
    title, whole = f"{one.entry.name}, {mode}", not one.entry.limitations
    for metric, what in (("macc", "recall of each scene"), ("map", "average precision of each event")):
        if scores.cells(metric):
            yield PlannedPlot(
                f"classes_{name}_{metric}",
                f"{title}: {what}",
                f"Heat map over the SNR conditions: {what}, in percent.",
                partial(draw_classes, scores, metric, title, whole=whole),
                on_page=False,  # there they are tables (`sections/heat.py`)
            )
    if scores.cells("macc"):
        yield PlannedPlot(
            f"confusion_{name}",
            f"{title}: scene confusion",
            "Matrix: how often each true scene was classified as which, in percent of the true scene's answers.",
            partial(draw_confusion, scores, title, whole=whole),
            on_page,
        )


def _reliability_plots(name: str, one: ScoredEntry, look: Appearance, on_page: bool) -> Iterator[PlannedPlot]:
    """The reliability plot of a system in every mode in which it gives probabilities."""
    from sseu_metric.calibration import Calibration, find_calibration
    from sseu_report.plots.reliability import draw_reliability

    for mode, scores in one.scores.items():
        found = [each for task in ("asc", "at") if isinstance(each := find_calibration(scores, task), Calibration)]
        if found:
            title = f"{one.entry.name}, {mode}: reliability"
            yield PlannedPlot(
                f"reliability_{name}_{mode}",
                title,
                "Reliability plot: the share of answers that are true against the probability given to them, in "
                "fifteen bins, with 95 % intervals; the diagonal is perfect calibration.",
                partial(draw_reliability, found, title, look, whole=not one.entry.limitations),
                on_page,
            )


def draw_plots(
    entries: Sequence[Entry], scored: Sequence[ScoredEntry], summary: Summary, folder: Path, progress: bool
) -> tuple[list[Path], list[PagePlot]]:
    """Draw every plot for papers, into a folder as SVG, PDF and PNG, and for the page.

    Returns:
        The files, and the plots of the page.
    """
    from tqdm import tqdm

    from sseu_report.plots.page_svg import page_svg
    from sseu_report.plots.style import PAGE, PAPER, save_plot

    folder.mkdir(parents=True, exist_ok=True)
    paths, plots = [], []
    planned = list(plan_plots(entries, scored, summary))
    for plot in tqdm(planned, desc="plots", unit="plot", disable=None if progress else True, leave=False):
        figure = plot.draw(PAPER)
        for suffix in (".svg", ".pdf", ".png"):
            paths.append(folder / f"{plot.name}{suffix}")
            save_plot(figure, paths[-1])
        if plot.on_page:
            svg = page_svg(plot.draw(PAGE))
            plots.append(PagePlot(plot.title, svg, plot.description, plot.wide, plot.name))
    return paths, plots
