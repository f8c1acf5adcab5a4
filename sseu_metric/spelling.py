"""Word errors that are no matter of spelling: the lenient word error rate, rule `SPELLING`.

A model that writes "super-imposition" or "its" where the reference has "superimposition" or "it's" heard every word,
but WER counts two errors. `count_lenient_errors` counts the errors in which spelling has no part (the idea of Karita et
al., 2023, "Lenient evaluation of Japanese speech recognition", arXiv 2306.04530). On the normalised words:

1. Words are compared by their letters, digits and signs of money and per cent; other marks of ASCII are left out, but
   for the point in a decimal number. A word of marks alone ("lunch ." from "lunch..") is no word.
2. An alignment may, beside the substitutions, deletions and insertions of WER, which cost 1 each, match at no cost
   (a) a stretch of reference words to a stretch of the answer's words with the same letters: "20 mm" and "20mm";
   (b) the two words that the normaliser made of a contraction ("it is" of "it's") to one word that is the contraction
   without its apostrophe or listed in `HOMOPHONES`, on either side. Two words that were written as two ("it is") do not
   sound like "its" and are no contraction.
3. The lenient errors are the least cost.

So they are never more than the errors of WER, and 0 where all letters are equal. (a) forgives the rare pair that
sounds different ("now here", "nowhere"). In texts of more than `MAX_CELLS` pairs of words (a) and (b) are not looked
for. (b) is about the default normaliser, which writes contractions out; with `basic` and `none` they stay in letters,
and (a) is about them, even about "we're" and "were".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .normalisers import DEFAULT_NORMALISER, normalise, plain_marks
from .wer import distinct_pairs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPELLING = "spelling-1"
"""Name and version of the rule: another version may count other errors as spelling."""

MAX_CELLS = 1_000_000
"""Most reference words times answer words: a sentence of the longest recordings against itself has 2,000."""

# A contraction, a word that sounds like it, and a reference with an answer that has the other one.
HOMOPHONES: Sequence[tuple[str, str, str, str]] = (
    ("they're", "their", "They're right.", "their right"),
    ("they're", "there", "They're out.", "there out"),
    ("you're", "your", "You're next.", "your next"),
    ("who's", "whose", "Who's there?", "whose there"),
    ("there's", "theirs", "There's nothing left.", "theirs nothing left"),
    ("we've", "weave", "We've lost.", "weave lost"),
    ("we'd", "weed", "We'd like that.", "weed like that"),
    ("he'd", "heed", "He'd know.", "heed know"),
    ("he'll", "heel", "He'll do.", "heel do"),
    ("he'll", "heal", "He'll come.", "heal come"),
    ("we'll", "wheel", "We'll see.", "wheel see"),
    ("I'll", "aisle", "I'll go.", "aisle go"),
    ("I'll", "isle", "I'll stay.", "isle stay"),
    ("I'd", "eyed", "I'd say so.", "eyed say so"),
    ("you'll", "yule", "You'll win.", "yule win"),
)

# Contractions that without their apostrophe are a word of another sound.
UNLIKE: Sequence[str] = ("we're", "we'll", "he'll", "she'll", "I'll", "I'd", "we'd", "she'd")

_CONTRACTION = re.compile(r"(?<![\w'])([a-z]{1,20})'(s|t|re|ve|m|ll|d)(?![\w'])", re.IGNORECASE)
# A contraction's letters travel through the normaliser in front of it, as private characters that no rule knows.
_PRIVATE = re.compile("[\ue000-\uf8ff]+")
_TO_PRIVATE = {code: 0xE000 + code for code in range(128)}
_FROM_PRIVATE = {0xE000 + code: code for code in range(128)}
_LETTERS_ALONE = re.compile("[a-z0-9 ]*")
_WRITTEN_OUT = frozenset(("am", "are", "had", "has", "have", "is", "not", "us", "will", "would"))
_MARKS = re.compile(r"(?<!\d)\.|\.(?!\d)|[!\"#&-\-/:-@\[-`{-~]")


def tag_contractions(texts: Sequence[str], normalised: Sequence[str], normaliser: str) -> list[str]:
    """The normalised texts with each contraction's letters before the words that the normaliser made of it.

    Args:
        texts: As written.
        normalised: The same texts as `normalise` gives them.
        normaliser: Its name.

    Returns:
        For `count_lenient_errors`. A text is as in `normalised` where the letters would change what comes out.
    """
    if normaliser != DEFAULT_NORMALISER:
        return list(normalised)
    tagged = [_CONTRACTION.sub(_with_letters, text) if "'" in text else text for text in map(plain_marks, texts)]
    rows = [row for row, text in enumerate(tagged) if _PRIVATE.search(text)]
    found = list(normalised)
    for row, text in zip(rows, normalise([tagged[row] for row in rows], normaliser), strict=True):
        if _PRIVATE.sub("", text) == normalised[row]:
            found[row] = text
    return found


def _with_letters(contraction: re.Match[str]) -> str:
    return (contraction[1] + contraction[2]).lower().translate(_TO_PRIVATE) + contraction[0]


def count_lenient_errors(references: Sequence[str], hypotheses: Sequence[str]) -> NDArray[np.int32]:
    """Count the word errors of each pair in which spelling has no part, each distinct pair once.

    Args:
        references: n normalised texts, what was said; contractions may be tagged.
        hypotheses: n texts likewise, the answers, in the same order.

    Returns:
        Shape (n,); each at most the errors of `wer.count_word_errors` on the normalised texts.

    Raises:
        ValueError: As `wer.count_word_errors`.
    """
    import numpy as np

    pairs, row_of = distinct_pairs(references, hypotheses)
    reference_words = lru_cache(4096)(_spoken)  # a sentence is said in many conditions and runs
    costs = (_least_cost(reference_words(reference), _spoken(hypothesis)) for reference, hypothesis in pairs)
    return np.fromiter(costs, dtype=np.int32, count=len(pairs))[row_of]


class _Spoken(NamedTuple):
    """A text without its spelling.

    Attributes:
        words: The letters of each word.
        contractions: Place of the first word of a contraction -> the words that sound like the two.
    """

    words: list[str]
    contractions: dict[int, frozenset[str]]


def _spoken(text: str) -> _Spoken:
    if _LETTERS_ALONE.fullmatch(text):  # most texts
        return _Spoken([word for word in text.split() if word != "mm"], {})
    words: list[str] = []
    tags: dict[int, str] = {}
    for word in text.split():
        bare = word
        if tag := _PRIVATE.match(word):
            tags[len(words)] = tag[0].translate(_FROM_PRIVATE)
            bare = word[tag.end() :]
        letters = (bare if bare.isalnum() else _MARKS.sub("", bare)).casefold()
        if letters not in ("", "mm"):
            words.append(letters)
    contractions = {
        place: _alike(letters)
        for place, letters in tags.items()
        if _WRITTEN_OUT.intersection(words[place + 1 : place + 2])
    }
    return _Spoken(words, contractions)


@cache
def _alike(letters: str) -> frozenset[str]:
    """The words that sound like a contraction, which is given without its apostrophe."""
    listed = {other for contraction, other, _, _ in HOMOPHONES if _letters(contraction) == letters}
    return frozenset(listed if letters in map(_letters, UNLIKE) else {letters, *listed})


def _letters(contraction: str) -> str:
    return contraction.replace("'", "").lower()


def _least_cost(said: _Spoken, heard: _Spoken) -> int:
    from rapidfuzz.distance import Levenshtein

    if said.words == heard.words:
        return 0
    jumps = _jumps(said, heard) if len(said.words) * len(heard.words) <= MAX_CELLS else {}
    if not jumps:
        return int(Levenshtein.distance(said.words, heard.words))
    width = len(heard.words) + 1
    rows = [list(range(width))]
    for i, word in enumerate(said.words, 1):
        above, row = rows[-1], [i]
        for j, other in enumerate(heard.words, 1):
            cost = min(above[j - 1] + (word != other), above[j] + 1, row[j - 1] + 1)
            for start_i, start_j in jumps.get((i, j), ()):
                cost = min(cost, rows[start_i][start_j])
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _jumps(said: _Spoken, heard: _Spoken) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """The stretches that match at no cost: their end (reference words, answer words) -> their starts."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    by_first_letter: dict[str, list[int]] = {}
    for j, other in enumerate(heard.words):
        by_first_letter.setdefault(other[0], []).append(j)
    begins = [
        (i, j)
        for i, word in enumerate(said.words)
        for j in by_first_letter.get(word[0], ())
        if word != (other := heard.words[j]) and (word.startswith(other) or other.startswith(word))
    ]
    for i, j in begins:
        if end := _end_of_equal_letters(said.words, heard.words, i, j):
            found.setdefault(end, []).append((i, j))
    for i, alike in said.contractions.items():
        for j, other in enumerate(heard.words):
            if other in alike:
                found.setdefault((i + 2, j + 1), []).append((i, j))
    for j, alike in heard.contractions.items():
        for i, word in enumerate(said.words):
            if word in alike:
                found.setdefault((i + 1, j + 2), []).append((i, j))
    return found


def _end_of_equal_letters(said: Sequence[str], heard: Sequence[str], i: int, j: int) -> tuple[int, int] | None:
    """The end of the shortest stretches from words i and j on whose letters are equal; None if they part before."""
    ours, theirs = said[i], heard[j]
    while ours != theirs:  # what either side has beyond the letters that both have so far
        if len(ours) < len(theirs):
            i += 1
            if i == len(said) or not theirs.startswith(ours):
                return None
            ours, theirs = said[i], theirs[len(ours) :]
        else:
            j += 1
            if j == len(heard) or not ours.startswith(theirs):
                return None
            ours, theirs = ours[len(theirs) :], heard[j]
    return i + 1, j + 1
