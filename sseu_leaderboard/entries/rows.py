"""The rows of the board, from verified submissions and from the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sseu_dataset.published.versions import benchmark_of
from sseu_hub.client import is_repo_id
from sseu_leaderboard.entries.view import Kind, View
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell, BoardFactor, Verified
from sseu_leaderboard.notices import Notice
from sseu_models.kinds import may_be_ranked, may_be_submitted
from sseu_report.display_names import display_name
from sseu_report.naming import TASK_METRICS
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows

PAPER_VERSION = "the paper's"
"""Where the version of the dataset stands: the paper's own one is not published."""
PAPER_URL = "https://arxiv.org/abs/2509.13148"


@dataclass(frozen=True)
class BoardRow:
    """A row of the board, in all tasks, modes and columns.

    Attributes:
        id: Unique on the board: letters, digits and `-`.
        name: The system as readers know it, with its front end; untrusted text.
        system: Its id, likewise.
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
    system: str
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

    def metric(self, view: View, metric: str) -> Mapping[str, BoardCell]:
        """Its cells by column in a metric and the mode of a view; empty if it was not asked."""
        return self.cells.get(view.mode, {}).get(metric, {})

    def is_about(self, version: str) -> bool:
        """Whether it stands in the table of a version; the paper's rows do in those of its own recipe alone."""
        return self.version == version or (self.version == PAPER_VERSION and not benchmark_of(version))

    def has_scores(self, view: View) -> bool:
        """Whether it was asked a task of a view in its mode."""
        return any(self.metric(view, metric) for metric in view.metrics)


def row_of(verified: Verified, date: str, submission: str = "", notice: Notice | None = None) -> BoardRow:
    """A verified submission as a row; a model that is not part of the system's name is named beside it.

    Args:
        verified: The submission as it was scored.
        date: Its date, YYYY-MM-DD.
        submission: Its id.
        notice: What became of it.
    """
    model = verified.model
    unnamed = () if model is None or model.casefold() in verified.system.casefold() else (f"model {model}",)
    ranked = may_be_ranked(verified.kind)
    flags = verified.flags if may_be_submitted(verified.kind) else ()  # of what says that it is an oracle, nothing new
    kind: Kind = "retired" if notice else "flagged" if verified.flags and ranked else "verified" if ranked else "apart"
    said = [*((notice.sentence,) if notice else ()), *(() if ranked else (f"{verified.kind}, not ranked",))]
    return BoardRow(
        id=verified.sha256[:32],
        name=display_name(verified.system, verified.frontend),
        system=verified.system,
        kind=kind,
        version=verified.version,
        url=model_url(verified),
        embedder=verified.embedder,
        prompts=verified.prompts,
        runs=verified.runs,
        date=date,
        remarks=(*said, *flags, *unnamed, *verified.notes),
        cells=verified.cells,
        factors=verified.factors,
        asked=f"{verified.asked_sha256} {verified.model}",
        answers_sha256=(verified.answers_sha256,),
        limitations=verified.limitations,
        marks=verified.marks if ranked else {},
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
            system=system,
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
