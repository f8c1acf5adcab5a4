"""Word error counts: equal to jiwer's pair by pair, pooled, never kind to an empty answer."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import product
from typing import Any

import jiwer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.wer import capped_errors, count_character_errors, count_word_errors, runaway, word_error_rate

SENTENCES = st.lists(st.sampled_from(["a", "b", "c", "the", "cat", "ü"]), max_size=10).map(" ".join)
PAIRS = st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=20)


def jiwer_counts(reference: str, hypothesis: str) -> list[int]:
    found = jiwer.process_words(reference, hypothesis)
    return [found.substitutions, found.deletions, found.insertions, found.hits + found.substitutions + found.deletions]


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("the cat sat", "the cat sat", [0, 0, 0, 3]),
        ("the cat sat", "the dog sat", [1, 0, 0, 3]),
        ("the cat sat", "the sat", [0, 1, 0, 3]),
        ("the cat sat", "the big cat sat", [0, 0, 1, 3]),
        ("the cat sat", "", [0, 3, 0, 3]),
        ("", "the cat", [0, 0, 2, 0]),
        ("", "", [0, 0, 0, 0]),
        ("a b c d", "b c d e", [0, 1, 1, 4]),
    ],
)
def test_small_cases(reference: str, hypothesis: str, expected: list[int]) -> None:
    assert count_word_errors([reference], [hypothesis]).tolist() == [expected]
    assert jiwer_counts(reference, hypothesis) == expected


def test_ties_between_alignments_are_broken_as_in_jiwer() -> None:
    sentences = [" ".join(words) for length in range(6) for words in product("ab", repeat=length)]
    references, hypotheses = zip(*product(sentences, sentences), strict=True)
    expected = [jiwer_counts(*pair) for pair in zip(references, hypotheses, strict=True)]
    assert count_word_errors(references, hypotheses).tolist() == expected


@given(PAIRS)
def test_counts_equal_jiwers_pair_by_pair(pairs: list[tuple[str, str]]) -> None:
    references, hypotheses = (list(column) for column in zip(*pairs, strict=True))
    counts = count_word_errors(references, hypotheses)
    assert counts.dtype == np.int32
    assert counts.tolist() == [jiwer_counts(*pair) for pair in pairs]
    if counts[:, 3].any():
        assert word_error_rate(counts) == pytest.approx(100 * jiwer.wer(references, hypotheses), rel=1e-12)


LETTERS = st.text("abc é", max_size=12).map(lambda text: " ".join(text.split()))


@given(st.lists(st.tuples(LETTERS, LETTERS) | st.tuples(st.text(max_size=9).map(str.strip), LETTERS), min_size=1))
def test_character_counts_give_jiwers_rate(pairs: list[tuple[str, str]]) -> None:
    references, hypotheses = (list(column) for column in zip(*pairs, strict=True))
    counts = count_character_errors(references, hypotheses)
    for (reference, hypothesis), (errors, characters) in zip(pairs, counts.tolist(), strict=True):
        found = jiwer.process_characters(reference, hypothesis)
        assert errors == found.substitutions + found.deletions + found.insertions
        assert characters == found.hits + found.substitutions + found.deletions
    if counts[:, 1].any():
        rate = counts[:, 0].sum() / counts[:, 1].sum()
        assert rate == pytest.approx(jiwer.cer(references, hypotheses), rel=1e-12)


@given(SENTENCES.filter(bool), SENTENCES.filter(bool))
def test_swapped_arguments_show(reference: str, hypothesis: str) -> None:
    counts, swapped = count_word_errors([reference], [hypothesis]), count_word_errors([hypothesis], [reference])
    assert counts[0, :3].sum() == swapped[0, :3].sum()
    assert counts[0, 1] - counts[0, 2] == swapped[0, 2] - swapped[0, 1]
    if len(reference.split()) != len(hypothesis.split()):
        assert word_error_rate(counts) != word_error_rate(swapped)


@given(PAIRS, st.data())
def test_rows_keep_their_order_and_repeats_their_counts(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(2 * list(range(len(pairs)))))
    counts = count_word_errors(*zip(*pairs, strict=True))
    shuffled = count_word_errors(*zip(*(pairs[row] for row in order), strict=True))
    assert shuffled.tolist() == counts[order].tolist()


def test_no_pairs() -> None:
    assert count_word_errors([], []).shape == (0, 4)


def test_an_endless_answer() -> None:
    counts = count_word_errors(["the cat sat"], ["the cat sat " * 8000])
    assert counts.tolist() == [[0, 0, 23_997, 3]]
    assert word_error_rate(counts) == 799_900


def test_rate_is_pooled_not_a_mean_of_rates() -> None:
    counts = count_word_errors(
        ["yes", "one two three four five six seven eight nine"], ["no", "one two three four five six seven eight nine"]
    )
    assert word_error_rate(counts) == 10
    assert type(word_error_rate(counts)) is float


def test_sums_do_not_overflow() -> None:
    big = 2**31 - 1
    counts = np.array([[big, 0, big, big]] * 2, dtype=np.int32)
    assert word_error_rate(counts) == 200
    assert capped_errors(counts).tolist() == [big] * 2
    assert runaway(counts).all()


def test_cap_and_runaway_answers() -> None:
    references = ["a b c", "a b c", "a b c", "a b c", "", ""]
    hypotheses = ["a b c", "", "x y z", "a x y z v w", "a b", ""]
    counts = count_word_errors(references, hypotheses)
    assert capped_errors(counts).tolist() == [0, 3, 3, 3, 0, 0]
    assert runaway(counts).tolist() == [False, False, False, True, True, False]
    assert capped_errors(counts).dtype == np.int32


@given(PAIRS)
def test_runaway_means_more_insertions_than_hits_and_is_what_the_cap_changes(pairs: list[tuple[str, str]]) -> None:
    counts = count_word_errors(*zip(*pairs, strict=True))
    hits = counts[:, 3] - counts[:, 0] - counts[:, 1]
    assert (runaway(counts) == (counts[:, 2] > hits)).all()
    assert (runaway(counts) == (capped_errors(counts) != counts[:, :3].sum(axis=1))).all()


@pytest.mark.parametrize(
    ("references", "hypotheses", "message"),
    [
        (["a", "b", "c"], ["a", "b"], "3 references but 2 hypotheses: pass one hypothesis per reference"),
        ("a b", "a c", "references is one string, 'a b': pass a list of strings"),
        (["a", "b"], ["a", None], "hypotheses[1] is None, not a string: pass '' for an answer"),
    ],
)
def test_wrong_arguments_are_named(references: Any, hypotheses: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        count_word_errors(references, hypotheses)


@pytest.mark.parametrize("references", [[], ["", ""]])
def test_no_reference_word(references: list[str]) -> None:
    counts = count_word_errors(references, ["a"] * len(references))
    with pytest.raises(ValueError, match=f"no reference word in {len(references)} rows: the word error rate is not"):
        word_error_rate(counts)


def test_import_is_light() -> None:
    code = (
        "import sys, sseu_metric.wer, sseu_metric.normalisers; "
        "print(sorted({'numpy', 'rapidfuzz', 'whisper_normalizer', 'regex'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
