"""Averages over runs and conditions, as the paper forms them.

A cell is the mean over runs, with the sample standard deviation over them. An average is the plain mean over the
conditions within each run, then the mean over runs; so its deviation is that of the runs' averages and does not follow
from the cells. Averages are over the conditions that the paper averages (`averaged_conditions`), or there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev

from sseu_metric.conditions import CONDITIONS
from sseu_metric.tasks import METRICS
from sseu_models.job import FINITE
from sseu_models.records import TASKS
from sseu_report.tables.records import Cell


def averaged_conditions(mode: str, metric: str) -> tuple[str, ...]:
    """The conditions of an average: six for single tasks (Table 1), else the five finite ones (Table 2)."""
    if TASKS[mode] == ("all",):  # type: ignore[index]
        return FINITE
    return CONDITIONS[:-1] if METRICS[metric] == "asr" else CONDITIONS[1:]


def average_runs(runs: Sequence[Mapping[str, float]], conditions: Sequence[str]) -> Cell | None:
    """The figure over some conditions: the plain mean within each run, then mean and deviation over the runs.

    Args:
        runs: For each run the figure of each condition, in percent.
        conditions: To average; one alone gives a cell.

    Returns:
        None unless every run has every condition.
    """
    if not runs or not conditions or any(condition not in run for run in runs for condition in conditions):
        return None
    means = [fmean(run[condition] for condition in conditions) for run in runs]
    return Cell(fmean(means), stdev(means) if len(means) > 1 else None, len(means))
