"""Tables in the paper's form, as records: pure functions of entries, from `scores.json` alone.

A cell is the mean over runs, with the sample standard deviation over them. An average is the plain mean over the
conditions within each run, then the mean over runs; so its deviation is that of the runs' averages and does not follow
from the cells. Averages are over the conditions that the paper averages (`averaged_conditions`), or there is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any, Literal

from sseu_metric.labels import CONDITIONS
from sseu_metric.scores import METRICS
from sseu_models.hearing import CONTROLS
from sseu_models.job import FINITE
from sseu_models.records import TASKS
from sseu_report.comparability import by_mode, check_datasets, embedder_name, unequal
from sseu_report.entries import Entry
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows

__all__ = [
    "METRIC_NAMES",
    "Column",
    "Figure",
    "Row",
    "Share",
    "Table",
    "all_tables",
    "average_runs",
    "averaged_conditions",
    "condition_table",
    "rates_table",
    "strategy_table",
]

Kind = Literal["system", "reported", "upper bound", "control"]

METRIC_NAMES: Mapping[str, str] = {"wer": "WER", "macc": "mACC", "map": "mAP"}
_SUBJECTS = {"wer": "speech", "macc": "scene", "map": "events"}
_ARROWS = {"wer": "↓", "macc": "↑", "map": "↑"}
_KINDS: tuple[Kind, ...] = ("system", "reported", "upper bound", "control")
_RATES = ("missing", "unparsed", "refused", "empty")
_UPPER_BOUND = "control:ground-truth"


@dataclass(frozen=True)
class Figure:
    """A measured or published figure.

    Attributes:
        mean: In percent, over the runs.
        deviation: Sample standard deviation over the runs, in points; None for one run.
        runs: How many.
        interval: 95 %, sampling error alone; None where it was not asked for or is not known.
    """

    mean: float
    deviation: float | None
    runs: int
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Share:
    """So many of so many answers."""

    count: int
    of: int


@dataclass(frozen=True)
class Column:
    """A column: `key` in files, `label` for readers."""

    key: str
    label: str


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        heads: The texts in front, one for each of the table's heads; the first is the system's name, untrusted text.
        cells: One for each column.
        kind: What the row shows; controls and published figures stand apart.
        incomplete: Why its figures are not those of the whole benchmark; empty if they are.
    """

    heads: tuple[str, ...]
    cells: tuple[Figure | Share | None, ...]
    kind: Kind = "system"
    incomplete: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be read beside the system's name."""
        told = self.kind == "system" or (self.kind == "control" and self.heads[0].startswith("control:"))
        return (() if told else (self.kind,)) + (("incomplete",) if self.incomplete else ())


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: For files: letters, digits and `_`.
        title: A line.
        heads: Titles of the texts in front.
        columns: Of the cells.
        rows: Systems, then published ones, then upper bound and controls.
        notes: What a reader must know, a sentence each; they hold untrusted names.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def averaged_conditions(mode: str, metric: str) -> tuple[str, ...]:
    """The conditions of an average: six for single tasks (Table 1), else the five finite ones (Table 2)."""
    if TASKS[mode] == ("all",):  # type: ignore[index]
        return FINITE
    return CONDITIONS[:-1] if METRICS[metric] == "asr" else CONDITIONS[1:]


def average_runs(runs: Sequence[Mapping[str, float]], conditions: Sequence[str]) -> Figure | None:
    """The figure over some conditions: the plain mean within each run, then mean and deviation over the runs.

    Args:
        runs: For each run the figure of each condition, in percent.
        conditions: To average; one alone gives a cell.

    Returns:
        None unless every run has every condition.
    """
    if not runs or not conditions or any(condition not in run for run in runs for condition in conditions):
        return None
    means = [fmean(run[condition] for condition in conditions) for run in runs]
    return Figure(fmean(means), stdev(means) if len(means) > 1 else None, len(means))


