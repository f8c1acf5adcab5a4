"""Is A better than B? Two results on the same clips, compared pair by pair.

`sseu_metric.compare` gives the difference with an interval from shared resamples, and a cluster sign-flip test;
here the answers of both are matched first, and what makes the comparison unfair is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_metric.intervals import holm
from sseu_metric.rows import Rows
from sseu_metric.scores import Scores
from sseu_metric.significance import SIGN_FLIP_DRAWS, Comparison, compare
from sseu_metric.tasks import METRICS
from sseu_report.by_condition import of_conditions
from sseu_report.comparability import check_datasets, unequal
from sseu_report.entries import Entry, ScoredEntry, read_entries, score_entry
from sseu_report.findings.interference import CELL_DRAWS
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.naming import METRIC_NAMES, printable
from sseu_report.tables.averages import averaged_conditions
from sseu_report.tables.formats import aligned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Difference",
    "ResultComparison",
    "compare_folders",
    "compare_results",
    "own_warnings",
    "span",
    "warning_lines",
]

_LEVEL = 0.05


@dataclass(frozen=True)
class Difference:
    """A minus B.

    Attributes:
        mode: Of the answers.
        condition: None for the average over conditions.
        a: A's figure on the answers compared, in percent.
        b: B's.
        comparison: Difference, interval, p.
        p_adjusted: Holm's, over all cells of the comparison; None for averages.
    """

    mode: str
    condition: str | None
    a: float
    b: float
    comparison: Comparison
    p_adjusted: float | None = None

    @property
    def better(self) -> str | None:
        """`A` or `B` where the test says so at 0.05 (cells: after correction), else None."""
        p = self.comparison.p if self.p_adjusted is None else self.p_adjusted
        if p >= _LEVEL or self.comparison.difference == 0:
            return None
        higher_wins = METRICS[self.comparison.metric] != "asr"
        return "A" if (self.comparison.difference > 0) == higher_wins else "B"


@dataclass(frozen=True)
class ResultComparison:
    """Two results.

    Attributes:
        a: Name of A, untrusted text.
        b: Name of B.
        averages: A difference for each mode and metric that both have.
        cells: One for each condition too, if they were asked for.
        warnings: What makes the comparison unfair or partial, a sentence each.
    """

    a: str
    b: str
    averages: tuple[Difference, ...]
    cells: tuple[Difference, ...]
    warnings: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What is printed."""
        yield f"A: {printable(self.a)}"
        yield f"B: {printable(self.b)}"
        yield f"averages over conditions; p of the sign-flip test, not corrected for the {len(self.averages)} lines"
        yield from _difference_lines(self.averages, "p")
        if self.cells:
            yield ""
            draws = self.cells[0].comparison.draws
            yield f"cells; p after Holm's correction over these {len(self.cells)} cells ({draws:,} draws each)"
            yield from _difference_lines(self.cells, "p (Holm)")
        yield from warning_lines(self.warnings)


def compare_folders(
    a: Path, b: Path, *, data: str | None = None, cells: bool = False, progress: bool = False
) -> ResultComparison:
    """`compare_results` of two results folders, scored anew from their answers.

    Raises:
        ValueError: As `read_entries`, `score_entry` and `compare_results`.
    """
    first, second = (score_entry(entry, data=data, progress=progress) for entry in read_entries([a, b]))
    return compare_results(first, second, cells=cells, progress=progress)


def compare_results(a: ScoredEntry, b: ScoredEntry, *, cells: bool = False, progress: bool = False) -> ResultComparison:
    """The paired differences of two results, for every mode and metric that both have.

    The average is over the conditions that the paper averages. A deterministic system was asked once; its answers
    stand for each run of the other. What only one of the two was asked is left out, with a warning.

    Args:
        a: One result.
        b: The other.
        cells: Each condition too, with 100,000 draws and Holm's correction over all of them.
        progress: Show a bar on a terminal.

    Raises:
        ValueError: The datasets differ, or the two have no mode and metric in common.
    """
    from tqdm import tqdm

    check_datasets([a.entry, b.entry])
    warnings = [*own_warnings(a), *own_warnings(b), *narrow_notes([a, b])]
    parts: list[_Part] = []
    for mode in (mode for mode in a.scores if mode in b.scores):
        for metric in _shown_metrics(a.scores[mode], b.scores[mode]):
            found, told = _paired(a, b, mode, metric)
            parts += [] if found is None else found.by_condition() if cells and metric in METRIC_NAMES else [found]
            warnings += told
    if not parts:
        raise ValueError(
            f"{a.entry.name} and {b.entry.name} have no mode and task in common on the same clips: "
            f"{', '.join(a.scores)} and {', '.join(b.scores)}"
        )
    bar = tqdm(parts, desc="comparing", unit="figure", disable=None if progress else True, leave=False, delay=1.0)
    differences = [part.difference() for part in bar]
    averages = tuple(difference for difference in differences if difference.condition is None)
    single = [difference for difference in differences if difference.condition is not None]
    adjusted = holm([difference.comparison.p for difference in single])
    modes, metrics = ([getattr(part, name) for part in parts] for name in ("mode", "metric"))
    warnings += unequal([a.entry, b.entry], metrics, tuple(dict.fromkeys(modes)))
    return ResultComparison(
        a.entry.name,
        b.entry.name,
        averages,
        tuple(replace(difference, p_adjusted=p) for difference, p in zip(single, adjusted, strict=True)),
        tuple(dict.fromkeys(warnings)),
    )


