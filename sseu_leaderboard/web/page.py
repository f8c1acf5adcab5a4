"""The board as HTML and SVG. All markup is made here, and all untrusted text is escaped here.

The table's buttons carry `data-sort` or `data-entry`; the script `CLICK` sends them to the server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from sseu_dataset.published.versions import VersionStatus
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell, Verified, jackknife_of
from sseu_leaderboard.web.board import DETAILS, BoardRow, View
from sseu_leaderboard.web.ranking import LOWER_IS_BETTER, Place
from sseu_metric.conditions import ordered
from sseu_metric.result_tables import cluster_notes
from sseu_metric.text_table import percent, score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.naming import TASK_METRICS, condition_name

CLICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button[data-sort], button[data-entry]');
  if (button) trigger('click', {sort: button.dataset.sort || '', entry: button.dataset.entry || ''});
});"""

STYLE = """
table {border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9em}
th, td {padding: 0.3em 0.5em; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap}
th.text, td.text {text-align: left}
td.name, td.embedder {white-space: normal; overflow-wrap: anywhere; min-width: 13em}
button {font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit}
button:hover, button:focus-visible {text-decoration: underline}
button.entry {font-weight: 600; overflow-wrap: anywhere}
small {opacity: 0.75; display: block}
.badge {display: inline-block; border-radius: 0.6em; padding: 0 0.5em; font-size: 0.85em; border: 1px solid}
.verified {color: #157347} .reported {color: #6c757d} .flagged {color: #b02a37}
.apart, .retired {color: #6c757d} .doubt {white-space: normal; min-width: 12em}
.fault, .doubt {color: #b02a37} .good {color: #157347}
tr.chosen {background: #8882}
svg {max-width: 46em; width: 100%; height: auto}
.scroll {overflow-x: auto}
"""

_TITLES: Mapping[str, str] = {
    AVERAGE: "Average",
    FINITE_AVERAGE: "Average, finite SNRs",
    "version": "Dataset",
    "embedder": "Embedder",
    "prompts": "Prompts",
    "runs": "Runs",
    "date": "Date",
    "name": "System",
}
_METRIC_TITLES: Mapping[str, str] = {"wer": "WER (%), lower is better", "macc": "mACC (%)", "map": "mAP (%)"}
_MAX_NAME_LENGTH = 120
_DIGEST = re.compile(r"(sha256:[0-9a-f]{8})[0-9a-f]+…?")


def render_board(
    places: Sequence[Place], view: View, faults: Sequence[str] = (), status: VersionStatus | None = None
) -> str:
    """The table of a view.

    Args:
        places: The rows in their order.
        view: The reader's choices.
        faults: Messages about the address.
        status: What became of the view's version of the dataset.
    """
    head = "".join(_head(name, view) for name in ("name", *view.columns))
    rows = "\n".join(_row(place, view) for place in places)
    messages = "".join(f'<p class="fault">In the address: {escape(fault)}.</p>' for fault in faults)
    if status is not None and status.status != "current":
        messages += f'<p class="fault">{escape(status.sentence(view.version))}.</p>'
    if not places:
        empty = "No rows match."
        rows = f'<tr><td class="text" colspan="{len(view.columns) + 3}">{empty}</td></tr>'
    ranked = _title(view.ranked_by)
    return (
        f'{messages}<div class="scroll"><table><caption>SSEU-Bench {escape(view.version)}: '
        f"{escape(_METRIC_TITLES[TASK_METRICS[view.task]])}, mode "
        f"{escape(view.mode)}; ranked by {escape(ranked)}, in brackets the ranks that are open, "
        f"at 95 % for the whole table"
        f'</caption><thead><tr><th>Rank</th><th class="text"></th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_about_intervals(places, view)}"
        f"{_parentheses({place.row.name: place.row.limitations for place in places})}"
    )


def _about_intervals(places: Sequence[Place], view: View) -> str:
    """What intervals are about and what they lack: the same for all verified rows, which answered the same clips."""
    metric = TASK_METRICS[view.task]
    found = (place.row.factors.get(view.mode, {}).get(metric) for place in places)
    factors = next((one for one in found if one), None)
    if factors is None:
        return ""
    jackknife = jackknife_of(factors)
    cells = [cell for place in places if place.row.factors for cell in place.row.columns(view).values()]
    clusters = {"by": jackknife.names, "missing": (), "fixed_strata": jackknife.fixed, "unknown": {}}
    notes = cluster_notes(
        {metric: clusters}, {metric: {"all": next((c.low for c in cells if c.low is not None), None)}}
    )
    if any(cell.low is None for cell in cells):
        notes.append(
            f"no interval: {jackknife.few_clusters or 'no cluster changes the score, or one holds all there is'}"
        )
    return "".join(f"<p>{escape(note)}.</p>" for note in notes)