def condition_table(
    entries: Sequence[Entry],
    metric: str,
    *,
    mode: str = "independent",
    reported: bool = False,
    intervals: bool = False,
    mixed_datasets: bool = False,
) -> Table | None:
    """Table 1's form: systems by conditions, and their average.

    Args:
        entries: From `read_entries`.
        metric: `wer`, `macc` or `map`.
        mode: Of the answers.
        reported: Add the published rows (independent mode).
        intervals: Show 95 % intervals.
        mixed_datasets: Allow results of different datasets side by side, with a note.

    Returns:
        None if no entry has the metric in this mode.

    Raises:
        ValueError: The datasets differ, or a `scores.json` does not hold what it must.
    """
    shown = [entry for entry in entries if _runs(entry, mode, metric)]
    if not shown:
        return None
    check_datasets(shown, mixed_datasets)
    conditions = averaged_conditions(mode, metric)
    rows = [_condition_row(entry, mode, metric, intervals) for entry in shown]
    notes = [_ABOUT_DEVIATION, *_row_notes(rows, shown, mode), *unequal(shown, (metric,), (mode,))]
    notes += _without_average(rows)
    if intervals:
        notes.append(_ABOUT_INTERVAL)
    if reported and mode == "independent":
        rows += [_published_row(row) for row in published_rows(1) if row.metric == metric]
        notes += _reported_notes(shown, (metric,), (mode,))
    return Table(
        name=f"table1_{mode}_{metric}",
        title=f"{_SUBJECTS[metric].capitalize()} in each condition, mode {mode}: "
        f"{METRIC_NAMES[metric]} {_ARROWS[metric]} in %",
        heads=("System",),
        columns=(*map(_condition_column, CONDITIONS), Column("average", f"average of {len(conditions)}")),
        rows=_in_groups(rows),
        notes=tuple(notes),
    )


def strategy_table(
    entries: Sequence[Entry],
    *,
    modes: Sequence[str] = ("independent", "joint", "cot", "likelihood"),
    reported: bool = False,
    mixed_datasets: bool = False,
) -> Table | None:
    """Table 2's form: how a system was asked, and the averages over the five finite conditions.

    Args:
        entries: From `read_entries`.
        modes: The strategies to show, in this order; a system has a row for each that it was asked in.
        reported: Add the published rows.
        mixed_datasets: As in `condition_table`.

    Returns:
        None if no entry has such an average.

    Raises:
        ValueError: As `condition_table`.
    """
    rows: list[Row] = []
    shown: list[Entry] = []
    for entry in entries:
        asked = [mode for mode in modes if any(_runs(entry, mode, metric) for metric in METRIC_NAMES)]
        shown += [entry] if asked else []
        for mode in asked:
            cells = tuple(average_runs(_runs(entry, mode, metric), FINITE) for metric in METRIC_NAMES)
            rows.append(Row((entry.name, mode), cells, _kind(entry), _incomplete(entry, mode)))
    if not rows:
        return None
    check_datasets(shown, mixed_datasets)
    told = [note for mode in modes for note in _row_notes([row for row in rows if row.heads[1] == mode], shown, mode)]
    notes = [_ABOUT_DEVIATION, *dict.fromkeys(told), *unequal(shown, tuple(METRIC_NAMES), modes)]
    if reported:
        by_row: dict[tuple[str, str], dict[str, Figure]] = {}
        for row in published_rows(2):
            figure = Figure(row.average, row.average_deviation, row.runs)
            by_row.setdefault((row.system, row.mode), {})[row.metric] = figure
        rows += [
            Row(heads, tuple(figures[metric] for metric in METRIC_NAMES), "reported")
            for heads, figures in by_row.items()
            if heads[1] in modes
        ]
        notes += _reported_notes(shown, tuple(METRIC_NAMES), modes)
    return Table(
        name="table2",
        title="How it was asked: averages over the five finite conditions, in %",
        heads=("System", "Mode"),
        columns=tuple(Column(metric, f"{name} {_ARROWS[metric]}") for metric, name in METRIC_NAMES.items()),
        rows=_in_groups(rows),
        notes=tuple(notes),
    )


