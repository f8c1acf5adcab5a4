"""Scores over the SNR as SVG: the best eight systems in their looks, a chosen one thick with intervals, others grey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TypeAlias

from sseu_leaderboard.entries.rows import BoardRow
from sseu_leaderboard.entries.view import View
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE
from sseu_metric.conditions import is_finite, ordered
from sseu_metric.text_table import score_cell
from sseu_report.appearance import GREY, PALETTE, Appearance
from sseu_report.naming import METRIC_NAMES, shortened

_Place: TypeAlias = Callable[[str, float], tuple[float, float]]
_MAX_GREY = 30
_MAX_PERCENT = 150.0  # top of the axis: WER has no upper bound
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 6, 22, 34
_SQUARE, _DIAMOND = "M-1 -1H1V1H-1Z", "M0 -1.3L1.3 0L0 1.3L-1.3 0Z"
_MARKERS: Mapping[str, str] = {
    "o": "M-1 0A1 1 0 1 0 1 0A1 1 0 1 0 -1 0Z",
    "s": _SQUARE,
    "^": "M0 -1.2L1.2 1H-1.2Z",
    "D": _DIAMOND,
    "v": "M0 1.2L1.2 -1H-1.2Z",
    "P": "M-.4 -1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2V-.4H-.4Z",
    "X": "M-1.2 -.7L-.7 -1.2L0 -.5L.7 -1.2L1.2 -.7L.5 0L1.2 .7L.7 1.2L0 .5L-.7 1.2L-1.2 .7L-.5 0Z",
    "p": "M0 -1.2L1.14 -.37L.7 .97H-.7L-1.14 -.37Z",
}
_SHORT_NAMES: Mapping[str, str] = {"+inf": "∞", "-inf": "−∞"}


_LOOKS = (*PALETTE, GREY)
LOOK_RULES = "".join(
    f".look-{number} {{color: light-dark({one.colour}, {one.dark_colour})}}\n" for number, one in enumerate(_LOOKS)
)
"""CSS of the looks of systems, on white and on a dark page."""


def look_class(look: Appearance) -> str:
    """The class of a look."""
    return f"look-{_LOOKS.index(look)}"


def swatch(look: Appearance) -> str:
    """The marker of a look as it stands beside a name; empty for grey ones."""
    if not look.named:
        return ""
    return (
        f'<svg class="swatch {look_class(look)}" viewBox="-8 -8 16 16" aria-hidden="true">'
        f'<path d="M-8 0H8" stroke="currentColor" stroke-width="2"/>{_marker(look, 0, 0, 4.5, True)}</svg>'
    )


def render_curves(
    rows: Sequence[BoardRow],
    looks: Mapping[str, Appearance],
    view: View,
    *,
    chosen: BoardRow | None = None,
    width: int = 330,
    height: int = 210,
) -> str:
    """A plot for each metric of a view; metrics without scores by condition are left out.

    Args:
        rows: The rows of the table.
        looks: By name of the system.
        view: The reader's choices.
        chosen: The row drawn thick, with its intervals.
        width: Width of a plot in units of about a pixel.
        height: Height likewise.
    """
    plots = (_plot(rows, looks, view, metric, chosen, width, height) for metric in view.metrics)
    return f'<div class="plots">{"".join(plots)}</div>'


def _plot(
    rows: Sequence[BoardRow],
    looks: Mapping[str, Appearance],
    view: View,
    metric: str,
    chosen: BoardRow | None,
    width: int,
    height: int,
) -> str:
    named = [row for row in rows if looks.get(row.name, GREY).named and row is not chosen]
    grey = [row for row in rows if not looks.get(row.name, GREY).named and row is not chosen][:_MAX_GREY]
    shown = [*grey, *named, *([chosen] if chosen is not None else [])]
    conditions = ordered({name for row in shown for name in row.metric(view, metric)} - {AVERAGE, FINITE_AVERAGE})
    if len(conditions) < 2:
        return ""
    scores = [cell.value for row in shown for name, cell in row.metric(view, metric).items() if name in conditions]
    top = min(max(20.0, 20 * -(-max(scores) // 20)), _MAX_PERCENT)

    def place(condition: str, value: float) -> tuple[float, float]:
        x = _LEFT + (conditions.index(condition) + 0.5) * (width - _LEFT - _RIGHT) / len(conditions)
        return x, _TOP + (1 - max(0.0, min(value, top)) / top) * (height - _TOP - _BOTTOM)

    parts = [f'<text class="title" x="{_LEFT}" y="13">{METRIC_NAMES[metric]} (%) {_direction(metric)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = place(conditions[0], share * top)[1]
        parts.append(
            f'<path class="grid" d="M{_LEFT} {y:.1f}H{width - _RIGHT}"/>'
            f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{share * top:.0f}</text>'
        )
    for condition in conditions:
        name = _SHORT_NAMES.get(condition, condition.replace("-", "−"))
        x = place(condition, 0)[0]
        parts.append(f'<text x="{x:.1f}" y="{height - _BOTTOM + 15}" text-anchor="middle">{name}</text>')
    parts.append(
        f'<text x="{(width + _LEFT) / 2:.0f}" y="{height - 4}" text-anchor="middle">signal-to-noise ratio (dB)</text>'
    )
    parts += [_curve(row, looks.get(row.name, GREY), view, metric, conditions, place, row is chosen) for row in shown]
    of = "" if chosen is None else f"{shortened(chosen.name)}: "
    label = f"{of}{METRIC_NAMES[metric]} over the signal-to-noise ratio, mode {view.mode}"
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _direction(metric: str) -> str:
    return "↓ lower is better" if metric == "wer" else "↑ higher is better"


def _curve(
    row: BoardRow, look: Appearance, view: View, metric: str, conditions: Sequence[str], place: _Place, chosen: bool
) -> str:
    """A line through the finite conditions, which is broken before the two ends, with markers and intervals."""
    cells = {name: cell for name, cell in row.metric(view, metric).items() if name in conditions}
    points = {name: place(name, cells[name].value) for name in conditions if name in cells}
    line = " ".join(f"{x:.1f},{y:.1f}" for name, (x, y) in points.items() if is_finite(name))
    dash = ",".join(f"{2 * length:g}" for length in look.dash[1])
    style = f' stroke-dasharray="{dash}"' if dash else ""
    drawn = [f'<polyline points="{line}"{style}/>']
    for name, (x, y) in points.items():
        cell = cells[name]
        if chosen and cell.low is not None and cell.high is not None:
            drawn.append(f'<path d="M{x:.1f} {place(name, cell.low)[1]:.1f}V{place(name, cell.high)[1]:.1f}"/>')
        if look.named or chosen:
            said = f"{shortened(row.name)}, {name}: {score_cell(cell.value, whole=not row.limitations)}"
            whole = not row.limitations
            drawn.append(f"<g>{_marker(look, x, y, 4.0 if chosen else 2.8, whole)}<title>{escape(said)}</title></g>")
    kind = "chosen" if chosen else "named" if look.named else "other"
    colour = "" if chosen and not look.named else f" {look_class(look)}"  # without one that of the text
    return f'<g class="curve {kind}{colour}">{"".join(drawn)}</g>'


def _marker(look: Appearance, x: float, y: float, size: float, whole: bool) -> str:
    """The marker, hollow for scores that are not of the whole benchmark."""
    fill = "currentColor" if whole else "none"
    shape = _MARKERS.get(look.marker, _MARKERS["o"])
    return (
        f'<path d="{shape}" transform="translate({x:.1f} {y:.1f}) scale({size:g})" fill="{fill}" '
        f'vector-effect="non-scaling-stroke"/>'
    )
