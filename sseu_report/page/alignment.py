"""Word by word: which words of an answer match the reference, which replace, miss or add one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["equal", "substituted", "deleted", "inserted"]
_KINDS: dict[str, Kind] = {"equal": "equal", "replace": "substituted", "delete": "deleted", "insert": "inserted"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an alignment.

    Attributes:
        kind: What happens.
        reference: The word of the reference; empty where one was inserted.
        hypothesis: The word of the answer; empty where one was deleted.
    """

    kind: Kind
    reference: str
    hypothesis: str


def align_words(reference: str, hypothesis: str) -> list[Step]:
    """The least costly alignment of two texts (Levenshtein over words).

    Its counts of substituted, deleted and inserted words are those of `sseu_metric.wer.count_word_errors`, since
    rapidfuzz chooses the alignment for both.

    Args:
        reference: Normalised text, words between white space.
        hypothesis: The same.
    """
    return list(_steps(reference.split(), hypothesis.split()))


def _steps(reference: list[str], hypothesis: list[str]) -> Iterator[Step]:
    from rapidfuzz.distance import Levenshtein

    for code in Levenshtein.opcodes(reference, hypothesis):
        ours, theirs = reference[code.src_start : code.src_end], hypothesis[code.dest_start : code.dest_end]
        for place in range(max(len(ours), len(theirs))):
            yield Step(_KINDS[code.tag], "".join(ours[place : place + 1]), "".join(theirs[place : place + 1]))
