"""How much speech costs in scenes and events: background alone beside the finite condition with the quietest speech.

The highest finite SNR is the condition in which speech masks the background most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sseu_metric.conditions import BACKGROUND_ALONE, finite
from sseu_metric.intervals import RESAMPLES, Interval, percentile_interval
from sseu_metric.scores import Scores
from sseu_report.by_condition import mean_over_runs, one_mode, only_conditions

BACKGROUND_METRICS = ("macc", "map")
"""The metrics that speech can cost: those of the background."""


@dataclass(frozen=True)
class SpeechCost:
    """The score of background alone minus that of the condition in which speech is loudest.

    Attributes:
        mode: How the system was asked.
        metric: `macc` or `map`.
        background_alone: Score in `-inf`, percent, mean over runs.
        loudest_speech: Score in `condition`, percent, mean over runs.
        condition: The highest finite condition measured, `10` in the paper's dataset.
        interval: 95 % interval of the points lost.
    """

    mode: str
    metric: str
    background_alone: float
    loudest_speech: float
    condition: str
    interval: Interval

    @property
    def lost(self) -> float:
        """In percentage points; negative where speech helps."""
        return self.background_alone - self.loudest_speech


def find_speech_costs(
    scores: Mapping[str, Scores], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[SpeechCost, ...]:
    """The cost in every mode and metric that has the conditions it needs.

    Args:
        scores: By mode.
        resamples: Number of resamples for the intervals.
        seed: Seed of the resamples.
    """
    return tuple(
        speech_cost(part, metric, resamples=resamples, seed=seed)
        for part in scores.values()
        for metric in BACKGROUND_METRICS
        if _has_cost({condition for _, condition in part.cells(metric)})
    )


def _has_cost(conditions: set[str]) -> bool:
    return BACKGROUND_ALONE in conditions and bool(finite(conditions))


def speech_cost(scores: Scores, metric: str, *, resamples: int = RESAMPLES, seed: int = 0) -> SpeechCost:
    """The cost of speech at the highest finite SNR for one system in one mode.

    Args:
        scores: Answers of one mode, in `-inf` and a finite condition.
        metric: `macc` or `map`.
        resamples: Number of resamples for the interval.
        seed: Seed of the resamples.

    Raises:
        ValueError: A condition is missing, the answers are of several modes, or the metric is another.
    """
    if metric not in BACKGROUND_METRICS:
        raise ValueError(
            f"metric {metric!r}: speech costs {' and '.join(BACKGROUND_METRICS)}; WER has an SNR threshold"
        )
    mode, conditions = one_mode(scores), {condition for _, condition in scores.cells(metric)}
    loudest = next(iter(finite(conditions)), "")
    ends = only_conditions(scores, (BACKGROUND_ALONE, loudest))
    alone, with_speech = ends.value(metric, (BACKGROUND_ALONE,)), ends.value(metric, (loudest,))
    if alone is None or with_speech is None:
        raise ValueError(f"{mode}: {metric} was not measured in -inf and a finite condition; run with --conditions all")
    cells = mean_over_runs(ends.resampled_cells(metric, resamples=resamples, seed=seed))
    # AP rises when clips are drawn twice, so mAP's resamples are centred on the score itself, as in Scores.intervals.
    estimate = alone - with_speech if metric == "map" else None
    interval = percentile_interval(cells[BACKGROUND_ALONE] - cells[loudest], estimate=estimate)
    return SpeechCost(mode, metric, alone, with_speech, loudest, interval)
