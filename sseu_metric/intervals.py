"""95 % intervals; jackknife.py says where they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .tasks import MEMORY_METRICS, PER_CLIP_METRICS, task_of_metric

LEVEL = 0.95
_DECIMALS = 6  # of a bound: sums differ beyond that between machines


@dataclass(frozen=True)
class Interval:
    """A two-sided interval, in the unit of the value it belongs to."""

    low: float
    high: float

    @classmethod
    def rounded(cls, low: float, high: float) -> Interval:
        """With bounds rounded to what every machine computes alike, and no negative zero."""
        return cls(round(low, _DECIMALS) + 0.0, round(high, _DECIMALS) + 0.0)

    def within(self, low: float, high: float) -> Interval:
        """The part between the least and the largest possible value."""
        return Interval(max(self.low, low), min(self.high, high))


def possible(metric: str, interval: Interval) -> Interval:
    """The part of an interval that a value of the metric can have: 0 to 100; error rates have no upper bound.

    What is counted per clip has none either.
    """
    bounded = ("wer_capped", *MEMORY_METRICS)
    unbounded = metric in PER_CLIP_METRICS or (task_of_metric(metric) == "asr" and metric not in bounded)
    return interval.within(0.0, math.inf if unbounded else 100.0)
