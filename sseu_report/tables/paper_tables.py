"""Tables in the paper's form, as records: pure functions of entries, from `scores.json` alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sseu_metric.conditions import CONDITIONS
from sseu_models.job import FINITE
from sseu_models.records import TASKS
from sseu_report.comparability import by_mode, check_datasets, embedder_name, unequal
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows
from sseu_report.stored_scores import incomplete_reasons, modes_of, number_of, run_scores
from sseu_report.tables.averages import average_runs, averaged_conditions
from sseu_report.tables.records import Cell, Column, Row, Table, in_groups, kind_of
from sseu_report.tables.response_rates import rates_table

__all__ = ["all_tables", "condition_table", "strategy_table"]

_SUBJECTS = {"wer": "speech", "macc": "scene", "map": "events"}
_ARROWS = {"wer": "↓", "macc": "↑", "map": "↑"}
_ABOUT_INTERVAL = "In brackets: 95 % intervals, for the sampling of recordings and speakers, not for that of the runs."


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
    shown = [entry for entry in entries if run_scores(entry, mode, metric)]
    if not shown:
        return None
    check_datasets(shown, mixed_datasets)
    conditions = averaged_conditions(mode, metric)
    rows = [_condition_row(entry, mode, metric, intervals) for entry in shown]
    notes = [*_about_deviation(rows), *_row_notes(rows, shown, mode), *unequal(shown, (metric,), (mode,))]
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
        rows=in_groups(rows),
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
        asked = [mode for mode in modes if any(run_scores(entry, mode, metric) for metric in METRIC_NAMES)]
        shown += [entry] if asked else []
        for mode in asked:
            cells = tuple(average_runs(run_scores(entry, mode, metric), FINITE) for metric in METRIC_NAMES)
            rows.append(Row((entry.name, mode), cells, kind_of(entry), incomplete_reasons(entry, mode)))
    if not rows:
        return None
    check_datasets(shown, mixed_datasets)
    told = [note for mode in modes for note in _row_notes([row for row in rows if row.heads[1] == mode], shown, mode)]
    notes = [*_about_deviation(rows), *dict.fromkeys(told), *unequal(shown, tuple(METRIC_NAMES), modes)]
    if reported:
        by_row: dict[tuple[str, str], dict[str, Cell]] = {}
        for row in published_rows(2):
            figure = Cell(row.average, row.average_deviation, row.runs)
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
        rows=in_groups(rows),
        notes=tuple(notes),
    )


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


def _condition_row(entry: Entry, mode: str, metric: str, intervals: bool) -> Row:
    runs = run_scores(entry, mode, metric)
    conditions = averaged_conditions(mode, metric)
    cells = {condition: average_runs(runs, (condition,)) for condition in CONDITIONS}
    cells["all"] = average_runs(runs, conditions)
    if intervals:
        known = modes_of(entry)[mode].get("intervals", {}).get(metric, {})
        if {condition for run in runs for condition in run} != set(conditions):
            known = {name: value for name, value in known.items() if name != "all"}  # it is of another average
        for name, value in known.items():
            figure = cells.get(name)
            if figure is not None:
                cells[name] = replace(
                    figure, interval=(number_of(value["low"], entry), number_of(value["high"], entry))
                )
    return Row((entry.name,), tuple(cells.values()), kind_of(entry), incomplete_reasons(entry, mode))


def _condition_column(condition: str) -> Column:
    return Column(f"snr_{condition.lstrip('+')}", condition if condition.endswith("inf") else f"{condition} dB")


def _published_row(row: PublishedRow) -> Row:
    cells = [
        Cell(row.cells[name], row.deviations.get(name), row.runs) if name in row.cells else None for name in CONDITIONS
    ]
    average = Cell(row.average, row.average_deviation, row.runs)
    return Row((row.system,), (*cells, average), "reported")


def _about_deviation(rows: Sequence[Row]) -> list[str]:
    if not any(isinstance(cell, Cell) and cell.deviation is not None for row in rows for cell in row.cells):
        return []
    return ["±: sample standard deviation over the runs; that of an average is over the runs' averages. None: one run."]


def _row_notes(rows: Sequence[Row], entries: Sequence[Entry], mode: str) -> list[str]:
    """Why rows are incomplete, and which sampled systems were not asked as often as the paper asked."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        if row.incomplete:
            by_reason.setdefault("; ".join(row.incomplete), []).append(row.heads[0])
    told = "; ".join(f"{', '.join(names)} ({reason})" for reason, names in by_reason.items())
    notes = [f"Figures in parentheses are of incomplete results: {told}."] if told else []
    for entry in entries:
        runs = len(modes_of(entry)[mode]["by_run"]) if mode in modes_of(entry) else RUNS
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