def _parentheses(limitations: Mapping[str, Sequence[str]]) -> str:
    """The sentence below scores in parentheses; those of the paper, which have no limitations, aside."""
    shown = {name: reasons for name, reasons in limitations.items() if reasons}
    return "".join(f"<p>{escape(note)}</p>" for note in parentheses_notes(shown))


def _title(column: str) -> str:
    return _TITLES.get(column) or condition_name(column)


def _head(name: str, view: View) -> str:
    sorted_here, has_text = view.sort == name, name in (*DETAILS, "name")
    down = view.reverse if has_text else (TASK_METRICS[view.task] in LOWER_IS_BETTER) is view.reverse
    state = ("descending" if down else "ascending") if sorted_here else "none"
    arrow = (" ▼" if down else " ▲") if sorted_here else ""
    kind = ' class="text"' if has_text else ""
    return (
        f'<th{kind} aria-sort="{state}"><button type="button" data-sort="{escape(name)}">'
        f"{escape(_title(name))}{arrow}</button></th>"
    )


def _row(place: Place, view: View) -> str:
    row = place.row
    cells = [_cell(row, view, column) for column in view.columns]
    rank = "–" if place.rank is None else str(place.rank)
    if place.span is not None:
        rank += f"<small>[{place.span[0]}–{place.span[1]}]</small>"
    chosen = ' class="chosen"' if row.id == view.entry else ""
    remarks = "".join(f"<small>{escape(remark)}</small>" for remark in row.remarks)
    link = f' <a href="{escape(row.url)}" target="_blank" rel="noopener nofollow">↗</a>' if row.url is not None else ""
    return (
        f'<tr{chosen} data-row="{escape(row.id)}"><td>{rank}</td>'
        f'<td class="text"><span class="badge {row.kind}">{row.kind}</span></td>'
        f'<td class="text name"><button type="button" class="entry" data-entry="{escape(row.id)}">'
        f"{escape(shorten(row.name))}</button>{link}{remarks}</td>{''.join(cells)}</tr>"
    )


def shorten(name: str) -> str:
    """Cut a long name so that it fits into a table."""
    return name if len(name) <= _MAX_NAME_LENGTH else name[: _MAX_NAME_LENGTH - 1] + "…"


def _cell(row: BoardRow, view: View, column: str) -> str:
    if column in DETAILS:
        text = shorten(str(getattr(row, column)))
        short = _DIGEST.sub(r"\1…", text)
        return f'<td class="text {column}" title="{escape(text)}">{escape(short)}</td>'
    cell = row.columns(view).get(column)
    if cell is None:
        return "<td>–</td>"
    doubts = (
        row.marks.get(view.mode, {}).get(TASK_METRICS[view.task], ()) if column in (AVERAGE, FINITE_AVERAGE) else ()
    )
    marks = "".join(f'<small class="doubt">⚑ {escape(said)}</small>' for said in doubts)
    return f"<td>{_score(cell, not row.limitations, reported=row.kind == 'reported')}{marks}</td>"


def _score(cell: BoardCell, whole: bool, *, reported: bool = False) -> str:
    """A score with its deviation over the runs and its interval, as far as they are known."""
    spread = f" ± {cell.std:.1f}" if cell.std is not None else ""
    score = score_cell(f"{percent(cell.value)}{spread}", whole=whole)
    if cell.low is None or cell.high is None:
        return score if reported else f"{score}<small>no interval</small>"
    return f"{score}<small>{score_cell(f'{percent(cell.low)}–{percent(cell.high)}', whole=whole)}</small>"


_MAX_PERCENT = 150.0  # top of the axis: WER has no upper bound
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 300, 50, 40, 20


