"""Which place each of several systems may have, all at once, and which cannot be told from the best one.

Both rules are those of `sseu_metric.ranking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sseu_metric.conditions import finite
from sseu_metric.result_tables import narrow_notes
from sseu_metric.tasks import METRICS
from sseu_models.records import TASKS
from sseu_report.by_condition import averaged_conditions, of_conditions
from sseu_report.entries import ScoredEntry
from sseu_report.naming import METRIC_NAMES
from sseu_report.tables.records import Standing, Standings

if TYPE_CHECKING:
    from sseu_metric.ranking import AgainstBest
    from sseu_metric.scores import Replicates, Scores


@dataclass(frozen=True)
class RankRange:
    """The places that a system may have among those that answered the same clips.

    Attributes:
        mode: How the systems were asked.
        metric: `wer`, `macc` or `map`.
        score: The condition average, percent.
        best: The best place, from 1.
        worst: The worst place.
        is_best: Whether no other has a better score.
        p: Of the paired t test of its difference to the best, Holm-corrected over the systems here; None for the best,
            and where nothing tells how much the difference varies.
        narrow: Why the range looks surer than it is, in words; empty if it does not.
        columns: The same beside the best of each condition, and of the average over the finite ones (`finite`).
    """

    mode: str
    metric: str
    score: float
    best: int
    worst: int
    is_best: bool
    p: float | None
    narrow: tuple[str, ...]
    columns: Mapping[str, AgainstBest] = field(default_factory=dict)


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

    from sseu_metric.ranking import against_best, rank_ranges

    parts, task = {}, METRICS[metric]
    for one in systems:
        if mode in one.scores and task in one.scores[mode].tables:
            conditions = averaged_conditions(mode, metric, one.entry.conditions)
            rows = of_conditions(one.scores[mode].tables[task], conditions)
            scores = replace(one.scores[mode], tables={task: rows})
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
    scored = {name: scores for name, (scores, _) in parts.items()}
    values, lower_is_better = [value for _, value in parts.values()], task == "asr"
    averages = np.array([one.average() for one in replicates.values()])
    run_means = [scores.run_means(metric) for scores in scored.values()]
    ranges = rank_ranges(values, averages, jackknife, lower_is_better=lower_is_better, run_means=run_means)
    beside = against_best(values, averages, jackknife, lower_is_better=lower_is_better, run_means=run_means)
    conditions = next(iter(scored.values())).conditions(metric)
    columns = {name: _column(scored, replicates, metric, (name,)) for name in conditions}
    columns["finite"] = _column(scored, replicates, metric, finite(conditions))
    for number, (name, value, (best, worst), standing) in enumerate(zip(parts, values, ranges, beside, strict=True)):
        others = {column: found[number] for column, found in columns.items() if found}
        yield name, RankRange(mode, metric, value, best, worst, standing.best, standing.p, narrow, others)


def _column(
    scored: Mapping[str, Scores], replicates: Mapping[str, Replicates], metric: str, conditions: Collection[str]
) -> list[AgainstBest]:
    """The systems beside the best one in an average over some conditions; empty where one has no score there."""
    import numpy as np

    from sseu_metric.ranking import against_best

    values = [scores.value(metric, conditions) for scores in scored.values()]
    known = [value for value in values if value is not None]
    if not conditions or len(known) < len(values):
        return []
    return against_best(
        known,
        np.array([replicates[name].average(conditions) for name in scored]),
        next(iter(replicates.values())).jackknife,
        lower_is_better=METRICS[metric] == "asr",
        run_means=[scores.run_means(metric, conditions) for scores in scored.values()],
    )


def find_standings(ranks: Mapping[str, Sequence[RankRange]]) -> Standings:
    """The ranks as marks of tables."""
    return {
        (name, one.mode, one.metric): {
            "all": Standing(one.is_best, one.p, (one.best, one.worst)),
            **{column: Standing(beside.best, beside.p) for column, beside in one.columns.items()},
        }
        for name, found in ranks.items()
        for one in found
    }
