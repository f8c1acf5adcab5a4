"""The ranking of the board's rows, computed as a whole before a reader sees it; readers wait for nothing.

Ranks are within one version of the dataset, mode, metric and column, among verified systems; the paper's scores were
reported, not computed here from answers, and have none. The rank range of a submission counts those that are
significantly better or worse, all at once (`sseu_metric.ranking`): with 95 % confidence no range of a table is wrong.
Best, and not told from the best, are by the paired test of `compare` (`against_best`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TYPE_CHECKING, TypeAlias

from sseu_leaderboard.entries.rows import PAPER_VERSION, BoardRow
from sseu_leaderboard.entries.view import View
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell, BoardFactor, jackknife_of
from sseu_report.appearance import Appearance, appearances
from sseu_report.naming import TASK_METRICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOWER_IS_BETTER = frozenset({"wer"})
_MAX_RANGES = 200
"""Of more entries the scores of one condition have ranks without ranges, which would take a second for each column."""
Column: TypeAlias = tuple[str, str, str, str]
"""Version of the dataset, mode, metric and column."""


@dataclass(frozen=True)
class Standing:
    """What a verified score is among those of its column.

    Attributes:
        rank: From 1.
        span: Lowest and highest rank that are open; None where they were not computed.
        best: Whether it is the best score.
        not_worse: Whether it cannot be told from the best at 0.05.
    """

    rank: int
    span: tuple[int, int] | None
    best: bool
    not_worse: bool


@dataclass(frozen=True)
class Place:
    """A row with its rank.

    Attributes:
        row: The row.
        rank: From 1; None if it is not ranked.
        span: Lowest and highest rank that are open; None if it is not ranked, or by all tasks together.
        standings: By metric and column, in the mode of the view; empty if it is not ranked.
    """

    row: BoardRow
    rank: int | None
    span: tuple[int, int] | None
    standings: Mapping[tuple[str, str], Standing] = field(default_factory=dict)


@dataclass(frozen=True)
class Ranking:
    """The rows of a board with their standings; never changed, but replaced as a whole.

    Attributes:
        rows: All rows, without the replicates that their standings came from.
        standings: By column and row id.
        overall: By version and mode, for each row id its mean places and its rank by them (`_overall`).
    """

    rows: tuple[BoardRow, ...]
    standings: Mapping[Column, Mapping[str, Standing]] = field(default_factory=dict, repr=False)
    overall: Mapping[tuple[str, str], Mapping[str, tuple[float, float, int | None]]] = field(
        default_factory=dict, repr=False
    )

    @classmethod
    def of(cls, rows: Sequence[BoardRow], before: Ranking | None = None) -> Ranking:
        """Compute the standings of rows; those of a column with the same rows as before are taken from there.

        Raises:
            ValueError: Rows of one version have replicates that leave out different clusters.
        """
        columns: dict[Column, dict[str, BoardRow]] = {}
        for row in rows:
            for mode, metrics in row.cells.items() if row.kind == "verified" else ():
                for metric, cells in metrics.items():
                    for column in cells:
                        columns.setdefault((row.version, mode, metric, column), {})[row.id] = row
        known = {} if before is None else before.standings
        standings = {
            key: known[key] if key in known and known[key].keys() == those.keys() else _standings(key, those)
            for key, those in columns.items()
        }
        tables = {(row.version, mode) for row in rows if row.version != PAPER_VERSION for mode in row.cells}
        tables |= {(PAPER_VERSION, mode) for row in rows for mode in row.cells}
        overall = {table: _overall(rows, *table) for table in tables}
        return cls(tuple(map(_light, rows)), standings, overall)

    def show(self, view: View) -> list[Place]:
        """The rows with scores in a view's version, task and mode, in its order, systems first."""
        searched = view.search.casefold()
        shown = [
            self._place(row, view)
            for row in self.rows
            if row.is_about(view.version)
            and row.kind in view.kinds
            and (searched in row.name.casefold() or searched in row.system.casefold())
            and row.has_scores(view)
        ]
        if not view.sorts_by_score:
            return sorted(shown, key=lambda place: str(getattr(place.row, view.sort)).casefold(), reverse=view.reverse)
        metric, column = view.ranked_by
        if not metric:
            over_all, sign = self._over_all(view), -1 if view.reverse else 1

            def by_mean(place: Place) -> tuple[int, list[float], str]:
                return _behind(place.row), [sign * mean for mean in over_all[place.row.id][:2]], place.row.name

            return sorted(shown, key=by_mean)
        sign = -1 if (metric in LOWER_IS_BETTER) is view.reverse else 1

        def order(place: Place) -> tuple[int, bool, float]:
            cell = place.row.metric(view, metric).get(column)
            return _behind(place.row), cell is None, 0.0 if cell is None else sign * cell.value

        return sorted(shown, key=order)

    def looks(self, view: View) -> dict[str, Appearance]:
        """How each system is drawn, by name, whatever is searched, sorted or hidden."""
        over_all = self._over_all(view)
        rows = [row for row in self.rows if row.is_about(view.version) and row.cells.get(view.mode)]
        order = sorted(rows, key=lambda row: (over_all[row.id][:2], row.name))
        grey = {row.name for row in rows if row.kind not in ("verified", "reported")}
        return appearances([row.name for row in order], grey)

    def _place(self, row: BoardRow, view: View) -> Place:
        if row.kind != "verified":
            return Place(row, None, None)
        standings = {
            (metric, column): standing
            for metric, cells in row.cells.get(view.mode, {}).items()
            for column in cells
            if (standing := self.standings.get((row.version, view.mode, metric, column), {}).get(row.id)) is not None
        }
        if not view.ranked_by[0]:
            return Place(row, self._over_all(view)[row.id][2], None, standings)
        own = standings.get(view.ranked_by)
        if own is None:
            return Place(row, None, None, standings)
        return Place(row, own.rank, own.span, standings)

    def _over_all(self, view: View) -> Mapping[str, tuple[float, float, int | None]]:
        table = (view.version, view.mode)
        return self.overall.get(table) or self.overall[PAPER_VERSION, view.mode]


