"""The board as HTML. All markup is made here and in `curves`, and all untrusted text is escaped here.

The table's buttons carry `data-sort`, `data-entry` or `data-every`; the script `CLICK` sends them to the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources

from sseu_dataset.editions.edition import ENDING, Edition
from sseu_dataset.published.versions import VersionStatus
from sseu_leaderboard.entries.prompt_rows import ONE_SET
from sseu_leaderboard.entries.ranking import LOWER_IS_BETTER, Place
from sseu_leaderboard.entries.rows import BoardRow
from sseu_leaderboard.entries.view import ALL_TASKS, DETAILS, MAX_ROWS, View
from sseu_leaderboard.intake.verified import AVERAGE, jackknife_of
from sseu_leaderboard.web.cells import cell_of, column_class, shorten, title_of
from sseu_leaderboard.web.curves import LOOK_RULES, render_curves, swatch
from sseu_metric.interval_notes import cluster_notes
from sseu_models.results.records import DatasetIdentity
from sseu_report.appearance import GREY, Appearance
from sseu_report.comparability import parentheses_notes
from sseu_report.naming import METRIC_NAMES, TASK_METRICS

CLICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button[data-sort], button[data-entry], button[data-every]');
  if (!button) return;
  const {sort = '', entry = '', every = ''} = button.dataset;
  trigger('click', {sort, entry, every});
});"""

STYLE = (resources.files("sseu_leaderboard.web") / "board.css").read_text(encoding="utf-8") + LOOK_RULES


def render_board(
    places: Sequence[Place],
    view: View,
    faults: Sequence[str] = (),
    status: VersionStatus | None = None,
    *,
    dataset: DatasetIdentity | None = None,
    edition: Edition | None = None,
    looks: Mapping[str, Appearance] | None = None,
    unfolded: bool = False,
) -> str:
    """The table of a view, with curves beside it or below the chosen row.

    Args:
        places: The rows in their order.
        view: The reader's choices.
        faults: Messages about the address.
        status: What became of the view's version of the dataset.
        dataset: The view's version of the dataset; None if the board has no reference of it.
        edition: The edition that it is; None if it is none.
        looks: How each system is drawn, by name.
        unfolded: Whether the first `MAX_ROWS` rows have their curves and details with them, hidden: without a server.
    """
    looks = looks or {}
    shown = [place for number, place in enumerate(places) if view.every or number < MAX_ROWS]
    rows = [place.row for place in shown]
    columns = _shown_columns(rows, view)
    head = "".join(_head(name, view) for name in ("name", *columns))
    drawn = [row for row in rows if looks.get(row.name, GREY).named] if unfolded else rows
    body = "\n".join(
        _row(place, view, columns, looks, drawn, hidden=unfolded and number < MAX_ROWS)
        for number, place in enumerate(shown)
    )
    if not places:
        body = f'<tr><td class="text" colspan="{len(columns) + 2}">No rows match.</td></tr>'
    table = (
        f'<div><p class="caption">{_caption(view)}</p>'
        f'<div class="scroll" role="region" tabindex="0" aria-label="Ranking">'
        f"<table><thead><tr>{_rank_head(view)}{head}</tr></thead><tbody>{body}</tbody></table>"
        f"{_more(places, view)}</div></div>"
    )
    if view.task == ALL_TASKS:
        table = f'<div class="beside">{table}{render_curves(rows, looks, view)}</div>'
    messages = "".join(f'<p class="fault">In the address: {escape(fault)}.</p>' for fault in faults)
    return f"{messages}{render_heading(places, view, status, dataset, edition)}{table}{_notes(rows, view)}"


def render_heading(
    places: Sequence[Place],
    view: View,
    status: VersionStatus | None,
    dataset: DatasetIdentity | None,
    edition: Edition | None = None,
) -> str:
    """Which data the table is about, and a banner where they are not the benchmark, or no longer current."""
    systems = sum(place.row.kind == "verified" for place in places)
    said = f"<strong>SSEU-Bench {escape(view.version)}</strong>"
    banners = []
    if dataset is not None:
        conditions = f"{dataset.pairs:,} pairs at {len(dataset.conditions)} signal-to-noise ratios"
        said += f" · recipe {dataset.recipe}<span> · {conditions}</span>"
        if dataset.limitations:
            banners.append(f"Not the benchmark: {escape('; '.join(dataset.limitations))}. Scores stand in parentheses.")
    said += f"<span> · asked {escape(view.mode)} · {systems} verified system{'' if systems == 1 else 's'}</span>"
    if status is not None and status.status != "current":
        banners.append(f"{escape(status.sentence(view.version))}.")
    about = "" if edition is None else f'<p class="edition">{_about_edition(edition)}</p>'
    return f'<p class="data">{said}</p>{about}' + "".join(f'<p class="banner">{one}</p>' for one in banners)


