"""What is printed, saved and compared: the figures of `Scores` as plain JSON, and the difference of two systems."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .intervals import (
    RESAMPLES,
    ClusterWeights,
    Interval,
    p_value,
    percentile_interval,
    resampled_mean_average_precision,
    sign_flips,
)
from .labels import EVENTS, SCENES
from .scores import METRICS, Rows, Scores, condition_order
from .wer import capped_errors, runaway

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGN_FLIP_DRAWS = 10_000


def results(scores: Scores, *, resamples: int = RESAMPLES, seed: int = 0, cluster: str = "recording") -> dict[str, Any]:
    """Every figure of one mode, in percent, as JSON values.

    Args:
        scores: Of one mode.
        resamples: For the 95 % intervals; 0 leaves them out.
        seed: Of the resamples.
        cluster: See `Scores.resampling`.

    Returns:
        `wer`, `wer_capped`, `macc`, `map` (those that were asked), `pooled`, `by_condition`, `by_scene` (recall),
        `by_event` (AP), `by_corpus`, `intervals`, `counts`, `left_out`, `embedder`, `normalizer`. The same scores give
        the same result on every run.

    Raises:
        ValueError: The scores hold several modes.
    """
    metrics = [name for name in METRICS if scores.figure(name) is not None]
    found: dict[str, Any] = {name: scores.figure(name) for name in metrics}
    found["pooled"] = {name: scores.pooled(name) for name in metrics}
    for name, column in (("by_condition", "condition"), ("by_corpus", "corpus")):
        values = {value for rows in scores.tables.values() for value in rows[column].tolist() if value}
        order = sorted(values, key=condition_order if column == "condition" else str)
        found[name] = {value: _figures(scores.where(**{column: value})) for value in order}
    found["by_scene"] = scores.class_figures("macc")
    found["by_event"] = scores.class_figures("map")
    found["left_out"] = {
        "scenes": [name for name in SCENES if "asc" in scores.tables and name not in found["by_scene"]],
        "events": [name for name in EVENTS if "at" in scores.tables and name not in found["by_event"]],
    }
    if resamples:
        found["intervals"] = {
            name: {
                key: asdict(interval)
                for key, interval in scores.intervals(name, resamples=resamples, seed=seed, cluster=cluster).items()
            }
            for name in metrics
        }
        found["resampled_by"] = {name: _resampled_by(scores.tables[METRICS[name]], name, cluster) for name in metrics}
    counts = scores.counts()
    if "asr" in scores.tables:
        counts["asr"]["runaway"] = int(runaway(scores.tables["asr"]["counts"]).sum())
    found["counts"] = counts
    found["complete"] = not any("missing" in statuses for statuses in counts.values())
    return found | {"embedder": scores.embedder, "normalizer": scores.normalizer}


def _figures(scores: Scores) -> dict[str, float]:
    return {name: value for name in METRICS if (value := scores.figure(name)) is not None}


def _resampled_by(rows: Rows, metric: str, cluster: str) -> str:
    """What the intervals resample: rows without the column are their own clusters, and the result says so."""
    if cluster == "row":
        return "row"
    column = "pair" if cluster == "pair" else "speaker" if metric.startswith("wer") else "recording"
    return column if (rows[column] != "").all() else "row" if (rows[column] == "").all() else f"{column} or row"


@dataclass(frozen=True)
class Comparison:
    """System A minus system B on the same answers.

    Attributes:
        metric: `wer`, `wer_capped`, `macc` or `map`.
        difference: In percentage points, averaged like the figure.
        interval: 95 %, from resamples shared by both systems.
        p: Of the cluster sign-flip test, two-sided.
        draws: Number of sign flips.
    """

    metric: str
    difference: float
    interval: Interval
    p: float
    draws: int


def compare(
    a: Scores,
    b: Scores,
    metric: str,
    *,
    resamples: int = RESAMPLES,
    draws: int = SIGN_FLIP_DRAWS,
    seed: int = 0,
    cluster: str = "recording",
) -> Comparison:
    """The paired difference of two systems.

    Both must have answered the same clips (id, run and condition). The test exchanges the two systems' answers within
    random clusters; for WER and mACC, where rows add up, this is exact arithmetic, for mAP every exchange is scored.

    Args:
        a: One system, one mode.
        b: The other.
        metric: `wer`, `wer_capped`, `macc` or `map`.
        resamples: For the interval.
        draws: For the p value.
        seed: Of both.
        cluster: See `Scores.resampling`.

    Raises:
        ValueError: The metric is not defined, or the two did not answer the same clips.
    """
    import numpy as np

    figure_a, figure_b = a.figure(metric), b.figure(metric)
    if figure_a is None or figure_b is None:
        raise ValueError(f"{metric} is not defined for both systems")
    cells_a, cells_b = a.cells(metric), b.cells(metric)
    if {key: _ids(rows) for key, rows in cells_a.items()} != {key: _ids(rows) for key, rows in cells_b.items()}:
        raise ValueError(f"{metric}: the two systems did not answer the same clips; compare what both answered")
    values_a = a.resampled(metric, resamples=resamples, seed=seed, cluster=cluster)
    values_b = b.resampled(metric, resamples=resamples, seed=seed, cluster=cluster)
    resampling = a.resampling(metric, resamples=1, seed=seed, cluster=cluster)
    exchanged = np.concatenate(
        [
            _exchanged(metric, a, b, resampling, flips)
            for flips in sign_flips(len(resampling.weights), draws=draws, seed=seed)
        ]
    )
    difference = figure_a - figure_b
    interval = percentile_interval(values_a - values_b, estimate=difference if metric == "map" else None)
    return Comparison(metric, difference, interval, p_value(difference, exchanged), draws)


def _ids(rows: Rows) -> list[str]:
    return [str(value) for value in rows["id"].tolist()]


def _exchanged(
    metric: str, a: Scores, b: Scores, resampling: ClusterWeights, flips: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The difference of the figure for each exchange, shape (draws,)."""
    import numpy as np

    rows_a, rows_b = a.tables[METRICS[metric]], b.tables[METRICS[metric]]
    by_run: dict[int, list[NDArray[np.float64]]] = {}
    for run, condition in a.cells(metric):
        mask = (rows_a["run"] == run) & (rows_a["condition"] == condition)
        of_row = resampling.of_row[mask]
        cell = _CELL_DIFFERENCES[metric](rows_a.take(mask), rows_b.take(mask), of_row, flips)
        by_run.setdefault(run, []).append(cell)
    mean: NDArray[np.float64] = np.mean([np.mean(cells, axis=0) for cells in by_run.values()], axis=0)
    return mean


