"""The view that a reader chose, which stands in the page's address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal
from urllib.parse import urlencode

from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE
from sseu_metric.conditions import CONDITIONS
from sseu_models.records import TASKS
from sseu_report.naming import METRIC_NAMES, TASK_METRICS

Kind = Literal["verified", "reported", "apart", "flagged", "retired"]
KINDS: tuple[Kind, ...] = ("verified", "reported", "apart", "flagged", "retired")
SHOWN_KINDS: tuple[Kind, ...] = ("verified", "reported", "apart", "flagged")
"""Those of the default view: what was withdrawn or superseded is shown on request."""
MODES = tuple(TASKS)
DETAILS = ("embedder", "prompts", "runs", "date")
ALL_TASKS = "all"
"""The first tab: the averages of all three tasks."""
TABS: Mapping[str, str] = {
    ALL_TASKS: "All tasks",
    "asr": "Speech (WER)",
    "asc": "Scene (mACC)",
    "at": "Events (mAP)",
}
MAX_ROWS = 100
"""More rows are shown on request."""
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
class View:
    """The reader's choices, which stand in the page's address.

    Attributes:
        task: One of `TABS`.
        mode: How the systems were asked.
        version: Version of the dataset; rows of others are not shown.
        columns: Columns of scores and details that are shown, in the order of the board.
        kinds: Kinds of rows that are shown.
        search: Text in the name or the system's id, case ignored.
        sort: A column, `name`, or with all tasks a metric; `average` is then the mean place.
        reverse: Worst, or last, first.
        entry: Id of the row whose curves and details are open; empty for none.
        every: Whether more than `MAX_ROWS` rows are shown.
    """

    task: str = ALL_TASKS
    mode: str = "independent"
    version: str = VERSION
    columns: tuple[str, ...] = (*(column for column in PAPER_COLUMNS if column != FINITE_AVERAGE), "date")
    kinds: tuple[str, ...] = SHOWN_KINDS
    search: str = ""
    sort: str = AVERAGE
    reverse: bool = False
    entry: str = ""
    every: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """Those of its tab."""
        return tuple(TASK_METRICS.values()) if self.task == ALL_TASKS else (TASK_METRICS[self.task],)

    @property
    def sorts_by_score(self) -> bool:
        """Whether the rows are in the order of scores."""
        return self.sort not in (*DETAILS, "name")

    @property
    def ranked_by(self) -> tuple[str, str]:
        """Metric and column of the ranks; the metric is empty for the mean place in all tasks."""
        if self.task == ALL_TASKS:
            return (self.sort, AVERAGE) if self.sort in self.metrics else ("", AVERAGE)
        column = self.sort if self.sorts_by_score and self.sort not in METRIC_NAMES else AVERAGE
        return TASK_METRICS[self.task], column


def default_view(choices: Choices) -> View:
    """The view of an address without parameters."""
    columns = (column for column in choices.columns if column != FINITE_AVERAGE)
    return View(version=choices.versions[0], columns=(*columns, "date"))


def parse_view(parameters: Mapping[str, str], on: Choices = PAPER_CHOICES) -> tuple[View, tuple[str, ...]]:
    """Read the view of an address; a parameter that is wrong is reported and replaced by its default.

    Args:
        parameters: The address's parameters; unknown ones are ignored.
        on: What the board has to choose from.

    Returns:
        The view, and one message for each wrong parameter.
    """
    choices: Mapping[str, Sequence[str]] = {
        "task": tuple(TABS),
        "mode": MODES,
        "version": on.versions,
        "columns": (*on.columns, *DETAILS),
        "kinds": KINDS,
        "sort": (*on.columns, *METRIC_NAMES, *DETAILS, "name"),
        "reverse": ("0", "1"),
        "every": ("0", "1"),
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
            values[name] = text == "1" if name in ("reverse", "every") else text
    return replace(default_view(on), **values), tuple(faults)


def parameters_of(view: View) -> dict[str, str]:
    """The view as the parameters of an address."""
    values = {field.name: getattr(view, field.name) for field in fields(View)}
    lists = {name: ",".join(value) for name, value in values.items() if isinstance(value, tuple)}
    return values | lists | {name: str(int(values[name])) for name in ("reverse", "every")}


def query_of(view: View, on: Choices = PAPER_CHOICES) -> str:
    """The view as the query of an address, without defaults."""
    default = parameters_of(default_view(on))
    return urlencode({name: text for name, text in parameters_of(view).items() if text != default[name]})
