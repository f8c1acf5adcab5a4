"""The axis of SNRs: the finite ones linear in dB, `+∞` and `−∞` apart behind a break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, finite, ordered, snr_db_of
from sseu_report.plots.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDS = (SPEECH_ALONE, BACKGROUND_ALONE)
_GAP = 1.5  # between an infinite end and the finite conditions, which are 1 apart on average
_HALF_BREAK = 0.09


def tick_name(condition: str) -> str:
    """A condition beside an axis: `+∞`, `10`, `−5`."""
    return condition.replace("inf", "∞").replace("-", "−")


def places_of(conditions: Sequence[str]) -> dict[str, float]:
    """Where conditions stand on the axis: the finite ones linear in dB from the highest SNR at 0, the ends apart."""
    snrs_db = [snr_db_of(name) for name in finite(conditions)]
    span_db, last = (max(snrs_db) - min(snrs_db), len(snrs_db) - 1) if snrs_db else (0.0, 0)
    places = {
        name: (snrs_db[0] - snr_db) * last / span_db if span_db else 0.0
        for name, snr_db in zip(finite(conditions), snrs_db, strict=True)
    }
    ends = {SPEECH_ALONE: -_GAP, BACKGROUND_ALONE: last + _GAP}
    return places | {name: place for name, place in ends.items() if name in conditions}


def break_axis(axis: Axes, places: Mapping[str, float]) -> None:
    """Ticks at the conditions; the axis is drawn in pieces, with strokes where an infinite end is cut off."""
    names = ordered(places)
    first, last = places[names[0]] - 0.4, places[names[-1]] + 0.4
    axis.set_xticks([places[name] for name in names], [tick_name(name) for name in names])
    axis.set_xlim(first, last)
    axis.set_xlabel("SNR (dB)")
    axis.spines["bottom"].set_visible(False)
    breaks = [(places[a] + places[b]) / 2 for a, b in pairwise(names) if a == SPEECH_ALONE or b == BACKGROUND_ALONE]
    edges = [first, *breaks, last]
    drawn: dict[str, Any] = {"color": INK, "clip_on": False, "transform": axis.get_xaxis_transform(), "zorder": 4}
    for number in range(len(edges) - 1):
        start = edges[number] + (_HALF_BREAK if number else 0)
        stop = edges[number + 1] - (_HALF_BREAK if number + 2 < len(edges) else 0)
        axis.plot([start, stop], [0, 0], linewidth=0.6, **drawn)
    strokes = [place for edge in breaks for place in (edge - _HALF_BREAK, edge + _HALF_BREAK)]
    if strokes:
        stroke: dict[str, Any] = {
            "marker": [(-0.5, -1), (0.5, 1)],
            "markersize": 7,
            "markeredgewidth": 0.6,
            "linestyle": "none",
        }
        axis.plot(strokes, [0] * len(strokes), **stroke, **drawn)
