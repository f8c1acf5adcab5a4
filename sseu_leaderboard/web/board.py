"""The rows of the board, from verified submissions and from the paper, and the view that a reader chose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal
from urllib.parse import urlencode

from sseu_dataset.records import VERSION
from sseu_hub.client import is_repo_id
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell, BoardFactor, Verified
from sseu_leaderboard.notices import Notice
from sseu_metric.conditions import CONDITIONS
from sseu_models.kinds import may_be_ranked
from sseu_models.records import TASKS
from sseu_report.naming import TASK_METRICS
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows

Kind = Literal["verified", "reported", "apart", "flagged", "retired"]
KINDS: tuple[Kind, ...] = ("verified", "reported", "apart", "flagged", "retired")
SHOWN_KINDS: tuple[Kind, ...] = ("verified", "reported", "apart", "flagged")
"""Those of the default view: what was withdrawn or superseded is shown on request."""
MODES = tuple(TASKS)
DETAILS = ("version", "embedder", "prompts", "runs", "date")
PAPER_VERSION = "the paper's"
"""Where the version of the dataset stands: the paper's own one is not published."""
PAPER_URL = "https://arxiv.org/abs/2509.13148"
_MAX_SEARCH_LENGTH = 100


def columns_of(conditions: Sequence[str]) -> tuple[str, ...]:
    """The columns with scores on a board whose dataset has these conditions."""
    return (AVERAGE, FINITE_AVERAGE, *conditions)


PAPER_COLUMNS = columns_of(CONDITIONS)
"""The columns of a board on the paper's dataset."""


@dataclass(frozen=True)
class Choices:
    """What a board has to choose from.

    Attributes:
        columns: Its columns with scores.
        versions: The versions of the dataset that it holds, the default first.
    """

    columns: tuple[str, ...] = PAPER_COLUMNS
    versions: tuple[str, ...] = (VERSION,)


PAPER_CHOICES = Choices()
"""Those of a board on the paper's dataset, as this package builds it."""


@dataclass(frozen=True)
class BoardRow:
    """A row of the board, in all tasks, modes and columns.

    Attributes:
        id: Unique on the board: letters, digits and `-`.
        name: The system, with its front end; untrusted text.
        kind: `verified`: a system, scored here, the only ones with ranks; `reported`: published in the paper; `apart`:
            a front end, oracle, control or baseline; `flagged`: something shows that it is no honest system;
            `retired`: withdrawn or superseded.
        version: Version of the dataset; `PAPER_VERSION` for reported rows.
        url: Address of the model or the paper; None if there is none.
        embedder: Text embedder that compared names with labels.
        prompts: Ids of the prompt sets.
        runs: How often each question was asked with each of them.
        date: Date of the submission, YYYY-MM-DD.
        remarks: Flags and notes.
        cells: mode -> metric -> column -> cell.
        factors: mode -> metric -> what the cells' replicates leave out; empty for reported rows.
        asked: Equal for rows of one model that differ in their prompt set alone; empty for reported rows.
        answers_sha256: As in `Verified`, one for each prompt set; empty for reported rows.
        limitations: As in `Verified`: its scores stand in parentheses if there are any.
        marks: mode -> metric -> reasons to doubt the score, which stand beside it.
        submissions: Ids of its submissions, by which notices name them (`sseu_leaderboard.notices`).
    """

    id: str
    name: str
    kind: Kind
    version: str
    url: str | None
    embedder: str
    prompts: str
    runs: int
    date: str
    remarks: tuple[str, ...]
    cells: Mapping[str, Mapping[str, Mapping[str, BoardCell]]]
    factors: Mapping[str, Mapping[str, tuple[BoardFactor, ...]]] = field(default_factory=dict)
    asked: str = ""
    answers_sha256: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    marks: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    submissions: tuple[str, ...] = ()

    def columns(self, view: View) -> Mapping[str, BoardCell]:
        """Its cells by column in the task and mode of a view; empty if it was not asked."""
        return self.cells.get(view.mode, {}).get(TASK_METRICS[view.task], {})


@dataclass(frozen=True)
class View:
    """The reader's choices, which stand in the page's address.

    Attributes:
        task: `asr`, `asc` or `at`.
        mode: How the systems were asked.
        version: Version of the dataset; rows of others are not shown.
        columns: Columns of scores and details that are shown, in the order of the board.
        kinds: Kinds of rows that are shown.
        search: Text in the name, case ignored.
        sort: A column, or `name`.
        reverse: Worst, or last, first.
        entry: Id of the row whose curve is drawn; empty for none.
    """

    task: str = "asr"
    mode: str = "independent"
    version: str = VERSION
    columns: tuple[str, ...] = (*(column for column in PAPER_COLUMNS if column != FINITE_AVERAGE), *DETAILS)
    kinds: tuple[str, ...] = SHOWN_KINDS
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


def default_view(choices: Choices) -> View:
    """The view of an address without parameters."""
    columns = (column for column in choices.columns if column != FINITE_AVERAGE)
    return View(version=choices.versions[0], columns=(*columns, *DETAILS))


