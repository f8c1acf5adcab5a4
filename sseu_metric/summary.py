"""Every score of one mode as plain JSON values: what is printed, saved and published."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .conditions import ordered
from .intervals import RESAMPLES
from .labels import EVENTS, SCENES
from .rows import Rows
from .scores import Scores
from .tasks import METRICS
from .wer import runaway


def summarise(
    scores: Scores, *, resamples: int = RESAMPLES, seed: int = 0, cluster: str = "recording"
) -> dict[str, Any]:
    """Every score of one mode, in percent, as plain JSON values.

    Args:
        scores: Scores of a single mode.
        resamples: Number of resamples for the 95 % intervals; 0 leaves the intervals out.
        seed: Seed of the resamples.
        cluster: See `Scores.resampling`.

    Returns:
        `wer`, `wer_capped`, `macc`, `map` (of the tasks asked), `pooled`, `by_condition`, `by_scene` (recall),
        `by_event` (AP), `by_corpus`, `intervals`, `counts`, `left_out`, `embedder`, `normalizer`. The same scores give
        the same result on every run.

    Raises:
        ValueError: The scores hold several modes.
    """
    values = values_of(scores)
    metrics = list(values)
    found: dict[str, Any] = dict(values)
    found["pooled"] = {name: scores.pooled(name) for name in metrics}
    for name, column in (("by_condition", "condition"), ("by_corpus", "corpus")):
        names = {value for rows in scores.tables.values() for value in rows[column].tolist() if value}
        order = ordered(names) if column == "condition" else sorted(names)
        found[name] = {value: values_of(scores.where(**{column: value})) for value in order}
    found["by_scene"] = scores.class_values("macc")
    found["by_event"] = scores.class_values("map")
    found["left_out"] = {
        "scenes": [name for name in SCENES if "asc" in scores.tables and name not in found["by_scene"]],
        "events": [name for name in EVENTS if "at" in scores.tables and name not in found["by_event"]],
    }
    if resamples:
        found["intervals"] = {}
        for name in metrics:
            intervals = scores.intervals(name, resamples=resamples, seed=seed, cluster=cluster)
            found["intervals"][name] = {key: asdict(interval) for key, interval in intervals.items()}
        found["resampled_by"] = {name: resampled_by(scores.tables[METRICS[name]], name, cluster) for name in metrics}
    counts = scores.counts()
    if "asr" in scores.tables:
        counts["asr"]["runaway"] = int(runaway(scores.tables["asr"]["counts"]).sum())
    found["counts"] = counts
    found["complete"] = not any("missing" in statuses for statuses in counts.values())
    return found | {"embedder": scores.embedder, "normalizer": scores.normalizer}


def values_of(scores: Scores) -> dict[str, float]:
    """The value of each metric that is defined, in percent."""
    return {name: value for name in METRICS if (value := scores.value(name)) is not None}


def resampled_by(rows: Rows, metric: str, cluster: str) -> str:
    """What the intervals resample: rows without the column are their own clusters, and the result says so."""
    if cluster == "row":
        return "row"
    column = "pair" if cluster == "pair" else "speaker" if metric.startswith("wer") else "recording"
    return column if (rows[column] != "").all() else "row" if (rows[column] == "").all() else f"{column} or row"
