"""The ranking of the board's rows.

Ranks are within one version of the dataset, task, mode and column, among verified submissions; the paper's scores were
reported, not computed here from answers, and have none. The rank range of a submission counts those that are
significantly better or worse: those whose paired difference (equal resamples of speakers or recordings for both) has a
95 % interval without 0. The range is [1 + better, N - worse]. The intervals are pairwise, not corrected for the number
of pairs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sseu_leaderboard.intake.verified import BoardCell, interval_of
from sseu_leaderboard.web.board import PAPER_VERSION, BoardRow, View
from sseu_report.naming import TASK_METRICS

LOWER_IS_BETTER = frozenset({"wer"})


@dataclass(frozen=True)
class Place:
    """A row with its rank.

    Attributes:
        row: The row.
        rank: From 1; None if it is not ranked.
        span: Lowest and highest rank that the intervals leave open; None if it is not ranked.
    """

    row: BoardRow
    rank: int | None
    span: tuple[int, int] | None


@dataclass(frozen=True)
class Ranking:
    """The rows of a board with their ranks, computed once: N rows take N * (N - 1) / 2 intervals.

    Attributes:
        rows: All rows.
        ranks: Computed ranks by version, task, mode and column: the places by row id.
        computing: Held while ranks are computed, so that concurrent readers do not compute the same.
    """

    rows: tuple[BoardRow, ...]
    ranks: dict[tuple[str, str, str, str], dict[str, Place]] = field(default_factory=dict, repr=False, compare=False)
    computing: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def places(self, view: View) -> list[Place]:
        """The rows with scores in a view's version, task and mode, in its order, flagged ones last."""
        key = (view.version, view.task, view.mode, view.ranked_by)
        rows = [row for row in self.rows if row.version in (view.version, PAPER_VERSION)]
        with self.computing:
            if key not in self.ranks:
                self.ranks[key] = _ranks(rows, view)
        ranked = self.ranks[key]
        shown = [
            ranked.get(row.id, Place(row, None, None))
            for row in rows
            if row.kind in view.kinds and view.search.casefold() in row.name.casefold() and row.columns(view)
        ]
        if not view.sorts_by_score:
            return sorted(shown, key=lambda place: str(getattr(place.row, view.sort)).casefold(), reverse=view.reverse)
        sign = -1 if (TASK_METRICS[view.task] in LOWER_IS_BETTER) is view.reverse else 1

        def order(place: Place) -> tuple[bool, bool, float]:
            cell = place.row.columns(view).get(view.sort)
            return place.row.kind == "flagged", cell is None, 0.0 if cell is None else sign * cell.value

        return sorted(shown, key=order)


def _ranks(rows: Sequence[BoardRow], view: View) -> dict[str, Place]:
    """The places of the verified rows that have the ranked score."""
    metric = TASK_METRICS[view.task]
    sign = 1 if metric in LOWER_IS_BETTER else -1
    verified = {row.id: row for row in rows if row.kind == "verified"}
    cells = {
        name: cell for name, row in verified.items() if (cell := row.columns(view).get(view.ranked_by)) is not None
    }
    spans = rank_spans(cells, metric)
    found = {}
    for name, cell in cells.items():
        rank = 1 + sum(sign * other.value < sign * cell.value for other in cells.values())
        low, high = spans[name]
        found[name] = Place(verified[name], rank, (min(low, rank), max(high, rank)))
    return found


def rank_spans(cells: Mapping[str, BoardCell], metric: str) -> dict[str, tuple[int, int]]:
    """The lowest and highest rank of each row that the paired intervals leave open.

    Args:
        cells: By row id, with resamples from the same draws.
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
