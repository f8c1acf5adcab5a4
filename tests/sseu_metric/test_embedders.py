"""The protocol, the names of embedders, and the cosines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sseu_metric import extras
from sseu_metric.embedder_protocol import EmbedderError, check_texts, unit_rows
from sseu_metric.embedders import ExactEmbedder, make_embedder, similarities
from sseu_metric.embedding_cache import CachedEmbedder
from sseu_metric.labels import EVENTS, SCENES

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


def test_exact_ignores_case_and_surrounding_blanks_and_nothing_else() -> None:
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


# --- vectors and texts ---


def test_unit_rows_are_of_length_one_and_exact_in_float32() -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((50, 384)) * 1e3, "x")
    assert rows.dtype == np.float64
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-7
    assert np.array_equal(rows, rows.astype(np.float32))


def test_exact_embeds_one_hot_rows() -> None:
    assert ExactEmbedder().embed(["b", "a", "B "]).tolist() == [[1, 0], [0, 1], [1, 0]]
    with pytest.raises(ValueError, match="text 0 is blank"):
        ExactEmbedder().embed([""])


def test_other_scripts_are_texts() -> None:
    check_texts(["狗叫", "сирена", "🐕"])


# --- names ---


@pytest.mark.parametrize(
    "spec", ["", "exakt", "exact:", "default:x", "openai:", "openai", "sentence-transformers:", "bert:x"]
)
def test_an_unknown_name_lists_the_forms(spec: str) -> None:
    with pytest.raises(
        ValueError, match=rf"unknown embedder '{spec}'; it must be one of: default, paper, exact, openai:"
    ):
        make_embedder(spec)


def test_something_else_than_an_embedder_is_refused() -> None:
    with pytest.raises(ValueError, match="embedder is a int; give an embedder or one of: default"):
        make_embedder(3)  # type: ignore[arg-type]


def test_exact_is_not_cached() -> None:
    embedder = make_embedder("exact")
    assert isinstance(embedder, ExactEmbedder)
    assert (embedder.id, embedder.revision, embedder.dimension) == ("exact", None, None)


def test_an_embedder_is_returned_as_it_is_unless_a_file_is_named(tmp_path: Path) -> None:
    letters = Letters()
    assert make_embedder(letters) is letters
    assert make_embedder(letters, cache=False) is letters
    cached = make_embedder(letters, cache=tmp_path / "vectors.sqlite")
    assert isinstance(cached, CachedEmbedder)
    assert np.array_equal(cached.embed(["a", "b"]), letters.embed(["a", "b"]))


def test_paper_is_openais_large_model() -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    embedder = make_embedder("paper")
    assert (embedder.id, embedder.revision, embedder.dimension) == ("openai:text-embedding-3-large", None, 3072)
    assert isinstance(embedder, CachedEmbedder)
    assert embedder.cache.path.parts[-2:] == ("sseu-bench", "embeddings.sqlite")


@pytest.mark.parametrize("spec", [None, "exact", "sentence-transformers:x"])
def test_a_server_belongs_to_openai_names_only(spec: str | None) -> None:
    with pytest.raises(ValueError, match="base_url and api_key_env are for openai:<model>, not for the embedder"):
        make_embedder(spec, base_url="http://localhost:1/v1")


@pytest.mark.parametrize(
    ("spec", "extra"),
    [(None, "embed"), ("sentence-transformers:org/m", "embed"), ("paper", "openai"), ("openai:m", "openai")],
)
def test_a_missing_package_is_named_with_the_line_that_installs_it(
    spec: str | None, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=rf"^the embedder [\w./:-]+ needs the package \w+; .*'.\[{extra}\]'"):
        make_embedder(spec)


def test_importing_stays_light() -> None:
    code = (
        "import sys, sseu_metric.embedders, sseu_metric.embedding_cache, sseu_metric.openai_embedder, "
        "sseu_metric.sentence_embedder; "
        "print(sorted({'numpy', 'torch', 'openai', 'sentence_transformers', 'huggingface_hub'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
