"""The ranking: pure functions of verified submissions, the paper's rows and what a reader wants to see.

Ranks are within one task, mode and column, among unflagged submissions; the paper's figures were reported, not computed
here from answers, and have none. The rank range of a submission counts those that are surely better or surely worse:
those whose paired difference (equal resamples of speakers or recordings for both) has a 95 % interval without 0. The
range is [1 + surely better, N - surely worse]. The intervals are pairwise, not corrected for the number of pairs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal
from urllib.parse import urlencode

from leaderboard.verified import AVERAGE, COLUMNS, FINITE_AVERAGE, METRICS, Figure, Verified, interval_of
from sseu_models.records import TASKS
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows

Kind = Literal["verified", "reported", "flagged"]
KINDS: tuple[Kind, ...] = ("verified", "reported", "flagged")
MODES = tuple(TASKS)
DETAILS = ("embedder", "prompts", "runs", "date")
LOWER_IS_BETTER = frozenset({"wer"})
PAPER_URL = "https://arxiv.org/abs/2509.13148"
_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Entry:
    """A row of the board, in all tasks, modes and columns.

    Attributes:
        id: Unique on the board, letters, digits and `-`.
        name: The system, with its front end; a stranger's text.
        kind: `verified`: scored here; `reported`: the paper's; `flagged`: scored here, outside the ranking.
        url: Of the model or the paper; None where nothing names one.
        embedder: What compared names with labels.
        prompts: Id of the prompt set.
        runs: How often each question was asked.
        date: Of the submission, YYYY-MM-DD.
        remarks: Flags and notes.
        figures: mode -> metric -> column -> figure.
    """

    id: str
    name: str
    kind: Kind
    url: str | None
    embedder: str
    prompts: str
    runs: int
    date: str
    remarks: tuple[str, ...]
    figures: Mapping[str, Mapping[str, Mapping[str, Figure]]]

    def figure(self, view: View, column: str) -> Figure | None:
        """Its figure in the task and mode of a view."""
        return self.figures.get(view.mode, {}).get(METRICS[view.task], {}).get(column)


@dataclass(frozen=True)
class View:
    """What a reader wants to see; stands in the page's address.

    Attributes:
        task: `asr`, `asc` or `at`.
        mode: How the systems were asked.
        columns: Figures and details that are shown, of `COLUMNS` and `DETAILS`.
        kinds: Which rows are shown.
        search: In the name, case ignored.
        sort: A column, or `name`.
        reverse: Worst, or last, first.
        entry: Id of the row whose curve is drawn; empty for none.
    """

    task: str = "asr"
    mode: str = "independent"
    columns: tuple[str, ...] = (*(column for column in COLUMNS if column != FINITE_AVERAGE), *DETAILS)
    kinds: tuple[str, ...] = KINDS
    search: str = ""
    sort: str = AVERAGE
    reverse: bool = False
    entry: str = ""

    @property
    def ranked_by(self) -> str:
        """The column the ranks are of: the sorted one if it holds figures."""
        return self.sort if self.sort in COLUMNS else AVERAGE


@dataclass(frozen=True)
class Place:
    """A row where it stands.

    Attributes:
        entry: The row.
        rank: From 1; None outside the ranking.
        span: The ranks that the intervals leave open; None outside the ranking.
    """

    entry: Entry
    rank: int | None
    span: tuple[int, int] | None


_CHOICES: Mapping[str, Sequence[str]] = {
    "task": tuple(METRICS),
    "mode": MODES,
    "columns": (*COLUMNS, *DETAILS),
    "kinds": KINDS,
    "sort": (*COLUMNS, *DETAILS, "name"),
    "reverse": ("0", "1"),
}


def parse_view(parameters: Mapping[str, str]) -> tuple[View, tuple[str, ...]]:
    """The view of an address, and what could not be read in it, which is then as in a plain address.

    Args:
        parameters: Of the address; those of others are passed over.
    """
    view, faults = View(), []
    for field in fields(View):
        text = parameters.get(field.name)
        if text is None:
            continue
        known = _CHOICES.get(field.name)
        words = tuple(dict.fromkeys(filter(None, text.split(",")))) if field.name in ("columns", "kinds") else (text,)
        unknown = [word for word in words if known is not None and word not in known]
        if unknown:
            faults.append(f"{field.name}: there is no {unknown[0]!r:.40}; there are {', '.join(known or ())}")
        elif field.name in ("columns", "kinds"):
            view = replace(view, **{field.name: tuple(word for word in known or () if word in words)})  # type: ignore[arg-type]
        elif field.name == "reverse":
            view = replace(view, reverse=text == "1")
        else:
            view = replace(view, **{field.name: text[:_LONGEST_SEARCH]})  # type: ignore[arg-type]
    return view, tuple(faults)


def query_of(view: View) -> str:
    """The view as the part of an address behind `?`; what is as in a plain address is left out."""
    plain, values = View(), {}
    for field in fields(View):
        value = getattr(view, field.name)
        if value != getattr(plain, field.name):
            values[field.name] = (
                ",".join(value) if isinstance(value, tuple) else str(int(value)) if isinstance(value, bool) else value
            )
    return urlencode(values)


def entry_of(verified: Verified, date: str) -> Entry:
    """A verified submission as a row."""
    name = verified.system if verified.frontend == "none" else f"{verified.system} + {verified.frontend}"
    return Entry(
        id=verified.sha256[:16],
        name=name,
        kind="flagged" if verified.flags else "verified",
        url=model_url(verified),
        embedder=verified.embedder,
        prompts=verified.prompts,
        runs=verified.runs,
        date=date,
        remarks=(*verified.flags, *verified.notes),
        figures=verified.figures,
    )


def model_url(verified: Verified) -> str | None:
    """Where the model is on the Hub: only ids that can be one become a link."""
    named = verified.model or verified.system.partition(":")[2].partition("@")[0]
    return f"https://huggingface.co/{named}" if _HUB_ID.fullmatch(named) and ".." not in named else None


def paper_entries() -> list[Entry]:
    """The rows of the paper's Tables 1 and 2, a row per system."""
    figures: dict[str, dict[str, dict[str, dict[str, Figure]]]] = {}
    for table in (1, 2):
        for row in published_rows(table):
            columns = figures.setdefault(row.system, {}).setdefault(row.mode, {}).setdefault(row.metric, {})
            columns.update(_published_columns(row))
    return [
        Entry(
            id="paper-" + re.sub(r"[^a-z0-9]+", "-", system.lower()),
            name=system,
            kind="reported",
            url=PAPER_URL,
            embedder=EMBEDDER,
            prompts="the paper's",
            runs=RUNS,
            date="2025-09",
            remarks=(f"as published in {SOURCE}",),
            figures=of_system,
        )
        for system, of_system in figures.items()
    ]


