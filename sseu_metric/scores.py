"""Scores: a record per answer, and every figure as a view on the records.

`Scores` holds one table of rows for each task. Tables of different answers add up (`a + b`); `where` and `by` select
rows by any column; `figure` computes WER, mACC or mAP of what is selected: per condition, then the plain mean over the
conditions (the paper's rule), then the mean over runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from .averages import average_resamples
from .classification import class_average_precisions, class_recalls, mean_average_precision, mean_class_accuracy
from .conditions import ordered, snr_db_of
from .intervals import (
    ClusterWeights,
    Interval,
    percentile_interval,
    resample_clusters,
    resampled_class_accuracy,
    resampled_mean_average_precision,
    resampled_ratio,
)
from .labels import EVENTS, SCENES
from .wer import capped_errors, word_error_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TASKS: tuple[str, ...] = ("asr", "asc", "at")
METRICS: Mapping[str, str] = {"wer": "asr", "wer_capped": "asr", "macc": "asc", "map": "at"}
"""Each metric and the task whose rows it is computed on."""

KEYS: tuple[str, ...] = (
    "id",
    "run",
    "mode",
    "condition",
    "scene",
    "corpus",
    "pair",
    "recording",
    "speaker",
    "gender",
    "accent",
    "sentence",
    "status",
)
"""The columns every table has. `scene` is a name or empty; `status` is `answered`, or why there is no answer."""


@dataclass(frozen=True)
class Rows:
    """The answers to one task, as columns of equal length.

    Columns beside `KEYS`: `counts` (n, 4) for asr; `reference` (n,), `hit` (n,), `confidences` (n, 6) for asc; `truth`
    (n, 18), `confidences` (n, 18) for at. The confidences are those of eq. (1) to (3), or a classifier's own scores.
    """

    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        """Number of answers."""
        return len(self.columns["id"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column."""
        return self.columns[name]

    def take(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows where `mask` is True."""
        return Rows({name: column[mask] for name, column in self.columns.items()})

    def __add__(self, other: Rows) -> Rows:
        """Both tables, one after the other."""
        import numpy as np

        return Rows({name: np.concatenate([self[name], other[name]]) for name in self.columns})


@dataclass(frozen=True)
class Scores:
    """The scores of any number of answers.

    Attributes:
        tables: For each task that was asked, its rows.
        embedder: Id, revision and dimension of the text embedder; None where none was needed.
        normalizer: Name and version of the text normaliser; None where there is no ASR.
    """

    tables: Mapping[str, Rows]
    embedder: Mapping[str, Any] | None = None
    normalizer: str | None = None

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
        return Scores(tables, self.embedder or other.embedder, self.normalizer or other.normalizer)

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

    def by(self, column: str) -> dict[Any, Scores]:
        """The answers split by the values of a column, in sorted order."""
        values = (
            {value for rows in self.tables.values() for value in rows[column].tolist()} if column in KEYS else set()
        )
        if not values:
            raise ValueError(f"no column {column!r}; there are {', '.join(KEYS)}")
        return {value: self.where(**{column: value}) for value in sorted(values, key=str)}

    def value(self, metric: str, conditions: Collection[str] | None = None) -> float | None:
        """WER, capped WER, mACC or mAP in percent: the mean over runs of the plain mean over conditions.

        Args:
            metric: `wer`, `wer_capped`, `macc` or `map`.
            conditions: Average over these alone (Table 2 of the paper takes the five finite ones), as far as there are
                answers in them; `averages.average` insists on all.

        Returns:
            None where no answer carries the metric.

        Raises:
            ValueError: The metric is unknown, or the scores hold several modes, which have no common value.
        """
        runs = [
            [value for condition, value in run.items() if conditions is None or condition in conditions]
            for run in self.values(metric).values()
        ]
        means = [fmean(run) for run in runs if run]
        return fmean(means) if means else None

    def values(self, metric: str) -> dict[int, dict[str, float]]:
        """The metric of each run and condition in percent, conditions from "+inf" down; "" for rows without one.

        Raises:
            ValueError: As `value`.
        """
        found: dict[int, dict[str, float]] = {}
        for (run, condition), rows in self.cells(metric).items():
            if (value := _VALUES[metric](rows)) is not None:
                found.setdefault(run, {})[condition] = value
        return found

    def pooled(self, metric: str) -> float | None:
        """The metric over all answers together, whatever their condition and run."""
        rows = self.tables.get(METRICS[metric])
        return None if rows is None else _VALUES[metric](rows)

    def cells(self, metric: str) -> dict[tuple[int, str], Rows]:
        """The rows of each (run, condition) in which the metric is defined."""
        if metric not in METRICS:
            raise ValueError(f"unknown metric {metric!r}; there are {', '.join(METRICS)}")
        rows = self.tables.get(METRICS[metric])
        if rows is None:
            return {}
        modes = sorted(set(rows["mode"].tolist()))
        if len(modes) > 1:
            raise ValueError(f"several modes ({', '.join(modes)}) have no common value; choose with where(mode=...)")
        keys = sorted(
            set(zip(rows["run"].tolist(), rows["condition"].tolist(), strict=True)),
            key=lambda key: (key[0], -snr_db_of(key[1]) if key[1] else math.inf),
        )
        cells = {
            (run, condition): rows.take((rows["run"] == run) & (rows["condition"] == condition))
            for run, condition in keys
        }
        return {key: cell for key, cell in cells.items() if _DEFINED[metric](cell)}

    def intervals(
        self, metric: str, *, resamples: int, seed: int = 0, cluster: str = "recording"
    ) -> dict[str, Interval]:
        """95 % intervals of the figure (key `all`) and of each condition.

        Args:
            metric: As in `figure`.
            resamples: Number of resamples.
            seed: Of the draws.
            cluster: `recording` (speakers for WER, source recordings within scenes for mACC and mAP), `pair` or `row`.
                Rows without that column are their own clusters.
        """
        cells = self.resampled_cells(metric, resamples=resamples, seed=seed, cluster=cluster)
        if not cells:
            return {}
        found = {"all": _interval(metric, average_resamples(cells), self.value(metric))}
        for condition in ordered(condition for _, condition in cells if condition):
            part = {key: value for key, value in cells.items() if key[1] == condition}
            found[condition] = _interval(metric, average_resamples(part), self.value(metric, (condition,)))
        return found

    def resampled(
        self, metric: str, *, resamples: int, seed: int = 0, cluster: str = "recording"
    ) -> NDArray[np.float64]:
        """The figure in every resample, shape (resamples,); resamples of equal seed and clusters are the same draws."""
        return average_resamples(self.resampled_cells(metric, resamples=resamples, seed=seed, cluster=cluster))

    def resampled_cells(
        self, metric: str, *, resamples: int, seed: int = 0, cluster: str = "recording"
    ) -> dict[tuple[int, str], NDArray[np.float64]]:
        """The metric of each (run, condition) in every resample."""
        cells = self.cells(metric)
        if not cells:
            return {}
        rows = self.tables[METRICS[metric]]
        resampling = self.resampling(metric, resamples=resamples, seed=seed, cluster=cluster)
        values = {}
        for run, condition in cells:
            mask = (rows["run"] == run) & (rows["condition"] == condition)
            values[run, condition] = _RESAMPLED[metric](resampling.take(mask), rows.take(mask))
        return values

    def resampling(self, metric: str, *, resamples: int, seed: int = 0, cluster: str = "recording") -> ClusterWeights:
        """The weights that `intervals` uses, for all rows of the metric's task."""
        import numpy as np

        rows = self.tables[METRICS[metric]]
        by_speaker = METRICS[metric] == "asr"
        column = {"recording": "speaker" if by_speaker else "recording", "pair": "pair"}.get(cluster)
        if column is None and cluster != "row":
            raise ValueError(f"unknown cluster {cluster!r}; there are recording, pair, row")
        own = np.array([name or f"row {number}" for number, name in enumerate(rows["id"])], dtype=object)
        names = own if column is None else np.where(rows[column] == "", own, rows[column])
        strata = np.full(len(rows), "", dtype=object)
        if not by_speaker:
            strata = rows["scene"]
        return resample_clusters(names.tolist(), strata.tolist(), resamples=resamples, seed=seed)

    def class_values(self, metric: str) -> dict[str, float]:
        """Recall of each scene (`macc`) or AP of each event (`map`), averaged like the figure, if defined."""
        import numpy as np

        names = SCENES if metric == "macc" else EVENTS
        function = _recalls if metric == "macc" else _average_precisions
        by_run: dict[tuple[int, str], Any] = {key: function(rows) for key, rows in self.cells(metric).items()}
        if not by_run:
            return {}
        stacked = np.array(list(by_run.values()))
        defined = ~np.isnan(stacked).all(axis=0)
        return {name: float(np.nanmean(stacked[:, number])) for number, name in enumerate(names) if defined[number]}

    def counts(self) -> dict[str, dict[str, int]]:
        """For each task how many answers came in which status, and how many there are in all."""
        result = {}
        for task, rows in self.tables.items():
            statuses = rows["status"].tolist()
            result[task] = {"answers": len(statuses)} | {name: statuses.count(name) for name in sorted(set(statuses))}
        return result


def check_unique(rows: Rows, task: str) -> None:
    """Raise a ValueError if an answer with an id (id, run, mode) occurs twice."""
    keys = [key for key in zip(rows["id"].tolist(), rows["run"].tolist(), rows["mode"].tolist(), strict=True) if key[0]]
    if len(set(keys)) == len(keys):
        return
    seen = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{task}: answer {key[0]!r} (run {key[1]}, mode {key[2]}) occurs twice; give each once")
        seen.add(key)


def _has_words(rows: Rows) -> bool:
    return bool(rows["counts"][:, 3].any())


def _has_events(rows: Rows) -> bool:
    return bool(rows["truth"].any())


def _wer(rows: Rows) -> float | None:
    return word_error_rate(rows["counts"]) if rows["counts"][:, 3].any() else None


def _wer_capped(rows: Rows) -> float | None:
    words = int(rows["counts"][:, 3].sum())
    return 100 * int(capped_errors(rows["counts"]).sum()) / words if words else None


def _macc(rows: Rows) -> float | None:
    return mean_class_accuracy(rows["hit"], rows["reference"], len(SCENES)) if len(rows) else None


def _map(rows: Rows) -> float | None:
    return mean_average_precision(rows["truth"], rows["confidences"]) if rows["truth"].any() else None


def _recalls(rows: Rows) -> NDArray[np.float64]:
    return class_recalls(rows["hit"], rows["reference"], len(SCENES))


def _average_precisions(rows: Rows) -> NDArray[np.float64]:
    return class_average_precisions(rows["truth"], rows["confidences"])


def _resampled_wer(resampling: ClusterWeights, rows: Rows) -> NDArray[np.float64]:
    return resampled_ratio(resampling, rows["counts"][:, :3].sum(axis=1), rows["counts"][:, 3])


def _resampled_wer_capped(resampling: ClusterWeights, rows: Rows) -> NDArray[np.float64]:
    return resampled_ratio(resampling, capped_errors(rows["counts"]), rows["counts"][:, 3])


def _resampled_macc(resampling: ClusterWeights, rows: Rows) -> NDArray[np.float64]:
    return resampled_class_accuracy(resampling, rows["hit"], rows["reference"], len(SCENES))


def _resampled_map(resampling: ClusterWeights, rows: Rows) -> NDArray[np.float64]:
    return resampled_mean_average_precision(resampling, rows["truth"], rows["confidences"])


_DEFINED: Mapping[str, Callable[[Rows], bool]] = {
    "wer": _has_words,
    "wer_capped": _has_words,
    "macc": lambda rows: len(rows) > 0,
    "map": _has_events,
}
_VALUES = {"wer": _wer, "wer_capped": _wer_capped, "macc": _macc, "map": _map}
_RESAMPLED = {
    "wer": _resampled_wer,
    "wer_capped": _resampled_wer_capped,
    "macc": _resampled_macc,
    "map": _resampled_map,
}


def _interval(metric: str, values: NDArray[np.float64], value: float | None) -> Interval:
    """Of mAP, without the bias of its resamples and within 0 to 100."""
    if metric != "map":
        return percentile_interval(values)
    found = percentile_interval(values, estimate=value)
    return replace(found, low=max(0.0, found.low), high=min(100.0, found.high))
