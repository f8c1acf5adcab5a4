"""Alignments have the error counts that WER is computed from."""

from __future__ import annotations

from collections import Counter

import pytest

from sseu_metric.wer import count_word_errors
from sseu_report.page.clips.alignment import align_words

PAIRS = [
    ("please call stella", "please call stella"),
    ("please call stella", "please hall her stella now"),
    ("ask her to bring these things", ""),
    ("a b c d e", "b c x e f g"),
    ("the the the", "the a the the the"),
    ("one two three four", "five six"),
]


@pytest.mark.parametrize(("reference", "hypothesis"), PAIRS)
def test_counts_are_those_of_wer(reference: str, hypothesis: str) -> None:
    kinds = Counter(kind for kind, _, _ in align_words(reference, hypothesis))
    counts = [kinds["substituted"], kinds["deleted"], kinds["inserted"]]
    assert counts == count_word_errors([reference], [hypothesis])[0, :3].tolist()


@pytest.mark.parametrize(("reference", "hypothesis"), PAIRS)
def test_every_word_stands_once_in_its_order(reference: str, hypothesis: str) -> None:
    steps = align_words(reference, hypothesis)
    assert [word for _, word, _ in steps if word] == reference.split()
    assert [word for _, _, word in steps if word] == hypothesis.split()


def test_each_kind() -> None:
    assert align_words("a b c", "a x c d") == [
        ("equal", "a", "a"),
        ("substituted", "b", "x"),
        ("equal", "c", "c"),
        ("inserted", "", "d"),
    ]
    assert align_words("a b", "b") == [("deleted", "a", ""), ("equal", "b", "b")]


def test_silence_answered_with_words_is_all_insertions() -> None:
    assert align_words("", "thank you") == [("inserted", "", "thank"), ("inserted", "", "you")]
    assert align_words("", "") == []