def _about_edition(edition: Edition) -> str:
    """What is secret of an edition, or how everybody checks it."""
    head = f"<strong>Edition {edition.name}, {edition.state}</strong>"
    commitment = f"the SHA-256 <code>{edition.commitment}</code>"
    if edition.seed is None:
        return (
            f"{head}: its mixtures and their transcripts are known to its organiser alone. Name, rule, version and "
            f"seed were committed to by {commitment}, and can be checked once it is revealed."
        )
    quoted = escape(f'"{edition.name}|{edition.rule}|{edition.version}|{edition.seed}"', quote=False)
    corpora = "--vctk ... --desed ... --maestro ..."
    return (
        f"{head}: its seed is <code>{edition.seed}</code>, and {commitment} of name, rule, version and seed "
        f"was published before. To check that: <code>printf %s {quoted} | sha256sum</code>, and "
        f"<code>sseu edition check FOLDER --edition {edition.name}{ENDING} {corpora}</code>"
    )


def _shown_columns(rows: Sequence[BoardRow], view: View) -> list[str]:
    """The chosen columns that say something: none that is empty, and no embedder beside words."""
    if view.task == ALL_TASKS:
        scores = [metric for metric in view.metrics if any(row.metric(view, metric) for row in rows)]
    else:
        metric = TASK_METRICS[view.task]
        scores = [name for name in view.columns if any(name in row.metric(view, metric) for row in rows)]
    details = [name for name in DETAILS if name in view.columns and (name != "embedder" or view.task != "asr")]
    return [*scores, *details] if rows else [AVERAGE]


def _caption(view: View) -> str:
    metric, column = view.ranked_by
    by = f"{METRIC_NAMES[metric]}, {title_of(column)}" if metric else "the mean of the places in WER, mACC and mAP"
    ranges = ", in brackets the ranks that are open" if metric else ""
    return (
        f"Ranked by {escape(by)}{ranges}; small: 95 % intervals. <b>Bold</b>: best; †: not told from the best (paired "
        "test, 0.05), and may still be worse."
    )


def _rank_head(view: View) -> str:
    """With all tasks a button that ranks by all of them again."""
    if view.task != ALL_TASKS:
        return '<th scope="col">Rank</th>'
    state = "none" if view.sort != AVERAGE else "descending" if view.reverse else "ascending"
    return (
        f'<th scope="col" aria-sort="{state}"><button type="button" data-sort="{AVERAGE}" '
        'title="Rank by the mean of the places">Rank</button></th>'
    )


def _head(name: str, view: View) -> str:
    by_place = view.task == ALL_TASKS and view.sort == AVERAGE
    sorted_here, has_text = view.sort == name and not by_place, name in (*DETAILS, "name")
    metric = name if name in METRIC_NAMES else view.metrics[0]
    down = view.reverse if has_text else (metric in LOWER_IS_BETTER) is view.reverse
    state = ("descending" if down else "ascending") if sorted_here else "none"
    arrow = (" ▼" if down else " ▲") if sorted_here else ""
    title = title_of(name) + ("" if name not in METRIC_NAMES else " ↓" if metric in LOWER_IS_BETTER else " ↑")
    return (
        f'<th scope="col" class="{column_class(name)}" aria-sort="{state}"><button type="button" '
        f'data-sort="{escape(name)}">{escape(title)}{arrow}</button></th>'
    )


def _row(
    place: Place,
    view: View,
    columns: Sequence[str],
    looks: Mapping[str, Appearance],
    rows: Sequence[BoardRow],
    *,
    hidden: bool,
) -> str:
    """A row, and below it its details where it is the chosen one, or hidden ones."""
    row, chosen = place.row, place.row.id == view.entry
    rank = "–" if place.rank is None else str(place.rank)
    if place.span is not None:
        rank += f"<small>[{place.span[0]}–{place.span[1]}]</small>"
    badge = "" if row.kind == "verified" else f'<span class="badge {row.kind}">{row.kind}</span>'
    line = " · ".join(
        [*([row.system] if row.system != row.name else []), *(said for said in row.remarks if said != ONE_SET)]
    )
    cells = "".join(cell_of(place, view, column) for column in columns)
    made = (
        f'<tr class="entry {row.kind}{" chosen" if chosen else ""}" data-row="{escape(row.id)}"><td>{rank}</td>'
        f'<td class="text name"><div>{swatch(looks.get(row.name, GREY))}<button type="button" class="entry" '
        f'data-entry="{escape(row.id)}" aria-expanded="{str(chosen).lower()}" title="{escape(row.system)}">'
        f"{escape(shorten(row.name))}</button>{badge}</div>"
        f'<small title="{escape(line)}">{escape(shorten(line))}</small></td>{cells}</tr>'
    )
    if not chosen and not hidden:
        return made
    details = f'<td colspan="{len(columns) + 2}"><div>{render_entry(row, view, looks, rows)}</div></td>'
    return f'{made}<tr class="opened"{" hidden" if hidden else ""}>{details}</tr>'


