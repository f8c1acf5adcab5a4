"""Response rates: missing, unparsed, refused and empty responses, and runaway transcripts.

The table is made from `scores.json`; where the answers are at hand the rates are known per condition too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sseu_metric.conditions import ordered
from sseu_metric.rows import Rows
from sseu_metric.tasks import TASKS
from sseu_metric.wer import runaway
from sseu_models.job import Key
from sseu_models.results.log import Answer
from sseu_models.results.whole_benchmark import whole_benchmark
from sseu_report.by_condition import key_of
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.naming import some_of
from sseu_report.tables.records import Column, Row, Share, Table, in_groups

WITHOUT_VALUE = ("missing", "unparsed", "refused", "empty")
"""The statuses of a response without a value, see `sseu_metric.answer_values.ParseStatus`."""


@dataclass(frozen=True)
class ResponseRates:
    """The responses to one task in one mode, in one condition or in all.

    Attributes:
        mode: How the system was asked.
        task: `asr`, `asc` or `at`.
        condition: Its name; None for all together.
        asked: Number of questions, over all runs.
        statuses: Number of responses by status (`sseu_metric.answer_values.ParseStatus`).
        runaway: Transcripts with more word errors than the reference has words; None for other tasks.
        failed: How many of the missing ones are failed requests, the others were never asked; None where unknown.
    """

    mode: str
    task: str
    condition: str | None
    asked: int
    statuses: Mapping[str, int]
    runaway: int | None
    failed: int | None = None


def find_response_rates(scored: ScoredEntry) -> tuple[ResponseRates, ...]:
    """The rates of every mode and task: all conditions together, then each."""
    found = []
    for mode, scores in scored.scores.items():
        for task, rows in scores.tables.items():
            found.append(_rates(mode, task, None, rows, scored.answers))
            for condition in ordered(rows["condition"].tolist()):
                part = rows.take(rows["condition"] == condition)
                found.append(_rates(mode, task, condition, part, scored.answers))
    return tuple(found)


def _rates(mode: str, task: str, condition: str | None, rows: Rows, answers: Mapping[Key, Answer]) -> ResponseRates:
    missing = rows.take(rows["status"] == "missing")
    keys = [key_of(name, mode, task, run) for name, run in zip(missing["id"], missing["run"].tolist(), strict=True)]
    return ResponseRates(
        mode=mode,
        task=task,
        condition=condition,
        asked=len(rows),
        statuses=dict(sorted(Counter(map(str, rows["status"].tolist())).items())),
        runaway=int(runaway(rows["counts"]).sum()) if task == "asr" else None,
        failed=sum(key in answers for key in keys),
    )


def stored_rates(entry: Entry) -> Iterator[ResponseRates]:
    """The rates of every mode and task, as `scores.json` counts them."""
    for mode, scores in entry.modes.items():
        for task in (task for task in TASKS if task in scores.counts):
            counts = dict(scores.counts[task])
            asked, endless = counts.pop("answers"), counts.pop("runaway", None)
            yield ResponseRates(mode, task, None, asked, counts, endless)


def rates_table(entries: Sequence[Entry]) -> Table | None:
    """The table beside every score: how many responses are missing, unparsed, refused, empty or runaway.

    Returns:
        None if nothing was scored.
    """
    rows = []
    for entry in entries:
        for rates in stored_rates(entry):
            cells = [Share(rates.statuses.get(name, 0), rates.asked) for name in WITHOUT_VALUE]
            endless = None if rates.runaway is None else Share(rates.runaway, rates.asked)
            rows.append(
                Row(
                    (entry.name, rates.mode, rates.task),
                    (Share(rates.asked, rates.asked), *cells, endless),
                    entry.kind,
                    entry.limitations,
                )
            )
    if not rows:
        return None
    notes = [
        "missing: no response; unparsed: no value found in it; empty: it names nothing. All score as empty answers.",
        "runaway: transcripts with more word errors than the reference has words.",
    ]
    incomplete: dict[str, list[str]] = {}
    details = []
    for entry in entries:
        for reason in entry.result.incomplete:
            incomplete.setdefault(reason, []).append(entry.name)
        if (speed := entry.result.speed) is not None:
            tokens = entry.result.answers.input_tokens, entry.result.answers.output_tokens
            counted = f"; {tokens[0]:,} tokens in, {tokens[1]:,} out" if any(tokens) else ""
            whole = whole_benchmark(entry.result)
            details.append(f"{entry.name}: {speed}{counted}{f'; {whole}' if whole else ''}.")
    notes += [f"{reason[0].upper()}{reason[1:]}: {some_of(names)}." for reason, names in incomplete.items()]
    answers = {entry.name: entry.result.answers for entry in entries}
    if cut := [f"{name} {found.cut_short}" for name, found in answers.items() if found and found.cut_short]:
        notes.append(f"Answers cut at the length limit: {some_of(cut)}.")
    columns = tuple(Column(name, name) for name in ("answers", *WITHOUT_VALUE, "runaway"))
    title = "Responses without a value, by task and mode"
    heads = ("System", "Mode", "Task")
    return Table("rates", title, heads, columns, in_groups(rows), tuple(notes), details=tuple(details))