def parse_view(parameters: Mapping[str, str], on: Choices = PAPER_CHOICES) -> tuple[View, tuple[str, ...]]:
    """Read the view of an address; a parameter that is wrong is reported and replaced by its default.

    Args:
        parameters: The address's parameters; unknown ones are ignored.
        on: What the board has to choose from.

    Returns:
        The view, and one message for each wrong parameter.
    """
    choices: Mapping[str, Sequence[str]] = {
        "task": tuple(TASK_METRICS),
        "mode": MODES,
        "version": on.versions,
        "columns": (*on.columns, *DETAILS),
        "kinds": KINDS,
        "sort": (*on.columns, *DETAILS, "name"),
        "reverse": ("0", "1"),
    }
    values: dict[str, Any] = {}
    faults = []
    for name in (one.name for one in fields(View) if one.name in parameters):
        text, known = parameters[name], choices.get(name)
        several = name in ("columns", "kinds")
        words = [word for word in text.split(",") if word] if several else [text]
        if known is None:
            values[name] = text[:_MAX_SEARCH_LENGTH].encode(errors="replace").decode()  # JSON may hold lone surrogates
        elif unknown := [word for word in words if word not in known]:
            faults.append(f"{name}: there is no {unknown[0]!r:.40}; there are {', '.join(known)}")
        elif several:
            values[name] = tuple(word for word in known if word in words)
        else:
            values[name] = text == "1" if name == "reverse" else text
    return replace(default_view(on), **values), tuple(faults)


def parameters_of(view: View) -> dict[str, str]:
    """The view as the parameters of an address."""
    values = {field.name: getattr(view, field.name) for field in fields(View)}
    lists = {name: ",".join(value) for name, value in values.items() if isinstance(value, tuple)}
    return values | lists | {"reverse": str(int(view.reverse))}


def query_of(view: View, on: Choices = PAPER_CHOICES) -> str:
    """The view as the query of an address, without defaults."""
    default = parameters_of(default_view(on))
    return urlencode({name: text for name, text in parameters_of(view).items() if text != default[name]})


def row_of(verified: Verified, date: str, submission: str = "", notice: Notice | None = None) -> BoardRow:
    """A verified submission as a row; a model that is not part of the system's name is named beside it.

    Args:
        verified: The submission as it was scored.
        date: Its date, YYYY-MM-DD.
        submission: Its id.
        notice: What became of it.
    """
    name = verified.system if verified.frontend == "none" else f"{verified.system} + {verified.frontend}"
    model = verified.model
    unnamed = () if model is None or model.casefold() in verified.system.casefold() else (f"model {model}",)
    ranked = may_be_ranked(verified.kind)
    kind: Kind = "retired" if notice else "flagged" if verified.flags and ranked else "verified" if ranked else "apart"
    said = [*((notice.sentence,) if notice else ()), *(() if ranked else (f"{verified.kind}, not ranked",))]
    return BoardRow(
        id=verified.sha256[:32],
        name=name,
        kind=kind,
        version=verified.version,
        url=model_url(verified),
        embedder=verified.embedder,
        prompts=verified.prompts,
        runs=verified.runs,
        date=date,
        remarks=(*said, *verified.flags, *unnamed, *verified.notes),
        cells=verified.cells,
        factors=verified.factors,
        asked=f"{verified.asked_sha256} {verified.model}",
        answers_sha256=(verified.answers_sha256,),
        limitations=verified.limitations,
        marks=verified.marks,
        submissions=(submission,),
    )


def with_marks(row: BoardRow, more: Mapping[str, Mapping[str, tuple[str, ...]]]) -> BoardRow:
    """The row with reasons more to doubt its scores."""
    marks = {
        mode: {
            metric: tuple(
                dict.fromkeys(said for one in (row.marks, more) for said in one.get(mode, {}).get(metric, ()))
            )
            for metric in TASK_METRICS.values()
        }
        for mode in {**row.marks, **more}
    }
    return replace(row, marks=marks)


def tell_apart(rows: Sequence[BoardRow]) -> list[BoardRow]:
    """Remark on rows that share a name (but for letter case) or all their answers with another row of their version.

    Both rows stay: who copied whom is unknown, since submitters choose the dates of their folders.
    """
    remarked = []
    for row in rows:
        others = [other for other in rows if other.id != row.id and other.version == row.version]
        remarks = list(row.remarks)
        if any(other.name.casefold() == row.name.casefold() for other in others):
            remarks.append(f"submission {row.id[:8]}")
        same = [other for other in others if {*other.answers_sha256} & {*row.answers_sha256}]
        if same:
            remarks.append(f"same answers as {same[0].name}, submission {same[0].id[:8]}")
        remarked.append(replace(row, remarks=tuple(remarks)))
    return remarked


def model_url(verified: Verified) -> str | None:
    """Address of the model on the Hub; None unless the submission names a valid id."""
    named = verified.model or verified.system.partition(":")[2].partition("@")[0]
    return f"https://huggingface.co/{named}" if is_repo_id(named) else None


def paper_rows() -> list[BoardRow]:
    """The rows of the paper's Tables 1 and 2, a row per system."""
    cells: dict[str, dict[str, dict[str, dict[str, BoardCell]]]] = {}
    for table in (1, 2):
        for row in published_rows(table):
            columns = cells.setdefault(row.system, {}).setdefault(row.mode, {}).setdefault(row.metric, {})
            columns.update(_published_columns(row))
    return [
        BoardRow(
            id="paper-" + re.sub(r"[^a-z0-9]+", "-", system.lower()),
            name=system,
            kind="reported",
            version=PAPER_VERSION,
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


def _published_columns(row: PublishedRow) -> dict[str, BoardCell]:
    """Table 1 has the average over six conditions, Table 2 the average over the five finite ones."""
    cell = BoardCell(row.average, std=row.average_deviation)
    if row.table == 2:  # joint was asked in these five conditions only, so this is its average too
        return {FINITE_AVERAGE: cell} | ({AVERAGE: cell} if row.mode != "independent" else {})
    cells = {name: BoardCell(value, std=row.deviations.get(name)) for name, value in row.cells.items()}
    return {AVERAGE: cell} | cells
