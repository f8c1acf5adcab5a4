"""What training must not hear of a benchmark: its recordings, utterances, sentences and speakers."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sseu_dataset.corpora.audio import file_sha256
from sseu_dataset.loading import load_with_manifest
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.recipe import FILE_NAME, read_published
from sseu_dataset.records import DatasetError, Recipe
from sseu_dataset.streaming.sources import BackgroundClip, SpeechRecording

if TYPE_CHECKING:
    from datasets import Dataset

Source = TypeVar("Source", SpeechRecording, BackgroundClip)
_ROW_IDS = ("pair_id", "source_recording_id", "utterance_id", "speaker_id")


@dataclass(frozen=True)
class Exclusion:
    """What a benchmark is made of: ids, sentences as `sentence_key` gives them, and SHA-256 of the source files."""

    backgrounds: frozenset[str]
    recordings: frozenset[str]
    utterances: frozenset[str]
    sentences: frozenset[str]
    speakers: frozenset[str]
    files_sha256: frozenset[str]

    @classmethod
    def of(cls, recipe: Recipe, *, speakers: bool) -> Exclusion:
        """The exclusion of everything in a recipe, with or without its speakers."""
        utterances = [part.utterance for pair in recipe.pairs for part in pair.speech]
        return cls(
            backgrounds=frozenset(pair.background.background_id for pair in recipe.pairs),
            recordings=frozenset(pair.background.source_recording_id for pair in recipe.pairs),
            utterances=frozenset(utterance.utterance_id for utterance in utterances),
            sentences=frozenset(sentence_key(utterance.transcript) for utterance in utterances),
            speakers=frozenset(utterance.speaker_id for utterance in utterances) if speakers else frozenset(),
            files_sha256=frozenset(recipe.sources.values()),
        )

    @classmethod
    def of_rows(cls, rows: Dataset, files_sha256: Iterable[str], *, speakers: bool) -> Exclusion:
        """The exclusion of everything that the rows of a dataset name, for one that was not built from a recipe."""
        ids = {name: frozenset(filter(None, rows[name])) for name in _ROW_IDS}
        segments = [segment for found in rows["speech_segments"] for segment in found or ()]
        texts = [*rows["transcript"], *(segment["transcript"] for segment in segments)]
        return cls(
            backgrounds=ids["pair_id"],
            recordings=ids["source_recording_id"],
            utterances=ids["utterance_id"] | {segment["utterance_id"] for segment in segments},
            sentences=frozenset(filter(None, map(sentence_key, texts))),
            speakers=ids["speaker_id"] if speakers else frozenset(),
            files_sha256=frozenset(files_sha256),
        )

    def reason_for_speech(self, item: SpeechRecording) -> str:
        """Why a recording of speech is excluded by what is known of it; empty if it is not."""
        utterance = item.utterance
        if utterance.speaker_id in self.speakers:
            return "speaker"
        if utterance.utterance_id in self.utterances:
            return "utterance"
        return "sentence" if sentence_key(utterance.transcript) in self.sentences else ""

    def reason_for_background(self, item: BackgroundClip) -> str:
        """Why a background is excluded by what is known of it; empty if it is not."""
        if item.background.source_recording_id in self.recordings:
            return "recording"
        return "clip" if item.background.background_id in self.backgrounds else ""


def without(
    benchmark: str | Path | Recipe,
    speech: Sequence[SpeechRecording],
    background: Sequence[BackgroundClip],
    *,
    exclude_speakers: bool,
) -> tuple[list[SpeechRecording], list[BackgroundClip]]:
    """The sources that a benchmark does not have.

    Raises:
        DatasetError: The benchmark cannot be read, or nothing is left.
    """
    exclusion = _exclusion(benchmark, exclude_speakers)
    name = "the recipe given" if isinstance(benchmark, Recipe) else str(benchmark)
    left_speech = _left("speech", name, [(item, exclusion.reason_for_speech(item)) for item in speech], exclusion)
    left_background = _left(
        "background", name, [(item, exclusion.reason_for_background(item)) for item in background], exclusion
    )
    return left_speech, left_background


def _left(kind: str, benchmark: str, sources: list[tuple[Source, str]], exclusion: Exclusion) -> list[Source]:
    """The sources without a reason whose file is not the benchmark's either."""
    hashes = _hash_files({item.path for item, reason in sources if not reason})
    reasons = Counter[str]()
    left = []
    for item, found in sources:
        reason = found or ("file" if hashes[item.path] in exclusion.files_sha256 else "")
        if reason:
            reasons[reason] += 1
        else:
            left.append(item)
    if not left:
        why = ", ".join(f"{count} by {reason}" for reason, count in reasons.items())
        remedy = "give sources that the benchmark does not use"
        if reasons["speaker"]:
            remedy += ", or allow its speakers with exclude_speakers=False"
        raise DatasetError(f"excluding {benchmark} leaves no {kind}: of {len(sources)}, {why}; {remedy}")
    return left


def _hash_files(paths: Iterable[Path]) -> dict[Path, str]:
    files = sorted(paths)
    workers = worker_count(None)
    hashes = ordered_map(file_sha256, files, workers=workers, title="hashing the sources", unit="file", progress=True)
    return dict(zip(files, hashes, strict=True))


def sentence_key(text: str) -> str:
    """The letters and digits of a sentence, whatever their case: equal for texts that differ in marks and blanks only.

    >>> sentence_key("(Ask her) to bring THESE things!") == sentence_key("ask her to bring these things")
    True
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _exclusion(benchmark: str | Path | Recipe, speakers: bool) -> Exclusion:
    """A folder without a recipe, such as one of imported mixtures, is known by its rows."""
    if isinstance(benchmark, Recipe):
        return Exclusion.of(benchmark, speakers=speakers)
    if not Path(benchmark).is_dir():
        return Exclusion.of(read_published(benchmark).recipe, speakers=speakers)
    if (recipe := Path(benchmark, FILE_NAME)).exists():
        return Exclusion.of(read_published(recipe).recipe, speakers=speakers)
    rows, made = load_with_manifest(benchmark)
    return Exclusion.of_rows(rows, made.sources.values(), speakers=speakers)
