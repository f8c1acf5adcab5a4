"""Terminal output of a results folder: how much was answered, and the table of scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sseu_metric.conditions import CONDITIONS, finite, ordered
from sseu_metric.interval_notes import cluster_notes
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.result_tables import (
    hallucination_note,
    memory_note,
    skill_table,
    spelling_note,
    within_corpus_note,
)
from sseu_metric.tasks import metric_names
from sseu_metric.text_table import aligned, percent_range, score_cell
from sseu_models.results.whole_benchmark import whole_benchmark

if TYPE_CHECKING:
    from sseu_metric.normalisers import Unit
    from sseu_models.results.records import Result
    from sseu_models.results.scores_file import ModeScores, ScoresFile

METRIC_NAMES: Mapping[str, str] = {"wer": "WER", "macc": "mACC", "map": "mAP"}
"""How the metrics of the three tasks are written where errors of transcripts are counted in words."""

EMPTY_CLIPS: Mapping[str, str] = {"asr": "{}s where nobody speaks", "at": "events in speech alone"}
"""What each task of the noise probe names although it is not there; words or characters."""


def answer_lines(result: Result) -> Iterator[str]:
    """How many questions have an answer, what failed in which condition, latency, tokens, and what is incomplete."""
    answers = result.answers
    yield f"{result.system}: {answers.ok} of {answers.asked} questions answered"
    for condition, counts in answers.by_condition.items():
        if set(counts) != {"ok"}:
            yield f"  {condition:>5} dB: {', '.join(f'{count} {status}' for status, count in counts.items())}"
    if answers.cut_short:
        yield f"  answers cut at the length limit: {answers.cut_short} of {answers.ok}"
    if answers.restarted:
        yield f"  answers for which the system had to be restarted: {answers.restarted} of {answers.ok} (errors.log)"
    if answers.latency_median_s is not None:
        tokens = f"; {answers.input_tokens} tokens in, {answers.output_tokens} out" if answers.output_tokens else ""
        yield f"  latency {answers.latency_median_s} s (median), {answers.latency_95_s} s (95 %){tokens}"
    if result.speed is not None:
        yield f"  {result.speed}"
    if (whole := whole_benchmark(result)) is not None:
        yield f"  {whole}"
    for reason in result.incomplete:
        yield f"  incomplete: {reason}"
    if result.dataset.language != "en":
        yield f"  language of the dataset: {result.dataset.language}"


def score_lines(scores: ScoresFile) -> Iterator[str]:
    """The metrics of every mode in percent, and below them what the averages are over.

    Columns: the average with its interval, the average over the finite conditions (of the paper's, as in its Table 2)
    where all of them were asked, and each condition that was asked in any mode.
    """
    conditions = ordered(condition for found in scores.modes.values() for condition in found.by_condition)
    inner = finite(conditions)
    table_2 = any(average.finite is not None for found in scores.modes.values() for average in found.averages.values())
    heads = [f"{inner[0]} to {inner[-1]}"] if table_2 else []
    rows = [["%", "average", "95 % interval", *heads, *conditions]]
    owners: dict[str, list[str]] = {}
    for mode, found in scores.modes.items():
        for metric, name in _names(found).items():
            if metric in found.averages:
                interval = found.intervals.get(metric, {}).get("all")
                cells: list[float | str | None] = [
                    found.value(metric),
                    None if interval is None else percent_range(interval.low, interval.high),
                    *([found.averages[metric].finite] if table_2 else []),
                    *(found.by_condition.get(condition, {}).get(metric) for condition in conditions),
                ]
                rows.append([f"{mode} {name}", *(score_cell(cell, whole=not scores.limitations) for cell in cells)])
        for note in _mode_notes(found, whole=not scores.limitations):
            owners.setdefault(note, []).append(mode)
    yield from aligned(rows).splitlines()
    if any(cell.startswith("(") for row in rows for cell in row):
        yield from (f"  {line}" for line in in_parentheses({"": scores.limitations}))
    for note, names in owners.items():
        yield f"  {note}" if len(names) == len(scores.modes) else f"  {', '.join(names)}: {note}"
    if table_2:
        as_published = ", as in Table 2 of the paper" if inner == finite(CONDITIONS) else ""
        yield f"  {heads[0]}: average over {', '.join(inner)}{as_published}"
    skill = {mode: found.json_values().get("skill", {}) for mode, found in scores.modes.items()}
    units = {found.asr_unit for found in scores.modes.values()}
    unit: Unit = "character" if "character" in units else "word"  # modes without ASR count nothing
    if table := skill_table(skill, whole=not scores.limitations, names=metric_names(unit)):
        yield from ("", *table.splitlines())
    for mode, probes in scores.noise_probe.items():
        for task, probe in probes.items():
            spread = probe.json_values()["interval"]
            note = hallucination_note(
                EMPTY_CLIPS[task].format(unit), probe.per_clip, spread, whole=not scores.limitations
            )
            yield f"  {mode}: {note} ({probe.with_any} of {probe.answered} answers)"


def in_parentheses(limitations: Mapping[str, Sequence[str]]) -> list[str]:
    """The line below scores in parentheses: what that means, and why; none where all results are whole.

    Args:
        limitations: For each result that is shown, by name: its `Result.limitations`. Reasons that all of them share
            stand first, without names.
    """
    owners: dict[str, list[str]] = {}
    for name, reasons in limitations.items():
        for reason in reasons:
            owners.setdefault(reason, []).append(name)
    shared = [reason for reason, names in owners.items() if len(names) == len(limitations)]
    others = [f"{', '.join(names)}: {reason}" for reason, names in owners.items() if reason not in shared]
    meaning = "scores in parentheses are not scores of the whole benchmark"
    return [f"{meaning}: {'; '.join([*shared, *others])}"] if owners else []


def _mode_notes(found: ModeScores, *, whole: bool) -> Iterator[str]:
    """What must be read beside the scores of a mode; what all modes share is printed once."""
    if averaged := _averaged_over(found):
        yield f"average over {averaged}"
    yield from found.undefined.values()
    yield from filter(None, (never_came(found, task) for task in found.counts))
    yield from classes_left_out(found).values()
    if found.spelling is not None:
        yield spelling_note(found.spelling.json_values(), whole=whole)
    if found.within_corpus is not None:
        yield within_corpus_note(found.within_corpus.json_values(), whole=whole)
    if (events := found.hallucinated_events) is not None:
        interval = events.json_values().get("intervals", {}).get("all")
        yield hallucination_note("events that are named and not annotated", events.per_clip, interval, whole=whole)
    if found.memory is not None:
        yield memory_note(found.memory.json_values(), whole=whole, unit=found.asr_unit)
    ways = {"embedder": found.embedder and found.embedder.id, "normaliser": found.normalizer}
    if used := ", ".join(f"{name} {value}" for name, value in ways.items() if value):
        yield used
    shown = {name: found.clusters[name].json_values() for name in METRIC_NAMES if name in found.clusters}
    yield from cluster_notes(shown, found.intervals, metric_names(found.asr_unit))


def _names(found: ModeScores) -> Mapping[str, str]:
    """How the metrics of the three tasks are written for the scores of a mode."""
    return {metric: metric_names(found.asr_unit)[metric] for metric in METRIC_NAMES}


def never_came(found: ModeScores, task: str) -> str | None:
    """How many answers to a task are missing, and how they count; None where all came."""
    counts = found.counts.get(task, {})
    if not (missing := counts.get("missing")):
        return None
    return f"{task}: {missing} of {counts['answers']} answers never came; where others came they count as empty"


def classes_left_out(found: ModeScores) -> dict[str, str]:
    """By metric over how many classes a mean is formed where some have no clip, as in a run with a small limit."""
    classes = (("macc", "scenes", SCENES, found.left_out.scenes), ("map", "events", EVENTS, found.left_out.events))
    return {
        metric: f"{METRIC_NAMES[metric]} over {len(known) - len(absent)} of {len(known)} {name}"
        for metric, name, known, absent in classes
        if absent and found.value(metric) is not None
    }


def _averaged_over(found: ModeScores) -> str:
    """The conditions of each metric's average; metrics with the same ones stand together."""
    groups: dict[str, list[str]] = {}
    for metric, name in _names(found).items():
        if metric in found.averages and found.value(metric) is not None:
            groups.setdefault(", ".join(found.averages[metric].conditions) or "all conditions together", []).append(
                name
            )
    return "; ".join(f"{conditions} ({', '.join(names)})" for conditions, names in groups.items())
