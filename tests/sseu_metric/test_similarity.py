"""Cosines of answers with labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sseu_metric.embedder_protocol import EmbedderError, unit_rows
from sseu_metric.exact_embedder import ExactEmbedder
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.similarity import similarities

Array = NDArray[np.float64]


class Letters:
    """A text's vector counts its letters; remembers what it was asked."""

    id = "letters"
    revision = None
    dimension = 27

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Array:
        self.asked += texts
        return unit_rows(
            np.array([[1, *(text.lower().count(chr(97 + i)) for i in range(26))] for text in texts]), self.id
        )


class Fixed:
    """Gives the same array whatever is asked."""

    id = "fixed"
    revision = None
    dimension = None

    def __init__(self, vectors: Array) -> None:
        self.vectors = vectors

    def embed(self, texts: Sequence[str]) -> Array:
        return self.vectors


# --- similarities ---


@pytest.mark.parametrize("labels", [SCENES, EVENTS])
def test_exact_gives_the_identity_on_the_labels(labels: tuple[str, ...]) -> None:
    assert np.array_equal(similarities(ExactEmbedder(), labels, labels), np.eye(len(labels)))


def test_exact_ignores_case_surrounding_blanks_and_a_leading_article_and_nothing_else() -> None:
    for text in ("a dog", "The Dog", " some dog ", "an dog"):
        assert similarities(ExactEmbedder(), [text], ["Dog"]).item() == 1.0, text
    for text in ("adog", "the", "a the dog", "one dog", "dog a"):
        assert similarities(ExactEmbedder(), [text], ["Dog"]).item() == 0.0, text
    found = similarities(ExactEmbedder(), [" dOG\n", "Dogs", "STRASSE", "cat"], ["Dog", "Straße"])
    assert found.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]


def test_the_special_case_for_exact_equals_the_general_arithmetic() -> None:
    class Hidden:
        id = "hidden"
        revision = None
        dimension = None

        def embed(self, texts: Sequence[str]) -> Array:
            return ExactEmbedder().embed(texts)

    texts, labels = ["a", " A", "b", "c"], ["c", "a", "d"]
    assert np.array_equal(similarities(ExactEmbedder(), texts, labels), similarities(Hidden(), texts, labels))


def test_cosines_equal_scikit_learns() -> None:
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    texts = ["a barking dog", "trains", "someone is frying eggs"]
    letters = Letters()
    expected = pairwise.cosine_similarity(letters.embed(texts), letters.embed(EVENTS))
    assert np.abs(similarities(letters, texts, EVENTS) - expected).max() <= 0.5e-6 + 1e-12


def test_cosines_are_multiples_of_a_millionth_from_minus_one_to_one_without_minus_zero() -> None:
    fixed = Fixed(np.array([[1.0, 0.0], [-1.0, 1e-9], [-1e-9, 1.0], [0.3, 0.4]]))
    found = similarities(fixed, ["left", "almost across", "half"], ["right"])
    assert found.tolist() == [[-1.0], [0.0], [0.6]]
    assert not np.signbit(found[1, 0])


def test_each_distinct_string_is_embedded_once() -> None:
    letters = Letters()
    similarities(letters, ["Dog", "Cat", "Dog", "mew", "mew"], ["Dog", "Cat"])
    assert sorted(letters.asked) == ["Cat", "Dog", "mew"]


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda text: bool(text.strip()))


@given(st.lists(words, min_size=1, max_size=12))
def test_a_row_depends_on_its_text_alone(texts: list[str]) -> None:
    whole = similarities(Letters(), texts, EVENTS)
    order = sorted(range(len(texts)), key=lambda i: texts[i][::-1])
    assert np.array_equal(similarities(Letters(), [texts[i] for i in order], EVENTS), whole[order])
    for i, text in enumerate(texts):
        assert np.array_equal(similarities(Letters(), [text], EVENTS)[0], whole[i])


def test_many_dimensions_and_rows_do_not_change_a_bit_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "round", lambda values, digits: values)  # even before rounding
    random = np.random.default_rng(0)
    vectors = random.standard_normal((600, 3072))
    texts = [f"t{i}" for i in range(600)]
    whole = similarities(Fixed(vectors), texts[6:], texts[:6])
    some = similarities(Fixed(vectors[[0, 1, 2, 3, 4, 5, 599]]), ["t599"], texts[:6])
    assert np.array_equal(some[0], whole[-1])


def test_the_embedders_own_array_is_left_alone() -> None:
    vectors = np.array([[2.0, 0.0], [0.0, 2.0]])
    similarities(Fixed(vectors), ["a"], ["b"])
    assert vectors.tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_no_texts_give_no_rows() -> None:
    assert similarities(Letters(), [], EVENTS).shape == (0, 18)
    assert similarities(ExactEmbedder(), [], EVENTS).shape == (0, 18)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["a", " \t"], ["b"], r"text 1 is blank \(' \\t'\); leave blank strings out"),
        (["a"], ["b", ""], "label 1 is blank"),
        (["a", 3], ["b"], "text 1 is a int, not a string"),
        (["a", "x\ud83d"], ["b"], "text 1 is not valid Unicode"),
        ("abc", ["b"], "texts must be a list of strings, not the string 'abc'"),
        (["a"], [], "there are no labels"),
    ],
)
def test_bad_strings_are_named(texts: list[str], labels: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        similarities(Letters(), texts, labels)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([[1.0], [float("nan")]], "fixed: the vector of text 1 holds NaN or infinity"),
        ([[float("inf")], [1.0]], "fixed: the vector of text 0 holds NaN or infinity"),
        ([[1.0, 0.0], [0.0, 0.0]], "fixed: the vector of text 1 is zero"),
        ([[1.0, 0.0]], r"fixed gave an array of shape \(1, 2\) for 2 texts"),
        ([1.0, 0.0], r"fixed gave an array of shape \(2,\) for 2 texts"),
    ],
)
def test_bad_vectors_are_refused(vectors: list[object], message: str) -> None:
    with pytest.raises(EmbedderError, match=message):
        similarities(Fixed(np.array(vectors)), ["a"], ["b"])
