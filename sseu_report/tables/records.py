"""A table as records: cells, rows, and why a row may not be taken for a whole result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sseu_metric.averages import average
from sseu_metric.intervals import LEVEL
from sseu_metric.text_table import percent
from sseu_models.kinds import Kind

RowKind: TypeAlias = Kind | Literal["reported"]
Mark: TypeAlias = Literal["", "best", "not worse"]
_GROUPS: tuple[tuple[RowKind, ...], ...] = (
    ("system",),
    ("reported",),
    ("front end", "oracle", "baseline", "control"),
)


@dataclass(frozen=True)
class Standing:
    """Where a score stands among the systems of its column (`sseu_metric.ranking`).

    Attributes:
        is_best: Whether no other system has a better score.
        p: Of the paired test of its difference to the best; None for the best itself, and where nothing tells how much
            the difference varies.
        places: Best and worst place that is open, of all systems at once; None where this was not asked.
    """

    is_best: bool
    p: float | None = None
    places: tuple[int, int] | None = None

    @property
    def not_worse(self) -> bool:
        """Whether it cannot be told from the best at 0.05; False for the best itself."""
        return self.p is not None and self.p >= 1 - LEVEL


Standings: TypeAlias = Mapping[tuple[str, str, str], Mapping[str, Standing]]
"""By name of the entry, mode and metric: where its score stands in each condition and average (`all`, `finite`)."""


@dataclass(frozen=True)
class Cell:
    """A measured or published score.

    Attributes:
        mean: In percent, over the runs.
        deviation: Sample standard deviation over the runs, in points; None for one run.
        runs: Number of runs.
        interval: 95 % interval; None where it is not known.
        standing: Among the systems of its column; None where it is not ranked.
    """

    mean: float
    deviation: float | None
    runs: int
    interval: tuple[float, float] | None = None
    standing: Standing | None = None

    @property
    def mark(self) -> Mark:
        """How the score is marked."""
        if self.standing is None:
            return ""
        return "best" if self.standing.is_best else "not worse" if self.standing.not_worse else ""

    def __str__(self) -> str:
        """Such as `12.35±0.2`, with as many digits as the paper prints."""
        return percent(self.mean) + ("" if self.deviation is None else f"±{self.deviation:.1f}")


@dataclass(frozen=True)
class Share:
    """How many of how many answers."""

    count: int
    of: int


Entered: TypeAlias = Cell | Share | str | None
"""What a cell of a table holds."""


@dataclass(frozen=True)
class Column:
    """A column: its `key` in files and its `label` for readers."""

    key: str
    label: str


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        heads: The leading texts, one for each of the table's heads; the first is the system's name, untrusted text.
        cells: One for each column; None where there is nothing, text where it is no score.
        kind: What the row shows; published scores, oracles, baselines and controls stand in groups of their own.
        limitations: Why its scores are not scores of the whole benchmark; empty if they are.
    """

    heads: tuple[str, ...]
    cells: tuple[Entered, ...]
    kind: RowKind = "system"
    limitations: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be read beside the system's name."""
        return () if self.kind in ("system", "front end") else (self.kind,)  # a front end stands in the name

    @property
    def group(self) -> int:
        """The place of its group: systems, published rows, then what is not ranked."""
        return next(number for number, kinds in enumerate(_GROUPS) if self.kind in kinds)


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: For files: letters, digits and `_`.
        title: One line.
        heads: Titles of the leading texts.
        columns: Columns of the cells.
        rows: In groups, see `in_groups`.
        notes: What a reader must know, one sentence each; they hold untrusted names.
        about_intervals: The same about intervals, for where these are shown.
        details: What few readers need, too long for a paper.
        ranked_in: Among which scores the marks look for the best.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    about_intervals: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    ranked_in: str = "its column"

    @property
    def is_marked(self) -> bool:
        """Whether a score bears a mark."""
        return any(isinstance(cell, Cell) and cell.mark for row in self.rows for cell in row.cells)

    @property
    def has_deviations(self) -> bool:
        """Whether a score has a deviation."""
        return any(isinstance(cell, Cell) and cell.deviation is not None for row in self.rows for cell in row.cells)

    @property
    def has_intervals(self) -> bool:
        """Whether a score has an interval."""
        return any(isinstance(cell, Cell) and cell.interval for row in self.rows for cell in row.cells)

    @property
    def group_starts(self) -> frozenset[int]:
        """The rows that begin a group: a rule stands before them."""
        return frozenset(
            number for number, row in enumerate(self.rows) if not number or row.group != self.rows[number - 1].group
        )


def cell_of(runs: Iterable[Mapping[str, float]], conditions: Iterable[str]) -> Cell | None:
    """The average over conditions and runs (`sseu_metric.averages.average`) as a cell.

    Args:
        runs: For each run the score in each condition, in percent.
        conditions: To average over; a single one gives a cell of the table.

    Returns:
        None unless every run has every condition.
    """
    found = average(runs, conditions)
    return None if found is None else Cell(found.value, found.deviation, found.runs)


def in_groups(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Systems, then published rows, then front ends, oracles, baselines and controls; else the order given."""
    order = [kind for kinds in _GROUPS for kind in kinds]
    return tuple(sorted(rows, key=lambda row: (row.group, order.index(row.kind) if row.group else 0)))
