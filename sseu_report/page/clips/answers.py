"""Every system's answers about the clips of the page: parsed, aligned, ranked, and raw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sseu_metric.answers import parse_answer
from sseu_metric.normalisers import Unit, normalise
from sseu_metric.rows import Rows
from sseu_metric.text_table import percent
from sseu_models.job import Key
from sseu_models.records import LABELS
from sseu_models.results.log import Answer
from sseu_report.by_condition import key_of
from sseu_report.entries import ScoredEntry
from sseu_report.findings.hard_cases import can_hit
from sseu_report.naming import metric_names
from sseu_report.page.clips.alignment import align_words
from sseu_report.page.clips.choice import outcomes
from sseu_report.page.clips.records import (
    MAX_ALIGNED_WORDS,
    MAX_TEXT_CHARACTERS,
    AnswerView,
    RankedLabel,
    RawText,
    TaskView,
)


def answers_of(scored: Sequence[ScoredEntry], ids: set[str]) -> dict[str, list[AnswerView]]:
    """By clip: every system's first answer in every mode.

    Args:
        scored: The entries; their order is that of `AnswerView.system`.
        ids: Ids of the clips.
    """
    found: defaultdict[str, list[AnswerView]] = defaultdict(list)
    for number, entry in enumerate(scored):
        for mode, scores in entry.scores.items():
            views: defaultdict[str, list[TaskView]] = defaultdict(list)
            raw: defaultdict[str, dict[str, RawText]] = defaultdict(dict)
            for task, rows in scores.tables.items():
                for identifier, view, text in _task_views(entry, mode, task, rows, ids):
                    views[identifier].append(view)
                    raw[identifier][text.task] = text
            for identifier, tasks in views.items():
                found[identifier].append(AnswerView(number, mode, tasks, list(raw[identifier].values())))
    return found


def _task_views(
    entry: ScoredEntry, mode: str, task: str, rows: Rows, ids: set[str]
) -> Iterator[tuple[str, TaskView, RawText]]:
    """The first run's answer to a task for each of some clips."""
    import numpy as np

    part = can_hit(rows.take(np.array([identifier in ids for identifier in rows["id"].tolist()], dtype=bool)), task)
    found = outcomes(part, task).tolist()
    runs: defaultdict[str, list[int]] = defaultdict(list)
    for place, identifier in enumerate(part["id"].tolist()):
        runs[identifier].append(place)
    transcripts = {clip.reference["id"]: clip.reference["transcript"] for clip in entry.clips}
    for identifier, places in runs.items():
        first = min(places, key=lambda place: part["run"][place])
        key = key_of(identifier, mode, task, int(part["run"][first]))
        answer = entry.answers.get(key)
        text = answer.text if answer is not None else None
        parsed = None if text is None else parse_answer(text, mode if key.task == "all" else task)  # type: ignore[arg-type]
        alignment: list[tuple[str, str, str]] = []
        if task == "asr":
            said_words = (parsed.transcript if parsed else None) or ""
            reference, hypothesis = normalise([transcripts[identifier] or "", said_words], entry.entry.normalizer)
            alignment = align_words(reference, hypothesis)
        yield (
            identifier,
            TaskView(
                task=task,
                outcome=found[first],
                status=str(part["status"][first]),
                rule=parsed.rules[task] if parsed else "",  # type: ignore[index]
                hits=sum(found[place] == "hit" for place in places),
                runs=len(places),
                said=_said(task, part, first, parsed, entry.entry.asr_unit),
                alignment=alignment[:MAX_ALIGNED_WORDS],
                cut_words=max(0, len(alignment) - MAX_ALIGNED_WORDS),
                ranking=[] if task == "asr" else _ranking(task, part, first),
            ),
            _raw(key, answer),
        )


def _said(task: str, rows: Rows, place: int, parsed: Any, unit: Unit) -> list[str]:
    if task == "asr":
        substituted, deleted, inserted, words = (int(count) for count in rows["counts"][place])
        rate = f"{percent(100 * (substituted + deleted + inserted) / words, 0)} %" if words else "not defined"
        name = metric_names(unit)["wer"]
        return [f"{name} {rate}: {substituted} substituted, {deleted} deleted, {inserted} inserted, {words} {unit}s"]
    if parsed is None:
        return []
    named = [parsed.scene] if task == "asc" else parsed.events
    return [name[:MAX_TEXT_CHARACTERS] for name in named or [] if name]


def _ranking(task: str, rows: Rows, place: int) -> list[RankedLabel]:
    """The labels with the highest confidences, and all annotated ones; none where the answer names none.

    Equal confidences share the worst of their ranks.
    """
    from scipy.stats import rankdata

    labels = LABELS[task]
    confidences = rows["confidences"][place]
    if not confidences.any():
        return []
    true = (
        [number == rows["reference"][place] for number in range(len(labels))] if task == "asc" else rows["truth"][place]
    )
    order = rankdata(-confidences, method="max")
    shown = max(3, sum(map(bool, true))) if task == "at" else 2
    found = [
        RankedLabel(label, round(float(confidences[number]), 4), int(order[number]), bool(true[number]))
        for number, label in enumerate(labels)
        if bool(true[number]) or order[number] <= shown
    ]
    return sorted(found, key=lambda item: (-item.confidence, item.label))


def _raw(key: Key, answer: Answer | None) -> RawText:
    if answer is None:
        text = "(no answer was recorded)"
    elif answer.text is not None:
        text = answer.text
    elif answer.scores is not None:
        labels = LABELS[key.task]
        text = "\n".join(f"{label}: {score:.6g}" for label, score in zip(labels, answer.scores, strict=True))
    else:
        text = f"(failed: {answer.error or 'no reason given'})"
    return RawText(key.task, text[:MAX_TEXT_CHARACTERS], len(text))
