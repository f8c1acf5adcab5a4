"""Whether each system's probabilities can be believed, or that it gives none (`sseu_metric.calibration`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.scores import Scores
from sseu_metric.text_table import percent, percent_range

if TYPE_CHECKING:
    from sseu_metric.calibration import Found

_WHAT = {"asc": "scenes", "at": "events"}


@dataclass(frozen=True)
class ModeCalibration:
    """The calibration of a system in one mode and task.

    Attributes:
        mode: How the system was asked.
        sentence: What can be concluded, in words.
        found: The figures, or why there are none.
    """

    mode: str
    sentence: str
    found: Found


def find_calibrations(scores: Mapping[str, Scores]) -> tuple[ModeCalibration, ...]:
    """The calibration of scenes and events in every mode in which they were answered.

    Args:
        scores: By mode.
    """
    from sseu_metric.calibration import find_calibration

    found = ((mode, find_calibration(part, task)) for mode, part in scores.items() for task in _WHAT)
    return tuple(ModeCalibration(mode, _sentence(one), one) for mode, one in found if one is not None)


def _sentence(found: Found) -> str:
    from sseu_metric.calibration import Calibration

    what = _WHAT[found.task]
    if not isinstance(found, Calibration):
        return f"The confidences of {what} are no probabilities: {found.reason}"
    interval = found.ece_interval
    spread = f" [{percent_range(interval.low, interval.high)}]" if interval else ""
    total = sum(one.answers * (one.confidence - one.observed) for one in found.bins)
    side = "too high" if total > 0 else "too low"
    compared = "no better than" if found.brier >= found.brier_of_shares else "better than"
    return (
        f"The probabilities of {what} are off by {percent(found.ece)} points{spread} (ECE), on the whole {side}; their "
        f"Brier score {found.brier:.4f} is {compared} that of the shares of the labels ({found.brier_of_shares:.4f})"
    )
