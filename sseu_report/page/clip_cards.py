"""The cards of the page's clips: audio, spectrogram, times of sounds, reference and answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sseu_metric.labels import EVENTS
from sseu_models.job import Reference
from sseu_report.entries import ScoredEntry
from sseu_report.page.clip_answers import answers_of
from sseu_report.page.clip_choice import ChosenClip, scene_name
from sseu_report.page.clip_records import ClipCard, Span
from sseu_report.page.spectrogram import RATE_HZ, draw_spectrogram, encode_audio

if TYPE_CHECKING:
    from datasets import Dataset


def clip_cards(scored: Sequence[ScoredEntry], chosen: Sequence[ChosenClip], rows: Dataset | None) -> Iterator[ClipCard]:
    """A card for each chosen clip, one at a time, since audio and spectrogram take work.

    Args:
        scored: The entries, all about one dataset; their order is that of `AnswerView.system`.
        chosen: From `clip_choice.choose_clips`.
        rows: The dataset with its audio as bytes (`sseu_dataset.load`); None shows no audio.

    Raises:
        DatasetError: A clip's audio cannot be decoded.
    """
    clips = {clip.reference["id"]: clip for entry in scored for clip in entry.clips}
    answers = answers_of(scored, {item.id for item in chosen})
    for item in chosen:
        clip = clips[item.id]
        row = None if rows is None else rows[clip.index]
        audio, picture = (None, None) if row is None else _media(row)
        yield ClipCard(
            id=item.id,
            pair=clip.reference["pair_id"],
            condition=clip.reference["snr"],
            scene=scene_name(clip.reference),
            events=[_event_name(event) for event in clip.reference["events"] or []],
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
        found.append(Span(_event_name(segment["event"]), segment["onset_s"], segment["offset_s"]))
    return found


def _source(row: Reference) -> str:
    speaker = [row["speaker_id"], row["speaker_gender"], row["speaker_accent"]]
    voice = "speaker " + ", ".join(text for text in speaker if text) if row["speaker_id"] else ""
    background = f"{row['background_corpus']} {row['source_recording_id']}" if row["background_corpus"] else ""
    return "; ".join(part for part in (voice, background) if part)


def _event_name(event: int | str) -> str:
    return event if isinstance(event, str) else EVENTS[event]
