"""The ranking of the board's rows.

Ranks are within one task, mode and column, among unflagged submissions; the paper's figures were reported, not computed
here from answers, and have none. The rank range of a submission counts those that are surely better or surely worse:
those whose paired difference (equal resamples of speakers or recordings for both) has a 95 % interval without 0. The
range is [1 + surely better, N - surely worse]. The intervals are pairwise, not corrected for the number of pairs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sseu_leaderboard.intake.verified import COLUMNS, METRICS, Figure, interval_of
from sseu_leaderboard.web.board import Entry, View

LOWER_IS_BETTER = frozenset({"wer"})


@dataclass(frozen=True)
class Place:
    """A row where it stands.

    Attributes:
        entry: The row.
        rank: From 1; None outside the ranking.
        span: The ranks that the intervals leave open; None outside the ranking.
    """

    entry: Entry
    rank: int | None
    span: tuple[int, int] | None


@dataclass(frozen=True)
class Ranking:
    """The entries of a board with their ranks, which are found once: with N entries that takes N * N / 2 intervals.

    Attributes:
        entries: All rows.
        ranks: What was found already, by task, mode and column: the places by the id of the entry.
        finding: Held while ranks are found, so that many readers do not find the same.
    """

    entries: tuple[Entry, ...]
    ranks: dict[tuple[str, str, str], dict[str, Place]] = field(default_factory=dict, repr=False, compare=False)
    finding: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def places(self, view: View) -> list[Place]:
        """The rows of a view in its order, flagged ones below; without a figure in that task and mode none."""
        key = (view.task, view.mode, view.ranked_by)
        with self.finding:
            if key not in self.ranks:
                self.ranks[key] = _ranks(self.entries, view)
        ranked = self.ranks[key]
        return _ordered(
            [
                ranked.get(entry.id, Place(entry, None, None))
                for entry in self.entries
                if entry.kind in view.kinds
                and view.search.casefold() in entry.name.casefold()
                and any(entry.figure(view, column) for column in COLUMNS)
            ],
            view,
        )


def _ordered(shown: Sequence[Place], view: View) -> list[Place]:
    if view.sort not in COLUMNS:
        return sorted(shown, key=lambda place: str(getattr(place.entry, view.sort)).casefold(), reverse=view.reverse)
    lower = METRICS[view.task] in LOWER_IS_BETTER
    having = [place for place in shown if place.entry.figure(view, view.sort) is not None]
    without = [place for place in shown if place.entry.figure(view, view.sort) is None]
    having.sort(key=lambda place: _value(place.entry, view), reverse=lower is view.reverse)
    return sorted(having + without, key=lambda place: place.entry.kind == "flagged")


def _value(entry: Entry, view: View) -> float:
    figure = entry.figure(view, view.ranked_by)
    assert figure is not None  # asked for rows with a figure only
    return figure.value


def _ranks(entries: Sequence[Entry], view: View) -> dict[str, Place]:
    lower = METRICS[view.task] in LOWER_IS_BETTER
    competing = [
        entry for entry in entries if entry.kind == "verified" and entry.figure(view, view.ranked_by) is not None
    ]
    figures = {entry.id: figure for entry in competing if (figure := entry.figure(view, view.ranked_by)) is not None}
    spans = rank_spans(figures, METRICS[view.task])
    values = {entry.id: _value(entry, view) for entry in competing}
    found = {}
    for entry in competing:
        mine = values[entry.id]
        rank = 1 + sum(other < mine if lower else other > mine for other in values.values())
        low, high = spans[entry.id]
        found[entry.id] = Place(entry, rank, (min(low, rank), max(high, rank)))
    return found


def rank_spans(figures: Mapping[str, Figure], metric: str) -> dict[str, tuple[int, int]]:
    """The ranks that the paired intervals leave open to each.

    Args:
        figures: By id, with their resamples, the same draws for all.
        metric: `wer`, `macc` or `map`.

    Raises:
        ValueError: Two have different numbers of resamples.
    """
    import numpy as np

    counts = {len(figure.resampled) for figure in figures.values()}
    if len(counts) > 1:
        raise ValueError(f"figures with {sorted(counts)} resamples; equal numbers of the same draws are needed")
    arrays = {name: np.array(figure.resampled, dtype=np.float64) for name, figure in figures.items()}
    better, worse = dict.fromkeys(arrays, 0), dict.fromkeys(arrays, 0)
    names = sorted(arrays)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            differences = arrays[one] - arrays[other]
            if np.isnan(differences).all():
                continue
            interval = interval_of(metric, differences, figures[one].value - figures[other].value)
            if interval.low <= 0 <= interval.high:
                continue
            winner, loser = (one, other) if (interval.high < 0) is (metric in LOWER_IS_BETTER) else (other, one)
            better[loser] += 1
            worse[winner] += 1
    return {name: (1 + better[name], len(names) - worse[name]) for name in names}
