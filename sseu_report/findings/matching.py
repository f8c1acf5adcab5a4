"""How much of mACC and mAP is matching: the same names through the text embedder and through the table of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.text_table import percent, points, points_range
from sseu_report.naming import METRIC_NAMES

if TYPE_CHECKING:
    from sseu_models.results.scores_file import MatchingRecord
    from sseu_report.entries import Entry


@dataclass(frozen=True)
class ModeMatching:
    """What lies between a system's words and its scores in one mode.

    Attributes:
        mode: How the system was asked.
        sentence: Both readings of each metric in words.
        by_metric: The same as numbers, `macc` and `map` as far as they were answered in words.
    """

    mode: str
    sentence: str
    by_metric: Mapping[str, MatchingRecord]


def find_matching(entry: Entry) -> tuple[ModeMatching, ...]:
    """The two readings of an entry in every mode in which it answered in words."""
    return tuple(
        ModeMatching(mode, _sentence(scores.matching), scores.matching)
        for mode, scores in entry.modes.items()
        if scores.matching
    )


def _sentence(by_metric: Mapping[str, MatchingRecord]) -> str:
    readings = []
    for metric, found in by_metric.items():
        low_high = f" [{points_range(found.interval.low, found.interval.high)}]" if found.interval else ""
        readings.append(
            f"{METRIC_NAMES[metric]} {percent(found.by_embedder)} through the embedder, "
            f"{percent(found.by_table)} through the table of names ({points(found.difference)}{low_high})"
        )
    named = sum(found.named for found in by_metric.values())
    if not named:
        return f"{'; '.join(readings)}: nothing was named"
    unknown = sum(found.unknown for found in by_metric.values()) / named
    disagreeing = sum(found.disagreeing for found in by_metric.values()) / named
    return (
        f"{'; '.join(readings)}: of {named:,} names the table does not know {unknown:.0%}, and of {disagreeing:.0%} it "
        "says something else than the embedder"
    )
