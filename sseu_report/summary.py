"""The summary of a report: who is best at what, how sure that is, and where they fail. Page and terminal show it.

Systems are ordered by the mean of their places in the metrics, as on the leaderboard; one that was not asked stands
behind all there, and equal means share a place.
Oracles, baselines and controls stand apart and have no place. "Not worse than the best" is the paired test of
`sseu_metric.ranking.against_best`, the one that `compare` uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_metric.floors import CEILINGS
from sseu_metric.normalisers import Unit
from sseu_metric.suggestions import did_you_mean
from sseu_metric.text_table import percent
from sseu_models.kinds import Kind, may_be_ranked
from sseu_models.records import TASKS
from sseu_report.appearance import MAX_NAMED
from sseu_report.comparability import parentheses_notes
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES, TASK_METRICS, TASK_NAMES, condition_name, metric_names, some_of
from sseu_report.tables.paper_tables import metric_column
from sseu_report.tables.records import Cell, Row, Standing, Table, cell_of

if TYPE_CHECKING:
    from sseu_report.findings.collect import Findings
    from sseu_report.findings.ranks import RankRange

_SUBJECTS = {TASK_METRICS[task]: name for task, name in TASK_NAMES.items()}


@dataclass(frozen=True)
class SummaryRow:
    """A system.

    Attributes:
        name: Untrusted text.
        kind: What was asked.
        cells: By metric; without those that it was not asked.
        place: Its place among the systems, from 1; None for what is no system.
        limitations: Why its scores are not scores of the whole benchmark; empty if they are.
    """

    name: str
    kind: Kind
    cells: Mapping[str, Cell]
    limitations: tuple[str, ...]
    place: int | None = None

    @property
    def is_system(self) -> bool:
        """Whether it is ranked: an ordinary system, with or without a front end."""
        return may_be_ranked(self.kind)


@dataclass(frozen=True)
class Summary:
    """What the first screen of a report says.

    Attributes:
        data: One sentence about the dataset.
        mode: How the systems were asked.
        metrics: Those that a row has, in order.
        rows: Systems from the best down, then front ends, oracles, baselines and controls.
        floors: By metric, name of the floor and its score in percent.
        ceilings: By metric, the score of the truth in percent.
        best: For each metric a sentence: who is best, and who cannot be told from it.
        weakest: For each metric a sentence: where the best system fails.
        faults: What is wrong with the comparison, a sentence for each kind of thing.
        highlighted: Systems that a reader chose to have a look of their own in plots, whatever their place.
        asr_unit: What errors of transcripts are counted in.
    """

    data: str
    mode: str
    metrics: tuple[str, ...]
    rows: tuple[SummaryRow, ...]
    floors: Mapping[str, Mapping[str, float]]
    ceilings: Mapping[str, float]
    best: tuple[str, ...]
    weakest: tuple[str, ...]
    faults: tuple[str, ...]
    highlighted: tuple[str, ...] = ()
    asr_unit: Unit = "word"

    @property
    def names(self) -> Mapping[str, str]:
        """How the metrics are written."""
        return metric_names(self.asr_unit)

    @property
    def in_order(self) -> tuple[str, ...]:
        """The names in the order of the rows."""
        return tuple(row.name for row in self.rows)


def summarise_report(
    entries: Sequence[Entry], findings: Findings | None, faults: Sequence[str] = (), highlight: Sequence[str] = ()
) -> Summary:
    """The summary.

    Args:
        entries: Of one dataset, with their scores.
        findings: From `collect_findings`; None where the answers could not be scored: then nothing is ranked.
        faults: What a reader must know before comparing.
        highlight: Names of systems to be told apart in plots, at most `MAX_NAMED`.

    Raises:
        ValueError: A name to highlight is of no system here, or there are too many.
    """
    _check_highlight(entries, highlight)
    mode = _mode_of(entries)
    shown = [entry for entry in entries if mode in entry.modes]
    ranks = {} if findings is None else findings.ranks
    rows = [_row(entry, mode, ranks.get(entry.name, ())) for entry in shown]
    metrics = tuple(metric for metric in METRIC_NAMES if any(metric in row.cells for row in rows))
    rows = _ordered(rows, metrics)
    undefined = [f"{one.name}: {'; '.join(why)}." for one in shown if (why := one.modes[mode].undefined.values())]
    others = [entry.name for entry in entries if mode not in entry.modes]
    left_out = [f"Not asked in mode {mode}, so not here: {', '.join(others)}."] if others else []
    by_name = {entry.name: entry for entry in shown}
    return Summary(
        data=_data(entries),
        mode=mode,
        metrics=metrics,
        rows=tuple(rows),
        floors={metric: found for metric in metrics if (found := _floors(shown, mode, metric))},
        ceilings={metric: CEILINGS[metric] for metric in metrics},
        best=tuple(sentence for metric in metrics if (sentence := _best(rows, by_name, mode, metric))),
        weakest=tuple(sentence for metric in metrics if (sentence := _weakest(rows, by_name, mode, metric))),
        faults=(*faults, *undefined, *left_out),
        highlighted=tuple(highlight),
        asr_unit=entries[0].asr_unit,
    )


def _check_highlight(entries: Sequence[Entry], highlight: Sequence[str]) -> None:
    names = [entry.name for entry in entries]
    for name in highlight:
        if name not in names:
            raise ValueError(
                f"there is no {name!r} to highlight{did_you_mean(name, names)}; the results are of {', '.join(names)}"
            )
    if len(highlight) > MAX_NAMED:
        raise ValueError(f"{len(highlight)} systems to highlight; give at most {MAX_NAMED}")


def summary_table(summary: Summary) -> Table:
    """The summary as a table of files and the terminal, with the floors below it."""
    floors = [
        f"{summary.names[metric]} {percent(score)} ({name})"
        for metric, found in summary.floors.items()
        for name, score in found.items()
    ]
    limited = {row.name: row.limitations for row in summary.rows if row.cells}
    return Table(
        name="summary",
        title=f"Averages over the conditions, mode {summary.mode}, in %",
        heads=("System",),
        columns=tuple(metric_column(metric, summary.names) for metric in summary.metrics),
        rows=tuple(
            Row((row.name,), tuple(row.cells.get(metric) for metric in summary.metrics), row.kind, row.limitations)
            for row in summary.rows
        ),
        notes=(
            *([f"Floors, reached without hearing the clip: {', '.join(floors)}."] if floors else ()),
            *parentheses_notes(limited),
        ),
    )


def _mode_of(entries: Sequence[Entry]) -> str:
    """The mode that most systems were asked in; of equal ones the first in the order of the paper."""
    systems = [entry for entry in entries if not entry.is_control] or list(entries)
    asked = {mode: sum(mode in entry.modes for entry in systems) for mode in TASKS}
    return max(asked, key=lambda mode: asked[mode])


def _data(entries: Sequence[Entry]) -> str:
    dataset = entries[0].result.dataset
    results = "1 result" if len(entries) == 1 else f"{len(entries)} results"
    why = next((reason for reason in entries[0].limitations if "dataset" in reason), None)
    whole = f"SSEU-Bench {dataset.version}" if why is None else f"not SSEU-Bench but a {why}"
    return (
        f"{results} on {dataset.pairs:,} pairs of speech and background at {len(dataset.conditions)} signal-to-noise "
        f"ratios: {whole}."
    )


def _row(entry: Entry, mode: str, ranks: Sequence[RankRange]) -> SummaryRow:
    scores = entry.modes[mode]
    ranked = {found.metric: found for found in ranks if found.mode == mode}
    cells = {}
    for metric in METRIC_NAMES:
        if (averaged := scores.averages.get(metric)) is None or scores.value(metric) is None:
            continue
        if (cell := cell_of(entry.runs(mode, metric), averaged.conditions)) is None:
            continue
        bounds = scores.intervals.get(metric, {}).get("all")
        place = ranked.get(metric)
        cells[metric] = replace(
            cell,
            interval=None if bounds is None else (bounds.low, bounds.high),
            standing=None if place is None else Standing(place.is_best, place.p, (place.best, place.worst)),
        )
    return SummaryRow(entry.name, entry.kind, cells, entry.limitations)


def _ordered(rows: Sequence[SummaryRow], metrics: Sequence[str]) -> list[SummaryRow]:
    systems = [row for row in rows if row.is_system]

    means = {row.name: fmean(_place(row, systems, metric) for metric in metrics) for row in systems if metrics}
    places = {name: 1 + sum(other < mean for other in means.values()) for name, mean in means.items()}
    order = ("front end", "oracle", "baseline", "control")
    others = sorted((row for row in rows if not row.is_system), key=lambda row: order.index(row.kind))
    placed = [replace(row, place=places.get(row.name)) for row in systems]
    return [*sorted(placed, key=lambda row: (row.place or 0, row.name)), *others]


def _place(row: SummaryRow, systems: Sequence[SummaryRow], metric: str) -> int:
    if metric not in row.cells:
        return len(systems) + 1
    return 1 + sum(_is_better(other, row, metric) for other in systems if metric in other.cells)


def _is_better(one: SummaryRow, other: SummaryRow, metric: str) -> bool:
    gain = one.cells[metric].mean - other.cells[metric].mean
    return gain < 0 if metric == "wer" else gain > 0


def _floors(entries: Sequence[Entry], mode: str, metric: str) -> dict[str, float]:
    """The floors of a metric: those of the dataset, so those of any result that was asked everything."""
    for entry in sorted(entries, key=lambda entry: bool(entry.limitations)):
        floors = entry.modes[mode].skill.get(metric, {})
        if floors:
            return {name: by_key["all"].floor for name, by_key in floors.items() if "all" in by_key}
    return {}


def _best(rows: Sequence[SummaryRow], entries: Mapping[str, Entry], mode: str, metric: str) -> str | None:
    systems = [row for row in rows if row.is_system and metric in row.cells]
    if not systems:
        return None
    pick = min if metric == "wer" else max
    top = pick(row.cells[metric].mean for row in systems)
    best = [row for row in systems if row.cells[metric].mean == top]
    title = f"{metric_names(entries[best[0].name].asr_unit)[metric]} ({_SUBJECTS[metric]})"
    if len(systems) == 1:
        return f"{title}: {best[0].name}, {_score(best[0], metric)}."
    standings = {row.name: standing for row in systems if (standing := row.cells[metric].standing) is not None}
    ties = [name for name, standing in standings.items() if standing.not_worse]
    unknown = [name for name, standing in standings.items() if not standing.is_best and standing.p is None]
    if len(standings) < len(systems):
        sure = "not compared: the systems answered different clips, or too few recordings tell how much scores vary"
    elif len(best) > 1:
        sure = f"{len(best)} systems share it"
    elif ties:
        sure = f"not sure: {some_of(ties)} cannot be told from it"
    elif unknown:
        sure = f"not sure: nothing tells how much its lead over {some_of(unknown)} varies"
    else:
        first = standings[best[0].name].places
        together = 0 if first is None else sum(1 for one in standings.values() if one.places and one.places[0] == 1)
        narrow = _narrow(entries[best[0].name], mode, metric)
        if together > 1:
            sure = (
                f"not sure: every other is worse by the paired test, but all compared at once, {together} may be first"
            )
        elif narrow:
            sure = f"every other is worse by the paired test, but {narrow}"
        else:
            sure = "sure: every other system is worse, paired test at 0.05"
    verb = "is" if len(best) == 1 else "are"
    return f"{title}: {some_of(row.name for row in best)} {verb} best, {_score(best[0], metric)}; {sure}."


def _narrow(entry: Entry, mode: str, metric: str) -> str | None:
    """Why the test of a metric is surer than it should be, in words."""
    clusters = entry.modes[mode].clusters.get(metric)
    if clusters is None:
        return None
    if clusters.missing:
        return f"the data do not name every {clusters.missing[0]}, so that it is too sure"
    if metric != "wer" and (fixed := len(clusters.fixed_strata)):
        return f"{fixed} scene{'s rest' if fixed > 1 else ' rests'} on one recording{' each' if fixed > 1 else ''}"
    return None


def _score(row: SummaryRow, metric: str) -> str:
    cell = row.cells[metric]
    bounds = "" if cell.interval is None else f" [{percent(cell.interval[0])}, {percent(cell.interval[1])}]"
    return f"{percent(cell.mean)}{bounds}"


def _weakest(rows: Sequence[SummaryRow], entries: Mapping[str, Entry], mode: str, metric: str) -> str | None:
    """Where the best system of a metric is worst: its condition, and its scene or event."""
    systems = [row for row in rows if row.is_system and metric in row.cells]
    if not systems:
        return None
    pick, worst = (min, max) if metric == "wer" else (max, min)
    best = pick(systems, key=lambda row: row.cells[metric].mean)
    scores = entries[best.name].modes[mode]
    cells = {name: values[metric] for name, values in scores.by_condition.items() if metric in values}
    parts = []
    if len(cells) > 1:
        name = worst(ordered(cells), key=lambda one: cells[one])
        parts.append(f"{percent(cells[name])} at {condition_name(name)}")
    by_class = {"macc": scores.by_scene, "map": scores.by_event}.get(metric, {})
    known = {name: value for name, value in by_class.items() if value is not None}
    if known:
        name = min(known, key=lambda one: known[one])
        kind = "scene" if metric == "macc" else "event"
        parts.append(f"{percent(known[name])} for the {kind} {name} over all conditions")
    title = metric_names(entries[best.name].asr_unit)[metric]
    return f"{title} of {best.name}, at its worst: {'; '.join(parts)}." if parts else None
