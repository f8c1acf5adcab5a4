"""Which place each of several systems may have, all at once, and which cannot be told from the best one.

Both rules are those of `sseu_metric.ranking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from sseu_metric.conditions import finite
from sseu_metric.interval_notes import narrow_notes
from sseu_metric.tasks import METRICS
from sseu_models.records import TASKS
from sseu_report.by_condition import averaged_conditions, clips_sha256, of_conditions
from sseu_report.entries import ScoredEntry
from sseu_report.naming import METRIC_NAMES, metric_names
from sseu_report.tables.records import Standing, Standings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sseu_metric.jackknife import Jackknife
    from sseu_metric.ranking import AgainstBest
    from sseu_metric.rows import Rows
    from sseu_metric.scores import Scores


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
    candidates = {one.entry.name: one.cache.get("ranks", _Candidates, partial(_candidates, one)) for one in systems}
    names = metric_names(systems[0].entry.asr_unit if systems else "word")
    for mode in TASKS:
        for metric in METRIC_NAMES:
            key = str(mode), metric
            parts = {name: each.found[key] for name, each in candidates.items() if key in each.found}
            for name, ranks in _ranked(parts, mode, metric, names):
                found[name].append(ranks)
    return found


@dataclass(frozen=True)
class _Column:
    """A system's average over some conditions, as ranks need it: in percent, of its runs, and in every replicate.

    Without a value there are neither.
    """

    value: float | None
    run_means: Sequence[float]
    replicates: NDArray[np.float64]


@dataclass(frozen=True)
class _Candidate:
    """What is ranked of a system in a mode and a metric.

    Attributes:
        clips: `clips_sha256`.
        score: The average that is ranked.
        columns: That of each condition, and of the finite ones (`finite`).
        jackknife: What the replicates leave out.
    """

    clips: str
    score: _Column
    columns: Mapping[str, _Column]
    jackknife: Jackknife


@dataclass(frozen=True)
class _Candidates:
    """Those of a system, by mode and metric."""

    found: Mapping[tuple[str, str], _Candidate]


def _candidates(one: ScoredEntry) -> _Candidates:
    found = {}
    for mode in TASKS:
        for metric, task in METRICS.items():
            if metric in METRIC_NAMES and mode in one.scores and task in one.scores[mode].tables:
                conditions = averaged_conditions(mode, metric, one.entry.conditions)
                rows = of_conditions(one.scores[mode].tables[task], conditions)
                scores = replace(one.scores[mode], tables={task: rows})
                if scores.value(metric) is not None:
                    found[str(mode), metric] = _candidate(scores, metric, rows)
    return _Candidates(found)


def _candidate(scores: Scores, metric: str, rows: Rows) -> _Candidate:
    import numpy as np

    replicates = scores.replicates(metric)
    conditions = scores.conditions(metric)

    def column(chosen: Collection[str] | None) -> _Column:
        value = scores.value(metric, chosen)
        drawn = np.empty(0) if value is None else replicates.average(chosen)
        return _Column(value, scores.run_means(metric, chosen), drawn)

    columns = {name: column((name,)) for name in conditions}
    if some := finite(conditions):
        columns["finite"] = column(some)
    return _Candidate(clips_sha256(rows), column(None), columns, replicates.jackknife)


def _ranked(
    candidates: Mapping[str, _Candidate], mode: str, metric: str, names: Mapping[str, str]
) -> Iterator[tuple[str, RankRange]]:
    """Nothing where systems answered different clips, or too few clusters tell how much a score varies."""
    import numpy as np

    from sseu_metric.ranking import rank_ranges

    parts = list(candidates.values())
    if len(parts) < 2 or len({one.clips for one in parts}) > 1:
        return
    if any(one.jackknife.gap(one.score.replicates) is not None for one in parts):
        return
    jackknife = parts[0].jackknife
    clusters = {"by": jackknife.names, "missing": (), "fixed_strata": jackknife.fixed}
    narrow = tuple(narrow_notes({metric: clusters}, {metric: {"all": ()}}, names))
    scores = [one.score for one in parts]
    values = [one.value for one in scores if one.value is not None]
    ranges = rank_ranges(
        values,
        np.array([one.replicates for one in scores]),
        jackknife,
        lower_is_better=METRICS[metric] == "asr",
        run_means=[one.run_means for one in scores],
    )
    beside = _beside_best(scores, jackknife, metric)
    columns = {name: _beside_best([one.columns[name] for one in parts], jackknife, metric) for name in parts[0].columns}
    for number, (name, value, (best, worst), standing) in enumerate(
        zip(candidates, values, ranges, beside, strict=True)
    ):
        others = {column: found[number] for column, found in columns.items() if found}
        yield name, RankRange(mode, metric, value, best, worst, standing.best, standing.p, narrow, others)


def _beside_best(columns: Sequence[_Column], jackknife: Jackknife, metric: str) -> list[AgainstBest]:
    """The systems beside the best one in a column; empty where one has no score there."""
    import numpy as np

    from sseu_metric.ranking import against_best

    values = [one.value for one in columns if one.value is not None]
    if len(values) < len(columns):
        return []
    return against_best(
        values,
        np.array([one.replicates for one in columns]),
        jackknife,
        lower_is_better=METRICS[metric] == "asr",
        run_means=[one.run_means for one in columns],
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