@dataclass(frozen=True)
class _Part:
    """One line of a comparison: the matched answers of both, and the figures on them."""

    mode: str
    metric: str
    condition: str | None
    first: Scores
    second: Scores
    a: float
    b: float

    def by_condition(self) -> list[_Part]:
        """This average, and each of its conditions."""
        found = [self]
        for condition in ordered(name for _, name in self.first.cells(self.metric)):
            both = [scores.where(condition=condition) for scores in (self.first, self.second)]
            part = _part(self.mode, self.metric, condition, *both)
            found += [] if part is None else [part]
        return found

    def difference(self) -> Difference:
        """The comparison of the two."""
        draws = SIGN_FLIP_DRAWS if self.condition is None else CELL_DRAWS
        return Difference(
            self.mode, self.condition, self.a, self.b, compare(self.first, self.second, self.metric, draws=draws)
        )


def _part(mode: str, metric: str, condition: str | None, first: Scores, second: Scores) -> _Part | None:
    """None where the metric is not defined on these answers: no words, or no event is in their references."""
    a, b = first.value(metric), second.value(metric)
    return None if a is None or b is None else _Part(mode, metric, condition, first, second, a, b)


def _shown_metrics(a: Scores, b: Scores) -> list[str]:
    """Those both have; capped WER only where it differs from WER, which runaway answers can move at will."""
    shown = [name for name in METRICS if a.value(name) is not None and b.value(name) is not None]
    capped_says_more = any(scores.value("wer") != scores.value("wer_capped") for scores in (a, b))
    return [name for name in shown if name != "wer_capped" or capped_says_more]


def _paired(a: ScoredEntry, b: ScoredEntry, mode: str, metric: str) -> tuple[_Part | None, list[str]]:
    """The answers of both to the same clips, runs and averaged conditions, in one order; and what was left out."""
    task, conditions = METRICS[metric], averaged_conditions(mode, metric)
    first = of_conditions(a.scores[mode].tables[task], conditions)
    second = of_conditions(b.scores[mode].tables[task], conditions)
    first, second = _runs_like(a.entry, first, second), _runs_like(b.entry, second, first)
    keys = [list(zip(rows["id"].tolist(), rows["run"].tolist(), strict=True)) for rows in (first, second)]
    common = sorted(set(keys[0]) & set(keys[1]))
    matched = [_in_order(rows, own, common) for rows, own in zip((first, second), keys, strict=True)]
    part = _part(mode, metric, None, *(Scores({task: rows}) for rows in matched)) if common else None
    if part is None:
        return None, [f"{mode} {task}: left out, the two have no answers in common that have a figure."]
    warnings = []
    if len(common) < (asked := len(set(keys[0]) | set(keys[1]))):
        warnings.append(f"{mode} {task}: compared on the {len(common)} of {asked} answers that both were asked for.")
    found = set(matched[0]["condition"].tolist())
    if missing := [name for name in conditions if name not in found]:
        warnings.append(f"{mode} {task}: the average is without {', '.join(missing)} dB, which not both were asked.")
    return part, warnings


def _runs_like(entry: Entry, rows: Rows, other: Rows) -> Rows:
    """A deterministic system would say the same again: its one run, once for each run of the other."""
    import numpy as np

    runs = np.unique(other["run"])
    if not entry.result.deterministic or len(np.unique(rows["run"])) != 1 or len(runs) == 0:
        return rows
    repeated = [Rows({**rows.columns, "run": np.full_like(rows["run"], run)}) for run in runs]
    whole = repeated[0]
    for part in repeated[1:]:
        whole = whole + part
    return whole


def _in_order(rows: Rows, keys: Sequence[tuple[str, int]], wanted: Sequence[tuple[str, int]]) -> Rows:
    import numpy as np

    place = {key: number for number, key in enumerate(keys)}
    order: NDArray[np.int64] = np.array([place[key] for key in wanted], dtype=np.int64)
    return Rows({name: column[order] for name, column in rows.columns.items()})


def own_warnings(scored: ScoredEntry) -> list[str]:
    """What is wrong with a result by itself."""
    name = scored.entry.name
    warnings = [f"{name} is incomplete: {reason}." for reason in scored.entry.result.incomplete]
    if scored.disagreement is not None:
        warnings.append(f"{scored.disagreement} The answers count here.")
    return warnings


def _difference_lines(differences: Sequence[Difference], p_name: str) -> Iterator[str]:
    rows = [("mode", "metric", "condition", "A", "B", "A - B", "95 % interval", p_name, "better")]
    for found in differences:
        p = found.comparison.p if found.p_adjusted is None else found.p_adjusted
        interval = (found.comparison.interval.low, found.comparison.interval.high)
        rows.append(
            (
                found.mode,
                METRIC_NAMES.get(found.comparison.metric, "WER, capped"),
                found.condition or "average",
                f"{found.a:.2f}",
                f"{found.b:.2f}",
                f"{found.comparison.difference:+.2f}",
                span(interval, "+.2f"),
                f"{p:.5f}" if found.p_adjusted is not None else f"{p:.4f}",
                found.better or "-",
            )
        )
    yield from aligned(rows, left=3)


def span(interval: tuple[float, float] | None, form: str) -> str:
    """An interval in words, its bounds in a format such as `.2f`."""
    return "-" if interval is None else f"{interval[0]:{form}} to {interval[1]:{form}}"


def warning_lines(warnings: Sequence[str]) -> Iterator[str]:
    """What is printed under a comparison."""
    yield from (f"warning: {printable(warning)}" for warning in warnings)
