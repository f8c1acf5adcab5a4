"""Rows as JSON text: nothing that matters is lost or changed on the way (faults: test_sseu.py)."""

from __future__ import annotations

import json
from typing import Any

import datasets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.encoding import encode_predictions, encode_references, tasks_of

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FLOATS), st.lists(st.text()), st.text())
def test_values_come_back_as_they_were(scores: list[float], events: list[str], transcript: str) -> None:
    row = {"transcript": transcript, "events": events, "event_scores": scores, "scene": None}
    assert [json.loads(text) for text in encode_predictions([row, transcript, None])] == [row, transcript, None]


@given(st.text(alphabet=st.characters(codec=None, categories=["Cs", "Cc", "Zl"])))
def test_strange_raw_text_is_kept(text: str) -> None:
    (stored,) = encode_predictions([text])
    assert stored.isascii()
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")  # two halves are one character
    assert json.loads(stored) == joined


@pytest.mark.parametrize("form", [None, "numpy", "torch"])
def test_rows_of_a_dataset_in_any_format(form: str | None) -> None:
    columns: dict[str, Any] = {
        "id": ["a", "b"],
        "condition": ["-5", None],
        "scene": [3, 0],
        "events": [[1, 17], []],
        "gain_db": [1.0, 2.0],
    }
    features = datasets.Features(
        {
            "id": datasets.Value("string"),
            "condition": datasets.Value("string"),
            "scene": datasets.Value("int64"),
            "events": datasets.List(datasets.Value("int64")),
            "gain_db": datasets.Value("float32"),
        }
    )
    rows = datasets.Dataset.from_dict(columns, features=features)
    if form == "torch":
        pytest.importorskip("torch")
    first = json.loads(encode_references(rows.with_format(form).select([0]))[0])
    assert first == {"id": "a", "condition": "-5", "scene": 3, "events": [1, 17]}
    if form is None:
        assert json.loads(encode_references(rows)[1]) == {"id": "b", "condition": None, "scene": 0, "events": []}


def test_arrays_and_tuples_become_lists() -> None:
    given_row = {"events": np.array(["Dog"]), "scene_scores": (1, np.float32(0.5)), "transcript": np.str_("x")}
    assert json.loads(encode_predictions([given_row])[0]) == {
        "transcript": "x",
        "events": ["Dog"],
        "scene_scores": [1, 0.5],
    }


def test_unknown_configurations_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown configuration 'ASR'; there are joint, asr, asc, at"):
        tasks_of("ASR")
