"""Which sentences may be used, and which of its readers each belongs to.

A sentence is a text in lower case without marks. Those that a corpus gives to all its speakers (lines 1 to 24 of VCTK)
are not used, and of those that differ by
a letter or a short word (typing errors, contractions) only the first in the alphabet is. Each belongs to one of its
readers, so that clips cannot share a sentence, whoever speaks in them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sseu_dataset.pairing import draw
from sseu_dataset.records import Utterance
from sseu_metric.normalisers import normalise

_WORD = re.compile(r"[\w']+")
_TWIN_RATIO = 0.9
_ROWS = 512


def sentence_of(text: str) -> str:
    """The words of a text in lower case.

    >>> sentence_of('"Ask her to bring these things - now!"')
    'ask her to bring these things now'
    """
    return " ".join(_WORD.findall(text.casefold()))


def owned(utterances: Iterable[Utterance], shared: Collection[str], seed: int, workers: int) -> list[Utterance]:
    """The one recording of each sentence that may be used, sorted by id.

    Args:
        utterances: All recordings with text.
        shared: The ids of those whose text every speaker reads (`Speech.shared`).
        seed: Seed of the draws.
        workers: Number of threads for the comparison of sentences, which changes nothing.
    """
    readings = Readings.of(utterances, shared)
    return owners(readings, usable(readings, near_pairs(readings.readers, workers)), seed)


@dataclass(frozen=True)
class Readings:
    """Who reads what.

    Attributes:
        readers: For each sentence the first recording of each of its readers, by speaker.
        shared: The sentences that are, with one speaker at least, among the lines that every speaker reads.
        genders: The gender of every speaker; None where it is unknown.
    """

    readers: Mapping[str, Mapping[str, Utterance]]
    shared: Collection[str]
    genders: Mapping[str, str | None]

    @classmethod
    def of(cls, utterances: Iterable[Utterance], shared: Collection[str] = ()) -> Readings:
        """The readings of all recordings with text; `shared` are the ids of those that every speaker reads."""
        readers: dict[str, dict[str, Utterance]] = {}
        sentences = set()
        genders: dict[str, str | None] = {}
        for utterance in sorted(utterances, key=lambda one: one.utterance_id):
            genders[utterance.speaker_id] = utterance.speaker_gender
            if sentence := sentence_of(utterance.transcript):
                readers.setdefault(sentence, {}).setdefault(utterance.speaker_id, utterance)
                if utterance.utterance_id in shared:
                    sentences.add(sentence)
        return cls(readers, sentences, genders)


def near_pairs(sentences: Iterable[str], workers: int) -> list[tuple[str, str]]:
    """The pairs of sentences that are nearly equal, each in alphabetical order (`are_twins`, or equal for the WER).

    Args:
        sentences: All sentences, shared ones too.
        workers: Number of threads.
    """
    import numpy as np
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    everything = sorted(sentences)
    found = set()
    for start in range(0, len(everything), _ROWS):
        rows, columns = everything[start : start + _ROWS], everything[start:]
        # one unit less, since the scores are floating-point numbers; the few that it finds are compared exactly
        near = cdist(rows, columns, scorer=fuzz.ratio, score_cutoff=100 * _TWIN_RATIO - 1, workers=workers)
        for one, other in zip(*np.nonzero(near), strict=True):
            if one < other and are_twins(rows[one], columns[other]):
                found.add((rows[one], columns[other]))
    same: dict[str, str] = {}
    for sentence, heard in zip(everything, normalise(everything), strict=True):
        first = same.setdefault(heard, sentence)
        if first != sentence:
            found.add((first, sentence))
    return sorted(found)


def are_twins(one: str, other: str) -> bool:
    """Whether the letters to delete and to insert between two sentences are at most a tenth of those of both.

    That is rapidfuzz's `ratio` of at least 90, in integers.

    >>> are_twins("he'd never run the distance", "he had never run the distance"), are_twins("he is out", "she is in")
    (True, False)
    """
    from rapidfuzz.distance import Indel

    return 10 * Indel.distance(one, other) <= len(one) + len(other)


def usable(readings: Readings, near: Iterable[tuple[str, str]]) -> list[str]:
    """The sentences that are not shared, and not nearly equal to a shared one or to one before them in the alphabet.

    Args:
        readings: Who reads what.
        near: Nearly equal sentences (`near_pairs`); those that nobody reads do not count.
    """
    dropped = set(readings.shared)
    for first, second in near:
        if first in readings.readers and second in readings.readers:
            dropped.add(first if second in readings.shared else second)
    return sorted(readings.readers.keys() - dropped)


def owners(readings: Readings, sentences: Iterable[str], seed: int) -> list[Utterance]:
    """The recording of each sentence by the reader it belongs to, sorted by id.

    It belongs to the reader with the largest u ** n, where u in (0, 1] is a draw of sentence and speaker and n the
    number of speakers of that gender. That is the smallest -ln(u) / w with w = 1 / n, in exact arithmetic: of many
    sentences both genders get equally many.
    """
    ranks = Ranks(readings.genders)
    found = []
    for sentence in sentences:
        readers = readings.readers[sentence]
        found.append(readers[ranks.order(seed, "owner", sentence, readers)[0]])
    return sorted(found, key=lambda one: one.utterance_id)


class Ranks:
    """Orders speakers by draws in which each gender weighs as much as the other, however many speakers it has."""

    def __init__(self, speakers: Mapping[str, str | None]) -> None:
        """`speakers` is the gender of each speaker; None where it is unknown, which counts as one more gender."""
        counts = Counter(speakers.values())
        self._largest = max(counts.values(), default=0)
        self._exponents = {speaker: counts[gender] for speaker, gender in speakers.items()}

    def order(self, seed: int, purpose: str, what: str, speakers: Iterable[str]) -> Sequence[str]:
        """The speakers in the order of their draws for `what`: the largest u ** n first, u = (draw + 1) / 2**64."""

        def power(speaker: str) -> tuple[int, str]:
            exponent = self._exponents[speaker]
            numerator: int = (draw(seed, purpose, what, speaker) + 1) ** exponent
            return numerator << 64 * (self._largest - exponent), speaker

        return sorted(speakers, key=power, reverse=True)
