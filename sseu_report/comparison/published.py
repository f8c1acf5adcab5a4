"""A result beside the published figures of a system of the paper.

A published figure has no clips to pair with. It is held against the spread of the runs and against the sampling error
of ours, and both are named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sseu_metric.intervals import RESAMPLES, Interval
from sseu_metric.scores import METRICS, Scores
from sseu_models.job import FINITE
from sseu_report.by_condition import of_conditions
from sseu_report.comparability import embedder_name
from sseu_report.comparison.systems import own_warnings, span, warning_lines
from sseu_report.entries import Entry, ScoredEntry, read_entries, score_entry
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.naming import METRIC_NAMES, printable
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows, published_systems
from sseu_report.tables.averages import average_runs, averaged_conditions
from sseu_report.tables.formats import aligned
from sseu_report.tables.records import Cell

__all__ = ["PaperCell", "PaperComparison", "compare_folder_with_paper", "compare_with_paper"]

_MEAN_ROUNDING, _DEVIATION_ROUNDING = 0.005, 0.05  # half of the last digit that the paper prints


@dataclass(frozen=True)
class PaperCell:
    """One of our figures beside the published one.

    Attributes:
        mode: Of the answers.
        metric: `wer`, `macc` or `map`.
        condition: Its name, or `average of 6` (Table 1), `average of 5` (Table 2).
        ours: Mean and deviation over our runs, with the 95 % interval.
        published: As printed in the paper.
        run_spread: How far two means of runs may lie apart by the runs alone, in points; None if it is not known.
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
        """Whether the published figure lies in our interval; None without an interval."""
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
        """Both sides, in words."""
        return f"{_side(self.within_runs)} run spread, {_side(self.within_sampling)} sampling error"


