"""The ranking of the board's rows.

Ranks are within one task, mode and column, among verified submissions; the paper's scores were reported, not computed
here from answers, and have none. The rank range of a submission counts those that are significantly better or worse:
those whose paired difference (equal resamples of speakers or recordings for both) has a 95 % interval without 0. The
range is [1 + better, N - worse]. The intervals are pairwise, not corrected for the number of pairs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sseu_leaderboard.intake.verified import METRICS, Cell, interval_of
from sseu_leaderboard.web.board import Entry, View

LOWER_IS_BETTER = frozenset({"wer"})


@dataclass(frozen=True)
class Place:
    """A row with its rank.

    Attributes:
        entry: The row.
        rank: From 1; None if it is not ranked.
        span: Lowest and highest rank that the intervals leave open; None if it is not ranked.
    """

    entry: Entry
    rank: int | None
    span: tuple[int, int] | None


@dataclass(frozen=True)
class Ranking:
    """The entries of a board with their ranks, computed once: N entries take N * (N - 1) / 2 intervals.

    Attributes:
        entries: All rows.
        ranks: Computed ranks by task, mode and column: the places by entry id.
        computing: Held while ranks are computed, so that concurrent readers do not compute the same.
    """

    entries: tuple[Entry, ...]
    ranks: dict[tuple[str, str, str], dict[str, Place]] = field(default_factory=dict, repr=False, compare=False)
    computing: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def places(self, view: View) -> list[Place]:
        """The rows with scores in a view's task and mode, in its order, flagged ones last."""
        key = (view.task, view.mode, view.ranked_by)
        with self.computing:
            if key not in self.ranks:
                self.ranks[key] = _ranks(self.entries, view)
        ranked = self.ranks[key]
        return _ordered(
            [
                ranked.get(entry.id, Place(entry, None, None))
                for entry in self.entries
                if entry.kind in view.kinds and view.search.casefold() in entry.name.casefold() and entry.row(view)
            ],
            view,
        )


def _ordered(shown: Sequence[Place], view: View) -> list[Place]:
    if not view.sorts_by_score:
        return sorted(shown, key=lambda place: str(getattr(place.entry, view.sort)).casefold(), reverse=view.reverse)
    lower = METRICS[view.task] in LOWER_IS_BETTER
    having = [place for place in shown if place.entry.cell(view, view.sort) is not None]
    without = [place for place in shown if place.entry.cell(view, view.sort) is None]
    having.sort(key=lambda place: _value(place.entry, view), reverse=lower is view.reverse)
    return sorted(having + without, key=lambda place: place.entry.kind == "flagged")


def _value(entry: Entry, view: View) -> float:
    cell = entry.cell(view, view.ranked_by)
    assert cell is not None  # callers pass rows with a score only
    return cell.value


def _ranks(entries: Sequence[Entry], view: View) -> dict[str, Place]:
    lower = METRICS[view.task] in LOWER_IS_BETTER
    competing = [
        entry for entry in entries if entry.kind == "verified" and entry.cell(view, view.ranked_by) is not None
    ]
    cells = {entry.id: cell for entry in competing if (cell := entry.cell(view, view.ranked_by)) is not None}
    spans = rank_spans(cells, METRICS[view.task])
    values = {entry.id: _value(entry, view) for entry in competing}
    found = {}
    for entry in competing:
        mine = values[entry.id]
        rank = 1 + sum(other < mine if lower else other > mine for other in values.values())
        low, high = spans[entry.id]
        found[entry.id] = Place(entry, rank, (min(low, rank), max(high, rank)))
    return found


def rank_spans(cells: Mapping[str, Cell], metric: str) -> dict[str, tuple[int, int]]:
    """The lowest and highest rank of each entry that the paired intervals leave open.

    Args:
        cells: By entry id, with resamples from the same draws.
        metric: `wer`, `macc` or `map`.

    Raises:
        ValueError: Cells have different numbers of resamples.
    """
    import numpy as np

    counts = {len(cell.resampled) for cell in cells.values()}
    if len(counts) > 1:
        raise ValueError(f"cells have {sorted(counts)} resamples; equal numbers of the same draws are needed")
    arrays = {name: np.array(cell.resampled, dtype=np.float64) for name, cell in cells.items()}
    better, worse = dict.fromkeys(arrays, 0), dict.fromkeys(arrays, 0)
    names = sorted(arrays)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            differences = arrays[one] - arrays[other]
            if np.isnan(differences).all():
                continue
            interval = interval_of(metric, differences, cells[one].value - cells[other].value)
            if interval.low <= 0 <= interval.high:
                continue
            winner, loser = (one, other) if (interval.high < 0) is (metric in LOWER_IS_BETTER) else (other, one)
            better[loser] += 1
            worse[winner] += 1
    return {name: (1 + better[name], len(names) - worse[name]) for name in names}
