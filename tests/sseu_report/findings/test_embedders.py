"""Ranks under several embedders: ties, orders that turn, what ranks at all."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from sseu_report.findings.embedders import find_embedder_sensitivity, kendall_tau_b
from tests.sseu_report.made_replies import says


def test_tau_b_equals_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    generator = random.Random(0)
    for _ in range(40):
        one, other = ([generator.randrange(4) for _ in range(6)] for _ in range(2))
        expected = float(stats.kendalltau(one, other).statistic)
        found = kendall_tau_b(one, other)
        assert (found is None and np.isnan(expected)) or found == pytest.approx(expected)
    assert kendall_tau_b([1.0], [2.0]) is None
    with pytest.raises(ValueError, match="1 and 2 values; ranks of the same systems are needed"):
        kendall_tau_b([1.0], [2.0, 3.0])


class FoldedEmbedder:
    """Every text that begins alike has the same direction."""

    id = "test:first-letter"
    revision = None
    dimension = 256

    def embed(self, texts: Any) -> Any:
        """One direction for each first character."""
        vectors = np.zeros((len(texts), 256))
        vectors[np.arange(len(texts)), [ord(text[0]) % 256 for text in texts]] = 1
        return vectors


def test_an_embedder_may_turn_the_order_of_systems(make_scored: Any) -> None:
    # Under `exact` a misspelt scene hits nothing; by first letters it hits Home (no other scene begins with H).
    exact = make_scored("exact", says("", "Restaurant", "Dog"), limit=None)
    sloppy = make_scored("sloppy", says("", "Hom", "Dog"), limit=None)
    control = make_scored("control", says("", "Home", "Dog"), frontend="silence")
    found = find_embedder_sensitivity([exact, sloppy, control], ["exact", FoldedEmbedder()])
    scenes = next(one for one in found if one.metric == "macc")
    assert scenes.embedders == ("exact", "test:first-letter")
    assert scenes.scores["scripted:sloppy"][0] == 0
    assert scenes.scores["scripted:sloppy"][1] > 0
    assert set(scenes.ranked) == {"scripted:exact", "scripted:sloppy"}
    assert "scripted:control + silence" in scenes.scores
    lines = "\n".join(scenes.lines())
    assert "independent mACC under [1] exact, [2] test:first-letter" in lines
    assert "ranks of 2 systems under [1] and [2]: tau-b" in lines


def test_one_embedder_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="embedders exact: give at least two, each once"):
        find_embedder_sensitivity([], ["exact"])
    with pytest.raises(ValueError, match="embedders exact, exact: give at least two, each once"):
        find_embedder_sensitivity([], ["exact", "exact"])