def _behind(row: BoardRow) -> int:
    """Systems come first, then what is no system, then what is not trusted or no longer stands."""
    return ("apart", "flagged", "retired").index(row.kind) + 1 if row.kind not in ("verified", "reported") else 0


def _light(row: BoardRow) -> BoardRow:
    """The row without replicates, of which a thousand entries have gigabytes."""
    cells = {
        mode: {
            metric: {column: replace(cell, replicates="") for column, cell in columns.items()}
            for metric, columns in metrics.items()
        }
        for mode, metrics in row.cells.items()
    }
    return replace(row, cells=cells)


def _overall(rows: Sequence[BoardRow], version: str, mode: str) -> dict[str, tuple[float, float, int | None]]:
    """For each row the mean of its places among the verified ones and among all systems, and its rank by the first.

    A row that was not asked in a metric is behind all there. Rows that are not ranked stand by the same means.
    """
    those = [row for row in rows if row.is_about(version) and mode in row.cells]
    verified = [row for row in those if row.kind == "verified"]
    systems = [row for row in those if row.kind in ("verified", "reported")]
    by_verified, by_all = (_mean_places(those, among, mode) for among in (verified, systems))
    ranked = sorted(by_verified[row.id] for row in verified)
    return {
        row.id: (
            by_verified[row.id],
            by_all[row.id],
            1 + bisect_left(ranked, by_verified[row.id]) if row.kind == "verified" else None,
        )
        for row in those
    }


def _mean_places(rows: Sequence[BoardRow], among: Sequence[BoardRow], mode: str) -> dict[str, float]:
    """The mean over the metrics of 1 + the number of better ones of `among`."""
    places: dict[str, list[int]] = {row.id: [] for row in rows}
    for metric in TASK_METRICS.values():
        sign = 1 if metric in LOWER_IS_BETTER else -1
        cells = {row.id: cell for row in rows if (cell := row.cells[mode].get(metric, {}).get(AVERAGE)) is not None}
        scores = sorted(sign * cells[row.id].value for row in among if row.id in cells)
        for name, found in places.items():
            found.append(1 + (bisect_left(scores, sign * cells[name].value) if name in cells else len(among)))
    return {name: fmean(found) for name, found in places.items()}


def _standings(key: Column, rows: Mapping[str, BoardRow]) -> dict[str, Standing]:
    """The standings of the verified rows that have a score in a column."""
    _, mode, metric, column = key
    cells = {name: row.cells[mode][metric][column] for name, row in rows.items()}
    factors = {name: row.factors.get(mode, {}).get(metric, ()) for name, row in rows.items()}
    sign = 1 if metric in LOWER_IS_BETTER else -1
    values = sorted(sign * cell.value for cell in cells.values())
    ranks = {name: 1 + bisect_left(values, sign * cell.value) for name, cell in cells.items()}
    wanted = column in (AVERAGE, FINITE_AVERAGE) or len(cells) <= _MAX_RANGES
    spans = rank_spans(cells, factors, metric) if wanted else {}
    ties = not_worse_than_best(cells, factors, metric)
    found = {}
    for name, rank in ranks.items():
        low, high = spans.get(name, (rank, rank))
        span = (min(low, rank), max(high, rank)) if wanted else None
        found[name] = Standing(rank, span, rank == 1, name in ties)
    return found


def not_worse_than_best(
    cells: Mapping[str, BoardCell], factors: Mapping[str, tuple[BoardFactor, ...]], metric: str
) -> set[str]:
    """The rows that cannot be told from the best one, itself aside; none where there are no replicates."""
    from sseu_metric.ranking import against_best

    names = sorted(cells)
    if len(names) < 2 or not all(cells[name].replicates for name in names):
        return set()
    found = against_best(
        [cells[name].value for name in names],
        _replicates([cells[name] for name in names]),
        jackknife_of(factors[names[0]]),
        lower_is_better=metric in LOWER_IS_BETTER,
        run_means=[cells[name].runs for name in names],
    )
    return {name for name, one in zip(names, found, strict=True) if one.not_worse}


def _replicates(cells: Sequence[BoardCell]) -> NDArray[np.float64]:
    import numpy as np

    return np.array([cell.without for cell in cells])


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
        _replicates([cells[name] for name in names]),
        jackknife_of(factors[names[0]]),
        lower_is_better=metric in LOWER_IS_BETTER,
        run_means=[cells[name].runs for name in names],
    )
    return dict(zip(names, ranges, strict=True))
