"""The paired difference of two systems: interval and p value from the jackknife of their difference.

Both hear the same clips, so a cluster is left out of both at once, and what they share cancels. The test is the t test
of the difference: its interval excludes 0 where p is below 0.05. Where no cluster changes the difference there is
neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

from .intervals import Interval
from .labels import EVENTS
from .normalisers import Unit, unit_of
from .rows import Rows
from .scores import Scores, with_runs
from .summary import undefined
from .tasks import metric_names, task_of_metric

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Comparison:
    """System A minus system B on the same answers.

    Attributes:
        metric: One of `METRICS` or `SPELLING_METRICS`.
        difference: A minus B in percentage points.
        interval: 95 % interval of the difference; None where nothing tells how much it varies.
        p: Two-sided p of no difference; None likewise.
        a: Value of system A in percent.
        b: Value of system B in percent.
        unknown: Why there is no interval and no p, in words; None where there are.
        asr_unit: What errors of transcripts are counted in.
    """

    metric: str
    difference: float
    interval: Interval | None
    p: float | None
    a: float
    b: float
    unknown: str | None = None
    asr_unit: Unit = "word"

    @property
    def name(self) -> str:
        """The metric as it is written in tables."""
        return metric_names(self.asr_unit)[self.metric]


def compare(a: Scores, b: Scores, metric: str) -> Comparison:
    """The paired difference of two systems.

    Both must have answered the same clips (id, run and condition), scored on the same references. With three runs or
    more the variance of the mean over runs is added for each system, as in `Scores.intervals`; with the same prompt
    sets for both (`Scores.prompt_sets`) that of the difference over the sets, which holds runs and prompts.

    Args:
        a: Scores of one system in one mode.
        b: Scores of the other.
        metric: One of `METRICS` or `SPELLING_METRICS`.

    Raises:
        ValueError: The metric is not defined, or has no value since a system gave no answer at all in one of the
            conditions, or the two did not answer the same clips, or their references differ (the message names the
            first clip and what differs).
    """
    value_a, value_b = a.value(metric), b.value(metric)
    if value_a is None or value_b is None:
        name, scores = ("A", a) if value_a is None else ("B", b)
        reason = undefined(scores).get(task_of_metric(metric), "it was not asked")
        raise ValueError(f"{metric} is not defined for system {name}: {reason}")
    units = [unit_of(scores.normalizer) for scores in (a, b)]
    if task_of_metric(metric) == "asr" and units[0] != units[1]:
        raise ValueError(
            f"{metric}: errors are counted in {units[0]}s for A ({a.normalizer}), in {units[1]}s for B "
            f"({b.normalizer}); score both with one normaliser"
        )
    _check_same_references(metric, a, b)
    ours, theirs = a.replicates(metric), b.replicates(metric)
    difference, replicates = value_a - value_b, ours.average() - theirs.average()
    error = ours.jackknife.error_of(replicates, difference)
    if error is None:
        unknown = ours.jackknife.unknown(replicates, difference, "difference")
        return Comparison(metric, difference, None, None, value_a, value_b, unknown, units[0])
    spreads = [scores.run_means(metric) for scores in (a, b)]
    if a.prompt_sets and a.prompt_sets == b.prompt_sets:  # what a wording does to both cancels
        spreads = [[ours - theirs for ours, theirs in zip(*spreads, strict=True)]]
    for means in spreads:
        error = with_runs(error, means) or error
    interval, p = error.interval(difference), error.p_value(difference)
    return Comparison(metric, difference, interval, p, value_a, value_b, None, units[0])


def _by_cell(rows: Rows) -> Rows:
    """The rows by run and condition, in their order there."""
    import numpy as np

    keys = list(zip(rows["run"].tolist(), rows["condition"].tolist(), strict=True))
    order = np.array(sorted(range(len(rows)), key=keys.__getitem__), dtype=np.int64)
    return Rows({name: column[order] for name, column in rows.columns.items()})


def _check_same_references(metric: str, first: Scores, second: Scores) -> None:
    a, b = (_by_cell(scores.tables[task_of_metric(metric)]) for scores in (first, second))
    if any(a[name].tolist() != b[name].tolist() for name in ("run", "condition", "id")):
        raise ValueError(f"{metric}: the two systems did not answer the same clips; compare what both answered")
    ours, theirs = _facts(metric, a), _facts(metric, b)
    if first.normalizer != second.normalizer:  # which may count the words of one text differently
        ours.pop("number of words", None)
    differ = {name: (fact != theirs[name]).reshape(len(a), -1).any(axis=1) for name, fact in ours.items()}
    number, name = min(((int(where.argmax()), name) for name, where in differ.items() if where.any()), default=(0, ""))
    if name:
        clip = f"clip {a['id'][number]}" if a["id"][number] else f"row {number}"
        one, other = (_as_text(facts[name][number]) for facts in (ours, theirs))
        raise ValueError(
            f"{metric}: the two systems were scored on different references (first: {clip}, {name} {one} and {other}); "
            "give both the same references"
        )


def _facts(metric: str, rows: Rows) -> dict[str, NDArray[Any]]:
    """What the references say that the metric or its replicates depend on."""
    if task_of_metric(metric) == "asr":
        return {name: rows[name] for name in ("speaker", "sentence", "recording", "pair")} | {
            "number of words": rows["counts"][:, 3]
        }
    facts = {name: rows[name] for name in ("scene", "recording", "pair")}
    return facts if task_of_metric(metric) == "asc" else facts | {"events": rows["truth"]}


def _as_text(fact: Any) -> str:
    """A text in quotes, a number, or the names of events."""
    if isinstance(fact, str):
        return repr(fact)
    return str(fact) if fact.ndim == 0 else repr("; ".join(compress(EVENTS, fact.tolist())))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment of a family of p values, in the given order, capped at 1."""
    order = sorted(range(len(p_values)), key=lambda number: p_values[number])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, number in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[number]))
        adjusted[number] = running
    return adjusted
