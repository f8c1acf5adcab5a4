"""The clips of the page: audio, spectrogram, reference, and what every system answered, as plain records.

Everything a model wrote stays text here; `page` and its script put it on the page as text.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_metric.answers import parse_answer
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.normalisers import DEFAULT_NORMALISER, normalise
from sseu_metric.scores import Rows
from sseu_models.answer_log import Answer, Key
from sseu_models.job import Reference
from sseu_report.alignment import align_words
from sseu_report.clip_choice import Chosen, judged, outcomes, ranks, scene_name
from sseu_report.entries import ScoredEntry
from sseu_report.spectrogram import RATE_HZ, draw_spectrogram, encode_audio

if TYPE_CHECKING:
    from datasets import Dataset

LONGEST_TEXT = 3_000
"""Characters of a raw answer that the page holds; the log has the rest."""
LONGEST_ALIGNMENT = 300
"""Words of an alignment that the page holds: an endless answer is told in numbers."""
_LABELS: Mapping[str, Sequence[str]] = {"asc": SCENES, "at": EVENTS}


@dataclass(frozen=True)
class Ranked:
    """A label as an answer ranks it.

    Attributes:
        label: Scene or event.
        confidence: Of eq. (1) or (3), or a classifier's own score.
        rank: 1 for the highest; equal ones share the worst of their ranks.
        true: The clip has it.
    """

    label: str
    confidence: float
    rank: int
    true: bool


@dataclass(frozen=True)
class TaskView:
    """What an answer says about one task.

    Attributes:
        task: `asr`, `asc` or `at`.
        outcome: `hit`, `missed` or `failed`, see `clip_choice.outcomes`.
        status: How the answer was read.
        hits: In how many runs it is a hit.
        runs: How many runs there are.
        said: The scene or the events in the answer's words; for `asr` the figures of the alignment.
        alignment: `asr`: [kind, word of the reference, word of the answer] each.
        cut_words: `asr`: steps of the alignment that are left out.
        ranking: `asc`, `at`: the first labels, and the true ones.
    """

    task: str
    outcome: str
    status: str
    hits: int
    runs: int
    said: Sequence[str]
    alignment: Sequence[Sequence[str]] = ()
    cut_words: int = 0
    ranking: Sequence[Ranked] = ()


@dataclass(frozen=True)
class RawText:
    """An answer as it came, at most `LONGEST_TEXT` characters.

    Attributes:
        task: What was asked; `all` for the three tasks in one.
        text: The answer, or why there is none.
        characters: Length of the whole.
    """

    task: str
    text: str
    characters: int


@dataclass(frozen=True)
class AnswerView:
    """What one system answered about a clip in one mode, in its first run.

    Attributes:
        system: Position in the page's list of systems.
        mode: How it was asked.
        tasks: One each.
        raw: As it came.
    """

    system: int
    mode: str
    tasks: Sequence[TaskView]
    raw: Sequence[RawText]


@dataclass(frozen=True)
class Span:
    """Where something sounds, in seconds of the clip."""

    name: str
    onset_s: float
    offset_s: float


@dataclass(frozen=True)
class ClipCard:
    """A clip on the page.

    Attributes:
        id: Of the mixture.
        pair: Of its pair.
        condition: One of `CONDITIONS`.
        scene: By name; empty for speech alone.
        events: By name.
        transcript: What is said; empty for background alone.
        source: Corpora and speaker, for the reader.
        reason: Why it is shown.
        audio: data URI of an MP3, or None.
        spectrogram: data URI of a PNG, or None.
        spans: Where the speech and each event sound.
        answers: Of every system in every mode.
    """

    id: str
    pair: str
    condition: str
    scene: str
    events: Sequence[str]
    transcript: str
    source: str
    reason: str
    audio: str | None
    spectrogram: str | None
    spans: Sequence[Span]
    answers: Sequence[AnswerView]


def clip_cards(scored: Sequence[ScoredEntry], chosen: Sequence[Chosen], rows: Dataset | None) -> Iterator[ClipCard]:
    """A card for each chosen clip, one at a time, since audio and spectrogram take work.

    Args:
        scored: The entries, of one dataset; their order is that of `AnswerView.system`.
        chosen: From `clip_choice.choose_clips`.
        rows: The dataset with its audio as bytes (`sseu_dataset.loading.load`); None shows no audio.

    Raises:
        DatasetError: A clip's audio cannot be decoded.
    """
    clips = {clip.reference["id"]: clip for entry in scored for clip in entry.clips}
    answers = _answers(scored, {item.id for item in chosen})
    for item in chosen:
        clip = clips[item.id]
        row = None if rows is None else rows[clip.index]
        audio, picture = (None, None) if row is None else _media(row)
        yield ClipCard(
            id=item.id,
            pair=clip.reference["pair_id"],
            condition=clip.reference["snr"],
            scene=scene_name(clip.reference),
            events=[event if isinstance(event, str) else EVENTS[event] for event in clip.reference["events"] or []],
            transcript=clip.reference["transcript"] or "",
            source=_source(clip.reference),
            reason=item.reason,
            audio=audio,
            spectrogram=picture,
            spans=[] if row is None else _spans(row),
            answers=answers.get(item.id, []),
        )


def has_audio(rows: Dataset) -> bool:
    """Whether a dataset carries its audio; one published as a recipe does not."""
    return rows[0]["audio"].get("bytes") is not None


def _media(row: Mapping[str, Any]) -> tuple[str, str]:
    from sseu_dataset.loading import load_audio

    samples = load_audio(row, RATE_HZ)
    return _data_uri("audio/mpeg", encode_audio(samples)), _data_uri("image/png", draw_spectrogram(samples))


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _spans(row: Mapping[str, Any]) -> list[Span]:
    found = []
    if row["speech_onset_s"] is not None:
        onset_s = row["speech_onset_s"]
        found.append(Span("speech", onset_s, onset_s + row["speech_duration_s"]))
    for segment in row["event_segments"] or []:
        event = segment["event"]
        found.append(Span(event if isinstance(event, str) else EVENTS[event], segment["onset_s"], segment["offset_s"]))
    return found


def _source(row: Reference) -> str:
    speaker = [row["speaker_id"], row["speaker_gender"], row["speaker_accent"]]
    voice = "speaker " + ", ".join(text for text in speaker if text) if row["speaker_id"] else ""
    background = f"{row['background_corpus']} {row['source_recording_id']}" if row["background_corpus"] else ""
    return "; ".join(part for part in (voice, background) if part)


def _answers(scored: Sequence[ScoredEntry], ids: set[str]) -> dict[str, list[AnswerView]]:
    found: defaultdict[str, list[AnswerView]] = defaultdict(list)
    for number, entry in enumerate(scored):
        normalizer = entry.entry.result.scoring.get("normalizer") or DEFAULT_NORMALISER
        for mode, scores in entry.scores.items():
            views: defaultdict[str, list[TaskView]] = defaultdict(list)
            raw: defaultdict[str, dict[str, RawText]] = defaultdict(dict)
            for task, rows in scores.tables.items():
                for identifier, view, key, answer in _task_views(entry, mode, task, rows, ids, normalizer):
                    views[identifier].append(view)
                    raw[identifier][key.task] = _raw(key, answer)
            for identifier, tasks in views.items():
                found[identifier].append(AnswerView(number, mode, tasks, list(raw[identifier].values())))
    return found


def _task_views(
    entry: ScoredEntry, mode: str, task: str, rows: Rows, ids: set[str], normalizer: str
) -> Iterator[tuple[str, TaskView, Key, Answer | None]]:
    """The first run's answer to a task for each of some clips."""
    import numpy as np

    part = judged(rows.take(np.array([identifier in ids for identifier in rows["id"].tolist()], dtype=bool)), task)
    found = outcomes(part, task).tolist()
    runs: defaultdict[str, list[int]] = defaultdict(list)
    for place, identifier in enumerate(part["id"].tolist()):
        runs[identifier].append(place)
    transcripts = {clip.reference["id"]: clip.reference["transcript"] for clip in entry.clips}
    together = "all" if mode in ("joint", "cot") else task
    for identifier, places in runs.items():
        first = min(places, key=lambda place: part["run"][place])
        key = Key(identifier, mode, together, int(part["run"][first]))
        answer = entry.answers.get(key)
        text = answer.text if answer is not None else None
        parsed = None if text is None else parse_answer(text, mode if together == "all" else task)  # type: ignore[arg-type]
        alignment: list[Sequence[str]] = []
        if task == "asr":
            said_words = (parsed.transcript if parsed else None) or ""
            reference, hypothesis = normalise([transcripts[identifier] or "", said_words], normalizer)
            alignment = [(step.kind, step.reference, step.hypothesis) for step in align_words(reference, hypothesis)]
        yield (
            identifier,
            TaskView(
                task=task,
                outcome=found[first],
                status=str(part["status"][first]),
                hits=sum(found[place] == "hit" for place in places),
                runs=len(places),
                said=_said(task, part, first, parsed),
                alignment=alignment[:LONGEST_ALIGNMENT],
                cut_words=max(0, len(alignment) - LONGEST_ALIGNMENT),
                ranking=[] if task == "asr" else _ranking(task, part, first),
            ),
            key,
            answer,
        )


