"""95 % percentile intervals; resampling.py draws the resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 1_000
LEVEL = 0.95
_DECIMALS = 6  # of a bound: sums of weights differ beyond that between machines


@dataclass(frozen=True)
class Interval:
    """A percentile interval; `left_out` counts resamples in which the metric is undefined."""

    low: float
    high: float
    left_out: int = 0


def percentile_interval(
    values: NDArray[np.float64], level: float = LEVEL, *, estimate: float | None = None
) -> Interval:
    """The central share `level` of the resampled values.

    Args:
        values: One for each resample; NaN where the metric is undefined.
        level: Confidence level, 0 to 1.
        estimate: The value without resampling. If given, the resampled values are shifted so that it is their mean:
            average precision rises when clips are drawn twice, WER and accuracy do not (coverage of mAP in
            benchmarks/interval_coverage.py).

    Raises:
        ValueError: The metric is undefined in every resample.
    """
    import numpy as np

    defined = values[~np.isnan(values)]
    if not len(defined):
        raise ValueError("the metric is not defined in any resample")
    bias = 0.0 if estimate is None else float(defined.mean()) - estimate
    low, high = np.percentile(defined, [50 * (1 - level), 50 * (1 + level)]) - bias
    return Interval(round(float(low), _DECIMALS), round(float(high), _DECIMALS), len(values) - len(defined))
