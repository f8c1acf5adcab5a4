"""Answers by condition: those of some conditions, of one mode, and means over the runs of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sseu_metric.rows import Rows
from sseu_metric.scores import Scores


def of_conditions(rows: Rows, conditions: Sequence[str]) -> Rows:
    """The rows of some conditions."""
    import numpy as np

    return rows.take(np.isin(rows["condition"].astype(str), list(conditions)))


def only_conditions(scores: Scores, conditions: Sequence[str]) -> Scores:
    """The answers in any of the conditions; tasks without one are left out."""
    tables = {task: of_conditions(rows, conditions) for task, rows in scores.tables.items()}
    return replace(scores, tables={task: rows for task, rows in tables.items() if len(rows)})


def one_mode(scores: Scores) -> str:
    """The mode of the answers.

    Raises:
        ValueError: There are several, or no answers.
    """
    modes = sorted({str(mode) for rows in scores.tables.values() for mode in rows["mode"].tolist()})
    if len(modes) != 1:
        raise ValueError(f"answers of {len(modes)} modes ({', '.join(modes)}); choose one with where(mode=...)")
    return modes[0]


def mean_over_runs(cells: Mapping[tuple[int, str], Any]) -> dict[str, Any]:
    """The mean over runs of each condition's figure, or of its resamples, shape (resamples,)."""
    import numpy as np

    conditions = dict.fromkeys(condition for _, condition in cells)
    return {name: np.mean([value for (_, c), value in cells.items() if c == name], axis=0) for name in conditions}
