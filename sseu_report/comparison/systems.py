"""Comparison of two results on the same clips.

`sseu_metric.compare` gives the paired difference with interval and p; here the answers of both are matched first, what
makes the comparison unfair is said, and p values are corrected for how many there are: the first line is the primary
one and stands as it is, all others are corrected together (Holm).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_metric.rows import Rows
from sseu_metric.scores import Scores
from sseu_metric.significance import Comparison, holm
from sseu_metric.significance import compare as compare_scores
from sseu_metric.summary import undefined
from sseu_metric.tasks import METRICS
from sseu_metric.text_table import aligned, p_text, points, points_range, score_cell
from sseu_models.results.terminal import in_parentheses
from sseu_report.by_condition import averaged_conditions, of_conditions
from sseu_report.comparability import check_datasets, check_same_questions, limitations_of, unequal
from sseu_report.entries import Entry, ResultLike, ScoredEntry, read_entries, score_entries
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.findings.validity.labels import tie_notes
from sseu_report.naming import METRIC_NAMES, condition_name, printable
from sseu_report.prompt_sets import results_in, same_prompts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEVEL = 0.05


@dataclass(frozen=True)
class ScoreDifference:
    """A minus B.

    Attributes:
        mode: How the systems were asked.
        condition: The condition of a cell; None for the average over conditions.
        comparison: Both scores on the answers compared, their difference, its interval and p.
        p: p after Holm's correction over all lines but the primary one, which has its own; None where nothing tells how
            much the difference varies.
    """

    mode: str
    condition: str | None
    comparison: Comparison
    p: float | None

    @property
    def better(self) -> str | None:
        """`A` or `B` where the test says so at 0.05, else None."""
        if self.p is None or self.p >= _LEVEL or self.comparison.difference == 0:
            return None
        higher_wins = METRICS[self.comparison.metric] != "asr"
        return "A" if (self.comparison.difference > 0) == higher_wins else "B"


@dataclass(frozen=True)
class ResultComparison:
    """The comparison of two results; `print` shows it.

    Attributes:
        a: Name of A, untrusted text.
        b: Name of B, untrusted text.
        averages: The difference of the condition averages, for each mode and metric that both have; the first is the
            primary one.
        cells: The difference in each condition, where it was asked for.
        warnings: What makes the comparison unfair or partial, one sentence each.
        limitations: For A and B by name: why their scores are not scores of the whole benchmark; empty if they are.
    """

    a: str
    b: str
    averages: tuple[ScoreDifference, ...]
    cells: tuple[ScoreDifference, ...]
    warnings: tuple[str, ...]
    limitations: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        """The comparison as text."""
        whole = not any(self.limitations.values())
        lines = [f"A: {printable(self.a)}", f"B: {printable(self.b)}", f"averages over conditions; {self.about_p}"]
        lines.append(_difference_table(self.averages, whole))
        if self.cells:
            lines += ["", "each condition", _difference_table(self.cells, whole)]
        return "\n".join([*lines, *note_lines(self.limitations, self.warnings)])

    @property
    def about_p(self) -> str:
        """Which p stands as it is, and how many the others are corrected for."""
        first, *lines = (*self.averages, *self.cells)
        others = sum(line.p is not None for line in lines)
        primary = f"{first.mode} {first.comparison.name}"
        if not others:
            return f"p of the t test; the primary line is {primary}"
        return (
            f"p of the t test: of the primary line, {primary}, as it is; of the other {others} after Holm's correction"
        )


def compare(
    a: ResultLike, b: ResultLike, *, data: str | None = None, cells: bool = False, progress: bool = False
) -> ResultComparison:
    """Compare two results on the clips, modes and metrics that both have.

    Both are scored again from their answers. The average is over the conditions that the paper's tables average: those
    that count for a task asked alone, the finite ones in joint and cot. A deterministic system was asked once; its
    answers stand for each run of the other. What only one of the two was asked is left out, with a warning.

    Args:
        a: A results folder or a run; or the folder of `sseu run --prompts all`, whose prompt sets are then compared
            together: the mean over them, with their spread in the interval.
        b: The other one.
        data: Dataset folder or Hub repository; by default where each result was made from.
        cells: Compare each condition too.
        progress: Show bars on a terminal.

    Raises:
        ValueError: One is no results folder or damaged, the datasets differ, or the two have no mode and metric in
            common.
    """
    sides = [results_in(one) for one in (a, b)]
    scored = score_entries(read_entries([one for side in sides for one in side]), data=data, progress=progress)
    first, second = same_prompts(scored[: len(sides[0])], scored[len(sides[0]) :])
    return compare_entries(first, second, cells=cells, progress=progress)


def compare_entries(a: ScoredEntry, b: ScoredEntry, *, cells: bool = False, progress: bool = False) -> ResultComparison:
    """The comparison of `compare`, of entries that are scored already.

    Raises:
        ValueError: The datasets differ, or the two have no mode and metric in common.
    """
    from tqdm import tqdm

    check_datasets([a.entry, b.entry])
    check_same_questions(a.entry, b.entry)
    warnings = [*result_warnings(a), *result_warnings(b), *narrow_notes([a.entry, b.entry])]
    parts: list[_Matched] = []
    notes: list[str] = []
    for mode in (mode for mode in a.scores if mode in b.scores):
        for metric in _shown_metrics(a.scores[mode], b.scores[mode]):
            found, left_out = _paired(a, b, mode, metric)
            parts += found
            if cells and metric in METRIC_NAMES:
                parts += [cell for average in found for cell in average.by_condition()]
            notes += left_out
    if not parts:
        raise ValueError(
            f"{a.entry.name} and {b.entry.name} have no mode and task in common on the same clips: "
            f"{', '.join(a.scores)} and {', '.join(b.scores)}" + "".join(f"\n  {note}" for note in dict.fromkeys(notes))
        )
    bar = tqdm(parts, desc="comparing", unit="score", disable=None if progress else True, leave=False, delay=1.0)
    differences = _corrected([part.difference() for part in bar])
    modes, metrics = ([getattr(part, name) for part in parts] for name in ("mode", "metric"))
    warnings += unequal([a.entry, b.entry], metrics, tuple(dict.fromkeys(modes)))
    warnings += [*_without_interval(differences), *tie_notes(a, b)]
    return ResultComparison(
        a.entry.name,
        b.entry.name,
        tuple(difference for difference in differences if difference.condition is None),
        tuple(difference for difference in differences if difference.condition is not None),
        tuple(dict.fromkeys([*warnings, *notes])),
        limitations_of([a.entry, b.entry]),
    )


def _without_interval(differences: Sequence[ScoreDifference]) -> list[str]:
    """Why differences have no interval and no p, a sentence for each mode and reason."""
    lines: dict[tuple[str, str], list[str]] = {}
    for one in differences:
        if one.comparison.unknown is not None:
            metric = one.comparison.name
            name = metric if one.condition is None else f"{metric} at {one.condition}"
            lines.setdefault((one.mode, one.comparison.unknown), []).append(name)
    return [f"{mode}: no interval of {', '.join(names)}: {why}." for (mode, why), names in lines.items()]


def _corrected(differences: Sequence[ScoreDifference]) -> list[ScoreDifference]:
    """Holm's correction over all lines but the first."""
    first, *others = differences
    known = [one for one in others if one.p is not None]
    adjusted = iter(holm([one.p for one in known if one.p is not None]))
    return [first, *(one if one.p is None else replace(one, p=next(adjusted)) for one in others)]


