"""A table as records: what stands in a row, and why a reader may not take it for a whole result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sseu_report.entries import Entry, is_control

Kind = Literal["system", "reported", "upper bound", "control"]
_UPPER_BOUND = "control:ground-truth"
_KINDS: tuple[Kind, ...] = ("system", "reported", "upper bound", "control")


@dataclass(frozen=True)
class Cell:
    """A measured or published figure.

    Attributes:
        mean: In percent, over the runs.
        deviation: Sample standard deviation over the runs, in points; None for one run.
        runs: How many.
        interval: 95 %, sampling error alone; None where it was not asked for or is not known.
    """

    mean: float
    deviation: float | None
    runs: int
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Share:
    """So many of so many answers."""

    count: int
    of: int


@dataclass(frozen=True)
class Column:
    """A column: `key` in files, `label` for readers."""

    key: str
    label: str


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        heads: The texts in front, one for each of the table's heads; the first is the system's name, untrusted text.
        cells: One for each column.
        kind: What the row shows; controls and published figures stand apart.
        incomplete: Why its figures are not those of the whole benchmark; empty if they are.
    """

    heads: tuple[str, ...]
    cells: tuple[Cell | Share | None, ...]
    kind: Kind = "system"
    incomplete: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be read beside the system's name."""
        told = self.kind == "system" or (self.kind == "control" and self.heads[0].startswith("control:"))
        return (() if told else (self.kind,)) + (("incomplete",) if self.incomplete else ())


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: For files: letters, digits and `_`.
        title: A line.
        heads: Titles of the texts in front.
        columns: Of the cells.
        rows: Systems, then published ones, then upper bound and controls.
        notes: What a reader must know, a sentence each; they hold untrusted names.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def in_groups(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Systems, then published rows, then upper bound and controls; within a group the order given."""
    return tuple(sorted(rows, key=lambda row: _KINDS.index(row.kind)))


def kind_of(entry: Entry) -> Kind:
    """The kind of an entry's rows."""
    if entry.result.system == _UPPER_BOUND:
        return "upper bound"
    return "control" if is_control(entry) else "system"