def _said(task: str, rows: Rows, place: int, parsed: Any) -> list[str]:
    if task == "asr":
        substituted, deleted, inserted, words = (int(count) for count in rows["counts"][place])
        rate = f"{100 * (substituted + deleted + inserted) / words:.0f} %" if words else "not defined"
        return [f"WER {rate}: {substituted} substituted, {deleted} deleted, {inserted} inserted, {words} words"]
    if parsed is None:
        return []
    named = [parsed.scene] if task == "asc" else parsed.events
    return [name[:LONGEST_TEXT] for name in named or [] if name]


def _ranking(task: str, rows: Rows, place: int) -> list[Ranked]:
    """The first three labels or as many as are true, and all true ones; nothing where nothing was said."""
    labels = _LABELS[task]
    confidences = rows["confidences"][place]
    if not confidences.any():
        return []
    true = (
        [number == rows["reference"][place] for number in range(len(labels))] if task == "asc" else rows["truth"][place]
    )
    order = ranks(confidences[None])[0]
    shown = max(3, sum(map(bool, true))) if task == "at" else 2
    found = [
        Ranked(label, round(float(confidences[number]), 4), int(order[number]), bool(true[number]))
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
        labels = _LABELS[key.task]
        text = "\n".join(f"{label}: {score:.6g}" for label, score in zip(labels, answer.scores, strict=True))
    else:
        text = f"(failed: {answer.error or 'no reason given'})"
    return RawText(key.task, text[:LONGEST_TEXT], len(text))
