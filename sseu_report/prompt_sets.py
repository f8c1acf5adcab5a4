"""Results that differ in their prompts alone: which they are, and their scores together.

Together each prompt set is a draw from the ways to ask the same, as a run is one from the answers of a system: the mean
is over the sets, and the spread between them, which holds that of the runs, is part of the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from sseu_metric.rows import Rows
from sseu_metric.scores import MIN_RUNS, Scores
from sseu_models.results.folder import RESULT
from sseu_report.entries import ResultLike, ScoredEntry, folder_of, name_of

if TYPE_CHECKING:
    from sseu_models.results.records import Result


def results_in(result: ResultLike) -> list[ResultLike]:
    """The result itself, or where a folder is that of `sseu run --prompts all`, the result with each prompt set."""
    folder = folder_of(result)
    if (folder / RESULT).exists() or not folder.is_dir():
        return [result]
    return [path.parent for path in sorted(folder.glob(f"*/{RESULT}"))] or [result]


def by_system(scored: Sequence[ScoredEntry]) -> list[list[ScoredEntry]]:
    """The entries that differ in their prompt set alone, together; only where there are several sets."""
    groups: list[list[ScoredEntry]] = []
    for one in scored:
        for group in groups:
            if differ_in_prompts(group[0].entry.result, one.entry.result):
                group.append(one)
                break
        else:
            groups.append([one])
    return [group for group in groups if len({one.entry.result.prompts.set for one in group}) == len(group) > 1]


def differ_in_prompts(one: Result, other: Result) -> bool:
    """Whether two results differ in their prompt set and in nothing else that was asked or how."""
    return (
        one.prompts.set != other.prompts.set
        and one.asked_sha256 == other.asked_sha256
        and (one.embedder, one.normalizer) == (other.embedder, other.normalizer)
    )


def together(group: Sequence[ScoredEntry], runs: int | None = None) -> ScoredEntry:
    """The results of several prompt sets as one, whose runs are those of all sets.

    Args:
        group: Results that differ in their prompt set alone.
        runs: How many runs each set gets; the one run of a deterministic system is repeated. By default its own.

    Raises:
        ValueError: Two of them differ in more than that, or in nothing.
    """
    first = group[0]
    for one in group[1:]:
        if not differ_in_prompts(first.entry.result, one.entry.result):
            raise ValueError(
                f"{first.entry.folder} and {one.entry.folder} are not one system with two prompt sets: they differ in "
                "more than that, or in nothing; give each alone"
            )
    names = [one.entry.result.prompts.set for one in group]
    each = runs or first.entry.result.runs
    modes = [mode for mode in first.scores if all(mode in one.scores for one in group)]
    scores = {
        mode: reduce(add, (_numbered(one.scores[mode], place * each, each) for place, one in enumerate(group)))
        for mode in modes
    }
    if len(names) >= MIN_RUNS:  # of fewer sets the spread is not known, and runs are what varies
        prompts = {place * each + run: name for place, name in enumerate(names) for run in range(each)}
        scores = {mode: replace(found, prompt_sets=prompts) for mode, found in scores.items()}
    incomplete = tuple(dict.fromkeys(reason for one in group for reason in one.entry.result.incomplete))
    result = first.entry.result.replace(incomplete=incomplete)
    name = f"{name_of(result)} ({', '.join(names)})"
    worst = next((one for one in group if one.tampered is not None), first)
    return replace(worst, entry=replace(worst.entry, name=name, result=result), scores=scores)


def same_prompts(a: Sequence[ScoredEntry], b: Sequence[ScoredEntry]) -> tuple[ScoredEntry, ScoredEntry]:
    """Two systems, each with all its prompt sets together, to be compared.

    Raises:
        ValueError: One was asked with several sets, and the other not with the same.
    """
    sets = [[one.entry.result.prompts.set for one in side] for side in (a, b)]
    if len(a) == len(b) == 1:
        return a[0], b[0]
    if sets[0] != sets[1]:
        raise ValueError(
            f"A was asked with the prompts {', '.join(sets[0])} and B with {', '.join(sets[1])}; compare results with "
            f"the same ones, such as {a[0].entry.folder}"
        )
    runs = max(one.entry.result.runs for one in (*a, *b))
    return together(a, runs), together(b, runs)


def _numbered(scores: Scores, first: int, runs: int) -> Scores:
    """The scores with runs from `first` on; a single run is repeated."""
    import numpy as np

    tables = {}
    for task, rows in scores.tables.items():
        single = len(np.unique(rows["run"])) == 1
        copies = [rows["run"] * 0 + run for run in range(runs)] if single else [rows["run"]]
        tables[task] = reduce(add, (Rows({**rows.columns, "run": first + copy}) for copy in copies))
    return replace(scores, tables=tables)