def render_curve(row: BoardRow | None, others: Sequence[BoardRow], view: View) -> str:
    """A plot of one row over the conditions with its intervals, and the other rows in grey behind it.

    Args:
        row: The row; None asks the reader to choose one.
        others: The rows of the table.
        view: The reader's choices.
    """
    if row is None:
        return "<p>Choose a system in the table to plot its scores over the SNR.</p>"
    shown = [row, *(other for other in others if other.id != row.id)]
    conditions = ordered({column for one in shown for column in one.columns(view)} - {AVERAGE, FINITE_AVERAGE})
    mine, *curves = [_points(one, view, conditions) for one in shown]
    if not mine:
        return f"<p>{escape(shorten(row.name))} has no scores by condition in this task and mode.</p>"
    highest = max(max(value, high) for curve in [*curves, mine] for _, value, _, high in curve)
    top = 100.0 if highest <= 100 else _MAX_PERCENT

    def place(position: int, value: float) -> tuple[float, float]:
        x = _LEFT + (position + 0.5) * (_WIDTH - _LEFT) / len(conditions)
        return x, _TOP + (1 - min(value, top) / top) * (_HEIGHT - _TOP - _BOTTOM)

    def line(points: Sequence[tuple[int, float, float, float]], style: str) -> str:
        path = " ".join("{:.1f},{:.1f}".format(*place(position, value)) for position, value, _, _ in points)
        return f'<polyline fill="none" {style} points="{path}"/>'

    fill = "none" if row.limitations else "#0a58ca"
    parts = [line(curve, 'stroke="#9996" stroke-width="1"') for curve in curves if curve]
    for share in (0.0, 0.5, 1.0):
        _, y = place(0, share * top)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8883"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share * top:.0f}</text>'
        )
    for position, condition in enumerate(conditions):
        x, _ = place(position, 0)
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{condition}</text>')
    parts.append(f'<text x="{(_WIDTH + _LEFT) / 2}" y="{_HEIGHT - 2}" text-anchor="middle">SNR (dB)</text>')
    for position, value, low, high in mine:
        (x, y), (_, y_low), (_, y_high) = place(position, value), place(position, low), place(position, high)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y_low:.1f}" y2="{y_high:.1f}" stroke="#0a58ca" stroke-width="2"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="#0a58ca">'
            f"<title>{score_cell(value, whole=not row.limitations)}</title></circle>"
        )
    parts.append(line(mine, 'stroke="#0a58ca" stroke-width="2"'))
    title = f"{shorten(row.name)}: {_METRIC_TITLES[TASK_METRICS[view.task]]}, {view.mode}"
    return (
        f"<h3>{escape(title)}</h3>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}" font-size="12" '
        f'fill="currentColor">{"".join(parts)}</svg>'
        f"<p>Bars are 95 % intervals, grey lines the other rows; values above {_MAX_PERCENT:.0f} % are drawn there.</p>"
        f"{'<p>Hollow points are not scores of the whole benchmark.</p>' if row.limitations else ''}"
    )


def _points(row: BoardRow, view: View, conditions: Sequence[str]) -> list[tuple[int, float, float, float]]:
    """Position, value, low and high for each condition with a score."""
    found = []
    for position, condition in enumerate(conditions):
        cell = row.columns(view).get(condition)
        if cell is not None:
            low = cell.value if cell.low is None else cell.low
            high = cell.value if cell.high is None else cell.high
            found.append((position, cell.value, low, high))
    return found


def render_refused(reason: str) -> str:
    """The reason why an upload is refused."""
    return f'<p class="fault"><strong>Refused.</strong> {escape(reason)}</p>'


def render_accepted(verified: Verified, kept: str) -> str:
    """The scores of an accepted upload.

    Args:
        verified: The upload as it was scored.
        kept: A sentence on whether it was stored.
    """
    rows = "".join(
        f'<tr><td class="text">{escape(mode)}</td><td class="text">{escape(_METRIC_TITLES[metric])}</td>'
        f"<td>{_score(columns[AVERAGE], not verified.limitations)}</td></tr>"
        for mode, metrics in verified.cells.items()
        for metric, columns in metrics.items()
    )
    flags = "".join(f'<p class="fault">Flagged: {escape(flag)}.</p>' for flag in verified.flags)
    notes = "".join(f"<p>Note: {escape(note)}.</p>" for note in verified.notes)
    return (
        f'<p class="good"><strong>Accepted:</strong> {escape(shorten(verified.system))}.</p>'
        f"<p>{escape(kept)}</p>{flags}{notes}"
        f'<table><thead><tr><th class="text">Mode</th><th class="text">Metric</th><th>Average</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{_parentheses({verified.system: verified.limitations})}"
    )