def rates_table(entries: Sequence[Entry]) -> Table | None:
    """What stands beside every score: how many answers never came, could not be read, refused or were empty.

    `runaway` are transcripts with more errors than the reference has words, which WER does not bound.

    Returns:
        None if nothing was scored.

    Raises:
        ValueError: A `scores.json` does not hold what it must.
    """
    rows = []
    for entry in entries:
        for mode, figures in _modes(entry).items():
            for task in ("asr", "asc", "at"):
                counts = _part(figures, "counts", entry).get(task)
                if counts is not None:
                    cells = _rates(counts, entry)
                    rows.append(Row((entry.name, mode, task), cells, _kind(entry), _incomplete(entry, mode)))
    if not rows:
        return None
    notes = [
        "missing: never came; unparsed: could not be read; empty: named nothing. These and refusals score as empty.",
        "runaway: transcripts with more word errors than the reference has words.",
    ]
    for entry in entries:
        notes += [f"{entry.name} is incomplete: {reason}." for reason in entry.result.incomplete]
        if cut := entry.result.answers.get("cut_short", 0):
            notes.append(f"{entry.name}: {cut} answers were cut at the length limit.")
        if probe := entry.figures.get("noise_probe"):
            notes.append(f"{entry.name}: {probe['words']} words heard in {probe['answered']} clips without speech.")
    columns = (*(Column(name, name) for name in ("answers", *_RATES)), Column("runaway", "runaway"))
    title = "Answers that are none, by task and mode"
    return Table("rates", title, ("System", "Mode", "Task"), columns, _in_groups(rows), tuple(notes))


def all_tables(
    entries: Sequence[Entry], *, reported: bool = False, intervals: bool = False, mixed_datasets: bool = False
) -> list[Table]:
    """Every table of a report: Table 1's form for each mode and metric, Table 2's, and the rates.

    Raises:
        ValueError: As `condition_table`.
    """
    check_datasets(entries, mixed_datasets)
    found = [
        condition_table(
            entries, metric, mode=mode, reported=reported, intervals=intervals, mixed_datasets=mixed_datasets
        )
        for mode in TASKS
        for metric in METRIC_NAMES
    ]
    found += [strategy_table(entries, reported=reported, mixed_datasets=mixed_datasets), rates_table(entries)]
    return [table for table in found if table is not None]


_ABOUT_DEVIATION = (
    "±: sample standard deviation over the runs; that of an average is over the runs' averages. None: one run."
)
_AGAIN = "python run_model.py score"
_ABOUT_INTERVAL = "In brackets: 95 % intervals, for the sampling of recordings and speakers, not for that of the runs."


def _modes(entry: Entry) -> Mapping[str, Any]:
    return _part(entry.figures, "modes", entry)


def _part(values: Mapping[str, Any], name: str, entry: Entry) -> Mapping[str, Any]:
    part = values.get(name)
    if not isinstance(part, Mapping):
        raise ValueError(f"{entry.folder}/scores.json: {name!r} is missing; make it anew: {_AGAIN} {entry.folder}")
    return part


def _runs(entry: Entry, mode: str, metric: str) -> list[dict[str, float]]:
    """For each run the metric of each condition; empty if it was not asked."""
    figures = _modes(entry).get(mode)
    if figures is None or metric not in figures:
        return []
    runs = figures.get("by_run")
    if not isinstance(runs, list):
        raise ValueError(f"{entry.folder}/scores.json: 'by_run' is missing; make it anew: {_AGAIN} {entry.folder}")
    return [
        {
            condition: _number(values[metric], entry)
            for condition, values in _part(run, "by_condition", entry).items()
            if metric in values
        }
        for run in runs
    ]


