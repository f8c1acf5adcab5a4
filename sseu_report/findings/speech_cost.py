"""What speech costs scenes and events: the figure of background alone beside that of the loudest speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sseu_metric.intervals import RESAMPLES, Interval, percentile_interval
from sseu_metric.scores import Scores
from sseu_models.job import FINITE
from sseu_report.by_condition import mean_over_runs, one_mode, only_conditions
from sseu_report.naming import METRIC_NAMES

HIDDEN = ("macc", "map")
"""The metrics that speech can cost: those of the background."""


@dataclass(frozen=True)
class SpeechCost:
    """What the speech costs scenes or events: the figure of background alone minus that of a condition with speech.

    Attributes:
        mode: How it was asked.
        metric: `macc` or `map`.
        background_alone: The figure in `-inf`, percent, mean over runs.
        loudest_speech: The figure in `condition`.
        condition: The highest SNR, 10 dB.
        interval: 95 %, of the points lost.
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

    def lines(self) -> Iterator[str]:
        """What is printed."""
        figures = f"-inf ({self.background_alone:.1f}) to {self.condition} dB ({self.loudest_speech:.1f})"
        bounds = f"{self.interval.low:+.1f} to {self.interval.high:+.1f}"
        yield f"{self.mode} {METRIC_NAMES[self.metric]}, points lost from {figures}: {self.lost:+.1f}, 95 % {bounds}"


def speech_cost(scores: Scores, metric: str, *, resamples: int = RESAMPLES, seed: int = 0) -> SpeechCost:
    """What speech at 10 dB costs scenes or events of one system in one mode.

    Args:
        scores: Of one mode; with `-inf` and `10`.
        metric: `macc` or `map`.
        resamples: For the interval.
        seed: Of the resamples.

    Raises:
        ValueError: One of the conditions is missing, there are several modes, or the metric is another.
    """
    if metric not in HIDDEN:
        raise ValueError(f"metric {metric!r}: speech costs {', '.join(HIDDEN)}; for WER there is snr_threshold")
    mode, loudest = one_mode(scores), FINITE[0]
    ends = only_conditions(scores, ("-inf", loudest))
    alone, with_speech = ends.value(metric, ("-inf",)), ends.value(metric, (loudest,))
    if alone is None or with_speech is None:
        raise ValueError(f"{mode}: {metric} was not measured in both -inf and {loudest} dB; run with --conditions all")
    cells = mean_over_runs(ends.resampled_cells(metric, resamples=resamples, seed=seed))
    # As everywhere, mAP's resamples are moved to the figure itself, since AP rises when clips are drawn twice.
    estimate = alone - with_speech if metric == "map" else None
    interval = percentile_interval(cells["-inf"] - cells[loudest], estimate=estimate)
    return SpeechCost(mode, metric, alone, with_speech, loudest, interval)
