"""Answers by mode and condition, and which conditions an average is over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sseu_metric.conditions import finite, scored_conditions
from sseu_metric.rows import Rows
from sseu_metric.scores import Scores
from sseu_metric.tasks import METRICS
from sseu_models.job import Key
from sseu_models.records import TASKS, Mode, Task

_ALL_TASKS_AT_ONCE = tuple(str(mode) for mode, tasks in TASKS.items() if tasks == ("all",))


def key_of(clip_id: str, mode: str, task: str, run: int) -> Key:
    """The question whose answer is scored in `task`: it asks for `all` in joint and cot, else for the task itself."""
    asked = "all" if mode in _ALL_TASKS_AT_ONCE else task
    return Key(clip_id, cast(Mode, mode), cast(Task, asked), run)


def averaged_conditions(mode: str, metric: str, conditions: Sequence[str]) -> tuple[str, ...]:
    """The conditions of an average, as in the paper: those that count for the task, the finite ones in joint and cot.

    Of the paper's seven these are six for a task that is asked alone (Table 1), else five (Table 2).

    Args:
        mode: How the system was asked.
        metric: A key of `sseu_metric.METRICS`.
        conditions: Those of the dataset.
    """
    return finite(conditions) if mode in _ALL_TASKS_AT_ONCE else scored_conditions(METRICS[metric], conditions)


def of_conditions(rows: Rows, conditions: Sequence[str]) -> Rows:
    """The rows in any of the conditions."""
    import numpy as np

    return rows.take(np.isin(rows["condition"].astype(str), list(conditions)))


def only_conditions(scores: Scores, conditions: Sequence[str]) -> Scores:
    """The answers in any of the conditions; tasks without one are left out."""
    tables = {task: of_conditions(rows, conditions) for task, rows in scores.tables.items()}
    return replace(scores, tables={task: rows for task, rows in tables.items() if len(rows)})


def clips_sha256(rows: Rows) -> str:
    """A hash of the clips that were asked about, however often: equal where two systems were asked about the same."""
    return hashlib.sha256("\n".join(sorted(set(rows["id"].tolist()))).encode()).hexdigest()


def mean_over_runs(cells: Mapping[tuple[int, str], Any]) -> dict[str, Any]:
    """The mean over runs of each condition's score, or of its replicates, shape (replicates,)."""
    import numpy as np

    conditions = dict.fromkeys(condition for _, condition in cells)
    return {name: np.mean([value for (_, c), value in cells.items() if c == name], axis=0) for name in conditions}
