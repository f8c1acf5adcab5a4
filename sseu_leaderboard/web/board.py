"""The rows of the board, from verified submissions and from the paper, and the view that a reader chose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal
from urllib.parse import urlencode

from sseu_hub.client import is_repo_id
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, METRICS, Cell, Verified
from sseu_metric.conditions import CONDITIONS
from sseu_models.records import TASKS
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows

Kind = Literal["verified", "reported", "flagged"]
KINDS: tuple[Kind, ...] = ("verified", "reported", "flagged")
MODES = tuple(TASKS)
DETAILS = ("embedder", "prompts", "runs", "date")
PAPER_URL = "https://arxiv.org/abs/2509.13148"
_MAX_SEARCH_LENGTH = 100


def columns_of(conditions: Sequence[str]) -> tuple[str, ...]:
    """The columns with scores on a board whose dataset has these conditions."""
    return (AVERAGE, FINITE_AVERAGE, *conditions)


PAPER_COLUMNS = columns_of(CONDITIONS)
"""The columns of a board on the paper's dataset."""


@dataclass(frozen=True)
class Entry:
    """A row of the board, in all tasks, modes and columns.

    Attributes:
        id: Unique on the board: letters, digits and `-`.
        name: The system, with its front end; untrusted text.
        kind: `verified`: scored here; `reported`: published in the paper; `flagged`: scored here, not ranked.
        url: Address of the model or the paper; None if there is none.
        embedder: Text embedder that compared names with labels.
        prompts: Id of the prompt set.
        runs: How often each question was asked.
        date: Date of the submission, YYYY-MM-DD.
        remarks: Flags and notes.
        cells: mode -> metric -> column -> cell.
        answers_sha256: As in `Verified`; empty for reported rows.
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
    cells: Mapping[str, Mapping[str, Mapping[str, Cell]]]
    answers_sha256: str = ""

    def row(self, view: View) -> Mapping[str, Cell]:
        """Its cells by column in the task and mode of a view; empty if it was not asked."""
        return self.cells.get(view.mode, {}).get(METRICS[view.task], {})

    def cell(self, view: View, column: str) -> Cell | None:
        """Its cell in the task and mode of a view."""
        return self.row(view).get(column)


@dataclass(frozen=True)
class View:
    """The reader's choices, which stand in the page's address.

    Attributes:
        task: `asr`, `asc` or `at`.
        mode: How the systems were asked.
        columns: Columns of scores and details that are shown, in the order of the board.
        kinds: Kinds of rows that are shown.
        search: Text in the name, case ignored.
        sort: A column, or `name`.
        reverse: Worst, or last, first.
        entry: Id of the row whose curve is drawn; empty for none.
    """

    task: str = "asr"
    mode: str = "independent"
    columns: tuple[str, ...] = (*(column for column in PAPER_COLUMNS if column != FINITE_AVERAGE), *DETAILS)
    kinds: tuple[str, ...] = KINDS
    search: str = ""
    sort: str = AVERAGE
    reverse: bool = False
    entry: str = ""

    @property
    def sorts_by_score(self) -> bool:
        """Whether the rows are in the order of a column of scores."""
        return self.sort not in (*DETAILS, "name")

    @property
    def ranked_by(self) -> str:
        """The column of the ranks: the sorted one if it has scores."""
        return self.sort if self.sorts_by_score else AVERAGE


def default_view(columns: Sequence[str]) -> View:
    """The view of an address without parameters, on a board with these columns of scores."""
    return View(columns=(*(column for column in columns if column != FINITE_AVERAGE), *DETAILS))


def parse_view(parameters: Mapping[str, str], columns: Sequence[str] = PAPER_COLUMNS) -> tuple[View, tuple[str, ...]]:
    """Read the view of an address; a parameter that is wrong is reported and replaced by its default.

    Args:
        parameters: The address's parameters; unknown ones are ignored.
        columns: The board's columns of scores.

    Returns:
        The view, and one message for each wrong parameter.
    """
    choices: Mapping[str, Sequence[str]] = {
        "task": tuple(METRICS),
        "mode": MODES,
        "columns": (*columns, *DETAILS),
        "kinds": KINDS,
        "sort": (*columns, *DETAILS, "name"),
        "reverse": ("0", "1"),
    }
    view, faults = default_view(columns), []
    for field in fields(View):
        text = parameters.get(field.name)
        if text is None:
            continue
        known = choices.get(field.name)
        words = tuple(dict.fromkeys(filter(None, text.split(",")))) if field.name in ("columns", "kinds") else (text,)
        unknown = [word for word in words if known is not None and word not in known]
        if unknown:
            faults.append(f"{field.name}: there is no {unknown[0]!r:.40}; there are {', '.join(known or ())}")
        elif field.name in ("columns", "kinds"):
            view = replace(view, **{field.name: tuple(word for word in known or () if word in words)})  # type: ignore[arg-type]
        elif field.name == "reverse":
            view = replace(view, reverse=text == "1")
        else:
            cut = text[:_MAX_SEARCH_LENGTH].encode(errors="replace").decode()  # JSON may hold lone surrogates
            view = replace(view, **{field.name: cut})  # type: ignore[arg-type]
    return view, tuple(faults)


def query_of(view: View, columns: Sequence[str] = PAPER_COLUMNS) -> str:
    """The view as the query of an address, without defaults."""
    default, values = default_view(columns), {}
    for field in fields(View):
        value = getattr(view, field.name)
        if value != getattr(default, field.name):
            values[field.name] = (
                ",".join(value) if isinstance(value, tuple) else str(int(value)) if isinstance(value, bool) else value
            )
    return urlencode(values)


def entry_of(verified: Verified, date: str) -> Entry:
    """A verified submission as a row; a model that is not part of the system's name is named beside it."""
    name = verified.system if verified.frontend == "none" else f"{verified.system} + {verified.frontend}"
    model = verified.model
    unnamed = () if model is None or model.casefold() in verified.system.casefold() else (f"model {model}",)
    return Entry(
        id=verified.sha256[:32],
        name=name,
        kind="flagged" if verified.flags else "verified",
        url=model_url(verified),
        embedder=verified.embedder,
        prompts=verified.prompts,
        runs=verified.runs,
        date=date,
        remarks=(*verified.flags, *unnamed, *verified.notes),
        cells=verified.cells,
        answers_sha256=verified.answers_sha256,
    )


