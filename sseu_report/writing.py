"""The report of some results folders: the page, every table and figure as files, and the findings as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.files import write_atomically
from sseu_report.comparability import check_datasets
from sseu_report.entries import Entry, ScoredEntry, read_entries, score_entry
from sseu_report.findings.collect import Findings, as_json, collect_findings
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.naming import printable
from sseu_report.page.clip_cards import clip_cards, has_audio
from sseu_report.page.clip_choice import choose_clips
from sseu_report.page.clip_records import ClipCard
from sseu_report.page.finding_tables import finding_tables
from sseu_report.page.plots import draw_plots
from sseu_report.page.render import Page, PagePlot, Section, render_page, script_json
from sseu_report.page.tables import overview_table, page_table
from sseu_report.tables.formats import to_csv, to_latex, to_markdown
from sseu_report.tables.paper_tables import all_tables
from sseu_report.tables.records import Table

if TYPE_CHECKING:
    from datasets import Dataset

    from sseu_metric.embedder_protocol import Embedder

PAGE, FINDINGS, MARKER = "report.html", "findings.json", "report.json"
SCHEMA = 1
CLIPS = 72
"""Clips on a page by default; fewer where `MAX_BYTES` does not hold them."""
MAX_BYTES = 25_000_000
"""Size of a page: what is beyond is clips, which are left out."""

_HOW_TO_READ = (
    (
        "Each clip is speech and a real background, mixed at a signal-to-noise ratio (SNR) in dB: the lower, the "
        "louder the background. +inf is speech alone, -inf background alone."
    ),
    (
        "Three tasks: speech (asr) by word error rate (WER), lower is better; the scene among six (asc) by mean "
        "recall (mACC), and the events among eighteen (at) by mean average precision (mAP), higher is better. Mode "
        "independent asks one task at a time, joint all three at once, cot all three step by step; likelihood takes "
        "the probabilities that a model gives to the labels."
    ),
    (
        "Controls (control:..., and runs on silent or shuffled audio) hear nothing: what they reach is what guessing "
        "is worth. Only control:ground-truth, where it is shown, answers with the references."
    ),
)


@dataclass(frozen=True)
class ReportPaths:
    """What a report wrote, and what its reader must know.

    Attributes:
        page: The HTML file.
        tables: For each table its Markdown, CSV and LaTeX files.
        plots: SVG and PNG files.
        findings: The JSON file; None where the answers could not be scored.
        shown_clips: Clips on the page.
        main_table: What to print: the first table.
        warnings: As on the page: incomplete and tampered results, missing audio, and so on.
        tampered: For each entry whose `scores.json` is not that of its answers: where they differ.
    """

    page: Path
    tables: Mapping[str, Sequence[Path]]
    plots: Sequence[Path]
    findings: Path | None
    shown_clips: int
    main_table: Table | None
    warnings: Sequence[str]
    tampered: Mapping[str, str]


def write_report(
    folders: Sequence[Path],
    out: Path,
    *,
    data: str | None = None,
    clips: int = CLIPS,
    embedders: Sequence[str | Embedder] = (),
    reported: bool = False,
    progress: bool = True,
) -> ReportPaths:
    """Make a report.

    Every entry is scored anew from its answers, and these figures are shown; a `scores.json` that says something else
    is reported. Where the dataset that the answers were made from is not at hand and `data` is not given, the figures
    are those of `scores.json`, and page and return value say that nothing could be checked.

    Args:
        folders: Results folders about one dataset.
        out: Folder of the report: new, empty, or a report, whose files are then replaced.
        data: Dataset folder or Hub repository; by default where each result was made from.
        clips: Most clips on the page, 0 for none.
        embedders: For the embedder sensitivity: two or more.
        reported: Show the published figures in the tables.
        progress: Show bars on a terminal.

    Raises:
        ValueError: No folders; one is no results folder or damaged; the datasets differ; `out` holds something else;
            the dataset given is not the one that was asked about.
        ImportError: A package of the report is missing; the message is the line that installs it.
    """
    _check_packages()
    if not folders:
        raise ValueError("no results folders: name at least one")
    if clips < 0:
        raise ValueError(f"{clips} clips; give 0 or more")
    _check_out(out)
    stored = read_entries(folders)
    check_datasets(stored)
    scored, unscored = _score(stored, data, progress)
    entries = [one.entry for one in scored] or stored
    tampered = {one.entry.name: one.tampered for one in scored if one.tampered is not None}
    tables = all_tables(entries, reported=reported)
    findings = collect_findings(scored, embedders=embedders, progress=progress) if scored else None
    rows = None
    if scored and clips:
        first = stored[0].result
        rows = _load(first.data, first.revision) if data is None else _load(data, None)
    warnings = _warnings(entries, scored, unscored, findings)

    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / MARKER, json.dumps({"schema": SCHEMA, "entries": [entry.name for entry in entries]}) + "\n")
    table_paths = {table.name: _write_table(table, out / "tables") for table in tables}
    plot_paths, plots = draw_plots(entries, scored, out / "plots", progress)
    sections = _sections(entries, tables, plots, findings)
    page = Page(
        title="SSEU-Bench report",
        lead=_lead(entries),
        warnings=warnings,
        sections=sections,
        systems=[entry.marked_name for entry in entries],
        clips=[],
        clips_text=[],
    )
    page = _with_clips(page, scored, rows, clips, unscored, progress)
    # A lone surrogate, which JSON can hold and UTF-8 cannot, becomes a question mark.
    text = render_page(page).encode("utf-8", "replace").decode("utf-8")
    write_atomically(out / PAGE, text)
    if findings is not None:
        write_atomically(out / FINDINGS, json.dumps(as_json(findings), indent=1, allow_nan=False) + "\n")
    return ReportPaths(
        page=out / PAGE,
        tables=table_paths,
        plots=plot_paths,
        findings=None if findings is None else out / FINDINGS,
        shown_clips=len(page.clips),
        main_table=tables[0] if tables else None,
        warnings=warnings,
        tampered=tampered,
    )


def _check_packages() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("jinja2", "matplotlib", "PIL") if find_spec(name) is None]
    if missing:
        raise ImportError(f"the report needs {', '.join(missing)}: pip install 'sseu-bench[report]'")


def _check_out(out: Path) -> None:
    """Refuse to write among files that are not a report's."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ValueError(f"{out}: a file; choose another --out")
    if any(out.iterdir()) and not (out / MARKER).is_file():
        raise ValueError(f"{out}: not empty, and no report (there is no {MARKER} in it); choose another --out")