def _number(value: Any, entry: Entry) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(
            f"{entry.folder}/scores.json: {value!r:.40} is no figure; make it anew: {_AGAIN} {entry.folder}"
        )
    return float(value)


def _kind(entry: Entry) -> Kind:
    if entry.result.system == _UPPER_BOUND:
        return "upper bound"
    is_control = entry.result.system.startswith("control:") or entry.result.frontend["name"] in CONTROLS
    return "control" if is_control else "system"


def _incomplete(entry: Entry, mode: str) -> tuple[str, ...]:
    if entry.result.incomplete or _modes(entry)[mode].get("complete", False):
        return tuple(entry.result.incomplete)
    return ("answers are missing",)


def _condition_row(entry: Entry, mode: str, metric: str, intervals: bool) -> Row:
    runs = _runs(entry, mode, metric)
    conditions = averaged_conditions(mode, metric)
    cells = {condition: average_runs(runs, (condition,)) for condition in CONDITIONS}
    cells["all"] = average_runs(runs, conditions)
    if intervals:
        known = _modes(entry)[mode].get("intervals", {}).get(metric, {})
        if {condition for run in runs for condition in run} != set(conditions):
            known = {name: value for name, value in known.items() if name != "all"}  # it is of another average
        for name, value in known.items():
            figure = cells.get(name)
            if figure is not None:
                cells[name] = replace(figure, interval=(_number(value["low"], entry), _number(value["high"], entry)))
    return Row((entry.name,), tuple(cells.values()), _kind(entry), _incomplete(entry, mode))


def _condition_column(condition: str) -> Column:
    return Column(f"snr_{condition.lstrip('+')}", condition if condition.endswith("inf") else f"{condition} dB")


def _published_row(row: PublishedRow) -> Row:
    cells = [
        Figure(row.cells[name], row.deviations.get(name), row.runs) if name in row.cells else None
        for name in CONDITIONS
    ]
    average = Figure(row.average, row.average_deviation, row.runs)
    return Row((row.system,), (*cells, average), "reported")


def _row_notes(rows: Sequence[Row], entries: Sequence[Entry], mode: str) -> list[str]:
    """Why rows are incomplete, and which sampled systems were not asked as often as the paper asked."""
    notes = [f"{row.heads[0]} is incomplete: {'; '.join(row.incomplete)}." for row in rows if row.incomplete]
    for entry in entries:
        runs = len(_modes(entry)[mode]["by_run"]) if mode in _modes(entry) else RUNS
        if not entry.result.deterministic and runs != RUNS:
            notes.append(f"{entry.name}: {runs} run{'s' if runs > 1 else ''} ({mode}); the paper has {RUNS}.")
    return notes


def _without_average(rows: Sequence[Row]) -> list[str]:
    names = [row.heads[0] for row in rows if row.cells[-1] is None]
    return [f"No average, since conditions are missing: {', '.join(names)}."] if names else []


def _reported_notes(entries: Sequence[Entry], metrics: Sequence[str], modes: Sequence[str]) -> list[str]:
    notes = [f"reported: published in {SOURCE}, on the authors' own mixtures and with their own prompts."]
    if set(metrics) & {"macc", "map"}:
        others = [value for _, value in by_mode(entries, modes, embedder_name) if value.split(" at ")[0] != EMBEDDER]
        if others:
            notes.append(
                f"reported rows use the embedder {EMBEDDER}, ours {', '.join(dict.fromkeys(others))}: scene and event "
                "figures are not comparable."
            )
    return notes


def _rates(counts: Mapping[str, int], entry: Entry) -> tuple[Share | None, ...]:
    asked = int(_number(counts.get("answers"), entry))
    cells = [Share(int(_number(counts.get(name, 0), entry)), asked) for name in _RATES]
    runaway = counts.get("runaway")
    return (
        Share(asked, asked),
        *cells,
        None if runaway is None else Share(int(_number(runaway, entry)), asked),
    )


def _in_groups(rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: _KINDS.index(row.kind)))
