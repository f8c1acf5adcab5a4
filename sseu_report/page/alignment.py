"""Word alignments: which words of an answer match the reference, and which substitute, delete or insert one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

StepKind = Literal["equal", "substituted", "deleted", "inserted"]
_KINDS: dict[str, StepKind] = {
    "equal": "equal",
    "substitute": "substituted",
    "delete": "deleted",
    "insert": "inserted",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an alignment.

    Attributes:
        kind: What happens to the word.
        reference: The word of the reference; empty where one was inserted.
        hypothesis: The word of the answer; empty where one was deleted.
    """

    kind: StepKind
    reference: str
    hypothesis: str


def align_words(reference: str, hypothesis: str) -> list[Step]:
    """The least costly alignment of two texts (Levenshtein over words), as jiwer finds it.

    Its numbers of substituted, deleted and inserted words are those of `sseu_metric.wer.count_word_errors`.

    Args:
        reference: Normalised text, words separated by white space.
        hypothesis: Normalised text.
    """
    return list(_steps(reference, hypothesis))


def _steps(reference: str, hypothesis: str) -> Iterator[Step]:
    import jiwer

    found = jiwer.process_words(reference, hypothesis)
    (ours,), (theirs,), (chunks,) = found.references, found.hypotheses, found.alignments
    for chunk in chunks:
        true = ours[chunk.ref_start_idx : chunk.ref_end_idx]
        said = theirs[chunk.hyp_start_idx : chunk.hyp_end_idx]
        for place in range(max(len(true), len(said))):
            yield Step(_KINDS[chunk.type], "".join(true[place : place + 1]), "".join(said[place : place + 1]))