def tell_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Remark on rows that share a name (but for letter case) or all their answers with another row.

    Both rows stay: who copied whom is unknown, since submitters choose the dates of their folders.
    """
    remarked = []
    for entry in entries:
        others = [other for other in entries if other.id != entry.id]
        remarks = list(entry.remarks)
        if any(other.name.casefold() == entry.name.casefold() for other in others):
            remarks.append(f"submission {entry.id[:8]}")
        same = [other for other in others if other.answers_sha256 == entry.answers_sha256]
        if same:
            remarks.append(f"same answers as {same[0].name}, submission {same[0].id[:8]}")
        remarked.append(replace(entry, remarks=tuple(remarks)))
    return remarked


def model_url(verified: Verified) -> str | None:
    """Address of the model on the Hub; None unless the submission names a valid id."""
    named = verified.model or verified.system.partition(":")[2].partition("@")[0]
    return f"https://huggingface.co/{named}" if is_repo_id(named) else None


def paper_entries() -> list[Entry]:
    """The rows of the paper's Tables 1 and 2, a row per system."""
    cells: dict[str, dict[str, dict[str, dict[str, Cell]]]] = {}
    for table in (1, 2):
        for row in published_rows(table):
            columns = cells.setdefault(row.system, {}).setdefault(row.mode, {}).setdefault(row.metric, {})
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
            cells=of_system,
        )
        for system, of_system in cells.items()
    ]


def _published_columns(row: PublishedRow) -> dict[str, Cell]:
    """Table 1 has the average over six conditions, Table 2 the average over the five finite ones."""
    cell = Cell(row.average, std=row.average_deviation)
    if row.table == 2:  # joint was asked in these five conditions only, so this is its average too
        return {FINITE_AVERAGE: cell} | ({AVERAGE: cell} if row.mode != "independent" else {})
    cells = {name: Cell(value, std=row.deviations.get(name)) for name, value in row.cells.items()}
    return {AVERAGE: cell} | cells
