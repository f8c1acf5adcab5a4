"""Which events a clip has, under other thresholds and minimum durations than those of the dataset.

The dataset has the events that are annotated in a DESED clip, however short, and of a MAESTRO window those whose soft
value (from 0 to 1 for each second, from several annotators) exceeds 0.5 in at least one second. Either number could be
another; a rule is both numbers. Clips stay as they are, only their labels change. Pure functions of a dataset row, or
of a mapping with its columns `events`, `event_segments` and `soft_labels`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .labels import EVENTS

LABEL_COLUMNS = ("events", "event_segments", "soft_labels")
"""The columns of a dataset that rules need."""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
MIN_ACTIVITY_S: tuple[float | None, ...] = (None, 0.5, 1.0, 2.0, 3.0)
_ROUNDING_S = 1e-9

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LabelRule:
    """When an event counts as present in a clip.

    Attributes:
        threshold: A second of MAESTRO counts where the soft value exceeds it.
        min_activity_s: For how many seconds of the clip in all the event must be active; None as in the dataset: of
            any duration in DESED, one second in MAESTRO, whose values are by second.
    """

    threshold: float
    min_activity_s: float | None

    def __str__(self) -> str:
        """As in tables."""
        least = "as labelled" if self.min_activity_s is None else f"{self.min_activity_s:g} s"
        return f"threshold {self.threshold:g}, {least}"


AS_LABELLED = LabelRule(0.5, None)
"""The dataset's own rule."""
RULES = tuple(LabelRule(threshold, least) for least in MIN_ACTIVITY_S for threshold in THRESHOLDS)
"""Every rule that is tried."""


def events_under(row: Row, rule: LabelRule) -> list[int]:
    """The class ids of the events that a row has under a rule, in ascending order.

    Args:
        row: Events by class id or name; `soft_labels` is None where a corpus has none.
        rule: When an event counts.
    """
    return _lasting(row, _active_s(row, rule.threshold), rule.min_activity_s)


def events_by_rule(row: Row) -> list[list[int]]:
    """The same under each of `RULES`."""
    active_s = {threshold: _active_s(row, threshold) for threshold in THRESHOLDS}
    return [_lasting(row, active_s[rule.threshold], rule.min_activity_s) for rule in RULES]


def _active_s(row: Row, threshold: float) -> dict[int, float]:
    """For how many seconds each event of a row is active."""
    if row["soft_labels"] is None:
        return _durations_s(row["event_segments"])
    return {
        _id(label["event"]): float(sum(value > threshold for value in label["values"])) for label in row["soft_labels"]
    }


def _lasting(row: Row, active_s: Mapping[int, float], least_s: float | None) -> list[int]:
    """The events of a row that are active for at least `least_s`, in ascending order."""
    if least_s is None and row["soft_labels"] is None:
        return sorted(_id(event) for event in row["events"])
    least_s = 1.0 if least_s is None else least_s
    return sorted(event for event, seconds in active_s.items() if seconds >= least_s - _ROUNDING_S)


def soft_relevances(row: Row) -> dict[int, float]:
    """How strongly each event of a row counts for soft-label AP, in [0, 1], by class id; others have 0.

    Of a MAESTRO window the largest soft value of its seconds, which is what a threshold is compared with; of a DESED
    clip 1 for what is annotated.
    """
    if row["soft_labels"] is None:
        return dict.fromkeys(map(_id, row["events"]), 1.0)
    return {_id(label["event"]): min(max(label["values"], default=0.0), 1.0) for label in row["soft_labels"]}


def _durations_s(segments: list[Row]) -> dict[int, float]:
    """For how long each event sounds; overlapping segments count once."""
    by_event: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
    for segment in segments:
        by_event[_id(segment["event"])].append((segment["onset_s"], segment["offset_s"]))
    found = {}
    for event, spans in by_event.items():
        total, end = 0.0, 0.0
        for onset_s, offset_s in sorted(spans):
            total += max(0.0, offset_s - max(onset_s, end))
            end = max(end, offset_s)
        found[event] = total
    return found


def _id(event: int | str) -> int:
    return EVENTS.index(event) if isinstance(event, str) else int(event)


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """What a rule makes of the backgrounds of a dataset.

    Attributes:
        labels: Pairs of clip and event.
        unlabelled: Clips without an event.
        events: Events that occur.
    """

    labels: int
    unlabelled: int
    events: int