def _published_columns(row: PublishedRow) -> dict[str, Figure]:
    """Table 1 has the average over six conditions, Table 2 that over the five finite ones."""
    figure = Figure(row.average, std=row.average_deviation)
    if row.table == 2:  # of joint, which was asked on the finite ones only, this is the average too
        return {FINITE_AVERAGE: figure} | ({AVERAGE: figure} if row.mode != "independent" else {})
    cells = {name: Figure(value, std=row.deviations.get(name)) for name, value in row.cells.items()}
    return {AVERAGE: figure} | cells


def places(entries: Sequence[Entry], view: View) -> list[Place]:
    """The rows of a view in its order, flagged ones below; those without a figure in its task and mode are left out."""
    ranked = {entry.id: place for entry, place in _ranks(entries, view)}
    shown = [
        ranked.get(entry.id, Place(entry, None, None))
        for entry in entries
        if entry.kind in view.kinds
        and view.search.casefold() in entry.name.casefold()
        and any(entry.figure(view, column) for column in COLUMNS)
    ]
    if view.sort not in COLUMNS:
        return sorted(shown, key=lambda place: str(getattr(place.entry, view.sort)).casefold(), reverse=view.reverse)
    lower = METRICS[view.task] in LOWER_IS_BETTER
    having = [place for place in shown if place.entry.figure(view, view.sort) is not None]
    without = [place for place in shown if place.entry.figure(view, view.sort) is None]
    having.sort(key=lambda place: _value(place.entry, view), reverse=lower is view.reverse)
    return sorted(having + without, key=lambda place: place.entry.kind == "flagged")


def _value(entry: Entry, view: View) -> float:
    figure = entry.figure(view, view.ranked_by)
    assert figure is not None  # asked for rows with a figure only
    return figure.value


def _ranks(entries: Sequence[Entry], view: View) -> list[tuple[Entry, Place]]:
    lower = METRICS[view.task] in LOWER_IS_BETTER
    competing = [
        entry for entry in entries if entry.kind == "verified" and entry.figure(view, view.ranked_by) is not None
    ]
    figures = {entry.id: figure for entry in competing if (figure := entry.figure(view, view.ranked_by)) is not None}
    spans = rank_spans(figures, METRICS[view.task])
    values = {entry.id: _value(entry, view) for entry in competing}
    found = []
    for entry in competing:
        mine = values[entry.id]
        rank = 1 + sum(other < mine if lower else other > mine for other in values.values())
        low, high = spans[entry.id]
        found.append((entry, Place(entry, rank, (min(low, rank), max(high, rank)))))
    return found


def rank_spans(figures: Mapping[str, Figure], metric: str) -> dict[str, tuple[int, int]]:
    """The ranks that the paired intervals leave open to each.

    Args:
        figures: By id, with their resamples, the same draws for all.
        metric: `wer`, `macc` or `map`.

    Raises:
        ValueError: Two have different numbers of resamples.
    """
    import numpy as np

    counts = {len(figure.resampled) for figure in figures.values()}
    if len(counts) > 1:
        raise ValueError(f"figures with {sorted(counts)} resamples; equal numbers of the same draws are needed")
    arrays = {name: np.array(figure.resampled, dtype=np.float64) for name, figure in figures.items()}
    better, worse = dict.fromkeys(arrays, 0), dict.fromkeys(arrays, 0)
    names = sorted(arrays)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            differences = arrays[one] - arrays[other]
            if np.isnan(differences).all():
                continue
            interval = interval_of(metric, differences, figures[one].value - figures[other].value)
            if interval.low <= 0 <= interval.high:
                continue
            winner, loser = (one, other) if (interval.high < 0) is (metric in LOWER_IS_BETTER) else (other, one)
            better[loser] += 1
            worse[winner] += 1
    return {name: (1 + better[name], len(names) - worse[name]) for name in names}
