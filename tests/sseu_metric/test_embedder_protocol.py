"""Texts and vectors as every embedder takes and gives them."""

from __future__ import annotations

import numpy as np
import pytest

from sseu_metric.embedder_protocol import check_texts, unit_rows
from sseu_metric.exact_embedder import ExactEmbedder


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
