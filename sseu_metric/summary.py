"""Every score of one mode as plain JSON values: what is printed, saved and published."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .clusters import jackknife_of, missing_factors
from .conditions import ordered
from .labels import EVENTS, SCENES
from .scores import Scores
from .tasks import METRICS
from .wer import runaway


def summarise(scores: Scores, *, intervals: bool = True) -> dict[str, Any]:
    """Every score of one mode, in percent, as plain JSON values.

    Args:
        scores: Scores of a single mode.
        intervals: Compute 95 % intervals too, which takes most of the time.

    Returns:
        `wer`, `wer_capped`, `macc`, `map` (of the tasks asked), `pooled`, `by_condition`, `by_scene` (recall),
        `by_event` (AP), `by_corpus`, `intervals`, `clusters`, `counts`, `left_out`, `embedder`, `normalizer`. The same
        scores give the same result on every run.

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
    if intervals:
        found["intervals"] = {
            name: {key: one and asdict(one) for key, one in scores.intervals(name).items()} for name in metrics
        }
        found["clusters"] = {name: clusters_of(scores, name) for name in metrics}
    counts = scores.counts()
    if "asr" in scores.tables:
        counts["asr"]["runaway"] = int(runaway(scores.tables["asr"]["counts"]).sum())
    found["counts"] = counts
    found["complete"] = not any("missing" in statuses for statuses in counts.values())
    return found | {"embedder": scores.embedder, "normalizer": scores.normalizer}


def values_of(scores: Scores) -> dict[str, float]:
    """The value of each metric that is defined, in percent."""
    return {name: value for name in METRICS if (value := scores.value(name)) is not None}


def clusters_of(scores: Scores, metric: str) -> dict[str, list[str]]:
    """What the intervals of a metric are about.

    Returns:
        `by`: the columns whose values were left out one by one, or `row`; `missing`: those that the references lack;
        `fixed_strata`: those with one cluster, such as scenes of one recording, which were held as they are.
    """
    rows = scores.tables[METRICS[metric]]
    jackknife = jackknife_of(rows, METRICS[metric])
    missing = missing_factors(rows, METRICS[metric])
    return {"by": list(jackknife.names), "missing": list(missing), "fixed_strata": list(jackknife.fixed)}
