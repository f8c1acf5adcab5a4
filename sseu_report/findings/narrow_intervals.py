"""Intervals that are too narrow because a scene rests on one recording, or all speech on one speaker."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric.tasks import METRICS
from sseu_report.entries import ScoredEntry


def narrow_notes(scored: Sequence[ScoredEntry]) -> list[str]:
    """One sentence for each cause, naming the results whose intervals are too narrow.

    A stratum of one cluster is not resampled (Rao-Wu draws n - 1 of n), so its share of the sampling error is missing
    from the interval. The sign-flip test exchanges every cluster, a single one too.
    """
    by_scenes: dict[tuple[str, ...], list[str]] = {}
    for one in scored:
        if scenes := tuple(sorted(_single(one, "macc") | _single(one, "map"))):
            by_scenes.setdefault(scenes, []).append(one.entry.name)
    notes = [
        f"{', '.join(names)}: all clips of {', '.join(scenes)} come from one recording each. 95 % intervals of mACC "
        "and mAP hold these scenes fixed and are too narrow; p values are not affected."
        for scenes, names in by_scenes.items()
    ]
    if names := [one.entry.name for one in scored if _single(one, "wer")]:
        notes.append(
            f"{', '.join(names)}: all speech is by one speaker. 95 % intervals of WER have no width; p values are not "
            "affected, and can only be 1."
        )
    return notes


def _single(scored: ScoredEntry, metric: str) -> set[str]:
    """The strata of one cluster in any mode: scenes of one recording, or all speech where it is by one speaker."""
    tables = (scores for scores in scored.scores.values() if METRICS[metric] in scores.tables)
    return {name for scores in tables for name in scores.resampling(metric, resamples=1).single}
