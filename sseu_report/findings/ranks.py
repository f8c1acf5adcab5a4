"""Which place each of several systems may have, all at once (`sseu_metric.ranking`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sseu_metric.result_tables import narrow_notes
from sseu_metric.scores import Scores
from sseu_metric.tasks import METRICS
from sseu_models.records import TASKS
from sseu_report.by_condition import averaged_conditions, of_conditions
from sseu_report.entries import ScoredEntry
from sseu_report.naming import METRIC_NAMES


@dataclass(frozen=True)
class RankRange:
    """The places that a system may have among those that answered the same clips.

    Attributes:
        mode: How the systems were asked.
        metric: `wer`, `macc` or `map`.
        score: The condition average, percent.
        best: The best place, from 1.
        worst: The worst place.
        narrow: Why the range looks surer than it is, in words; empty if it does not.
    """

    mode: str
    metric: str
    score: float
    best: int
    worst: int
    narrow: tuple[str, ...] = ()


def find_rank_ranges(systems: Sequence[ScoredEntry]) -> dict[str, list[RankRange]]:
    """The ranges by name, in every mode and metric in which at least two systems answered the same clips.

    Args:
        systems: Entries that are ranked.
    """
    found: dict[str, list[RankRange]] = {one.entry.name: [] for one in systems}
    for mode in TASKS:
        for metric in METRIC_NAMES:
            for name, ranks in _ranked(systems, mode, metric):
                found[name].append(ranks)
    return found


def _ranked(systems: Sequence[ScoredEntry], mode: str, metric: str) -> Iterator[tuple[str, RankRange]]:
    """Nothing where systems answered different clips, or too few clusters tell how much a score varies."""
    import numpy as np

    from sseu_metric.ranking import rank_ranges

    parts, task = {}, METRICS[metric]
    for one in systems:
        if mode in one.scores and task in one.scores[mode].tables:
            conditions = averaged_conditions(mode, metric, one.entry.conditions)
            scores = Scores({task: of_conditions(one.scores[mode].tables[task], conditions)})
            if (value := scores.value(metric)) is not None:
                parts[one.entry.name] = scores, value
    clips = {frozenset(scores.tables[task]["id"].tolist()) for scores, _ in parts.values()}
    if len(parts) < 2 or len(clips) > 1:
        return
    replicates = {name: scores.replicates(metric) for name, (scores, _) in parts.items()}
    if any(one.jackknife.gap(one.average()) is not None for one in replicates.values()):
        return
    jackknife = next(iter(replicates.values())).jackknife
    clusters = {"by": jackknife.names, "missing": (), "fixed_strata": jackknife.fixed}
    narrow = tuple(narrow_notes({metric: clusters}, {metric: {"all": ()}}))
    ranges = rank_ranges(
        [value for _, value in parts.values()],
        np.array([one.average() for one in replicates.values()]),
        jackknife,
        lower_is_better=task == "asr",
        run_means=[scores.run_means(metric) for scores, _ in parts.values()],
    )
    for (name, (_, value)), (best, worst) in zip(parts.items(), ranges, strict=True):
        yield name, RankRange(mode, metric, value, best, worst, narrow)
