"""Alignments have the error counts that WER is computed from."""

from __future__ import annotations

from collections import Counter

import pytest

from sseu_metric.wer import count_word_errors
from sseu_report.page.alignment import Step, align_words

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
    kinds = Counter(step.kind for step in align_words(reference, hypothesis))
    counts = [kinds["substituted"], kinds["deleted"], kinds["inserted"]]
    assert counts == count_word_errors([reference], [hypothesis])[0, :3].tolist()


@pytest.mark.parametrize(("reference", "hypothesis"), PAIRS)
def test_every_word_stands_once_in_its_order(reference: str, hypothesis: str) -> None:
    steps = align_words(reference, hypothesis)
    assert [step.reference for step in steps if step.reference] == reference.split()
    assert [step.hypothesis for step in steps if step.hypothesis] == hypothesis.split()


def test_each_kind() -> None:
    assert align_words("a b c", "a x c d") == [
        Step("equal", "a", "a"),
        Step("substituted", "b", "x"),
        Step("equal", "c", "c"),
        Step("inserted", "", "d"),
    ]
    assert align_words("a b", "b") == [Step("deleted", "a", ""), Step("equal", "b", "b")]


def test_silence_answered_with_words_is_all_insertions() -> None:
    assert [step.kind for step in align_words("", "thank you")] == ["inserted", "inserted"]
    assert align_words("", "") == []
