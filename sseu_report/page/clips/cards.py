"""The clips of the page: how they were chosen, and a card for each with audio, reference and answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sseu_metric.answer_account import STRUCTURE, phrase_examples
from sseu_metric.labels import EVENTS
from sseu_models.planning import Reference
from sseu_report.entries import ScoredEntry
from sseu_report.page.clips.answers import answers_of
from sseu_report.page.clips.choice import ChosenClip, choose_clips, scene_name, voters
from sseu_report.page.clips.mostly_wrong import mostly_wrong
from sseu_report.page.clips.records import ClipCard, Span
from sseu_report.page.clips.spectrogram import RATE_HZ, draw_spectrogram, encode_audio
from sseu_report.page.render import ClipSection, script_json

if TYPE_CHECKING:
    from datasets import Dataset


def clip_section(
    scored: Sequence[ScoredEntry],
    count: int,
    max_bytes: int,
    *,
    listed: Sequence[str] = (),
    unscored: str | None = None,
    progress: bool = False,
) -> ClipSection:
    """The section of the clips.

    Args:
        scored: The entries of the report, all about one dataset.
        count: Maximum number of clips.
        max_bytes: Maximum size of the cards as JSON.
        listed: Ids of the hard cases that the page lists, the first ones first.
        unscored: Why there are no scored entries.
        progress: Show a bar on a terminal.

    Raises:
        DatasetError: A clip's audio cannot be decoded.
    """
    from tqdm import tqdm

    if unscored is not None:
        return ClipSection([f"There are no clips here, since the dataset is not at hand: {unscored}."])
    if not count:
        return ClipSection(["This report was made without clips."])
    rows = scored[0].dataset.rows
    audible = (rows[0]["audio"] or {}).get("bytes") is not None  # one published as a recipe has none
    chosen = choose_clips(scored, count, listed)
    cards: list[ClipCard] = []
    left = max_bytes
    made = clip_cards(scored, chosen, rows if audible else None)
    bar = tqdm(made, total=len(chosen), desc="clips", unit="clip", disable=None if progress else True, leave=False)
    for card in bar:
        left -= len(script_json(asdict(card))) + 1
        if left < 0:
            break
        cards.append(card)
    place = {item.id: item.place for item in chosen}
    asked = len({clip.reference["id"] for one in scored for clip in one.clips})
    about = (
        f"{len(cards)} of the {asked} clips that were asked about: some that few answers hit, and pairs in all their "
        "conditions. Scores elsewhere on this page are over all clips and runs; here stands each system's first run."
    )
    text = [about]
    if len(cards) < len(chosen):
        text.append(f"{len(chosen) - len(cards)} more clips did not fit on the page.")
    if audible:
        text.append("The audio is compressed for this page (MP3, 24 kHz); what the systems heard is in the dataset.")
    else:
        text.append("The dataset is without its audio, so there is nothing to play here.")
    counted = _numbers_of_voters(scored)
    controls = [number for number in range(len(scored)) if number not in counted]
    return ClipSection(text, sorted(cards, key=lambda card: place[card.id]), controls, _rules(cards))


def _rules(cards: Sequence[ClipCard]) -> dict[str, str]:
    """The rules of the parser that the cards name, each with what it says."""
    examples = phrase_examples()
    rules = sorted({view.rule for card in cards for answer in card.answers for view in answer.tasks if view.rule})
    return {rule: STRUCTURE.get(rule) or f"as in “{examples.get(rule, rule).strip()}”" for rule in rules}


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
    counted = _numbers_of_voters(scored)
    for item in chosen:
        clip = clips[item.id]
        row = None if rows is None else rows[clip.index]
        audio, picture = (None, None) if row is None else _media(row)
        yield ClipCard(
            id=item.id,
            pair=clip.reference["pair_id"],
            condition=clip.reference["condition"],
            scene=scene_name(clip.reference),
            events=[_event_name(event) for event in clip.reference["events"] or []],
            transcript=clip.reference["transcript"] or "",
            source=_source(clip.reference),
            reason=item.reason,
            mostly_wrong=mostly_wrong(answers.get(item.id, []), counted),
            audio=audio,
            spectrogram=picture,
            spans=[] if row is None else _spans(row),
            answers=answers.get(item.id, []),
        )


def _numbers_of_voters(scored: Sequence[ScoredEntry]) -> set[int]:
    names = {one.entry.name for one in voters(scored)}
    return {number for number, one in enumerate(scored) if one.entry.name in names}


def _media(row: Mapping[str, Any]) -> tuple[str, str]:
    from sseu_dataset.rows.samples import load_audio

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
