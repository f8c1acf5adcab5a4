"""What must be read beside intervals: what they are about, what their width leaves out, and why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from .tasks import METRIC_NAMES

Clusters: TypeAlias = Mapping[str, Mapping[str, Any]]
Intervals: TypeAlias = Mapping[str, Mapping[str, Any]]
_NARROW = "too narrow, and p values and ranks look surer than they are"


def cluster_notes(clusters: Clusters, intervals: Intervals, names: Mapping[str, str] = METRIC_NAMES) -> list[str]:
    """What intervals are about, what their width leaves out, and why there is none, a line for each cause.

    Args:
        clusters: By metric, with the key `unknown` (`summary.summarise`).
        intervals: By metric and key; None where there is none.
        names: How metrics are written (`tasks.metric_names`).
    """
    by_factors = _together(_with_interval(clusters, intervals), lambda found: " x ".join(found["by"]), names)
    about = [
        f"intervals of {metrics}: how far the score on all questions may be from this estimate"
        if by == "question"
        else f"intervals of {metrics}: clusters are {by}"
        for by, metrics in by_factors.items()
    ]
    return about + narrow_notes(clusters, intervals, names) + _unknown_notes(clusters, intervals, names)


def narrow_notes(clusters: Clusters, intervals: Intervals, names: Mapping[str, str] = METRIC_NAMES) -> list[str]:
    """Why intervals are too narrow, a line for each cause; none if all is well, or there is no interval."""
    causes: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
        "not every reference names its {}": lambda found: " and ".join(found["missing"]),
        "only one {}": lambda found: (
            f"{found['by'][0]} each of {names}" if (names := ", ".join(filter(None, found["fixed_strata"]))) else ""
        ),
    }
    return [
        f"intervals of {metrics} are {_NARROW}: {text.format(cause)}"
        for text, cause_of in causes.items()
        for cause, metrics in _together(_with_interval(clusters, intervals), cause_of, names).items()
        if cause
    ]


def _unknown_notes(clusters: Clusters, intervals: Intervals, names: Mapping[str, str]) -> list[str]:
    """Where there is no interval and why; metrics that share both stand together."""
    together: dict[tuple[str, str], list[str]] = {}
    for metric, found in clusters.items():
        keys_of: dict[str, list[str]] = {}
        for key, reason in found["unknown"].items():
            keys_of.setdefault(reason, []).append(key)
        everywhere = len(keys_of) == 1 and metric not in _with_interval(clusters, intervals)
        for reason, keys in keys_of.items():
            together.setdefault(("" if everywhere else _places(keys), reason), []).append(names[metric])
    return [f"no interval of {', '.join(metrics)}{where}: {reason}" for (where, reason), metrics in together.items()]


def _places(keys: Sequence[str]) -> str:
    """Keys of intervals in words; the average over the finite conditions is not named beside that over all."""
    conditions = [key for key in keys if key not in ("all", "finite")]
    average = "of the average" if "all" in keys else "of the average over finite SNRs" if "finite" in keys else ""
    return " " + " and ".join(filter(None, (average, f"at {', '.join(conditions)}" if conditions else "")))


def _with_interval(clusters: Clusters, intervals: Intervals) -> Clusters:
    """The metrics that have any interval."""
    return {
        metric: found
        for metric, found in clusters.items()
        if any(one is not None for one in intervals.get(metric, {}).values())
    }


def _together(
    clusters: Clusters, key_of: Callable[[Mapping[str, Any]], str], names: Mapping[str, str]
) -> dict[str, str]:
    """The names of the metrics that share a key, by that key."""
    metrics: dict[str, list[str]] = {}
    for metric, found in clusters.items():
        metrics.setdefault(key_of(found), []).append(names[metric])
    return {key: ", ".join(shared) for key, shared in metrics.items()}
