"""Whom each system understands worse than others, and which sentences (`sseu_metric.gaps`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.normalisers import unit_of
from sseu_metric.scores import Scores
from sseu_metric.tasks import metric_names
from sseu_metric.text_table import percent, percent_range, points, points_range

if TYPE_CHECKING:
    from sseu_metric.gaps import Gap, Gaps


@dataclass(frozen=True)
class ModeGaps:
    """The gaps of a system in one mode.

    Attributes:
        mode: How the system was asked.
        sentence: The largest gaps and the worst speakers in words.
        gaps: WER by group.
    """

    mode: str
    sentence: str
    gaps: Gaps


def find_mode_gaps(scores: Mapping[str, Scores]) -> tuple[ModeGaps, ...]:
    """The gaps in every mode that has WER.

    Args:
        scores: By mode.
    """
    from sseu_metric.gaps import find_gaps

    found = []
    for mode, part in scores.items():
        if (gaps := find_gaps(part)) is not None:
            wer = metric_names(unit_of(part.normalizer))["wer"]
            found.append(ModeGaps(mode, _sentence(gaps, wer), gaps))
    return tuple(found)


def _sentence(gaps: Gaps, wer: str) -> str:
    parts = []
    for column, grouping in gaps.groupings.items():
        if grouping.largest is None:
            parts.append(f"no gap by {column} can be measured, too few speakers")
        else:
            parts.append(f"by {column} {gap_text(grouping.largest)}, {_among(grouping.pairs, grouping.differing)}")
    if (worst := gaps.worst) is not None:
        interval = worst.interval
        spread = f" [{percent_range(interval.low, interval.high)}]" if interval else ""
        apart = ""
        if worst.chosen_apart is not None:
            apart = f" ({percent(worst.chosen_apart)} where chosen by other clips)"
        parts.append(
            f"the worst tenth of {worst.speakers} speakers has {wer} {percent(worst.wer)}{spread}{apart}, the median "
            f"speaker {percent(worst.median)}"
        )
    text = "; ".join(parts) or "the references name no groups of speakers or sentences"
    return text[0].upper() + text[1:]


def _among(pairs: int, differing: int) -> str:
    if pairs == 1:
        return "which " + ("is a difference" if differing else "may be chance")
    return f"the largest of {pairs}, of which {differing or 'none'} can be told from 0"


def gap_text(gap: Gap) -> str:
    """Both groups with their speakers, and the difference with its simultaneous interval."""
    first, second = gap.speakers
    spread = points_range(gap.interval.low, gap.interval.high)
    return f"{gap.worse} ({first} speakers) minus {gap.better} ({second}): {points(gap.points)} points [{spread}]"
