"""The rows of a recipe file: a pair with one of its utterances, checked when read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sseu_dataset import manifest
from sseu_dataset.records import (
    CLIP_S,
    CLIP_SAMPLES,
    STRICT,
    Background,
    Cut,
    EventSegment,
    Pair,
    SoftLabel,
    SpeechPart,
    Utterance,
    written,
)
from sseu_metric.labels import EVENTS, SCENES

_MAX_NAME_BYTES = 255


@dataclass(frozen=True)
class RecipeRow:
    """A row of `recipe.parquet`: a pair with one utterance, flattened; its fields are the file's columns in order.

    The last three are only in a file whose speech is cut from several recordings.

    Raises:
        ValueError: A value that no build writes, such as an onset outside the clip or an unknown label.
    """

    __pydantic_config__ = STRICT

    pair_id: str
    background_corpus: str
    background_file: str
    background_sha256: str
    source_recording_id: str
    scene: str
    utterance_id: str
    speaker_id: str
    speaker_gender: str | None
    speaker_accent: str | None
    transcript: str
    transcript_raw: str
    speech_file: str
    speech_sha256: str
    background_offset_s: int
    event_segments: list[EventSegment]
    soft_labels: list[SoftLabel] | None
    speech_onset_samples: int
    speech_first_sample: int | None = None
    speech_samples: int | None = None
    pause_samples: int | None = None

    def __post_init__(self) -> None:
        """Check checksums, ranges and labels."""
        for name in ("background_sha256", "speech_sha256"):
            manifest.check_sha256(f"{self.pair_id}: {name}", getattr(self, name))
        fault = None
        for file in (self.background_file, self.speech_file):
            if "\0" in file or max(len(part.encode()) for part in file.split("/")) > _MAX_NAME_BYTES:
                fault = f"{file!r:.80} is not the path of a file"
        if not 0 <= self.speech_onset_samples < CLIP_SAMPLES:
            fault = f"a speech onset of {self.speech_onset_samples} samples is not within 0 to {CLIP_SAMPLES - 1}"
        elif self.background_offset_s < 0:
            fault = f"a background offset of {self.background_offset_s} s is negative"
        cut = (self.speech_first_sample, self.speech_samples, self.pause_samples)
        numbers = [number for number in cut if number is not None]
        if numbers and (len(numbers) < len(cut) or min(numbers) < 0 or self.speech_samples == 0):
            fault = f"a cut of {cut[1]} samples from {cut[0]} on, after a pause of {cut[2]}, is none"
        fault = fault or label_fault(self.scene, self.event_segments, self.soft_labels or ())
        if fault is not None:
            raise ValueError(f"{self.pair_id}: {fault}")

    @classmethod
    def of_pair(cls, pair: Pair) -> list[RecipeRow]:
        """The rows of a pair, one for each utterance."""
        return [cls._of_part(pair, part) for part in pair.speech]

    @classmethod
    def _of_part(cls, pair: Pair, part: SpeechPart) -> RecipeRow:
        background, cut = pair.background, part.cut
        return cls(
            pair_id=pair.pair_id,
            background_corpus=background.corpus,
            background_file=background.file,
            background_sha256=pair.background_sha256,
            source_recording_id=background.source_recording_id,
            scene=background.scene,
            **part.utterance.columns(),
            speech_sha256=part.sha256,
            background_offset_s=background.offset_s,
            event_segments=list(background.segments),
            soft_labels=None if background.soft_labels is None else list(background.soft_labels),
            speech_onset_samples=pair.speech_onset_samples,
            speech_first_sample=None if cut is None else cut.first_sample,
            speech_samples=None if cut is None else cut.samples,
            pause_samples=None if cut is None else cut.pause_samples,
        )

    def columns(self) -> dict[str, Any]:
        """Its fields, the labels as mappings too."""
        segments = [written(segment) for segment in self.event_segments]
        soft_labels = None if self.soft_labels is None else [written(label) for label in self.soft_labels]
        return {**vars(self), "event_segments": segments, "soft_labels": soft_labels}

    @property
    def part(self) -> SpeechPart:
        """Its utterance."""
        cut = None
        if self.speech_first_sample is not None and self.speech_samples is not None and self.pause_samples is not None:
            cut = Cut(self.speech_first_sample, self.speech_samples, self.pause_samples)
        return SpeechPart(Utterance.from_columns(vars(self)), self.speech_sha256, cut)

    def pair_of(self, speech: Sequence[SpeechPart]) -> Pair:
        """Its pair, all of whose utterances are given."""
        return Pair(
            background=Background(
                background_id=self.pair_id,
                corpus=self.background_corpus,
                file=self.background_file,
                offset_s=self.background_offset_s,
                scene=self.scene,
                segments=tuple(self.event_segments),
                source_recording_id=self.source_recording_id,
                soft_labels=None if self.soft_labels is None else tuple(self.soft_labels),
            ),
            background_sha256=self.background_sha256,
            speech=tuple(speech),
            speech_onset_samples=self.speech_onset_samples,
        )


def pairs_of(rows: Sequence[RecipeRow]) -> tuple[Pair, ...]:
    """The pairs of rows that stand pair by pair.

    Raises:
        ValueError: A pair is listed twice, or its rows contradict each other.
    """
    pairs = []
    for pair_id, group in groupby(rows, key=lambda row: row.pair_id):
        first, *others = group
        speech = [row.part for row in (first, *others)]
        if others and any(part.cut is None for part in speech):
            raise ValueError(f"a pair is listed twice ({pair_id})")
        pair = first.pair_of(speech)
        if any(row.pair_of(speech) != pair for row in others):
            raise ValueError(f"{pair_id}: its rows give it several backgrounds or onsets")
        if len({part.utterance.speaker_id for part in speech}) > 1:
            raise ValueError(f"{pair_id}: its utterances are of several speakers")
        length = sum(part.cut.pause_samples + part.cut.samples for part in speech if part.cut is not None)
        if first.speech_onset_samples + length > CLIP_SAMPLES or first.pause_samples:
            raise ValueError(f"{pair_id}: its utterances begin with a pause or do not fit into the clip")
        pairs.append(pair)
    if len({pair.pair_id for pair in pairs}) < len(pairs):
        raise ValueError("a pair is listed twice")
    return tuple(pairs)


def label_fault(scene: str, segments: Iterable[EventSegment], soft_labels: Iterable[SoftLabel]) -> str | None:
    """What is wrong with the labels of a background: a name that is not the benchmark's, or a time outside the clip."""
    fault = None if scene in SCENES else f"the scene {scene!r} is none of {', '.join(SCENES)}"
    segments = list(segments)
    for event in [segment.event for segment in segments] + [label.event for label in soft_labels]:
        if event not in EVENTS:
            fault = f"the event {event!r} is none of the {len(EVENTS)} of this benchmark"
    for segment in segments:
        if not 0 <= segment.onset_s <= segment.offset_s <= CLIP_S:
            fault = f"{segment.event} from {segment.onset_s} to {segment.offset_s} s is not within 0 to {CLIP_S} s"
    return fault
