"""Which sentences may be used, and which of its readers each belongs to.

A sentence is a text in lower case without marks. Those that all speakers read are not used, and of those that differ by
a letter or word (typing errors, variants) only the first in the alphabet is. Every one then has a single recording, so
that clips whose speakers differ cannot share a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sseu_dataset.pairing import draw
from sseu_dataset.records import Utterance

_WORD = re.compile(r"[\w']+")
_VCTK_ID = re.compile(r"[ps]\d+_(\d{3})")
_SHARED_LINES = 24  # the elicitation paragraph, 1 to 5, and the Rainbow Passage
_TWIN_RATIO = 0.9
_ROWS = 512


def sentence_of(text: str) -> str:
    """The words of a text in lower case.

    >>> sentence_of('"Ask her to bring these things - now!"')
    'ask her to bring these things now'
    """
    return " ".join(_WORD.findall(text.casefold()))


def owned(utterances: Iterable[Utterance], seed: int, workers: int) -> list[Utterance]:
    """The one recording of each sentence that may be used, sorted by id.

    A sentence belongs to the reader with the largest u ** n, where u in (0, 1] is a draw of sentence and speaker and n
    the number of speakers of that gender. That is the smallest -ln(u) / w with w = 1 / n, in exact arithmetic: of many
    sentences both genders get equally many.

    Args:
        utterances: All recordings with text.
        seed: Seed of the draws.
        workers: Number of threads for the comparison of sentences, which changes nothing.
    """
    readers: dict[str, dict[str, Utterance]] = {}
    shared = set()
    speakers: dict[str, str | None] = {}
    for utterance in sorted(utterances, key=lambda one: one.utterance_id):
        speakers[utterance.speaker_id] = utterance.speaker_gender
        if sentence := sentence_of(utterance.transcript):
            readers.setdefault(sentence, {}).setdefault(utterance.speaker_id, utterance)
            if is_shared(utterance):
                shared.add(sentence)
    ranks = Ranks(speakers)
    found = []
    for sentence in without_twins(readers, shared, workers):
        best = ranks.order(seed, "owner", sentence, readers[sentence])[0]
        found.append(readers[sentence][best])
    return sorted(found, key=lambda one: one.utterance_id)


def is_shared(utterance: Utterance) -> bool:
    """Whether its line is among the 24 that every speaker of VCTK reads."""
    match = _VCTK_ID.fullmatch(utterance.utterance_id)
    return match is not None and int(match[1]) <= _SHARED_LINES


def without_twins(sentences: Iterable[str], shared: Collection[str], workers: int) -> list[str]:
    """The sentences that are not shared and not nearly equal to a shared one or to one before them in the alphabet.

    Two are nearly equal where the insertions and deletions of letters between them are at most a tenth of the letters
    of both: rapidfuzz's `ratio` of at least 90.

    Args:
        sentences: All sentences, shared ones too.
        shared: The shared ones.
        workers: Number of threads.
    """
    import numpy as np
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    everything = sorted(sentences)
    left = []
    for start in range(0, len(everything), _ROWS):
        rows = everything[start : start + _ROWS]
        # one unit less, since the scores are floating-point numbers; the few that it finds are compared exactly
        near = cdist(rows, everything, scorer=fuzz.ratio, score_cutoff=100 * _TWIN_RATIO - 1, workers=workers)
        for row, columns in zip(rows, near > 0, strict=True):
            others = [everything[column] for column in np.flatnonzero(columns)]
            if row not in shared and not any(
                other != row and (other in shared or other < row) and are_twins(row, other) for other in others
            ):
                left.append(row)
    return left


def are_twins(one: str, other: str) -> bool:
    """Whether two sentences are nearly equal (`without_twins`), in integers.

    >>> are_twins("it's a crucial award", "it is a crucial award"), are_twins("he is out", "she is in")
    (True, False)
    """
    from rapidfuzz.distance import Indel

    return 10 * Indel.distance(one, other) <= len(one) + len(other)


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
