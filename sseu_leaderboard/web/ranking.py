"""The ranking of the board's rows.

Ranks are within one version of the dataset, task, mode and column, among verified submissions; the paper's scores were
reported, not computed here from answers, and have none. The rank range of a submission counts those that are
significantly better or worse, all at once (`sseu_metric.ranking`): with 95 % confidence no range of a table is wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sseu_leaderboard.intake.verified import BoardCell, BoardFactor, jackknife_of
from sseu_leaderboard.web.board import PAPER_VERSION, BoardRow, View
from sseu_report.naming import TASK_METRICS

LOWER_IS_BETTER = frozenset({"wer"})


@dataclass(frozen=True)
class Place:
    """A row with its rank.

    Attributes:
        row: The row.
        rank: From 1; None if it is not ranked.
        span: Lowest and highest rank that are open; None if it is not ranked.
    """

    row: BoardRow
    rank: int | None
    span: tuple[int, int] | None


@dataclass(frozen=True)
class Ranking:
    """The rows of a board with their ranks, computed once.

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
    factors = {name: verified[name].factors.get(view.mode, {}).get(metric, ()) for name in cells}
    spans = rank_spans(cells, factors, metric)
    found = {}
    for name, cell in cells.items():
        rank = 1 + sum(sign * other.value < sign * cell.value for other in cells.values())
        low, high = spans[name]
        found[name] = Place(verified[name], rank, (min(low, rank), max(high, rank)))
    return found


def rank_spans(
    cells: Mapping[str, BoardCell], factors: Mapping[str, tuple[BoardFactor, ...]], metric: str
) -> dict[str, tuple[int, int]]:
    """The best and the worst rank that each row may have, all at once (`sseu_metric.ranking`).

    Args:
        cells: By row id.
        factors: What the replicates of each row leave out.
        metric: `wer`, `macc` or `map`.

    Returns:
        For each row its range; every rank is open where there are no replicates.

    Raises:
        ValueError: The rows' replicates leave out different clusters.
    """
    import numpy as np

    from sseu_metric.ranking import rank_ranges

    names = sorted(cells)
    if not all(cells[name].replicates for name in names):
        return dict.fromkeys(names, (1, len(names)))
    if len({factors[name] for name in names}) > 1:
        raise ValueError("the rows' replicates leave out different clusters, so they are of different datasets")
    if not names:
        return {}
    ranges = rank_ranges(
        [cells[name].value for name in names],
        np.array([cells[name].replicates for name in names]),
        jackknife_of(factors[names[0]]),
        lower_is_better=metric in LOWER_IS_BETTER,
        run_means=[cells[name].runs for name in names],
    )
    return dict(zip(names, ranges, strict=True))