def _signed_sum(values: NDArray[Any], of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum over rows of value, negated in flipped clusters."""
    import numpy as np

    per_cluster = np.bincount(of_row, weights=np.asarray(values, dtype=np.float64), minlength=len(flips))
    return np.asarray(per_cluster @ np.where(flips, -1.0, 1.0), dtype=np.float64)


def _wer_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    errors = (a["counts"][:, :3].sum(axis=1) - b["counts"][:, :3].sum(axis=1)).astype(float)
    return 100 * _signed_sum(errors, of_row, flips) / int(a["counts"][:, 3].sum())


def _wer_capped_differences(
    a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]
) -> NDArray[np.float64]:
    errors = capped_errors(a["counts"]).astype(float) - capped_errors(b["counts"])
    return 100 * _signed_sum(errors, of_row, flips) / int(a["counts"][:, 3].sum())


def _macc_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    import numpy as np

    hits = a["hit"].astype(float) - b["hit"]
    present = np.unique(a["reference"])
    recalls = [
        _signed_sum(hits * (a["reference"] == scene), of_row, flips) / int((a["reference"] == scene).sum())
        for scene in present
    ]
    mean: NDArray[np.float64] = 100 * np.mean(recalls, axis=0)
    return mean


def _map_differences(a: Rows, b: Rows, of_row: NDArray[np.int64], flips: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Both systems' rows stand in one table; an exchange chooses which of the two counts for which system."""
    import numpy as np

    clusters = len(flips)
    both_rows = np.concatenate([of_row, of_row + clusters])
    truth = np.concatenate([a["truth"], b["truth"]])
    confidences = np.concatenate([a["confidences"], b["confidences"]])
    first = ClusterWeights(np.concatenate([~flips, flips]).astype(float), both_rows)
    second = ClusterWeights(np.concatenate([flips, ~flips]).astype(float), both_rows)
    return resampled_mean_average_precision(first, truth, confidences) - resampled_mean_average_precision(
        second, truth, confidences
    )


_CELL_DIFFERENCES = {
    "wer": _wer_differences,
    "wer_capped": _wer_capped_differences,
    "macc": _macc_differences,
    "map": _map_differences,
}
