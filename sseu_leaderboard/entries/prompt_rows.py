"""Rows of one system asked with several of the project's prompt sets, as one row, whose intervals hold the prompts.

The rule is that of the report and of `sseu compare` (`sseu_report.prompt_sets`): the mean is over the sets; from three
sets on the spread between them, which holds that of the runs, is part of the interval, of fewer the spread of all runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from sseu_leaderboard.entries.rows import BoardRow, with_marks
from sseu_leaderboard.intake.verified import BoardCell, BoardFactor, jackknife_of, pack
from sseu_metric.intervals import possible
from sseu_metric.scores import MIN_RUNS, with_runs
from sseu_models.prompts import PROMPT_SETS

if TYPE_CHECKING:
    from sseu_metric.jackknife import Jackknife


ONE_SET = "one prompt set"
"""The remark on a row that is about one wording alone."""


def over_prompts(rows: Sequence[BoardRow]) -> list[BoardRow]:
    """The rows with those that differ in their prompt set alone as one, in the order of the first of each.

    Only verified rows of one model with the project's sets become one: other sets need not be of equal content. Of two
    rows with the same set the first counts, so that nobody can choose the better one later.
    """
    groups: dict[tuple[str, ...], dict[str, BoardRow]] = {}
    for row in rows:
        known = row.kind == "verified" and row.prompts in PROMPT_SETS
        key = (row.version, row.asked) if known else ("", row.id)
        if row.prompts in groups.get(key, {}):
            key = ("", row.id)
        groups.setdefault(key, {})[row.prompts] = row
    return [_as_one([group[name] for name in sorted(group)]) for group in groups.values()]


def _as_one(group: Sequence[BoardRow]) -> BoardRow:
    first = group[0]
    if len(group) == 1:
        one = (ONE_SET,) if first.kind != "reported" else ()
        return replace(first, remarks=(*first.remarks, *one))
    remarks = [remark for row in group for remark in row.remarks]
    made = replace(
        first,
        id=hashlib.sha256("".join(row.id for row in group).encode()).hexdigest()[: len(first.id)],
        prompts=", ".join(row.prompts for row in group),
        date=max(row.date for row in group),
        remarks=tuple(dict.fromkeys((*remarks, f"over {len(group)} prompt sets"))),
        cells={
            mode: {
                metric: _columns([row.cells.get(mode, {}).get(metric, {}) for row in group], metric, factors)
                for metric, factors in of_mode.items()
            }
            for mode, of_mode in first.factors.items()
        },
        answers_sha256=tuple(answers for row in group for answers in row.answers_sha256),
        submissions=tuple(one for row in group for one in row.submissions),
    )
    for row in group[1:]:
        made = with_marks(made, row.marks)
    return made


def _columns(
    group: Sequence[Mapping[str, BoardCell]], metric: str, factors: Sequence[BoardFactor]
) -> dict[str, BoardCell]:
    """The columns that every row of the group has."""
    jackknife = jackknife_of(factors)
    shared = [column for column in group[0] if all(column in cells for cells in group)]
    return {column: cell_over_prompts([cells[column] for cells in group], metric, jackknife) for column in shared}


def cell_over_prompts(cells: Sequence[BoardCell], metric: str, jackknife: Jackknife) -> BoardCell:
    """The cells of several prompt sets as one.

    Args:
        cells: One for each set, each with as many runs.
        metric: `wer`, `macc` or `map`.
        jackknife: What their replicates leave out.
    """
    import numpy as np

    value = fmean(cell.value for cell in cells)
    means = [cell.value for cell in cells] if len(cells) >= MIN_RUNS else [run for cell in cells for run in cell.runs]
    interval, replicates = None, np.empty(0)
    if all(cell.replicates for cell in cells):
        replicates = np.mean([cell.without for cell in cells], axis=0)
        error = with_runs(jackknife.error_of(replicates, value), means)
        interval = None if error is None else possible(metric, error.interval(value))
    return BoardCell(
        value,
        None if interval is None else interval.low,
        None if interval is None else interval.high,
        stdev(means) if len(means) > 1 else None,
        pack(replicates),
        tuple(means),
    )
