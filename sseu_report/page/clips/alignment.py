"""Word alignments: which words of an answer match the reference, and which substitute, delete or insert one."""

from __future__ import annotations

from itertools import zip_longest

_KINDS = {"equal": "equal", "substitute": "substituted", "delete": "deleted", "insert": "inserted"}


def align_words(reference: str, hypothesis: str) -> list[tuple[str, str, str]]:
    """The least costly alignment of two texts (Levenshtein over words), as jiwer finds it.

    Its numbers of substituted, deleted and inserted words are those of `sseu_metric.wer.count_word_errors`.

    Args:
        reference: Normalised text, words separated by white space.
        hypothesis: Normalised text.

    Returns:
        Steps (`equal`, `substituted`, `deleted` or `inserted`; word of the reference, empty where one was inserted;
        word of the hypothesis, empty where one was deleted).
    """
    import jiwer

    found = jiwer.process_words(reference, hypothesis)
    (ours,), (theirs,), (chunks,) = found.references, found.hypotheses, found.alignments
    steps = []
    for chunk in chunks:
        true = ours[chunk.ref_start_idx : chunk.ref_end_idx]
        said = theirs[chunk.hyp_start_idx : chunk.hyp_end_idx]
        steps += [(_KINDS[chunk.type], one, other) for one, other in zip_longest(true, said, fillvalue="")]
    return steps
