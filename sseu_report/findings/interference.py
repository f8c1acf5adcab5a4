"""What asking for three things at once costs: joint against single tasks, step by step against joint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sseu_metric.conditions import finite
from sseu_metric.intervals import RESAMPLES
from sseu_metric.scores import Scores
from sseu_metric.significance import SIGN_FLIP_DRAWS, Comparison, compare
from sseu_report.by_condition import only_conditions
from sseu_report.naming import METRIC_NAMES

STEPS = (("independent", "joint"), ("joint", "cot"))
"""The pairs of modes whose difference is a finding: the second minus the first."""


@dataclass(frozen=True)
class Interference:
    """The change of a task's score when a system is asked in another mode.

    Attributes:
        mode: The mode examined.
        base: The mode it is compared with.
        conditions: Those in which both were asked.
        comparison: `mode` minus `base`, in percentage points, with paired interval and p.
    """

    mode: str
    base: str
    conditions: tuple[str, ...]
    comparison: Comparison


def find_interference(
    scores: Mapping[str, Scores], *, resamples: int = RESAMPLES, draws: int = SIGN_FLIP_DRAWS
) -> tuple[Interference, ...]:
    """Joint minus independent and cot minus joint, for each metric, averaged over the finite conditions both have.

    None where a run has no answer at all in one of these conditions.

    Args:
        scores: One system's answers, by mode.
        resamples: Number of resamples for the interval.
        draws: Number of sign flips for p.

    Raises:
        ValueError: Two modes were asked about different clips or runs.
    """
    found = []
    for base, mode in STEPS:
        if base not in scores or mode not in scores:
            continue
        for metric in METRIC_NAMES:
            conditions = finite({*scores[mode].conditions(metric)} & {*scores[base].conditions(metric)})
            after, before = (only_conditions(scores[name], conditions) for name in (mode, base))
            if after.value(metric) is not None and before.value(metric) is not None:
                comparison = compare(after, before, metric, resamples=resamples, draws=draws)
                found.append(Interference(mode, base, conditions, comparison))
    return tuple(found)
