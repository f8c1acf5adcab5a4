"""The rows of the board, from verified submissions and from the paper, and what a reader wants to see of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal
from urllib.parse import urlencode

from sseu_leaderboard.intake.verified import AVERAGE, COLUMNS, FINITE_AVERAGE, METRICS, Figure, Verified
from sseu_models.records import TASKS
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows

Kind = Literal["verified", "reported", "flagged"]
KINDS: tuple[Kind, ...] = ("verified", "reported", "flagged")
MODES = tuple(TASKS)
DETAILS = ("embedder", "prompts", "runs", "date")
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
        answers_sha256: As in `Verified`; empty for what was only reported.
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
    answers_sha256: str = ""

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
            known_text = text[:_LONGEST_SEARCH].encode(errors="replace").decode()  # JSON may hold lone surrogates
            view = replace(view, **{field.name: known_text})  # type: ignore[arg-type]
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
    """A verified submission as a row; a model that the name of the system does not say is named beside it."""
    name = verified.system if verified.frontend == "none" else f"{verified.system} + {verified.frontend}"
    model = verified.model
    unsaid = () if model is None or model.casefold() in verified.system.casefold() else (f"model {model}",)
    return Entry(
        id=verified.sha256[:32],
        name=name,
        kind="flagged" if verified.flags else "verified",
        url=model_url(verified),
        embedder=verified.embedder,
        prompts=verified.prompts,
        runs=verified.runs,
        date=date,
        remarks=(*verified.flags, *unsaid, *verified.notes),
        figures=verified.figures,
        answers_sha256=verified.answers_sha256,
    )


def tell_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Say of each what another has too: the same name but for letter case, or all its answers.

    Both stand: who copied whom cannot be seen, since the dates of the folders are the submitters' own.
    """
    told = []
    for entry in entries:
        others = [other for other in entries if other.id != entry.id]
        remarks = list(entry.remarks)
        if any(other.name.casefold() == entry.name.casefold() for other in others):
            remarks.append(f"submission {entry.id[:8]}")
        same = [other for other in others if other.answers_sha256 == entry.answers_sha256]
        if same:
            remarks.append(f"its answers are those of {same[0].name}, submission {same[0].id[:8]}")
        told.append(replace(entry, remarks=tuple(remarks)))
    return told


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
