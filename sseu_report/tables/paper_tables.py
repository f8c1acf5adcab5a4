"""The tables of the paper, as records: pure functions of entries, from `scores.json` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sseu_metric.conditions import CONDITIONS, finite, ordered
from sseu_metric.interval_notes import cluster_notes
from sseu_metric.tasks import METRICS
from sseu_models.records import TASKS
from sseu_models.results.terminal import classes_left_out, never_came
from sseu_report.by_condition import averaged_conditions
from sseu_report.comparability import by_mode, embedder_name, parentheses_notes, unequal
from sseu_report.entries import Entry
from sseu_report.naming import METRIC_NAMES, condition_name, metric_names, some_of
from sseu_report.paper import EMBEDDER, RUNS, SOURCE, PublishedRow, published_rows
from sseu_report.tables.records import Cell, Column, Row, Standings, Table, cell_of, in_groups
from sseu_report.tables.response_rates import rates_table

_SUBJECTS = {"wer": "speech", "macc": "scene", "map": "events"}
ARROWS = {"wer": "↓", "macc": "↑", "map": "↑"}
_UNRANKED: Standings = MappingProxyType({})


def condition_table(
    entries: Sequence[Entry],
    metric: str,
    *,
    mode: str = "independent",
    standings: Standings = _UNRANKED,
    reported: bool = False,
) -> Table | None:
    """The form of the paper's Table 1: systems by conditions, and their average.

    The columns are the conditions in which a row has a score; the average stands behind them.

    Args:
        entries: From `read_entries`, in the order of the rows.
        metric: `wer`, `macc` or `map`.
        mode: How the systems were asked.
        standings: From `findings.ranks.find_standings`; none leaves the marks out.
        reported: Add the published rows (independent mode).

    Returns:
        None if no entry has the metric in this mode.
    """
    shown = [entry for entry in entries if entry.runs(mode, metric)]
    if not shown:
        return None
    names = metric_names(shown[0].asr_unit)
    reported = reported and mode == "independent" and names[metric] == METRIC_NAMES[metric]  # the paper has no CER
    ours = _conditions(shown)
    asked = ordered((*ours, *CONDITIONS)) if reported else ours
    averaged = averaged_conditions(mode, metric, ours)
    cells = [_condition_cells(entry, mode, metric, asked, averaged, standings) for entry in shown]
    published = [row for row in published_rows(1) if row.metric == metric] if reported else []
    theirs = [_published_cells(row) for row in published]
    columns = [name for name in asked if any(found.get(name) is not None for found in (*cells, *theirs))]
    rows = [
        Row((entry.name,), tuple(found[key] for key in (*columns, "all")), entry.kind, entry.limitations)
        for entry, found in zip(shown, cells, strict=True)
    ]
    notes = [
        *_parentheses(rows),
        *_numbers_of_runs(shown, (mode,)),
        *_classes_left_out([(entry, mode) for entry in shown], (metric,)),
        *unequal(shown, (metric,), (mode,)),
        *_without_average(rows, shown, mode, metric),
    ]
    if reported:
        rows += [
            Row((row.system,), tuple(found.get(key) for key in (*columns, "all")), "reported")
            for row, found in zip(published, theirs, strict=True)
        ]
        notes += _reported_notes(shown, (metric,), (mode,))
        notes += _other_average(averaged, averaged_conditions(mode, metric, CONDITIONS))
    return Table(
        name=f"table1_{mode}_{metric}",
        title=f"{_SUBJECTS[metric].capitalize()}: {names[metric]} {ARROWS[metric]} in % at each SNR (dB) and "
        f"averaged over {len(averaged)}, mode {mode}",
        heads=("System",),
        columns=(*map(_condition_column, columns), Column("average", "average")),
        rows=in_groups(rows),
        notes=tuple(notes),
        about_intervals=tuple(_about_clusters(shown, metric, mode)),
    )


def strategy_table(
    entries: Sequence[Entry], *, standings: Standings = _UNRANKED, reported: bool = False
) -> Table | None:
    """The form of the paper's Table 2: modes of asking, and the averages over the finite conditions.

    Args:
        entries: From `read_entries`, in the order of the rows.
        standings: From `findings.ranks.find_standings`; none leaves the marks out.
        reported: Add the published rows.

    Returns:
        None if no entry was asked anything.
    """
    rows: list[Row] = []
    modes: tuple[str, ...] = tuple(TASKS)
    asked = [(entry, mode) for entry in entries for mode in modes if mode in entry.modes]
    shown = list({entry.name: entry for entry, _ in asked}.values())
    averaged = finite(_conditions(shown))
    for entry, mode in asked:
        cells = tuple(_cell(entry, mode, metric, "finite", averaged, standings) for metric in METRIC_NAMES)
        rows.append(Row((entry.name, mode), cells, entry.kind, entry.limitations))
    if not rows:
        return None
    names = metric_names(shown[0].asr_unit)
    undefined = [
        f"{entry.name}, {mode}: {why}." for entry, mode in asked for why in entry.modes[mode].undefined.values()
    ]
    notes = [
        *_parentheses(rows),
        *_numbers_of_runs(shown, modes),
        *dict.fromkeys(undefined),
        *_classes_left_out(asked, tuple(METRIC_NAMES)),
        *unequal(shown, tuple(METRIC_NAMES), modes),
    ]
    if reported:
        published: dict[tuple[str, str], dict[str, Cell]] = {}
        for row in published_rows(2):
            published.setdefault((row.system, row.mode), {})[row.metric] = _average_cell(row)
        same = [metric for metric in METRIC_NAMES if names[metric] == METRIC_NAMES[metric]]  # the paper has no CER
        rows += [
            Row(heads, tuple(cells_of[metric] if metric in same else None for metric in METRIC_NAMES), "reported")
            for heads, cells_of in published.items()
        ]
        notes += _reported_notes(shown, tuple(METRIC_NAMES), modes)
        notes += _other_average(averaged, finite(CONDITIONS))
    kept = [number for number in range(len(METRIC_NAMES)) if any(row.cells[number] is not None for row in rows)]
    kept = kept or list(range(len(METRIC_NAMES)))  # where nothing has a score, this is what the table says
    columns = [metric_column(metric, names) for metric in names]
    return Table(
        name="table2",
        title=f"Modes of asking: averages over {', '.join(averaged) or 'no'} dB, in %",
        heads=("System", "Mode"),
        columns=tuple(columns[number] for number in kept),
        rows=in_groups([replace(row, cells=tuple(row.cells[number] for number in kept)) for row in rows]),
        notes=tuple(notes),
        details=("The tables by condition name the clusters of intervals.",),
        ranked_in="its column and mode",
    )


def all_tables(entries: Sequence[Entry], *, standings: Standings = _UNRANKED, reported: bool = False) -> list[Table]:
    """Every table of a report: Table 1's form for each mode and metric, Table 2's, and the response rates."""
    found = [
        condition_table(entries, metric, mode=mode, standings=standings, reported=reported)
        for mode in TASKS
        for metric in METRIC_NAMES
    ]
    found += [strategy_table(entries, standings=standings, reported=reported), rates_table(entries)]
    return [table for table in found if table is not None]


def metric_column(metric: str, names: Mapping[str, str]) -> Column:
    """The column of a metric, which has its name in files too: `cer` where characters are counted."""
    return Column(names[metric].lower(), f"{names[metric]} {ARROWS[metric]}")


def _condition_cells(
    entry: Entry, mode: str, metric: str, conditions: Sequence[str], averaged: tuple[str, ...], standings: Standings
) -> dict[str, Cell | None]:
    """The score in each condition, and the average as `all`."""
    keys = {**{condition: (condition,) for condition in conditions}, "all": averaged}
    return {key: _cell(entry, mode, metric, key, over, standings) for key, over in keys.items()}


def _cell(entry: Entry, mode: str, metric: str, key: str, over: tuple[str, ...], standings: Standings) -> Cell | None:
    """An average over some conditions with its interval and mark, which `key` names."""
    runs = entry.runs(mode, metric)
    if (cell := cell_of(runs, over)) is None:
        return None
    asked = ordered(condition for run in runs for condition in run)
    if {"all": asked, "finite": finite(asked)}.get(key, over) != over:
        return cell  # interval and mark are of another average
    bounds = entry.modes[mode].intervals.get(metric, {}).get(key)
    return replace(
        cell,
        interval=None if bounds is None else (bounds.low, bounds.high),
        standing=standings.get((entry.name, mode, metric), {}).get(key),
    )


def _conditions(entries: Sequence[Entry]) -> tuple[str, ...]:
    return ordered(condition for entry in entries for condition in entry.conditions)


def _condition_column(condition: str) -> Column:
    return Column(f"snr_{condition.lstrip('+')}", condition_name(condition))


def _published_cells(row: PublishedRow) -> dict[str, Cell | None]:
    cells = {name: Cell(value, row.deviations.get(name), row.runs) for name, value in row.cells.items()}
    return {**cells, "all": _average_cell(row)}


def _average_cell(row: PublishedRow) -> Cell:
    return Cell(row.average, row.average_deviation, row.runs)


def _parentheses(rows: Sequence[Row]) -> list[str]:
    return parentheses_notes({row.heads[0]: row.limitations for row in rows if any(row.cells)})


def _about_clusters(entries: Sequence[Entry], metric: str, mode: str) -> list[str]:
    owners: dict[str, list[str]] = {}
    for entry in entries:
        if (clusters := entry.modes[mode].clusters.get(metric)) is not None:
            names, intervals = metric_names(entry.asr_unit), entry.modes[mode].intervals
            for note in cluster_notes({metric: clusters.json_values()}, intervals, names):
                owners.setdefault(note, []).append(entry.name)
    # What is said of all intervals there are needs no names, nor does what is said of all entries.
    known = [entry.name for entry in entries if any(entry.modes[mode].intervals.get(metric, {}).values())]
    everybody = (known, [entry.name for entry in entries])
    return [f"{note}." if names in everybody else f"{some_of(names)}: {note}." for note, names in owners.items()]


def _numbers_of_runs(entries: Sequence[Entry], modes: Sequence[str]) -> list[str]:
    """Which sampled systems were not asked as often as the paper asked."""
    owners: dict[int, dict[str, list[str]]] = {}
    for entry in entries:
        for mode in modes:
            runs = len(entry.modes[mode].by_run) if mode in entry.modes else RUNS
            if not entry.result.deterministic and runs != RUNS:
                owners.setdefault(runs, {}).setdefault(entry.name, []).append(mode)
    notes = []
    for runs, named in owners.items():
        who = some_of(f"{name} ({', '.join(asked)})" for name, asked in named.items())
        notes.append(f"{runs} run{'s' if runs > 1 else ''}, where the paper has {RUNS}: {who}.")
    return notes


def _classes_left_out(asked: Sequence[tuple[Entry, str]], metrics: Sequence[str]) -> list[str]:
    """Over how many classes a mean is formed where some have no clip, with the systems unless these are all."""
    owners: dict[str, dict[str, None]] = {}
    for entry, mode in asked:
        for metric, note in classes_left_out(entry.modes[mode]).items():
            if metric in metrics:
                owners.setdefault(note, {})[entry.name] = None
    everybody = {entry.name for entry, _ in asked}
    return [f"{note}." if names.keys() == everybody else f"{some_of(names)}: {note}." for note, names in owners.items()]


def _without_average(rows: Sequence[Row], entries: Sequence[Entry], mode: str, metric: str) -> list[str]:
    why = {entry.name: entry.modes[mode].undefined.get(METRICS[metric]) for entry in entries}
    missing = {entry.name: never_came(entry.modes[mode], METRICS[metric]) for entry in entries}
    causes = (*why.items(), *missing.items())
    notes = [f"{name}: {reason}." for name, reason in causes if reason is not None]
    names = [row.heads[0] for row in rows if row.cells[-1] is None and why[row.heads[0]] is None]
    return notes + ([f"No average, since conditions are missing: {some_of(names)}."] if names else [])


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
