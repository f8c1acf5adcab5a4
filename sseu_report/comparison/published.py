"""A result beside the published scores of a system of the paper.

A published score has no clips to pair with, and the authors' mixtures are not ours. So two questions are answered: is
the difference larger than another pairing of the same corpora, with other runs, would bring (1.96 sqrt(2 V), V the
variance of our score over pairs, and the runs' own in quadrature)? And is it larger than new corpora would bring
(sqrt(2) half widths of our interval)?
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sseu_metric.conditions import CONDITIONS, finite
from sseu_metric.scores import Scores
from sseu_metric.suggestions import did_you_mean
from sseu_metric.summary import undefined
from sseu_metric.tasks import METRICS
from sseu_metric.text_table import aligned, percent_range, points, score_cell
from sseu_report.by_condition import averaged_conditions, of_conditions
from sseu_report.comparability import embedder_name, refuse_lite
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
        pairing: Points that another pairing of the same corpora and other runs explain; None where it is not known.
        corpora: Points that newly recorded corpora explain; None where it is not known.
        unknown: Why one of the two is not known, in words; None where both are.
    """

    mode: str
    metric: str
    condition: str
    ours: Cell
    published: Cell
    pairing: float | None
    corpora: float | None
    unknown: str | None

    @property
    def difference(self) -> float:
        """Ours minus published, in points."""
        return self.ours.mean - self.published.mean

    def within(self, tolerance: float | None) -> bool | None:
        """Whether a tolerance explains the difference, up to the rounding of the paper; None if it is not known."""
        return None if tolerance is None else abs(self.difference) <= tolerance + _MEAN_ROUNDING

    @property
    def verdict(self) -> str:
        """Both answers as text."""
        return f"{_side(self.within(self.pairing))}, {_side(self.within(self.corpora))}"


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
        rows = [
            (
                "mode",
                "metric",
                "condition",
                "ours",
                "published",
                "difference",
                "our 95 % interval",
                "other pairing, new corpora",
            )
        ]
        for cell in self.cells:
            rows.append(
                (
                    cell.mode,
                    METRIC_NAMES[cell.metric],
                    cell.condition,
                    score_cell(str(cell.ours), whole=whole),
                    str(cell.published),
                    score_cell(points(cell.difference), whole=whole),
                    score_cell(cell.ours.interval and percent_range(*cell.ours.interval), whole=whole),
                    cell.verdict,
                )
            )
        same, new = (
            sum(bool(cell.within(getattr(cell, name))) for cell in self.cells) for name in ("pairing", "corpora")
        )
        unknown = sum(cell.pairing is None or cell.corpora is None for cell in self.cells)
        count = (
            f"of {len(self.cells)} differences, {same} are within what another pairing of the same corpora brings, "
            f"{new} within what new corpora bring" + (f"; {unknown} have a verdict that is unknown" if unknown else "")
        )
        return "\n".join(
            [title, aligned(rows, left=3), count, *note_lines({self.name: self.limitations}, self.warnings)]
        )


def compare_with_paper(
    result: ResultLike, system: str, *, data: str | None = None, progress: bool = False
) -> PaperComparison:
    """Compare a result with the published scores of a system: Table 1's cells and averages, then Table 2's averages.

    A difference outside the first tolerance is not due to the pairing or to the runs; one outside the second would be
    there with other recordings and speakers too. Each is exceeded by about 5 % of differences between equal systems.

    Args:
        result: A results folder or a run; it is scored again from its answers.
        system: A name of the paper's tables, in any case.
        data: Dataset folder or Hub repository; by default where the result was made from.
        progress: Show bars on a terminal.

    Raises:
        ValueError: It is no results folder or damaged; the paper has no such system, or none of its scores is ours too.
    """
    _published_name(system)  # before the scoring, which may take a minute
    entries = read_entries([result])
    refuse_lite(entries, "a comparison with the paper")
    return compare_entry_with_paper(score_entries(entries, data=data, progress=progress)[0], system)


def compare_entry_with_paper(scored: ScoredEntry, system: str) -> PaperComparison:
    """The comparison of `compare_with_paper`, of an entry that is scored already.

    Raises:
        ValueError: The paper has no such system, or none of its scores is ours too.
    """
    name = _published_name(system)
    rows = [row for table in (1, 2) for row in published_rows(table) if row.system == name]
    if scored.entry.asr_unit == "character":  # the paper has no character error rate
        rows = [row for row in rows if row.metric != "wer"]
    cells = [cell for row in rows if row.mode in scored.scores for cell in _paper_cells(scored, row)]
    if not cells:
        raise ValueError(
            f"{scored.entry.name}: none of the published scores of {name} is among the modes "
            f"{', '.join(scored.scores)}; the paper has independent and joint"
            + "".join(
                f"\n  {mode}: {why}" for mode, one in scored.entry.modes.items() for why in one.undefined.values()
            )
        )
    warnings = [*_left_out(scored, rows), *_unknown_notes(cells), *_paper_warnings(scored, cells)]
    return PaperComparison(
        scored.entry.name, name, tuple(cells), tuple(dict.fromkeys(warnings)), scored.entry.limitations
    )


def _published_name(system: str) -> str:
    for name in published_systems():
        if name.casefold() == system.casefold():
            return name
    names = published_systems()
    raise ValueError(f"the paper has no system {system!r:.80}{did_you_mean(system, names)} (it has {', '.join(names)})")