@dataclass(frozen=True)
class _Matched:
    """One line of a comparison: the matched answers of both, and the scores on them."""

    mode: str
    metric: str
    condition: str | None
    first: Scores
    second: Scores

    @property
    def defined(self) -> bool:
        """Whether both have the metric on these answers: there are words, or annotated events."""
        return self.first.value(self.metric) is not None and self.second.value(self.metric) is not None

    def by_condition(self) -> list[_Matched]:
        """Each condition of this average."""
        names = ordered(name for _, name in self.first.cells(self.metric) if name)
        both = ((name, self.first.where(condition=name), self.second.where(condition=name)) for name in names)
        cells = [_Matched(self.mode, self.metric, *one) for one in both]
        return [cell for cell in cells if cell.defined]

    def difference(self) -> ScoreDifference:
        """The comparison of the two."""
        comparison = compare_scores(self.first, self.second, self.metric)
        return ScoreDifference(self.mode, self.condition, comparison, comparison.p)


def _shown_metrics(a: Scores, b: Scores) -> list[str]:
    """The metrics both were asked; capped WER only where it differs from WER, that is, where answers run away."""
    shown = [name for name, task in METRICS.items() if task in a.tables and task in b.tables]
    capped_differs = any(scores.value("wer") != scores.value("wer_capped") for scores in (a, b))
    return [name for name in shown if name != "wer_capped" or capped_differs]