def render_entry(row: BoardRow, view: View, looks: Mapping[str, Appearance], rows: Sequence[BoardRow]) -> str:
    """Curves and details of a row."""
    several = view.task == ALL_TASKS
    curves = render_curves(rows, looks, view, chosen=row, width=330 if several else 560, height=200 if several else 240)
    marks = {f"{mode} {METRIC_NAMES[metric]}": said for mode, one in row.marks.items() for metric, said in one.items()}
    facts = {
        "System": row.system,
        "Submissions": ", ".join(filter(None, row.submissions)),
        "Date": row.date,
        "Prompts": f"{row.prompts}; {row.runs} run{'' if row.runs == 1 else 's'} with each",
        "Embedder": row.embedder if view.task != "asr" else "",
        "Remarks": "; ".join(row.remarks),
        "Doubtful": "; ".join(f"{where}: {one}" for where, said in marks.items() for one in said),
    }
    said = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    if row.url is not None:
        link = f'<a href="{escape(row.url)}" target="_blank" rel="noopener nofollow">{escape(row.url)}</a>'
        said += f"<dt>Address</dt><dd>{link}</dd>"
    hollow = "<p>Hollow points are not scores of the whole benchmark.</p>" if row.limitations else ""
    if 'class="curve' not in curves:
        curves = "<p>It has no scores by condition in this task and mode.</p>"
    return f"{curves}{hollow}<dl>{said}</dl>"


def _more(places: Sequence[Place], view: View) -> str:
    if len(places) <= MAX_ROWS:
        return ""
    said = f"Show the first {MAX_ROWS} rows" if view.every else f"Show all {len(places):,} rows"
    return f'<button type="button" class="more" data-every="{"0" if view.every else "1"}">{said}</button>'


def _notes(rows: Sequence[BoardRow], view: View) -> str:
    """What stands below the table: doubts in words, embedders, what intervals are about and what they lack."""
    notes = []
    for row in rows:
        for metric in view.metrics:
            for said in row.marks.get(view.mode, {}).get(metric, ()):
                notes.append(
                    f'<p class="doubt">⚑ {escape(shorten(row.name))}, {METRIC_NAMES[metric]}: {escape(said)}.</p>'
                )
    if view.task != "asr":
        for kind in ("verified", "reported"):
            used = dict.fromkeys(row.embedder for row in rows if row.kind == kind and row.embedder)
            if used:
                notes.append(f"<p>Text embedder of {kind} mACC and mAP: {escape('; '.join(map(shorten, used)))}.</p>")
    if any(row.kind == "reported" for row in rows):
        notes.append(
            "<p>Reported rows were published in the paper, with its own clips and prompts: they have no rank.</p>"
        )
    notes += [f"<p>{escape(note)}.</p>" for metric in view.metrics for note in _about_intervals(rows, view, metric)]
    limited = {row.name: row.limitations for row in rows if row.limitations}
    notes += [f"<p>{escape(note)}</p>" for note in parentheses_notes(limited)]
    return f'<div class="notes">{"".join(dict.fromkeys(notes))}</div>'


def _about_intervals(rows: Sequence[BoardRow], view: View, metric: str) -> list[str]:
    """What intervals are about and what they lack: the same for all verified rows, which answered the same clips."""
    factors = next((one for row in rows if (one := row.factors.get(view.mode, {}).get(metric))), None)
    if factors is None:
        return []
    jackknife = jackknife_of(factors)
    cells = [cell for row in rows if row.factors for cell in row.metric(view, metric).values()]
    clusters = {"by": jackknife.names, "missing": (), "fixed_strata": jackknife.fixed, "unknown": {}}
    low = next((cell.low for cell in cells if cell.low is not None), None)
    notes = list(cluster_notes({metric: clusters}, {metric: {"all": low}}))
    if any(cell.low is None for cell in cells):
        why = jackknife.few_clusters or "no cluster changes the score, or one holds all there is"
        notes.append(f"no interval: {why}")
    return notes