def _paper_cells(scored: ScoredEntry, row: PublishedRow) -> Iterator[PaperCell]:
    """The cells and the average of a published row that we have too."""
    conditions, ours = _counterpart(scored, row)
    if not ours.cells(row.metric):
        return
    runs = list(ours.values(row.metric).values())
    intervals, pairs = ours.intervals_or_reasons(row.metric), ours.replicates(row.metric, "pair")
    shown: list[tuple[tuple[str, ...], str, str, Cell]] = [
        ((name,), name, name, Cell(mean, row.deviations.get(name), row.runs)) for name, mean in row.cells.items()
    ]
    average = Cell(row.average, row.average_deviation, row.runs)
    shown.append((conditions, "all", f"average of {len(conditions)}", average))
    for over, key, name, published in shown:
        measured = cell_of(runs, over)
        if measured is not None:
            interval, without = intervals[key], pairs.average(over)
            unknown, corpora = pairs.jackknife.unknown(without, measured.mean), None
            if isinstance(interval, str):
                unknown = interval
            else:
                measured = replace(measured, interval=(interval.low, interval.high))
                corpora = math.sqrt(0.5) * (interval.high - interval.low)
            error = pairs.jackknife.error_of(without, measured.mean)
            pairing = (
                None if error is None else math.sqrt(2 * 1.96**2 * error.variance + _run_term(measured, published) ** 2)
            )
            yield PaperCell(row.mode, row.metric, name, measured, published, pairing, corpora, unknown)


def _counterpart(scored: ScoredEntry, row: PublishedRow) -> tuple[tuple[str, ...], Scores]:
    """The conditions that a published row averages, and our answers in them; no answers if the task was not asked."""
    conditions = averaged_conditions(row.mode, row.metric, CONDITIONS) if row.table == 1 else finite(CONDITIONS)
    task, tables = METRICS[row.metric], scored.scores[row.mode].tables
    return conditions, Scores({task: of_conditions(tables[task], conditions)} if task in tables else {})


def _left_out(scored: ScoredEntry, rows: Sequence[PublishedRow]) -> Iterator[str]:
    """Why published averages have no counterpart of ours, in the modes and tasks that were asked."""
    for row in rows:
        if row.mode in scored.scores and METRICS[row.metric] in scored.scores[row.mode].tables:
            conditions, ours = _counterpart(scored, row)
            name, asked = METRIC_NAMES[row.metric], ours.conditions(row.metric)
            yield from (f"{row.mode}: {reason}." for reason in undefined(ours).values())
            if missing := [condition for condition in conditions if condition not in asked]:
                yield f"{row.mode}: {name} has no average of {len(conditions)}: not asked in {', '.join(missing)}."


def _unknown_notes(cells: Sequence[PaperCell]) -> list[str]:
    """Why a verdict is unknown, a sentence for each mode and reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        if cell.unknown is not None:
            names.setdefault((cell.mode, cell.unknown), []).append(f"{METRIC_NAMES[cell.metric]} {cell.condition}")
    return [f"{mode}: unknown for {', '.join(shown)}: {why}." for (mode, why), shown in names.items()]


def _run_term(ours: Cell, published: Cell) -> float:
    """How far apart the runs alone can bring two means: t * sqrt(s1^2 / n1 + s2^2 / n2), in points.

    t has two degrees of freedom, one if we have two runs; Welch's would be at least as many.
    """
    from scipy import stats

    variance = 0.0 if ours.deviation is None else ours.deviation**2 / ours.runs
    if published.deviation is not None:
        variance += (published.deviation + _DEVIATION_ROUNDING) ** 2 / published.runs
    return float(stats.t.ppf(0.975, 1 if ours.runs == 2 else 2)) * math.sqrt(variance)


def _side(within: bool | None) -> str:
    return "unknown" if within is None else "within" if within else "outside"


def _paper_warnings(scored: ScoredEntry, cells: Sequence[PaperCell]) -> list[str]:
    result, warnings = scored.entry.result, [*result_warnings(scored), *narrow_notes([scored.entry])]
    modes, metrics = {cell.mode for cell in cells}, {cell.metric for cell in cells}
    dataset = result.dataset
    ours = f"imported, {dataset.pairs} pairs, and nobody has compared them with those"
    if dataset.recipe != "imported":
        ours = f"version {dataset.version}, {dataset.pairs} pairs"
    warnings.append(f"The paper's mixtures are the authors' own; ours are {ours}.")
    scores = [scored.entry.modes[mode] for mode in modes]
    if metrics & {"macc", "map"}:
        used = {name for one in scores if (name := embedder_name(one)) is not None}
        for name in sorted(name for name in used if name.partition(" at ")[0] != EMBEDDER):
            warnings.append(f"mACC and mAP are made with the embedder {name}, the paper's with {EMBEDDER}.")
    if scored.entry.asr_unit == "character":
        warnings.append("Transcripts are scored in characters (CER), which the paper does not do: not compared.")
    if "wer" in metrics:
        names = sorted({str(one.normalizer) for one in scores})
        warnings.append(f"WER is made with the normaliser {', '.join(names)}; the paper names none.")
    if any(name.partition("/")[0] in modes for name in result.prompts.templates):
        warnings.append(f"The prompts are those of the set {result.prompts.set}, not known to be the paper's.")
    runs = max(cell.ours.runs for cell in cells)
    if not result.deterministic and runs != RUNS:
        warnings.append(f"{runs} run{'s' if runs > 1 else ''}; the paper has {RUNS}.")
    return warnings
