"""Heat maps and the confusion matrix show what was counted, legibly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sseu_metric.labels import SCENES
from sseu_metric.scoring import score
from sseu_report.plots.class_maps import draw_classes, draw_confusion, scene_confusion
from tests.sseu_models.scripted import reference
from tests.sseu_report.plots.test_style import relative_luminance


def scene_answers() -> Any:
    rows = [reference(f"{n}", c, scene=n % 2) for c in ("0", "-inf") for n in range(4)]
    named = ["Home", "Home", "Home", "nowhere", "Restaurant", "Restaurant", "Home", "Restaurant"]
    return score([{"scene": name} for name in named], rows, tasks=("asc",), mode="joint", embedder="exact")


def test_confusion_counts_every_answer_once() -> None:
    counts = scene_confusion(scene_answers())
    expected = np.zeros((6, 7), dtype=int)
    expected[0, :2] = 3, 1
    expected[1, [0, 1, 6]] = 1, 2, 1
    np.testing.assert_array_equal(counts, expected)
    sklearn = pytest.importorskip("sklearn.metrics")
    true, named = [0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 0, 6, 1, 1, 0, 1]
    np.testing.assert_array_equal(counts, sklearn.confusion_matrix(true, named, labels=range(7))[:6])


def test_heat_maps_show_the_value_of_each_cell() -> None:
    figure = draw_classes(scene_answers(), "macc", "scripted")
    axis = figure.axes[0]
    texts = np.array([text.get_text() for text in axis.texts]).reshape(6, 2)
    assert texts[0].tolist() == ["100", "50"]
    assert texts[1].tolist() == ["0", "100"]
    assert set(texts[2:].ravel()) == {"-"}  # scenes without clips have no recall
    assert [label.get_text() for label in axis.get_yticklabels()] == list(SCENES)
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0", "−∞"]


def test_parts_of_the_benchmark_are_in_parentheses_and_the_title_says_what_that_means() -> None:
    for figure in (
        draw_classes(scene_answers(), "macc", "scripted", whole=False),
        draw_confusion(scene_answers(), "scripted", whole=False),
    ):
        texts = [text.get_text() for text in figure.axes[0].texts]
        assert all(text == "-" or (text[0] + text[-1] == "()" and text[1:-1].isdigit()) for text in texts)
        assert "(in parentheses: not scores of the whole benchmark)" in figure.get_suptitle()


def test_numbers_are_legible_on_their_cells() -> None:
    import matplotlib

    for text, share in zip(
        draw_confusion(scene_answers(), "x").axes[0].texts[:14], [75, 25, *[0] * 5, 25, 50], strict=False
    ):
        cell = relative_luminance(matplotlib.colormaps["cividis"](share / 100)[:3])
        ink = {"black": 0.0, "white": 1.0}[str(text.get_color())]
        assert (max(cell, ink) + 0.05) / (min(cell, ink) + 0.05) >= 4.5
