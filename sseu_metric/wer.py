"""Word error rate: counts per answer first, rates from sums of counts.

Conventions: `references` and `hypotheses` are normalised texts (`normalisers.normalise`), a word is what white space
separates. An array of counts has a row per answer and four integer columns: substitutions S, deletions D (reference
words without a counterpart), insertions I (hypothesis words without one), and N, the words of the reference. They
belong to a Levenshtein alignment of least S + D + I; where several have the same sum, rapidfuzz chooses, as in jiwer,
so that the three counts equal jiwer's.

The word error rate is 100 (S + D + I) / N over sums of counts, in percent: pooled, so that a long answer weighs more
than a short one; 0 is best, there is no upper bound. `wer_capped` counts at most N errors in each answer. The character
error rate (`cer`) is the same over characters, the blanks between words included, as in jiwer.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from .normalisers import check_texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def count_word_errors(references: Sequence[str], hypotheses: Sequence[str]) -> NDArray[np.int32]:
    """Count the word errors of each pair, each distinct pair once.

    An empty hypothesis is all deletions, an empty reference makes every word an insertion.

    Args:
        references: n normalised texts, what was said.
        hypotheses: n normalised texts, the answers, in the same order.

    Returns:
        Shape (n, 4): substitutions, deletions, insertions, reference words.

    Raises:
        ValueError: The lists have unequal lengths, one is a string, or an element is not a string.
    """
    import numpy as np

    pairs, row_of = distinct_pairs(references, hypotheses)
    counts = np.fromiter(chain.from_iterable(_count_pairs(pairs)), dtype=np.int32, count=4 * len(pairs))
    return counts.reshape(-1, 4)[row_of]


def count_character_errors(references: Sequence[str], hypotheses: Sequence[str]) -> NDArray[np.int32]:
    """Count the character errors of each pair, each distinct pair once.

    Args:
        references: n normalised texts, what was said.
        hypotheses: n normalised texts, the answers, in the same order.

    Returns:
        Shape (n, 2): the least substitutions, deletions and insertions of characters; characters of the reference.

    Raises:
        ValueError: As `count_word_errors`.
    """
    import numpy as np
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    pairs, row_of = distinct_pairs(references, hypotheses)
    counts = np.zeros((len(pairs), 2), dtype=np.int32)
    if pairs:
        said, heard = zip(*pairs, strict=True)
        counts[:, 0] = cpdist(said, heard, scorer=Levenshtein.distance, dtype=np.int32)
        counts[:, 1] = [len(text) for text in said]
    return counts[row_of]


def distinct_pairs(
    references: Sequence[str], hypotheses: Sequence[str]
) -> tuple[list[tuple[str, str]], NDArray[np.int64]]:
    """The distinct pairs of reference and hypothesis, and for each row the place of its pair among them.

    Raises:
        ValueError: The lists have unequal lengths, one is a string, or an element is not a string.
    """
    import numpy as np

    check_texts(references, "references")
    check_texts(hypotheses, "hypotheses")
    if len(references) != len(hypotheses):
        raise ValueError(
            f"{len(references)} references but {len(hypotheses)} hypotheses: pass one hypothesis per reference, "
            "'' for an answer that never came"
        )
    first_seen: dict[tuple[str, str], int] = {}
    row_of = array("q")
    for pair in zip(references, hypotheses, strict=True):
        row_of.append(first_seen.setdefault(pair, len(first_seen)))
    return list(first_seen), np.asarray(row_of, dtype=np.int64)


def _count_pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int, int, int]]:
    from rapidfuzz.distance import Levenshtein

    for reference, hypothesis in pairs:
        reference_words = reference.split()
        length = len(reference_words)
        if reference == hypothesis:
            yield 0, 0, 0, length
            continue
        hypothesis_words = hypothesis.split()
        operations = Levenshtein.editops(reference_words, hypothesis_words).as_list()
        insertions = sum([operation[0] == "insert" for operation in operations])
        # An alignment's words fix the other two: D - I is the difference in length.
        deletions = insertions + length - len(hypothesis_words)
        yield len(operations) - insertions - deletions, deletions, insertions, length


def word_error_rate(counts: NDArray[np.integer[Any]]) -> float:
    """Word error rate in percent: all errors over all reference words (pooled, no mean of rates); can exceed 100.

    Args:
        counts: shape (n, 4), as `count_word_errors` returns it.

    Raises:
        ValueError: There is no reference word.
    """
    substitutions, deletions, insertions, words = counts.sum(axis=0, dtype="int64").tolist()
    if not words:
        raise ValueError(
            f"no reference word in {len(counts)} rows: the word error rate is not defined; score rows with speech"
        )
    return float(100 * (substitutions + deletions + insertions) / words)


def capped_errors(counts: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Errors of each answer, at most its reference words, so that one endless answer costs no more than an empty one.

    Words said into silence (an empty reference) do not count here.

    Args:
        counts: shape (n, 4), as `count_word_errors` returns it.

    Returns:
        Shape (n,), min(S + D + I, N).
    """
    import numpy as np

    return np.asarray(np.minimum(counts[:, :3].sum(axis=1), counts[:, 3]), dtype=np.int32)


def runaway(counts: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Which answers have more errors than reference words (more insertions than matching words): those that are capped.

    An empty answer and one wrong word per reference word
    (both 100 %) are none; any word in answer to an empty reference is one.

    Args:
        counts: shape (n, 4), as `count_word_errors` returns it.

    Returns:
        Shape (n,).
    """
    over: NDArray[np.bool_] = counts[:, :3].sum(axis=1) > counts[:, 3]
    return over
