"""The scores that the paper publishes: Tables 1 and 2 of arXiv 2509.13148, shipped beside this module.

`published/SOURCE.md` says how they were transcribed. All scores are percentages.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sseu_metric.conditions import CONDITIONS
from sseu_report.naming import METRIC_NAMES, TASK_METRICS

SOURCE = "arXiv 2509.13148"
EMBEDDER = "openai:text-embedding-3-large"
"""The paper's text embedder (section 2.2)."""
RUNS = 3
"""Number of runs behind each published mean and standard deviation (section 3)."""

_COLUMNS = dict(zip(CONDITIONS, ("clean", "10", "5", "0", "-5", "-10", "noise"), strict=True))


@dataclass(frozen=True)
class PublishedRow:
    """A system's published scores in one metric.

    Attributes:
        table: 1 or 2.
        system: Its name in the paper.
        mode: `independent` or `joint`.
        metric: `wer`, `macc` or `map`.
        cells: By condition, in percent; empty in Table 2, which has averages only.
        deviations: Standard deviation over the runs, by condition; empty for the CLAP systems.
        average: As published, rounded to 0.01: over six conditions in Table 1, the five finite ones in Table 2.
        average_deviation: Sample standard deviation of the runs' averages; None for the CLAP systems.
    """

    table: int
    system: str
    mode: str
    metric: str
    cells: Mapping[str, float]
    deviations: Mapping[str, float]
    average: float
    average_deviation: float | None

    @property
    def runs(self) -> int:
        """One for a deterministic system, which has no deviations."""
        return 1 if self.average_deviation is None else RUNS


@cache
def published_rows(table: int) -> tuple[PublishedRow, ...]:
    """The rows of Table 1 or Table 2, in the paper's order."""
    path = resources.files("sseu_report") / "published" / f"table{table}.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    if table == 1:
        return tuple(_row_of_table_1(row) for row in rows)
    return tuple(_row_of_table_2(row, metric) for row in rows for metric in METRIC_NAMES)


def published_systems() -> tuple[str, ...]:
    """The systems of Table 1, each once."""
    return tuple(dict.fromkeys(row.system for row in published_rows(1)))


def _row_of_table_1(row: Mapping[str, str]) -> PublishedRow:
    def values(prefix: str) -> dict[str, float]:
        return {
            condition: float(row[prefix + column]) for condition, column in _COLUMNS.items() if row[prefix + column]
        }

    return PublishedRow(
        1, row["system"], "independent", TASK_METRICS[row["task"]], values(""), values("std_"), float(row["average"]),
        float(row["std_average"]) if row["std_average"] else None,
    )  # fmt: skip


def _row_of_table_2(row: Mapping[str, str], metric: str) -> PublishedRow:
    return PublishedRow(2, row["system"], row["mode"], metric, {}, {}, float(row[metric]), float(row[f"{metric}_std"]))
