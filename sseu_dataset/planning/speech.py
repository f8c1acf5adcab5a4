"""Which speech each background gets, by the rule of the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.corpora.source import Speech
from sseu_dataset.diverse.allocation import MAX_PARTS, MIN_PARTS, allocate, draw_pause
from sseu_dataset.diverse.sentences import Ranks, owned, sentence_of
from sseu_dataset.diverse.speech_bounds import cut_of, find_speech
from sseu_dataset.pairing import draw_onset, in_draw_order, pair_up
from sseu_dataset.records import JOINT, RATE_HZ, Background, CorpusError, Cut, Pair, Settings, Utterance

_MAX_LISTED = 20


class Cuts:
    """What is taken of recordings whose speech is cut out, as they are read; threads may share it.

    Attributes:
        unsuitable: Why a recording cannot be used though it is sound, by path.
    """

    def __init__(self) -> None:
        self.unsuitable: dict[Path, str] = {}
        self._found: dict[Path, Cut] = {}

    def read(self, path: Path) -> None:
        """Decode a recording and find its speech.

        Raises:
            CorpusError: Unreadable or truncated audio, samples that are NaN or infinite, or digital silence.
        """
        clip = read_clip(path)
        try:
            self._found[path] = cut_of(find_speech(clip), len(clip))
        except ValueError as error:
            self.unsuitable[path] = str(error)

    def of(self, path: Path) -> Cut | None:
        """What is taken of a recording that was read, without a pause; None if it cannot be used."""
        return self._found.get(path)


class Drawn(NamedTuple):
    """A background, its speech, and where that begins in samples at 44,100 Hz."""

    background: Background
    speech: tuple[tuple[Utterance, Cut | None], ...]
    onset: int


def usable_speech(speech: Speech, settings: Settings, workers: int) -> list[Utterance]:
    """The utterances to draw from: all of the required length, or the one recording of each sentence."""
    if settings.rule == "paper":
        return speech.utterances
    return owned(speech.utterances, speech.shared, settings.seed, workers)


def sentences_note(speech: Speech, usable: int) -> str:
    """Why fewer sentences are used than there are recordings."""
    shared = " that not all speakers read" * bool(speech.shared)
    recordings = f"{len(speech.utterances)} recording{'s' * (len(speech.utterances) != 1)}"
    return f"{usable} different sentences{shared} in {recordings}; of nearly equal ones the first counts"


def draw_speech(
    backgrounds: Iterable[Background], sound: Iterable[Utterance], speech: Speech, cuts: Cuts, settings: Settings
) -> list[Drawn]:
    """Give each background its speech, in draw order.

    Args:
        backgrounds: All selected backgrounds; `settings.pairs` keeps the first ones.
        sound: Those of the usable utterances that can be read.
        speech: Their corpus.
        cuts: What is taken of them, with the rule `diverse`.
        settings: Seed, rule, number of pairs and length of speech.

    Raises:
        CorpusError: There are too few sentences.
    """
    if settings.rule == "paper":
        pairs = pair_up(backgrounds, sound, speech.max_samples, settings)
        return [Drawn(background, ((utterance, None),), onset) for background, utterance, onset in pairs]
    ordered = in_draw_order(backgrounds, settings)
    ranks = Ranks({utterance.speaker_id: utterance.speaker_gender for utterance in speech.utterances})
    usable = [(one, cut) for one in sound if (cut := cuts.of(speech.root / one.file)) is not None]
    try:
        found = allocate([item.background_id for item in ordered], usable, ranks, settings)
    except CorpusError as error:
        raise CorpusError(f"{error}{_unsuitable_ones(speech, cuts)}") from None
    return [
        Drawn(item, found[item.background_id], onset_of(item.background_id, found[item.background_id], settings))
        for item in ordered
    ]


def _unsuitable_ones(speech: Speech, cuts: Cuts) -> str:
    """A list of the recordings that cannot be used, since they are sentences too; empty if there is none."""
    reasons = {one.file: why for one in speech.utterances if (why := cuts.unsuitable.get(speech.root / one.file))}
    if not reasons:
        return ""
    lines = [f"  {speech.corpus}/{file}: {why}{speech.places.get(file, '')}" for file, why in reasons.items()]
    more = [f"  and {len(lines) - _MAX_LISTED} more"] if len(lines) > _MAX_LISTED else []
    return "\n".join(["", f"not among them are {len(lines)} recordings:", *lines[:_MAX_LISTED], *more])


def onset_of(background_id: str, speech: Sequence[tuple[Utterance, Cut]], settings: Settings) -> int:
    """Where the speech of a clip begins if it is made of cuts."""
    samples = sum(cut.pause_samples + cut.samples for _, cut in speech)
    return draw_onset(settings.seed, background_id, JOINT.join(one.utterance_id for one, _ in speech), samples)


def drawn_again(pair: Pair, speech: Speech, cuts: Cuts, settings: Settings) -> Pair:
    """The pair with the cuts, pauses and onset that its recordings and the draws give.

    Recordings that cannot be used keep the cuts they have (`faults_of_rule` says so).
    """
    background_id, seed = pair.background.background_id, settings.seed
    if settings.rule == "paper":
        samples = sum(speech.max_samples[part.utterance.utterance_id] for part in pair.speech)
        onset = draw_onset(seed, background_id, pair.utterance.utterance_id, samples)
        parts = [replace(part, cut=None) for part in pair.speech]
        return replace(pair, speech=tuple(parts), speech_onset_samples=onset)
    placed = []
    for place, part in enumerate(pair.speech):
        pause = draw_pause(seed, background_id, part.utterance.utterance_id) if place else 0
        cut = cuts.of(speech.root / part.utterance.file) or part.cut or Cut(0, 1, 0)
        placed.append((part.utterance, replace(cut, pause_samples=pause)))
    parts = [replace(part, cut=cut) for part, (_, cut) in zip(pair.speech, placed, strict=True)]
    return replace(pair, speech=tuple(parts), speech_onset_samples=onset_of(background_id, placed, settings))


def faults_of_rule(pairs: Collection[Pair], root: Path, cuts: Cuts, settings: Settings) -> list[tuple[str, str]]:
    """Where pairs break the rule `diverse`, whatever else could have been drawn: pair and fault."""
    found = []
    said: dict[str, str] = {}
    for pair in pairs:
        for part in pair.speech:
            if why := cuts.unsuitable.get(root / part.utterance.file):
                found.append((pair.pair_id, f"{part.utterance.file}: {why}"))
            sentence = sentence_of(part.utterance.transcript)
            if sentence in said:
                found.append((pair.pair_id, f"{sentence!r:.80} is said in {said[sentence]} too"))
            said.setdefault(sentence, pair.pair_id)
        if not MIN_PARTS <= len(pair.speech) <= MAX_PARTS:
            found.append((pair.pair_id, f"it has {len(pair.speech)} utterances, not {MIN_PARTS} to {MAX_PARTS}"))
        length_s = sum(part.cut.pause_samples + part.cut.samples for part in pair.speech if part.cut) / RATE_HZ
        if not settings.speech_min_s <= length_s <= settings.speech_max_s:
            asked = f"{settings.speech_min_s:g} to {settings.speech_max_s:g} s"
            found.append((pair.pair_id, f"its speech lasts {length_s:.2f} s, not {asked}"))
    return found
