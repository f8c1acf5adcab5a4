"""How much speech costs in scenes and events: background alone beside the highest finite SNR.

There speech masks the background most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sseu_metric.conditions import BACKGROUND_ALONE, finite
from sseu_metric.intervals import RESAMPLES, Interval, percentile_interval
from sseu_metric.scores import Scores
from sseu_report.by_condition import mean_over_runs, only_conditions


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


def find_speech_costs(scores: Mapping[str, Scores], *, resamples: int = RESAMPLES) -> tuple[SpeechCost, ...]:
    """The cost in every mode and metric of the background that has the conditions it needs.

    Args:
        scores: By mode.
        resamples: Number of resamples for the intervals.
    """
    found = (_cost(mode, part, metric, resamples) for mode, part in scores.items() for metric in ("macc", "map"))
    return tuple(cost for cost in found if cost is not None)


def _cost(mode: str, scores: Scores, metric: str, resamples: int) -> SpeechCost | None:
    """None without an answer to background alone and to the highest finite condition."""
    loudest = next(iter(finite(scores.conditions(metric))), "")
    ends = only_conditions(scores, (BACKGROUND_ALONE, loudest))
    alone, with_speech = ends.value(metric, (BACKGROUND_ALONE,)), ends.value(metric, (loudest,))
    if alone is None or with_speech is None:
        return None
    cells = mean_over_runs(ends.resampled_cells(metric, resamples=resamples))
    # AP rises when clips are drawn twice, so mAP's resamples are centred on the score itself, as in Scores.intervals.
    estimate = alone - with_speech if metric == "map" else None
    interval = percentile_interval(cells[BACKGROUND_ALONE] - cells[loudest], estimate=estimate)
    return SpeechCost(mode, metric, alone, with_speech, loudest, interval)
