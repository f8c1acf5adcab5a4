"""Answers of systems that exist only as numbers, for `power`: wrong words, scene hits and confidences of events.

A *draw* is called once for each run: the chances stay, the outcomes are new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .classification import mean_average_precision
from .rows import Rows

Floats = NDArray[np.float64]
Draw = Callable[[], dict[str, NDArray[Any]]]


def _logits(rates: Floats, effects: Floats, scale: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(scale * np.log(rates / (1 - rates)) + effects))))


def draw_words(rows: Rows, rates: Floats, effects: Floats, scale: float, generator: np.random.Generator) -> Draw:
    """Wrong words: each is wrong with the logit of its row's rate (rows,) plus effect (rows,)."""
    words, chance = rows["counts"][:, 3], _logits(rates, effects, scale)

    def draw() -> dict[str, NDArray[Any]]:
        wrong = generator.binomial(words, chance)
        return {"counts": np.stack([wrong, 0 * wrong, 0 * wrong, words], axis=1).astype(np.int32)}

    return draw


def draw_hits(rows: Rows, rates: Floats, effects: Floats, scale: float, generator: np.random.Generator) -> Draw:
    """Scene hits, by the logit of each row's rate (rows,) plus effect (rows,)."""
    chance = _logits(rates, effects, scale)
    return lambda: {"hit": generator.random(len(chance)) < chance}


def draw_confidences(
    truth: NDArray[np.bool_], heights: Floats, effects: Floats, generator: np.random.Generator
) -> Draw:
    """Scores of each class, higher by its row's height (rows,) where the event is, plus effects (rows, classes)."""
    means = truth * heights[:, np.newaxis] + effects
    return lambda: {"confidences": means + generator.standard_normal(truth.shape)}


def precision_by_height(truth: NDArray[np.bool_], noise: float) -> tuple[Floats, Floats]:
    """Mean average precision in [0, 1] by how much higher the score of a present event is, on a grid.

    Args:
        truth: Shape (rows, classes); of many rows 2,000 are taken.
        noise: Standard deviation of a score.
    """
    generator = np.random.default_rng(0)
    some = truth[generator.permutation(len(truth))[:2000]]
    draws = noise * generator.standard_normal(some.shape)
    heights = np.linspace(0, 6, 25)
    found = [mean_average_precision(some, some * height + draws) / 100 for height in heights]
    return np.maximum.accumulate(found), heights