@dataclass(frozen=True)
class PaperComparison:
    """A result beside a system of the paper.

    Attributes:
        name: Of the result, untrusted text.
        system: As the paper writes it.
        cells: Those that both have, in the order of the paper's tables.
        warnings: What makes the comparison unfair, a sentence each.
    """

    name: str
    system: str
    cells: tuple[PaperCell, ...]
    warnings: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What is printed."""
        yield f"{printable(self.name)} beside {self.system} as published ({SOURCE})"
        rows = [("mode", "metric", "condition", "ours", "published", "difference", "our 95 % interval", "verdict")]
        for cell in self.cells:
            rows.append(
                (
                    cell.mode,
                    METRIC_NAMES[cell.metric],
                    cell.condition,
                    _with_deviation(cell.ours),
                    _with_deviation(cell.published),
                    f"{cell.difference:+.2f}",
                    span(cell.ours.interval, ".2f"),
                    cell.verdict,
                )
            )
        yield from aligned(rows, left=3)
        inside = sum(cell.within for cell in self.cells)
        yield f"{inside} of {len(self.cells)} within run spread or sampling error"
        yield from warning_lines(self.warnings)


def compare_folder_with_paper(
    folder: Path, system: str, *, data: str | None = None, progress: bool = False
) -> PaperComparison:
    """`compare_with_paper` of a results folder, scored anew from its answers.

    Raises:
        ValueError: As `read_entries`, `score_entry` and `compare_with_paper`.
    """
    _published_name(system)  # before the scoring, which may take a minute
    (entry,) = read_entries([folder])
    return compare_with_paper(score_entry(entry, data=data, progress=progress), system)


def compare_with_paper(scored: ScoredEntry, system: str) -> PaperComparison:
    """A result beside the published figures of a system: Table 1's cells and averages, then Table 2's averages.

    A difference is within the run spread if it is at most t * sqrt(s1^2 / n1 + s2^2 / n2), t of two degrees of freedom
    (one if we have two runs; Welch's would be at least as many), and within the sampling error if the published figure
    lies in our interval. The rounding of the paper is added to both. A difference between two sets of mixtures has
    both errors; one on the same mixtures that the runs do not explain is real.

    Args:
        scored: Ours.
        system: As in the paper's tables, whatever the case.

    Raises:
        ValueError: The paper has no such system, or no figure of it is among ours.
    """
    name = _published_name(system)
    rows = [row for table in (1, 2) for row in published_rows(table) if row.system == name]
    cells = [cell for row in rows if row.mode in scored.scores for cell in _paper_cells(scored, row)]
    if not cells:
        raise ValueError(
            f"{scored.entry.name}: none of the published figures of {name} is among the modes "
            f"{', '.join(scored.scores)}; the paper has independent and joint"
        )
    return PaperComparison(scored.entry.name, name, tuple(cells), tuple(_paper_warnings(scored, cells)))


def _published_name(system: str) -> str:
    for name in published_systems():
        if name.casefold() == system.casefold():
            return name
    raise ValueError(f"the paper has no system {system!r:.80}; it has {', '.join(published_systems())}")


def _paper_cells(scored: ScoredEntry, row: PublishedRow) -> Iterator[PaperCell]:
    """Cells and average of a published row, as far as we have them."""
    scores = scored.scores[row.mode]
    conditions = averaged_conditions(row.mode, row.metric) if row.table == 1 else FINITE
    task = METRICS[row.metric]
    if task not in scores.tables:
        return
    ours = Scores({task: of_conditions(scores.tables[task], conditions)})
    runs = [
        {
            condition: value
            for condition, part in run.by("condition").items()
            if (value := part.value(row.metric)) is not None
        }
        for run in (ours.where(run=number) for number in sorted(set(ours.tables[task]["run"].tolist())))
    ]
    intervals = ours.intervals(row.metric, resamples=RESAMPLES)
    published = {name: Cell(mean, row.deviations.get(name), row.runs) for name, mean in row.cells.items()}
    for name, figure in published.items():
        measured = average_runs(runs, (name,))
        if measured is not None:
            yield _paper_cell(scored.entry, row, name, measured, figure, intervals.get(name))
    measured = average_runs(runs, conditions)
    if measured is not None:
        figure = Cell(row.average, row.average_deviation, row.runs)
        yield _paper_cell(scored.entry, row, f"average of {len(conditions)}", measured, figure, intervals.get("all"))


def _paper_cell(
    entry: Entry, row: PublishedRow, condition: str, ours: Cell, published: Cell, interval: Interval | None
) -> PaperCell:
    if interval is not None:
        ours = replace(ours, interval=(interval.low, interval.high))
    spread = _run_spread(ours, published, deterministic=entry.result.deterministic)
    return PaperCell(row.mode, row.metric, condition, ours, published, spread)


def _run_spread(ours: Cell, published: Cell, *, deterministic: bool) -> float | None:
    """See `compare_with_paper`; None for a sampled system that was asked once."""
    if ours.deviation is None and not deterministic:
        return None
    variance = 0.0 if ours.deviation is None else ours.deviation**2 / ours.runs
    if published.deviation is not None:
        variance += (published.deviation + _DEVIATION_ROUNDING) ** 2 / published.runs
    t = math.tan(0.475 * math.pi) if ours.runs == 2 else 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))
    return t * math.sqrt(variance) + _MEAN_ROUNDING


def _side(within: bool | None) -> str:
    return "unknown" if within is None else "within" if within else "outside"


def _with_deviation(figure: Cell) -> str:
    return f"{figure.mean:.2f}" + ("" if figure.deviation is None else f"±{figure.deviation:.1f}")


def _paper_warnings(scored: ScoredEntry, cells: Sequence[PaperCell]) -> list[str]:
    result, warnings = scored.entry.result, [*own_warnings(scored), *narrow_notes([scored])]
    modes, metrics = {cell.mode for cell in cells}, {cell.metric for cell in cells}
    dataset = result.dataset
    if dataset.recipe != "paper":
        warnings.append(
            f"The dataset is no SSEU-Bench v1: recipe {dataset.recipe}, {dataset.pairs} pairs, "
            f"version {dataset.version}."
        )
    else:
        warnings.append(f"The paper's mixtures are the authors' own; ours are version {dataset.version}.")
    figures: Mapping[str, Mapping[str, object]] = scored.entry.scores["modes"]
    if metrics & {"macc", "map"}:
        used = {name for mode in modes if (name := embedder_name(figures[mode])) is not None}
        for name in sorted(name for name in used if name.partition(" at ")[0] != EMBEDDER):
            warnings.append(f"mACC and mAP are made with the embedder {name}, the paper's with {EMBEDDER}.")
    if "wer" in metrics:
        names = sorted({str(figures[mode]["normalizer"]) for mode in modes})
        warnings.append(f"WER is made with the normaliser {', '.join(names)}; the paper names none.")
    told = [name for name in result.prompts.templates if name.partition("/")[0] in modes]
    if told:
        warnings.append(f"The prompts are those of the set {result.prompts.set}, not known to be the paper's.")
    runs = max(cell.ours.runs for cell in cells)
    if not result.deterministic and runs != RUNS:
        warnings.append(f"{runs} run{'s' if runs > 1 else ''}; the paper has {RUNS}.")
    return warnings
