"""A result beside the published scores of a system of the paper.

A published score has no clips to pair with. The difference is judged against the spread of the runs and against our
sampling error, and both verdicts are given.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sseu_metric.conditions import CONDITIONS, finite
from sseu_metric.intervals import RESAMPLES
from sseu_metric.scores import Scores
from sseu_metric.suggestions import did_you_mean
from sseu_metric.tasks import METRICS
from sseu_metric.text_table import aligned, score_cell
from sseu_report.by_condition import averaged_conditions, of_conditions
from sseu_report.comparability import embedder_name
from sseu_report.comparison.systems import note_lines, result_warnings
from sseu_report.entries import ResultLike, ScoredEntry, read_entries, score_entries
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.naming import METRIC_NAMES, printable
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows, published_systems
from sseu_report.tables.records import Cell, cell_of

_MEAN_ROUNDING, _DEVIATION_ROUNDING = 0.005, 0.05  # half of the last digit that the paper prints


@dataclass(frozen=True)
class PaperCell:
    """One of our scores beside the published one.

    Attributes:
        mode: How the systems were asked.
        metric: `wer`, `macc` or `map`.
        condition: The condition, or `average of 6` (Table 1), `average of 5` (Table 2).
        ours: Mean and deviation over our runs, with the 95 % interval.
        published: The score as the paper prints it.
        run_spread: How far apart the runs alone can bring two means, in points; None if it is not known.
    """

    mode: str
    metric: str
    condition: str
    ours: Cell
    published: Cell
    run_spread: float | None

    @property
    def difference(self) -> float:
        """Ours minus published, in points."""
        return self.ours.mean - self.published.mean

    @property
    def within_runs(self) -> bool | None:
        """Whether the runs alone explain the difference; None if that is not known."""
        return None if self.run_spread is None else abs(self.difference) <= self.run_spread

    @property
    def within_sampling(self) -> bool | None:
        """Whether the published score lies in our interval; None without an interval."""
        if self.ours.interval is None:
            return None
        low, high = self.ours.interval
        return low - _MEAN_ROUNDING <= self.published.mean <= high + _MEAN_ROUNDING

    @property
    def within(self) -> bool:
        """Whether run spread or sampling error explains the difference."""
        return bool(self.within_runs) or bool(self.within_sampling)

    @property
    def verdict(self) -> str:
        """Both verdicts as text."""
        return f"{_side(self.within_runs)} run spread, {_side(self.within_sampling)} sampling error"


@dataclass(frozen=True)
class PaperComparison:
    """A result beside a system of the paper; `print` shows it.

    Attributes:
        name: Name of the result, untrusted text.
        system: The system's name in the paper.
        cells: The scores that both have, in the order of the paper's tables.
        warnings: What makes the comparison unfair, one sentence each.
        limitations: Why our scores are not scores of the whole benchmark; empty if they are.
    """

    name: str
    system: str
    cells: tuple[PaperCell, ...]
    warnings: tuple[str, ...]
    limitations: tuple[str, ...]

    def __str__(self) -> str:
        """The comparison as text."""
        whole = not self.limitations
        title = f"{printable(self.name)} beside {self.system} as published ({SOURCE})"
        rows = [("mode", "metric", "condition", "ours", "published", "difference", "our 95 % interval", "verdict")]
        for cell in self.cells:
            rows.append(
                (
                    cell.mode,
                    METRIC_NAMES[cell.metric],
                    cell.condition,
                    score_cell(str(cell.ours), whole=whole),
                    str(cell.published),
                    score_cell(f"{cell.difference:+.2f}", whole=whole),
                    score_cell(cell.ours.interval and "{:.2f} to {:.2f}".format(*cell.ours.interval), whole=whole),
                    cell.verdict,
                )
            )
        inside = sum(cell.within for cell in self.cells)
        count = f"{inside} of {len(self.cells)} within run spread or sampling error"
        return "\n".join(
            [title, aligned(rows, left=3), count, *note_lines({self.name: self.limitations}, self.warnings)]
        )


def compare_with_paper(
    result: ResultLike, system: str, *, data: str | None = None, progress: bool = False
) -> PaperComparison:
    """Compare a result with the published scores of a system: Table 1's cells and averages, then Table 2's averages.

    A difference is within the run spread if it is at most t * sqrt(s1^2 / n1 + s2^2 / n2), with t of two degrees of
    freedom (one if we have two runs; Welch's would be at least as many), and within the sampling error if the published
    score lies in our interval. The rounding of the paper is added to both. A difference between two sets of mixtures
    has both errors; one on the same mixtures that the runs do not explain is real.

    Args:
        result: A results folder or a run; it is scored again from its answers.
        system: A name of the paper's tables, in any case.
        data: Dataset folder or Hub repository; by default where the result was made from.
        progress: Show bars on a terminal.

    Raises:
        ValueError: It is no results folder or damaged; the paper has no such system, or none of its scores is ours too.
    """
    _published_name(system)  # before the scoring, which may take a minute
    return compare_entry_with_paper(score_entries(read_entries([result]), data=data, progress=progress)[0], system)


def compare_entry_with_paper(scored: ScoredEntry, system: str) -> PaperComparison:
    """The comparison of `compare_with_paper`, of an entry that is scored already.

    Raises:
        ValueError: The paper has no such system, or none of its scores is ours too.
    """
    name = _published_name(system)
    rows = [row for table in (1, 2) for row in published_rows(table) if row.system == name]
    cells = [cell for row in rows if row.mode in scored.scores for cell in _paper_cells(scored, row)]
    if not cells:
        raise ValueError(
            f"{scored.entry.name}: none of the published scores of {name} is among the modes "
            f"{', '.join(scored.scores)}; the paper has independent and joint"
            + "".join(
                f"\n  {mode}: {why}" for mode, one in scored.entry.modes.items() for why in one.undefined.values()
            )
        )
    warnings = tuple(_paper_warnings(scored, cells))
    return PaperComparison(scored.entry.name, name, tuple(cells), warnings, scored.entry.limitations)


def _published_name(system: str) -> str:
    for name in published_systems():
        if name.casefold() == system.casefold():
            return name
    names = published_systems()
    raise ValueError(f"the paper has no system {system!r:.80}{did_you_mean(system, names)} (it has {', '.join(names)})")


def _paper_cells(scored: ScoredEntry, row: PublishedRow) -> Iterator[PaperCell]:
    """The cells and the average of a published row that we have too."""
    scores = scored.scores[row.mode]
    conditions = averaged_conditions(row.mode, row.metric, CONDITIONS) if row.table == 1 else finite(CONDITIONS)
    task = METRICS[row.metric]
    if task not in scores.tables:
        return
    ours = Scores({task: of_conditions(scores.tables[task], conditions)})
    runs = list(ours.values(row.metric).values())
    intervals = ours.intervals(row.metric, resamples=RESAMPLES)
    shown: list[tuple[tuple[str, ...], str, str, Cell]] = [
        ((name,), name, name, Cell(mean, row.deviations.get(name), row.runs)) for name, mean in row.cells.items()
    ]
    average = Cell(row.average, row.average_deviation, row.runs)
    shown.append((conditions, "all", f"average of {len(conditions)}", average))
    for over, key, name, published in shown:
        measured = cell_of(runs, over)
        if measured is not None:
            if (interval := intervals.get(key)) is not None:
                measured = replace(measured, interval=(interval.low, interval.high))
            spread = _run_spread(measured, published, deterministic=scored.entry.result.deterministic)
            yield PaperCell(row.mode, row.metric, name, measured, published, spread)


def _run_spread(ours: Cell, published: Cell, *, deterministic: bool) -> float | None:
    """See `compare_entry_with_paper`; None for a sampled system that was asked once."""
    from scipy import stats

    if ours.deviation is None and not deterministic:
        return None
    variance = 0.0 if ours.deviation is None else ours.deviation**2 / ours.runs
    if published.deviation is not None:
        variance += (published.deviation + _DEVIATION_ROUNDING) ** 2 / published.runs
    t = float(stats.t.ppf(0.975, 1 if ours.runs == 2 else 2))
    return t * math.sqrt(variance) + _MEAN_ROUNDING


def _side(within: bool | None) -> str:
    return "unknown" if within is None else "within" if within else "outside"


def _paper_warnings(scored: ScoredEntry, cells: Sequence[PaperCell]) -> list[str]:
    result, warnings = scored.entry.result, [*result_warnings(scored), *narrow_notes([scored])]
    modes, metrics = {cell.mode for cell in cells}, {cell.metric for cell in cells}
    dataset = result.dataset
    warnings.append(
        f"The paper's mixtures are the authors' own; ours are version {dataset.version}, {dataset.pairs} pairs."
    )
    scores = [scored.entry.modes[mode] for mode in modes]
    if metrics & {"macc", "map"}:
        used = {name for one in scores if (name := embedder_name(one)) is not None}
        for name in sorted(name for name in used if name.partition(" at ")[0] != EMBEDDER):
            warnings.append(f"mACC and mAP are made with the embedder {name}, the paper's with {EMBEDDER}.")
    if "wer" in metrics:
        names = sorted({str(one.normalizer) for one in scores})
        warnings.append(f"WER is made with the normaliser {', '.join(names)}; the paper names none.")
    if any(name.partition("/")[0] in modes for name in result.prompts.templates):
        warnings.append(f"The prompts are those of the set {result.prompts.set}, not known to be the paper's.")
    runs = max(cell.ours.runs for cell in cells)
    if not result.deterministic and runs != RUNS:
        warnings.append(f"{runs} run{'s' if runs > 1 else ''}; the paper has {RUNS}.")
    return warnings