def _score(entries: Sequence[Entry], data: str | None, progress: bool) -> tuple[list[ScoredEntry], str | None]:
    """The entries with their answers; or none and the reason, where the dataset is not at hand."""
    from tqdm import tqdm

    from sseu_dataset.loading import load_manifest
    from sseu_dataset.records import DatasetError

    if data is None:
        try:
            for place, revision in dict.fromkeys((entry.result.data, entry.result.revision) for entry in entries):
                load_manifest(place, revision)
        except DatasetError as error:
            return [], str(error)
    bar = tqdm(entries, desc="scoring", unit="result", disable=None if progress else True, leave=False)
    return [score_entry(entry, data=data) for entry in bar], None


def _load(place: str, revision: str | None) -> Dataset:
    from sseu_dataset.loading import load

    return load(place, "all", revision)


def _warnings(
    entries: Sequence[Entry], scored: Sequence[ScoredEntry], unscored: str | None, findings: Findings | None
) -> list[str]:
    found = [
        f"{one.disagreement} All figures here are computed from the answers." for one in scored if one.disagreement
    ]
    if unscored is not None:
        found.append(
            "The dataset is not at hand, so the figures are those of scores.json, not checked against the answers; "
            f"there are no findings and no clips ({unscored}). Give its place with --data."
        )
    found += [
        f"{entry.name} is incomplete: {'; '.join(entry.result.incomplete)}." for entry in entries if not entry.complete
    ]
    found += narrow_notes(scored)
    found += findings.problems if findings is not None else ()
    return [printable(warning) for warning in found]


def _lead(entries: Sequence[Entry]) -> str:
    dataset = entries[0].result.dataset
    results = "1 result" if len(entries) == 1 else f"{len(entries)} results"
    return (
        f"What audio models hear in speech mixed with real backgrounds: {results} on {dataset.pairs} pairs of "
        f"speech and background, dataset version {dataset.version}, recipe {dataset.recipe}."
    )


def _write_table(table: Table, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    formats = {"md": to_markdown, "csv": to_csv, "tex": to_latex}
    paths = []
    for suffix, convert in formats.items():
        path = folder / f"{table.name}.{suffix}"
        write_atomically(path, convert(table))
        paths.append(path)
    return paths


def _sections(
    entries: Sequence[Entry], tables: Sequence[Table], plots: Sequence[PagePlot], findings: Findings | None
) -> list[Section]:
    found = [
        Section("overview", "Overview", text=_HOW_TO_READ, tables=[overview_table(entries)]),
        Section("tables", "Tables", tables=[page_table(table) for table in tables]),
        Section("curves", "Curves and classes", plots=plots),
    ]
    if findings is not None:
        found.append(Section("findings", "Findings", tables=list(finding_tables(findings, entries))))
    return found


def _with_clips(
    page: Page, scored: Sequence[ScoredEntry], rows: Dataset | None, count: int, unscored: str | None, progress: bool
) -> Page:
    """The page with as many clips as it can hold."""
    from tqdm import tqdm

    if unscored is not None:
        return replace(page, clips_text=[f"There are no clips here, since the dataset is not at hand: {unscored}."])
    if not count:
        return replace(page, clips_text=["This report was made without clips."])
    audible = rows is not None and has_audio(rows)
    chosen = choose_clips(scored, count)
    left = MAX_BYTES - len(render_page(page).encode("utf-8", "replace"))
    cards: list[ClipCard] = []
    made = clip_cards(scored, chosen, rows if audible else None)
    for card in tqdm(
        made, total=len(chosen), desc="clips", unit="clip", disable=None if progress else True, leave=False
    ):
        left -= len(script_json(asdict(card))) + 1
        if left < 0:
            break
        cards.append(card)
    place = {item.id: item.place for item in chosen}
    asked = len({clip.reference["id"] for one in scored for clip in one.clips})
    about = (
        f"{len(cards)} of the {asked} clips that were asked about: some that most systems miss, and pairs in all their "
        "conditions. Figures elsewhere on this page are over all clips and runs; here stands each system's first run."
    )
    text = [about]
    if len(cards) < len(chosen):
        text.append(f"{len(chosen) - len(cards)} more clips did not fit into {MAX_BYTES // 1_000_000} MB.")
    if audible:
        text.append("The audio is compressed for this page (MP3, 24 kHz); what the systems heard is in the dataset.")
    else:
        text.append("The dataset is without its audio, so that there is nothing to play here.")
    return replace(page, clips=sorted(cards, key=lambda card: place[card.id]), clips_text=text)
