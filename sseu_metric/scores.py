"""Scores: a record per answer, and every number as a view on the records.

`Scores` holds one table of rows for each task. Tables of different answers add up (`a + b`); `where` and `by` select
rows by any column; `value` computes WER, mACC or mAP of what is selected: per condition, then the plain mean over the
conditions (the paper's rule), then the mean over runs.

A missing answer scores as an empty one among others. Where every answer of a run in a condition is missing there is no
score, and no average that it would be part of: a system that was never heard has no WER of 100, and an average over
fewer conditions is another average.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .averages import average_replicates
from .conditions import finite, ordered
from .intervals import Interval, possible
from .rows import KEYS, Rows, check_unique
from .tasks import task_of_metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .jackknife import Jackknife, SamplingError


LeftOut: TypeAlias = Literal["cluster", "pair", "question"]

MIN_RUNS = 3
"""From so many runs on the variance between them is added to an interval."""


def with_runs(error: SamplingError | None, means: Sequence[float]) -> SamplingError | None:
    """The sampling error of a mean over runs, of which `means` are the values, with the variance between `MIN_RUNS`."""
    if error is None or len(means) < MIN_RUNS:
        return error
    return error.plus(stdev(means) ** 2 / len(means), len(means) - 1)


@dataclass(frozen=True)
class Replicates:
    """The jackknife replicates of a metric.

    Attributes:
        jackknife: What was left out.
        cells: For each (run, condition) the metric in percent in every replicate, shape (replicates,).
    """

    jackknife: Jackknife
    cells: Mapping[tuple[int, str], NDArray[np.float64]]

    def average(self, conditions: Collection[str] | None = None) -> NDArray[np.float64]:
        """Replicates of the mean over runs of the mean over conditions; over all of them where none are given."""
        return average_replicates(
            {key: cell for key, cell in self.cells.items() if conditions is None or key[1] in conditions}
        )


@dataclass(frozen=True)
class Scores:
    """The scores of any number of answers.

    Methods that take a metric (one of `METRICS` or `SPELLING_METRICS`) raise a ValueError if it is unknown, or if the
    scores hold several modes, which have no common value.

    Attributes:
        tables: For each task that was asked, its rows.
        embedder: Id, revision and dimension of the text embedder; None where none was needed.
        normalizer: Name and version of the text normaliser; None where there is no ASR.
        nearest: For each task with classes the label that the embedder finds nearest to each name, None for a tie.
        prompt_sets: The prompt set that each run was asked with, where there are several; each has as many runs.
    """

    tables: Mapping[str, Rows]
    embedder: Mapping[str, Any] | None = None
    normalizer: str | None = None
    nearest: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    prompt_sets: Mapping[int, str] = field(default_factory=dict)
    _values: dict[str, dict[tuple[int, str], float | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # `_cell_values` of the metrics that were asked for
    _jackknives: dict[str, Jackknife] = field(default_factory=dict, init=False, repr=False, compare=False)  # by task

    def __add__(self, other: Scores) -> Scores:
        """The scores of the union.

        Raises:
            ValueError: An answer (id, run, task, mode) is in both, or embedder or normaliser differ.
        """
        for name in ("embedder", "normalizer"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours is not None and theirs is not None and ours != theirs:
                raise ValueError(f"scores of different {name}s do not add up: {ours} and {theirs}")
        tables = dict(self.tables)
        for task, rows in other.tables.items():
            tables[task] = tables[task] + rows if task in tables else rows
        for task, rows in tables.items():
            check_unique(rows, task)
        nearest = {
            task: {**self.nearest.get(task, {}), **other.nearest.get(task, {})}
            for task in {*self.nearest, *other.nearest}
        }
        prompts = {**self.prompt_sets, **other.prompt_sets}
        return Scores(tables, self.embedder or other.embedder, self.normalizer or other.normalizer, nearest, prompts)

    def where(self, **equal: Any) -> Scores:
        """The answers whose columns equal the given values: `scores.where(condition="0", mode="joint")`.

        Raises:
            ValueError: There is no such column.
        """
        tables = dict(self.tables)
        for column, value in equal.items():
            if column not in KEYS:
                raise ValueError(f"no column {column!r}; there are {', '.join(KEYS)}")
            tables = {task: rows.take(rows[column] == value) for task, rows in tables.items()}
        return replace(self, tables={task: rows for task, rows in tables.items() if len(rows)})

    def answered_with(self, task: str, rows: Rows) -> Scores:
        """The scores of other answers to the same questions of a task; they share the clusters of these."""
        other = replace(self, tables={task: rows})
        other._jackknives[task] = self.jackknife(task)
        return other

    def by(self, column: str) -> dict[Any, Scores]:
        """The answers split by the values of a column, in sorted order."""
        if column not in KEYS:
            raise ValueError(f"no column {column!r}; there are {', '.join(KEYS)}")
        values = {value for rows in self.tables.values() for value in rows[column].tolist()}
        return {value: self.where(**{column: value}) for value in sorted(values, key=str)}

    def value(self, metric: str, conditions: Collection[str] | None = None) -> float | None:
        """A metric in percent: the mean over runs of the plain mean over conditions.

        Args:
            metric: One of `METRICS` or `SPELLING_METRICS`.
            conditions: Average over these alone (Table 2 of the paper takes the five finite ones), as far as they were
                asked; `averages.average` insists on all.

        Returns:
            None where the metric is not defined for any answer, or all answers of a run in one of the conditions are
            missing.
        """
        means = self.run_means(metric, conditions)
        return fmean(means) if means else None

    def values(self, metric: str) -> dict[int, dict[str, float]]:
        """The metric of each run and condition in percent, conditions from "+inf" down; "" for rows without one.

        A run has no value in a condition in which all its answers are missing.
        """
        found: dict[int, dict[str, float]] = {}
        for (run, condition), value in self._cell_values(metric).items():
            found.setdefault(run, {}).update({} if value is None else {condition: value})
        return found

    def pooled(self, metric: str) -> float | None:
        """The metric over all answers together, whatever their condition, run and mode; None without an answer."""
        from .metrics import is_answered, is_defined, value_of

        rows = self.tables.get(task_of_metric(metric))
        return value_of(metric, rows) if rows is not None and is_defined(metric, rows) and is_answered(rows) else None

    def cells(self, metric: str) -> dict[tuple[int, str], Rows]:
        """The rows of each (run, condition) in which the metric is defined and an answer came."""
        from .metrics import is_answered

        return {key: rows for key, rows in self._asked(metric).items() if is_answered(rows)}

    def conditions(self, metric: str) -> tuple[str, ...]:
        """The conditions in which the metric was asked, answered or not, from "+inf" down."""
        return ordered(condition for _, condition in self._cell_values(metric) if condition)

    def unanswered(self, metric: str) -> list[tuple[int, str]]:
        """Each (run, condition) in which every answer is missing: there the metric has no value."""
        return [key for key, value in self._cell_values(metric).items() if value is None]

    def _cell_values(self, metric: str) -> dict[tuple[int, str], float | None]:
        """The value of each cell of `_asked`, None where every answer is missing; computed once."""
        from .metrics import is_answered, value_of

        if metric not in self._values:
            self._values[metric] = {
                key: value_of(metric, rows) if is_answered(rows) else None for key, rows in self._asked(metric).items()
            }
        return self._values[metric]

    def _asked(self, metric: str) -> dict[tuple[int, str], Rows]:
        """The rows of each (run, condition) whose references define the metric, answered or not; in this order."""
        from .metrics import is_defined

        rows = self.tables.get(task_of_metric(metric))
        if rows is None:
            return {}
        modes = sorted(set(rows["mode"].tolist()))
        if len(modes) > 1:
            raise ValueError(f"several modes ({', '.join(modes)}) have no common value; choose with where(mode=...)")
        keys = set(zip(rows["run"].tolist(), rows["condition"].tolist(), strict=True))
        order = [*ordered(condition for _, condition in keys if condition), ""]
        cells = {
            (run, condition): rows.take((rows["run"] == run) & (rows["condition"] == condition))
            for run, condition in sorted(keys, key=lambda key: (key[0], order.index(key[1])))
        }
        return {key: cell for key, cell in cells.items() if is_defined(metric, cell)}

    def intervals(self, metric: str, replicates: Replicates | None = None) -> dict[str, Interval | None]:
        """95 % intervals by condition, of the mean of all (key `all`) and of the mean of the finite ones (`finite`).

        None stands where nothing tells how much the value varies (`intervals_or_reasons` says why). `replicates` are
        `replicates(metric)`, computed here where they are not given.

        With three runs or more the interval is about the system, not these runs: the variance of the mean over runs is
        added to that of the clips, which holds what is independent between answers, but not what a whole run shares.
        """
        found = self.intervals_or_reasons(metric, replicates)
        return {key: None if isinstance(one, str) else one for key, one in found.items()}

    def intervals_or_reasons(self, metric: str, replicates: Replicates | None = None) -> dict[str, Interval | str]:
        """As `intervals`, with the reason in words where there is no interval."""
        import numpy as np

        replicates = self.replicates(metric) if replicates is None else replicates
        of_row = self.tables[task_of_metric(metric)]["condition"]
        conditions = self.conditions(metric)
        found: dict[str, Interval | str] = {}
        averages = (("all", None), *((("finite", finite(conditions)),) if finite(conditions) else ()))
        for name, chosen in (*averages, *((condition, (condition,)) for condition in conditions)):
            if (value := self.value(metric, chosen)) is not None:
                error = self.error_of(metric, replicates, chosen)
                if error is not None:
                    found[name] = possible(metric, error.interval(value))
                else:
                    part = np.array([chosen is None or condition in chosen for condition in of_row])
                    found[name] = str(replicates.jackknife.take(part).unknown(replicates.average(chosen), value))
        return found

    def error_of(
        self, metric: str, replicates: Replicates, conditions: Collection[str] | None = None
    ) -> SamplingError | None:
        """The sampling error of `value(metric, conditions)` from `replicates(metric)`, that of the runs included.

        Raises:
            ValueError: There is no such value.
        """
        means = self.run_means(metric, conditions)
        if not means:
            raise ValueError(f"{metric} is not defined for any answer in {conditions}")
        return with_runs(replicates.jackknife.error_of(replicates.average(conditions), fmean(means)), means)

    def run_means(self, metric: str, conditions: Collection[str] | None = None) -> list[float]:
        """The plain mean over conditions of each run, in percent; empty where `value` is None.

        Where there are several prompt sets it is that of each set, over its runs: their spread holds both.
        """
        runs: dict[int | str, list[float]] = {}
        for (run, condition), value in self._cell_values(metric).items():
            if conditions is None or condition in conditions:
                if value is None:
                    return []
                runs.setdefault(self.prompt_sets.get(run, run), []).append(value)
        return [fmean(run) for run in runs.values()]

    def replicates(self, metric: str, left_out: LeftOut = "cluster") -> Replicates:
        """The metric again without each cluster, in each run and condition.

        Args:
            metric: One of `METRICS` or `SPELLING_METRICS`.
            left_out: What is left out one by one: `pair` of speech and background as if the corpora were fixed and
                their pairing drawn, `question` as if the clips were fixed and those asked about drawn (lite.py).
        """
        from .clusters import pair_jackknife_of, question_jackknife_of
        from .metrics import replicates_of

        task = task_of_metric(metric)
        rows = self.tables[task]
        others = {"pair": pair_jackknife_of, "question": question_jackknife_of}
        jackknife = others[left_out](rows, task) if left_out in others else self.jackknife(task)
        values = {}
        for run, condition in self.cells(metric):
            mask = (rows["run"] == run) & (rows["condition"] == condition)
            values[run, condition] = replicates_of(metric, jackknife.take(mask), rows.take(mask))
        return Replicates(jackknife, values)

    def jackknife(self, task: str) -> Jackknife:
        """What is left out for the replicates of a task's metrics; made once."""
        from .clusters import jackknife_of

        if task not in self._jackknives:
            self._jackknives[task] = jackknife_of(self.tables[task], task)
        return self._jackknives[task]

    def class_values(self, metric: str) -> dict[str, float]:
        """Recall of each scene (`macc`) or AP of each event (`map`) in percent: the mean over conditions and runs.

        Returns:
            Label -> value; classes without a clip are left out. Empty where `value` is None.
        """
        import numpy as np

        from .metrics import class_values_of

        by_cell = [class_values_of(metric, rows) for rows in self.cells(metric).values()]
        if not by_cell or self.unanswered(metric):
            return {}
        names, stacked = by_cell[0][0], np.array([values for _, values in by_cell])
        defined = ~np.isnan(stacked).all(axis=0)
        return {name: float(np.nanmean(stacked[:, number])) for number, name in enumerate(names) if defined[number]}

    def counts(self) -> dict[str, dict[str, int]]:
        """For each task the number of answers, and of answers by status."""
        return {
            task: {"answers": len(rows)} | dict(sorted(Counter(rows["status"].tolist()).items()))
            for task, rows in self.tables.items()
        }
