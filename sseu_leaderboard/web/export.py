"""The board without a server: HTML from the same functions as the page, and all of its rows as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import Literal

from sseu_dataset.editions.edition import Edition
from sseu_dataset.files import write_atomically
from sseu_leaderboard.entries.rows import BoardRow
from sseu_leaderboard.entries.view import KINDS, MODES, TABS, Kind, View, default_view
from sseu_leaderboard.web.about import about
from sseu_leaderboard.web.page import STYLE
from sseu_leaderboard.web.serving import Board

JSON, PAGE = "board.json", "index.html"


@dataclass(frozen=True)
class BoardScore:
    """A score.

    Attributes:
        value: In percent, the mean over runs.
        low: Lower end of the 95 % interval; null for a score that was only reported, or where nothing tells how much it
            varies.
        high: Upper end.
        std: Sample standard deviation over runs; null for one run.
        rank: Among verified systems of the same version, mode, metric and column; null if it is not ranked.
        rank_low: Lowest rank that is open, all ranges holding at once with 95 % confidence.
        rank_high: Highest one.
        best: Whether it is the best of its column.
        not_worse: Whether it cannot be told from the best (paired test, 0.05, Holm-corrected).
        doubts: Why it is doubtful.
    """

    value: float
    low: float | None
    high: float | None
    std: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    best: bool
    not_worse: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class BoardEntry:
    """A row.

    Attributes:
        id: Unique on the board.
        name: The system as readers know it.
        system: Its id.
        kind: `verified`, `reported`, `apart`, `flagged` or `retired`.
        version: Version of the dataset.
        url: Address of the model or the paper.
        submissions: Folders among the results.
        date: Of the submission.
        prompts: Prompt sets.
        runs: How often each question was asked with each of them.
        embedder: Text embedder behind mACC and mAP.
        remarks: Flags and notes.
        limitations: Why its scores are not scores of the whole benchmark; empty if they are.
        overall_rank: By mode, the rank by the mean of its places in the three metrics; null if it is not ranked.
        scores: mode -> metric -> column: `average`, `finite` (over finite SNRs) or a condition.
    """

    id: str
    name: str
    system: str
    kind: Kind
    version: str
    url: str | None
    submissions: tuple[str, ...]
    date: str
    prompts: str
    runs: int
    embedder: str
    remarks: tuple[str, ...]
    limitations: tuple[str, ...]
    overall_rank: Mapping[str, int | None]
    scores: Mapping[str, Mapping[str, Mapping[str, BoardScore]]]


@dataclass(frozen=True)
class BoardDataset:
    """A version of the dataset.

    Attributes:
        status: `current`, `superseded` or `withdrawn`.
        recipe: As in the manifest.
        fingerprint: Hash of all samples and references.
        pairs: Number of pairs of speech and background.
        conditions: From `+inf` down.
        limitations: Why it is not the benchmark; empty if it is.
        edition: The public file of the edition that it is, with its seed once it is revealed; null if it is none.
    """

    status: str
    recipe: str
    fingerprint: str
    pairs: int
    conditions: tuple[str, ...]
    limitations: tuple[str, ...]
    edition: Edition | None


@dataclass(frozen=True)
class BoardFile:
    """The content of `board.json`.

    Attributes:
        datasets: By version, the default first.
        entries: Every row of the board; the paper's if one of the datasets is of the paper's own recipe.
        schema_version: Version of this form.
    """

    datasets: Mapping[str, BoardDataset]
    entries: tuple[BoardEntry, ...]
    schema_version: Literal[1] = 1


def write_export(board: Board, out: Path) -> list[Path]:
    """Write `board.json`, `index.html` and a page for each other version and mode; returns their paths.

    Raises:
        OSError: A file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    content = json.dumps(asdict(board_file(board)), ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    pages = {_page_name(board, view): view for view in _views(board)}
    files = {JSON: content} | {name: _page(board, view, pages) for name, view in pages.items()}
    for name, text in files.items():
        write_atomically(out / name, text)
    return [out / name for name in files]


def board_file(board: Board) -> BoardFile:
    """Every row with its scores and standings."""
    datasets = {
        version: BoardDataset(
            board.statuses[version].status if version in board.statuses else "current",
            one.recipe, one.fingerprint, one.pairs, one.conditions, one.limitations,
            board.editions.get(version),
        )
        for version, one in board.datasets.items()
    }  # fmt: skip
    shown = [row for row in board.rows if any(map(row.is_about, board.choices.versions))]
    return BoardFile(datasets, tuple(_entry(board, row) for row in shown))


def _entry(board: Board, row: BoardRow) -> BoardEntry:
    ranking = board.ranking
    own = {name: getattr(row, name) for name in BoardEntry.__dataclass_fields__ if hasattr(row, name)}
    scores: dict[str, dict[str, dict[str, BoardScore]]] = {}
    for mode, metrics in row.cells.items():
        for metric, cells in metrics.items():
            doubts = row.marks.get(mode, {}).get(metric, ())
            for column, cell in cells.items():
                standing = ranking.standings.get((row.version, mode, metric, column), {}).get(row.id)
                low, high = (standing and standing.span) or (None, None)
                scores.setdefault(mode, {}).setdefault(metric, {})[column] = BoardScore(
                    cell.value, cell.low, cell.high, cell.std, None if standing is None else standing.rank, low, high,
                    standing is not None and standing.best, standing is not None and standing.not_worse, doubts,
                )  # fmt: skip
    ranks = {mode: ranking.overall.get((row.version, mode), {}).get(row.id, (0, 0, None))[2] for mode in row.cells}
    return BoardEntry(**own, overall_rank=ranks, scores=scores)


def _views(board: Board) -> list[View]:
    """One for each version and mode with verified rows; the default one always."""
    default = default_view(board.choices)
    asked = {(row.version, mode) for row in board.rows if row.kind != "reported" for mode in row.cells}
    return [
        replace(default, version=version, mode=mode, kinds=KINDS, every=True)
        for version in board.choices.versions
        for mode in MODES
        if (version, mode) in asked or (version, mode) == (default.version, default.mode)
    ]


def _page_name(board: Board, view: View) -> str:
    default = default_view(board.choices)
    is_default = (view.version, view.mode) == (default.version, default.mode)
    return PAGE if is_default else f"{view.version}-{view.mode}.html"


def _page(board: Board, view: View, pages: Mapping[str, View]) -> str:
    links = " ".join(
        f'<a href="{escape(name)}"{" aria-current=page" if one == view else ""}>'
        f"{escape(board.label(one.version))} {escape(one.mode)}</a>"
        for name, one in pages.items()
    )
    tabs = "".join(f'<a href="#{tab}">{escape(name)}</a>' for tab, name in {**TABS, "about": "About"}.items())
    sections = "".join(
        f'<section id="{tab}">{board.show(replace(view, task=tab), unfolded=True)}</section>' for tab in TABS
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>SSEU-Bench leaderboard</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{_STYLE}</style></head><body><header><h1>SSEU-Bench leaderboard</h1></header>"
        f'<nav class="tabs" aria-label="Tasks">{tabs}<input type="search" aria-label="Search systems" '
        f'placeholder="Search systems"></nav><nav class="pages" aria-label="Versions and modes">{links} '
        f'<a href="{JSON}">JSON</a></nav><main>{sections}<section id="about">{about()}</section></main>'
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


_STYLE = """
:root {color-scheme: light dark}
body {font-family: system-ui, sans-serif; margin: 8px 16px} h1 {font-size: 20px; margin: 4px 0}
nav {display: flex; flex-wrap: wrap; gap: 12px; margin: 6px 0; font-size: 14px}
nav a[aria-current] {font-weight: 700; text-decoration: none}
"""
_SCRIPT = """
const sections = [...document.querySelectorAll('section')];
const show = () => {
  const wanted = location.hash.slice(1) || 'all';
  const there = sections.some(section => section.id === wanted) ? wanted : 'all';
  sections.forEach(section => { section.hidden = section.id !== there; });
  document.querySelectorAll('.tabs a').forEach(link => {
    if (link.hash === '#' + there) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  });
};
addEventListener('hashchange', show);
show();
const follower = row => row.nextElementSibling?.matches('.opened') ? row.nextElementSibling : null;
document.querySelector('input[type=search]').addEventListener('input', event => {
  const wanted = event.target.value.toLowerCase();
  document.querySelectorAll('tr.entry').forEach(row => {
    row.hidden = !row.querySelector('.name').textContent.toLowerCase().includes(wanted);
    if (row.hidden && follower(row)) follower(row).hidden = true;
  });
});
document.querySelector('main').addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.entry) {
    const opened = follower(button.closest('tr'));
    if (opened) { opened.hidden = !opened.hidden; button.setAttribute('aria-expanded', String(!opened.hidden)); }
    return;
  }
  const head = button.closest('th'), body = head.closest('table').tBodies[0], place = head.cellIndex;
  const before = head.getAttribute('aria-sort'), section = head.closest('section').id;
  const high = head.textContent.includes('↑') || head.matches('.score') && ['asc', 'at'].includes(section);
  const down = before === 'none' ? high : before === 'ascending';
  head.parentElement.querySelectorAll('th').forEach(one => one.setAttribute('aria-sort', 'none'));
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const value = row => { const cell = row.cells[place]; return cell.dataset.value ?? cell.textContent.trim(); };
  const order = (a, b) => value(a).localeCompare(value(b), 'en', {numeric: true}) * (down ? -1 : 1);
  const number = row => parseFloat(value(row));
  const rows = [...body.querySelectorAll('tr.entry')].map(row => [row, follower(row)]);
  rows.sort(([a], [b]) => {
    const x = number(a), y = number(b);
    if (isNaN(x) || isNaN(y)) return isNaN(x) && isNaN(y) ? order(a, b) : isNaN(x) - isNaN(y);
    return (x - y) * (down ? -1 : 1);
  });
  rows.forEach(pair => pair.filter(Boolean).forEach(row => body.append(row)));
});
"""
