"""The tables of the paper, as records: pure functions of entries, from `scores.json` alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sseu_metric.conditions import CONDITIONS, finite, ordered
from sseu_metric.result_tables import cluster_notes
from sseu_metric.tasks import METRICS
from sseu_models.records import TASKS
from sseu_models.results.terminal import classes_left_out, never_came
from sseu_report.by_condition import averaged_conditions
from sseu_report.comparability import by_mode, embedder_name, parentheses_notes, unequal
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES, condition_name
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows
from sseu_report.tables.records import Cell, Column, Row, Table, cell_of, in_groups
from sseu_report.tables.response_rates import rates_table

_SUBJECTS = {"wer": "speech", "macc": "scene", "map": "events"}
_ARROWS = {"wer": "↓", "macc": "↑", "map": "↑"}
_IN_BRACKETS = "In brackets: 95 % intervals; none where nothing tells how much a score varies."


def condition_table(
    entries: Sequence[Entry],
    metric: str,
    *,
    mode: str = "independent",
    reported: bool = False,
    intervals: bool = False,
) -> Table | None:
    """The form of the paper's Table 1: systems by conditions, and their average.

    The columns are the conditions of the entries' dataset, and the paper's where published rows are shown.

    Args:
        entries: From `read_entries`.
        metric: `wer`, `macc` or `map`.
        mode: How the systems were asked.
        reported: Add the published rows (independent mode).
        intervals: Show 95 % intervals.

    Returns:
        None if no entry has the metric in this mode.
    """
    shown = [entry for entry in entries if entry.runs(mode, metric)]
    if not shown:
        return None
    reported = reported and mode == "independent"
    ours = _conditions(shown)
    columns = ordered((*ours, *CONDITIONS)) if reported else ours
    averaged = averaged_conditions(mode, metric, ours)
    rows = [_condition_row(entry, mode, metric, columns, averaged, intervals) for entry in shown]
    notes = [
        *_parentheses(rows),
        *_about_deviation(rows),
        *_numbers_of_runs(shown, mode),
        *_classes_left_out([(entry, mode) for entry in shown], (metric,)),
        *unequal(shown, (metric,), (mode,)),
    ]
    notes += _without_average(rows, shown, mode, metric)
    if intervals:
        notes += _about_intervals(shown, metric, mode)
    if reported:
        rows += [_published_row(row, columns) for row in published_rows(1) if row.metric == metric]
        notes += _reported_notes(shown, (metric,), (mode,))
        notes += _other_average(averaged, averaged_conditions(mode, metric, CONDITIONS))
    return Table(
        name=f"table1_{mode}_{metric}",
        title=f"{_SUBJECTS[metric].capitalize()} in each condition, mode {mode}: "
        f"{METRIC_NAMES[metric]} {_ARROWS[metric]} in %",
        heads=("System",),
        columns=(*map(_condition_column, columns), Column("average", f"average of {len(averaged)}")),
        rows=in_groups(rows),
        notes=tuple(notes),
    )


def strategy_table(entries: Sequence[Entry], *, reported: bool = False, intervals: bool = False) -> Table | None:
    """The form of the paper's Table 2: modes of asking, and the averages over the finite conditions.

    Args:
        entries: From `read_entries`.
        reported: Add the published rows.
        intervals: Show the 95 % interval of each average.

    Returns:
        None if no entry was asked anything.
    """
    rows: list[Row] = []
    modes: tuple[str, ...] = tuple(TASKS)
    asked = [(entry, mode) for entry in entries for mode in modes if mode in entry.modes]
    shown = list({entry.name: entry for entry, _ in asked}.values())
    averaged = finite(_conditions(shown))
    for entry, mode in asked:
        cells = tuple(_finite_cell(entry, mode, metric, averaged, intervals) for metric in METRIC_NAMES)
        rows.append(Row((entry.name, mode), cells, entry.kind, entry.limitations))
    if not rows:
        return None
    by_mode_notes = [note for mode in modes for note in _numbers_of_runs(shown, mode)]
    by_mode_notes += [
        f"{entry.name}, {mode}: {why}." for entry, mode in asked for why in entry.modes[mode].undefined.values()
    ]
    notes = [
        *_parentheses(rows),
        *_about_deviation(rows),
        *dict.fromkeys(by_mode_notes),
        *_classes_left_out(asked, tuple(METRIC_NAMES)),
        *([f"{_IN_BRACKETS} The tables by condition name their clusters."] if intervals else ()),
        *unequal(shown, tuple(METRIC_NAMES), modes),
    ]
    if reported:
        published: dict[tuple[str, str], dict[str, Cell]] = {}
        for row in published_rows(2):
            published.setdefault((row.system, row.mode), {})[row.metric] = _average_cell(row)
        rows += [
            Row(heads, tuple(cells_of[metric] for metric in METRIC_NAMES), "reported")
            for heads, cells_of in published.items()
        ]
        notes += _reported_notes(shown, tuple(METRIC_NAMES), modes)
        notes += _other_average(averaged, finite(CONDITIONS))
    return Table(
        name="table2",
        title=f"Modes of asking: averages over {', '.join(averaged) or 'no'} dB, in %",
        heads=("System", "Mode"),
        columns=tuple(Column(metric, f"{name} {_ARROWS[metric]}") for metric, name in METRIC_NAMES.items()),
        rows=in_groups(rows),
        notes=tuple(notes),
    )


def all_tables(entries: Sequence[Entry], *, reported: bool = False, intervals: bool = False) -> list[Table]:
    """Every table of a report: Table 1's form for each mode and metric, Table 2's, and the response rates."""
    found = [
        condition_table(entries, metric, mode=mode, reported=reported, intervals=intervals)
        for mode in TASKS
        for metric in METRIC_NAMES
    ]
    found += [strategy_table(entries, reported=reported, intervals=intervals), rates_table(entries)]
    return [table for table in found if table is not None]


def _finite_cell(entry: Entry, mode: str, metric: str, averaged: tuple[str, ...], intervals: bool) -> Cell | None:
    runs = entry.runs(mode, metric)
    cell = cell_of(runs, averaged)
    interval = entry.modes[mode].intervals.get(metric, {}).get("finite") if intervals else None
    same = finite(ordered(condition for run in runs for condition in run)) == averaged  # or it is of another average
    return (
        cell if cell is None or interval is None or not same else replace(cell, interval=(interval.low, interval.high))
    )


def _conditions(entries: Sequence[Entry]) -> tuple[str, ...]:
    return ordered(condition for entry in entries for condition in entry.conditions)


def _condition_row(
    entry: Entry, mode: str, metric: str, columns: Sequence[str], averaged: tuple[str, ...], intervals: bool
) -> Row:
    runs, scores = entry.runs(mode, metric), entry.modes[mode]
    cells = {condition: cell_of(runs, (condition,)) for condition in columns}
    cells["all"] = cell_of(runs, averaged)
    if intervals:
        known = dict(scores.intervals.get(metric, {}))
        if ordered(condition for run in runs for condition in run) != averaged:
            known.pop("all", None)  # it is the interval of another average
        for name, interval in known.items():
            if interval is not None and (cell := cells.get(name)) is not None:
                cells[name] = replace(cell, interval=(interval.low, interval.high))
    return Row((entry.name,), tuple(cells.values()), entry.kind, entry.limitations)


def _condition_column(condition: str) -> Column:
    return Column(f"snr_{condition.lstrip('+')}", condition_name(condition))


def _published_row(row: PublishedRow, columns: Sequence[str]) -> Row:
    cells = [
        Cell(row.cells[name], row.deviations.get(name), row.runs) if name in row.cells else None for name in columns
    ]
    return Row((row.system,), (*cells, _average_cell(row)), "reported")


def _average_cell(row: PublishedRow) -> Cell:
    return Cell(row.average, row.average_deviation, row.runs)


def _about_deviation(rows: Sequence[Row]) -> list[str]:
    if not any(isinstance(cell, Cell) and cell.deviation is not None for row in rows for cell in row.cells):
        return []
    return ["±: sample standard deviation over the runs; that of an average is over the runs' averages. None: one run."]


def _parentheses(rows: Sequence[Row]) -> list[str]:
    return parentheses_notes({row.heads[0]: row.limitations for row in rows if any(row.cells)})


def _about_intervals(entries: Sequence[Entry], metric: str, mode: str) -> list[str]:
    owners: dict[str, list[str]] = {}
    for entry in entries:
        if (clusters := entry.modes[mode].clusters.get(metric)) is not None:
            for note in cluster_notes({metric: clusters.json_values()}, entry.modes[mode].intervals):
                owners.setdefault(note, []).append(entry.name)
    others = (note if len(names) == len(entries) else f"{', '.join(names)}: {note}" for note, names in owners.items())
    return [_IN_BRACKETS, *(f"{note}." for note in others)]


def _numbers_of_runs(entries: Sequence[Entry], mode: str) -> list[str]:
    """Which sampled systems were not asked as often as the paper asked."""
    notes = []
    for entry in entries:
        runs = len(entry.modes[mode].by_run) if mode in entry.modes else RUNS
        if not entry.result.deterministic and runs != RUNS:
            notes.append(f"{entry.name}: {runs} run{'s' if runs > 1 else ''} ({mode}); the paper has {RUNS}.")
    return notes


def _classes_left_out(asked: Sequence[tuple[Entry, str]], metrics: Sequence[str]) -> list[str]:
    """Over how many classes a mean is formed where some have no clip, with the systems unless these are all."""
    owners: dict[str, dict[str, None]] = {}
    for entry, mode in asked:
        for metric, note in classes_left_out(entry.modes[mode]).items():
            if metric in metrics:
                owners.setdefault(note, {})[entry.name] = None
    everybody = {entry.name for entry, _ in asked}
    return [
        f"{note}." if names.keys() == everybody else f"{', '.join(names)}: {note}." for note, names in owners.items()
    ]


def _without_average(rows: Sequence[Row], entries: Sequence[Entry], mode: str, metric: str) -> list[str]:
    why = {entry.name: entry.modes[mode].undefined.get(METRICS[metric]) for entry in entries}
    missing = {entry.name: never_came(entry.modes[mode], METRICS[metric]) for entry in entries}
    causes = (*why.items(), *missing.items())
    notes = [f"{name}: {reason}." for name, reason in causes if reason is not None]
    names = [row.heads[0] for row in rows if row.cells[-1] is None and why[row.heads[0]] is None]
    return notes + ([f"No average, since conditions are missing: {', '.join(names)}."] if names else [])


def _other_average(ours: Sequence[str], papers: Sequence[str]) -> list[str]:
    if tuple(ours) == tuple(papers):
        return []
    return [f"reported averages are over {', '.join(papers)} dB, ours over {', '.join(ours)} dB: not comparable."]


def _reported_notes(entries: Sequence[Entry], metrics: Sequence[str], modes: Sequence[str]) -> list[str]:
    notes = [f"reported: published in {SOURCE}, on the authors' own mixtures and with their own prompts."]
    if set(metrics) & {"macc", "map"}:
        others = [value for _, value in by_mode(entries, modes, embedder_name) if value.split(" at ")[0] != EMBEDDER]
        if others:
            notes.append(
                f"reported rows use the embedder {EMBEDDER}, ours {', '.join(dict.fromkeys(others))}: scene and event "
                "scores are not comparable."
            )
    return notes
