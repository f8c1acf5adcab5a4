"""The report of results folders: the page, every table and plot as files, and the findings as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.files import write_atomically
from sseu_dataset.records import DatasetError
from sseu_metric.extras import require
from sseu_report.comparability import check_datasets, refuse_lite
from sseu_report.entries import Entry, ResultLike, ScoredEntry, read_entries, score_entries
from sseu_report.faults import find_faults
from sseu_report.findings.collect import Findings, as_json, collect_findings
from sseu_report.findings.hard_cases import in_turn
from sseu_report.findings.ranks import find_standings
from sseu_report.page.clips.cards import clip_section
from sseu_report.page.first_screen import first_screen
from sseu_report.page.plots import SUMMARY_CURVES, draw_plots, looks_of
from sseu_report.page.render import Page, PagePlot, add_clips, render_page
from sseu_report.page.sections.chapters import chapters
from sseu_report.page.tables import page_table
from sseu_report.summary import Summary, summarise_report, summary_table
from sseu_report.tables.formats import FORMATS
from sseu_report.tables.paper_tables import all_tables
from sseu_report.tables.records import Table
from sseu_report.terminal import summary_text, terminal_columns, wants_colour

if TYPE_CHECKING:
    from sseu_metric.embedder_protocol import Embedder

PAGE, FINDINGS, MARKER = "report.html", "findings.json", "report.json"
SCHEMA_VERSION = 1
MAX_CLIPS = 72
"""Maximum number of clips on a page by default; fewer where `MAX_PAGE_BYTES` does not hold them."""
MAX_PAGE_BYTES = 25_000_000
"""Maximum size of a page; clips beyond it are left out."""
PACKAGES = {"jinja2": "jinja2", "jiwer": "jiwer", "librosa": "librosa", "PIL": "pillow", "sklearn": "scikit-learn"}
"""The packages of the extra `report`, by import name."""


@dataclass(frozen=True)
class Report:
    """The files of a report, and what its reader must know.

    Attributes:
        page: The HTML file.
        tables: For each table its Markdown, CSV and LaTeX files.
        plots: SVG, PDF and PNG files.
        findings: The JSON file; None where the answers could not be scored.
        shown_clips: Number of clips on the page.
        summary: What the first screen of the page says; its `faults` are what is wrong with the comparison.
        tampered: For each entry whose `scores.json` differs from its answers: where.
    """

    page: Path
    tables: Mapping[str, Sequence[Path]]
    plots: Sequence[Path]
    findings: Path | None
    shown_clips: int
    summary: Summary
    tampered: Mapping[str, str]

    def __str__(self) -> str:
        """The summary and the place of the page, as text; in colour on a terminal."""
        text = summary_text(self.summary, colour=wants_colour(), columns=terminal_columns())
        return f"{text}\n\n{self.page}"


def report(
    results: Sequence[ResultLike],
    folder: str | Path,
    *,
    data: str | None = None,
    clips: int = MAX_CLIPS,
    embedders: Sequence[str | Embedder] = (),
    reported: bool = False,
    names: Mapping[str, str] | None = None,
    highlight: Sequence[str] = (),
    progress: bool = True,
) -> Report:
    """Write a report about one or several results.

    Every result is scored again from its answers, and these scores are shown; a `scores.json` that differs is reported.
    Where the dataset that the answers were made from is not at hand and `data` is not given, the scores are those of
    `scores.json`, and the page and the returned record say that nothing could be checked.

    Args:
        results: Results folders or runs, all about one dataset.
        folder: Folder of the report: new, empty, or a report, whose files are then replaced.
        data: Dataset folder or Hub repository; by default where each result was made from.
        clips: Maximum number of clips on the page, 0 for none.
        embedders: For the embedder sensitivity: two or more.
        reported: Show the paper's published scores in the tables.
        names: Names of one's own for systems, by id.
        highlight: Names of systems, as the tables show them, to be told apart in plots whatever their place; the best
            of each metric and the first others fill the eight places.
        progress: Show bars on a terminal.

    Returns:
        The files, and what a reader must know; `print` shows the summary.

    Raises:
        ValueError: No results; one is no results folder or damaged; the datasets differ; `folder` holds something else;
            the dataset given is not the one that was asked about; a name to highlight is of no result.
        ImportError: A package of the extra `report` is missing; the message is the line that installs it.
    """
    out = Path(folder)
    for name in PACKAGES:
        require(name, "report", "the report")
    if not results:
        raise ValueError("no results folders: name at least one")
    if clips < 0:
        raise ValueError(f"clips is {clips}; give 0 or more")
    _check_out(out)
    stored = read_entries(results, names=names)
    check_datasets(stored)
    refuse_lite(stored, "a report")
    scored, unscored = _score(stored, data, progress)
    entries = [one.entry for one in scored] or stored
    unranked = summarise_report(entries, None, highlight=highlight)
    place = {name: number for number, name in enumerate(unranked.in_order)}
    entries.sort(key=lambda entry: place.get(entry.name, len(place)))
    scored.sort(key=lambda one: place.get(one.entry.name, len(place)))
    tampered = {one.entry.name: one.tampered for one in scored if one.tampered is not None}
    findings = collect_findings(scored, embedders=embedders, progress=progress) if scored else None
    faults = find_faults(entries, scored, unscored, findings, mode=unranked.mode)
    summary = summarise_report(entries, findings, faults, highlight)
    standings = find_standings(findings.ranks) if findings is not None else {}
    tables = [summary_table(summary), *all_tables(entries, standings=standings, reported=reported)]

    out.mkdir(parents=True, exist_ok=True)
    write_atomically(
        out / MARKER,
        json.dumps({"schema_version": SCHEMA_VERSION, "entries": [entry.name for entry in entries]}) + "\n",
    )
    table_paths = {table.name: _write_table(table, out / "tables") for table in tables}
    plot_paths, plots = draw_plots(entries, scored, summary, out / "plots", progress)
    _remove_stale(out / "tables", [path for paths in table_paths.values() for path in paths])
    _remove_stale(out / "plots", plot_paths)
    page = render_page(_page(entries, scored, summary, tables, plots, findings))
    listed = [] if findings is None else in_turn(findings.hard_cases.get(summary.mode, ()))
    section = clip_section(
        scored, clips, MAX_PAGE_BYTES - page.size, listed=listed, unscored=unscored, progress=progress
    )
    write_atomically(out / PAGE, add_clips(page, section))
    if findings is not None:
        write_atomically(out / FINDINGS, json.dumps(as_json(findings), indent=1, allow_nan=False) + "\n")
    return Report(
        page=out / PAGE,
        tables=table_paths,
        plots=plot_paths,
        findings=None if findings is None else out / FINDINGS,
        shown_clips=len(section.cards),
        summary=summary,
        tampered=tampered,
    )


def _page(
    entries: Sequence[Entry],
    scored: Sequence[ScoredEntry],
    summary: Summary,
    tables: Sequence[Table],
    plots: Sequence[PagePlot],
    findings: Findings | None,
) -> Page:
    narrow = [f"systems_{summary.mode}_{metric}" for metric in summary.metrics]
    return Page(
        title="SSEU-Bench report",
        first=first_screen(summary, looks_of(entries, summary)),
        texts=page_table(summary_table(summary)).texts,
        plots=[plot for plot in plots if plot.name == SUMMARY_CURVES],
        narrow_plots=[plot for plot in plots if plot.name in narrow],
        sections=chapters(entries, scored, summary, tables, plots, findings),
        systems=[entry.name for entry in entries],
    )


def _check_out(out: Path) -> None:
    """Refuse to write among files that are not a report's."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ValueError(f"{out} is a file; choose another --out")
    if any(out.iterdir()) and not (out / MARKER).is_file():
        raise ValueError(
            f"{out}: not empty, and no report (there is no {MARKER} in it); choose another folder for the report"
        )


def _score(entries: Sequence[Entry], data: str | None, progress: bool) -> tuple[list[ScoredEntry], str | None]:
    """The entries with their answers; or none and the reason, where the dataset is not at hand."""
    try:
        return score_entries(entries, data=data, progress=progress), None
    except DatasetError as error:
        if data is not None:
            raise
        return [], str(error)


def _remove_stale(folder: Path, written: Sequence[Path]) -> None:
    """Remove the tables and plots of an earlier report that this one does not have."""
    suffixes = {path.suffix for path in written}
    for path in set(folder.iterdir() if folder.is_dir() else ()) - set(written):
        if path.suffix in suffixes and path.is_file():
            path.unlink()


def _write_table(table: Table, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for suffix, convert in FORMATS.items():
        path = folder / f"{table.name}.{suffix}"
        write_atomically(path, convert(table))
        paths.append(path)
    return paths
