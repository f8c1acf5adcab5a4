"""The picture of the dataset card: pairs per event and scene, SNRs and attenuations of the clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.describing.card import event_counts
from sseu_dataset.records import Recipe
from sseu_metric.labels import EVENTS, SCENES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE = "#4477aa"


def write_plot(
    recipe: Recipe, gains_db: Mapping[str, float], snrs_db: Mapping[str, Sequence[float]], path: Path
) -> None:
    """Draw pairs per scene and event, the distributions of SNR and attenuation, as PNG.

    Args:
        recipe: What was built.
        gains_db: The attenuation of each pair.
        snrs_db: By finite condition the SNR of each clip over the span where speech and background both sound.
        path: File of the picture.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic([["events", "scenes"], ["events", "snrs"], ["events", "gains"]], width_ratios=(3, 2))
    _bars(axes["events"], "Pairs per event", event_counts(recipe), EVENTS)
    _bars(axes["scenes"], "Pairs per scene", Counter(pair.background.scene for pair in recipe.pairs), SCENES)
    _snrs(axes["snrs"], {name: snrs_db[name] for name in recipe.settings.conditions if name in snrs_db})
    axes["gains"].hist(list(gains_db.values()), bins=20, color=_BLUE)
    axes["gains"].set_title("Pairs by attenuation (dB)", loc="left", fontsize=9)
    for panel in axes.values():
        panel.tick_params(labelsize=8)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _snrs(axes: Axes, snrs_db: Mapping[str, Sequence[float]]) -> None:
    """For each condition the spread of the SNR over the overlap; a line at the SNR that it is named after."""
    axes.set_title("SNR over the overlap (dB); red: nominal", loc="left", fontsize=9)
    if not snrs_db:
        return
    axes.boxplot(
        list(snrs_db.values()),
        orientation="horizontal",
        tick_labels=list(snrs_db),
        widths=0.6,
        patch_artist=True,
        boxprops={"facecolor": "#c5d5e6", "edgecolor": _BLUE},
        medianprops={"color": "#1f3552"},
        flierprops={"markersize": 2, "markeredgecolor": _BLUE},
    )
    for place, name in enumerate(snrs_db, 1):
        axes.plot([float(name)] * 2, [place - 0.45, place + 0.45], color="#b02a37", linewidth=1)
    axes.invert_yaxis()


def _bars(axes: Axes, title: str, counts: Mapping[str, int], order: tuple[str, ...]) -> None:
    bars = axes.barh(order, [counts.get(name, 0) for name in order], color=_BLUE)
    axes.bar_label(bars, fontsize=8, padding=2)
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=9)
