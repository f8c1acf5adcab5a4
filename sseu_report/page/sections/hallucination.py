"""What the systems say that they did not hear, as tables of texts for the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_metric.text_table import percent, percent_range, points, points_range, score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.naming import condition_name
from sseu_report.page.render import PageTable
from sseu_report.page.sections import in_short

if TYPE_CHECKING:
    from sseu_models.results.hallucinations import Memory
    from sseu_models.results.record import IntervalRecord
    from sseu_report.findings.collect import Findings


def hallucination_table(findings: Findings) -> PageTable:
    """Words remembered, words and events that are not there, beside WER and mAP, with a sentence for each system."""
    unit, wer = findings.asr_unit, findings.names["wer"]
    rows, sentences = [], []
    for name, modes in findings.hallucinations.items():
        whole = not findings.limitations[name]
        for found in modes:
            words, in_speech = found.probes.get("asr"), found.probes.get("at")
            cells = (
                found.wer,
                None if found.memory is None else _remembered(found.memory),
                None if words is None else _spread(words.per_clip, words.interval),
                found.map,
                None if found.events is None else _spread(found.events.per_clip, found.events.intervals.get("all")),
                None if in_speech is None else _spread(in_speech.per_clip, in_speech.interval),
            )
            rows.append((name, found.mode, *(score_cell(cell, whole=whole) for cell in cells)))
            sentences.append(f"{name}, {found.mode}: {found.sentence}.")
    about = (
        f"{unit.capitalize()}s remembered: share of the silenced {unit}s that are given behind cut-speech, and how "
        f"many points that is above what the end of another sentence gets. {unit.capitalize()}s per clip: where nobody "
        "speaks. Events per clip: named, by the table of names, and not annotated; annotators miss events too, so this "
        "is no pure fault of a system. In "
        f"speech alone nothing but speech sounds. Behind cut-speech {wer} is against the whole sentence."
    )
    notes = (about, *sentences, *parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows}))
    header = (
        "System",
        "Mode",
        f"{wer}, %",
        f"{unit}s remembered, %",
        f"hallucinated {unit}s per clip",
        "mAP, %",
        "hallucinated events per clip",
        "in speech alone",
    )
    return PageTable(
        "What is said and was not heard",
        header,
        rows,
        heads=2,
        notes=notes,
        sentence=in_short.first_said(findings.hallucinations),
    )


def memory_tables(findings: Findings) -> Iterator[PageTable]:
    """Words remembered in each condition, and of each sentence."""
    unit = findings.asr_unit.capitalize()
    found = [
        (name, mode.mode, mode.memory)
        for name, modes in findings.hallucinations.items()
        for mode in modes
        if mode.memory is not None
    ]
    whole = {name: not findings.limitations[name] for name, _, _ in found}
    notes = parentheses_notes({name: findings.limitations[name] for name, _, _ in found})
    conditions = ordered({condition for _, _, memory in found for condition in memory.by_condition})
    rows = [
        (name, mode, *(score_cell(_in_condition(memory, one), whole=whole[name]) for one in conditions))
        for name, mode, memory in found
    ]
    header = ("System", "Mode", *map(condition_name, conditions))
    yield PageTable(f"{unit}s remembered in each condition, %", header, rows, heads=2, notes=notes)
    sentences = [
        (
            name,
            mode,
            sentence,
            str(one.silenced),
            score_cell(_spread(one.words_remembered, one.interval), whole=whole[name]),
        )
        for name, mode, memory in found
        for sentence, one in sorted(memory.by_sentence.items(), key=lambda item: -item[1].words_remembered)
    ]
    header = ("System", "Mode", "Sentence", f"silenced {findings.asr_unit}s", "remembered, %")
    yield PageTable(f"{unit}s remembered of each sentence", header, sentences, heads=2, words=1, notes=notes)


def _in_condition(memory: Memory, condition: str) -> str | None:
    value = memory.by_condition.get(condition)
    return None if value is None else _spread(value, memory.intervals.get(condition))


def _remembered(memory: Memory) -> str:
    text = _spread(memory.words_remembered, memory.intervals.get("all"))
    if memory.difference is None:
        return text
    above = memory.interval
    return f"{text}; {points(memory.difference)}" + (f" [{points_range(above.low, above.high)}]" if above else "")


def _spread(value: float, interval: IntervalRecord | None) -> str:
    return percent(value) + (f" [{percent_range(interval.low, interval.high)}]" if interval else "")