def _paired(a: ScoredEntry, b: ScoredEntry, mode: str, metric: str) -> tuple[list[_Matched], list[str]]:
    """The answers of both to the same clips, runs and averaged conditions, in one order; and what was left out.

    Empty where there are none that can be scored.
    """
    task, conditions = METRICS[metric], averaged_conditions(mode, metric, a.entry.conditions)
    pooled = (*conditions, "")  # of a lite run, whose questions about scenes and events stand for all conditions
    first = of_conditions(a.scores[mode].tables[task], pooled)
    second = of_conditions(b.scores[mode].tables[task], pooled)
    first, second = _runs_like(a.entry, first, second), _runs_like(b.entry, second, first)
    keys = [list(zip(rows["id"].tolist(), rows["run"].tolist(), strict=True)) for rows in (first, second)]
    common = sorted(set(keys[0]) & set(keys[1]))
    matched = [_in_order(rows, own, common) for rows, own in zip((first, second), keys, strict=True)]
    ways = (one.scores[mode].normalizer for one in (a, b))
    part = _Matched(
        mode,
        metric,
        None,
        *(
            Scores({task: rows}, normalizer=way, prompt_sets=one.scores[mode].prompt_sets)
            for rows, way, one in zip(matched, ways, (a, b), strict=True)
        ),
    )
    if not common or not part.defined:
        sides = ((a, part.first), (b, part.second)) if common else ()
        why = [f"{one.entry.name}: {reason}" for one, scores in sides if (reason := undefined(scores).get(task))]
        return [], [f"{mode} {task}: left out; {'; '.join(why) or 'the two have no answers in common'}."]
    warnings = []
    if len(common) < (asked := len(set(keys[0]) | set(keys[1]))):
        warnings.append(f"{mode} {task}: compared on the {len(common)} of {asked} answers that both were asked for.")
    found = set(matched[0]["condition"].tolist())
    missing = [condition_name(condition) for condition in conditions if condition not in found]
    if missing and "" not in found:
        warnings.append(f"{mode} {task}: the average is without {', '.join(missing)}, in which not both were asked.")
    return [part], warnings


def _runs_like(entry: Entry, rows: Rows, other: Rows) -> Rows:
    """The one run of a deterministic system, repeated for each run of the other."""
    import numpy as np

    runs = np.unique(other["run"])
    if not entry.result.deterministic or len(np.unique(rows["run"])) != 1 or len(runs) == 0:
        return rows
    return reduce(add, (Rows({**rows.columns, "run": np.full_like(rows["run"], run)}) for run in runs))


def _in_order(rows: Rows, keys: Sequence[tuple[str, int]], wanted: Sequence[tuple[str, int]]) -> Rows:
    import numpy as np

    place = {key: number for number, key in enumerate(keys)}
    order: NDArray[np.int64] = np.array([place[key] for key in wanted], dtype=np.int64)
    return Rows({name: column[order] for name, column in rows.columns.items()})


def result_warnings(scored: ScoredEntry) -> list[str]:
    """What a reader must know of one result, whatever it is compared with."""
    return [] if scored.disagreement is None else [f"{scored.disagreement} Here the answers count."]


def _difference_table(differences: Sequence[ScoreDifference], whole: bool) -> str:
    rows = [("mode", "metric", "condition", "A", "B", "A - B", "95 % interval", "p", "better")]
    for found in differences:
        comparison, interval = found.comparison, found.comparison.interval
        spread = None if interval is None else points_range(interval.low, interval.high)
        rows.append(
            (
                found.mode,
                comparison.name,
                found.condition or "average",
                score_cell(comparison.a, whole=whole),
                score_cell(comparison.b, whole=whole),
                score_cell(points(comparison.difference), whole=whole),
                score_cell(spread, whole=whole),
                p_text(found.p),
                found.better or "-",
            )
        )
    return aligned(rows, left=3)


def note_lines(limitations: Mapping[str, Sequence[str]], warnings: Sequence[str]) -> list[str]:
    """What stands below a comparison: what parentheses mean, and the warnings."""
    return [printable(line) for line in (*in_parentheses(limitations), *(f"warning: {one}" for one in warnings))]
