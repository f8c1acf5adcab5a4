"""Confidences, macro accuracy and average precision: computed manually, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, recall_score

from sseu_metric.classification import (
    average_precision,
    class_average_precisions,
    class_recalls,
    mean_average_precision,
    mean_class_accuracy,
)
from sseu_metric.confidences import event_confidences, scene_confidences, scene_hits


def test_scene_confidences_are_a_softmax_of_cosines() -> None:
    confidences = scene_confidences(np.array([[1.0, 0.0], [0.5, 0.5]]))
    assert confidences == pytest.approx(np.array([[np.e / (np.e + 1), 1 / (np.e + 1)], [0.5, 0.5]]))


def test_event_confidences_are_the_largest_sigmoid_of_each_class() -> None:
    similarities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.3]])
    confidences = event_confidences(similarities, [2, 0, 1])
    sigmoid = 1 / (1 + np.exp(-np.array([[0.9, 0.8], [0.3, 0.3]])))
    assert confidences[[0, 2]] == pytest.approx(sigmoid)
    assert not confidences[1].any()  # an answer that names no event has confidence 0


def test_a_tie_for_the_first_scene_hits_none() -> None:
    confidences = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [1 / 3, 1 / 3, 1 / 3], [0.2, 0.4, 0.4]])
    assert scene_hits(confidences, np.array([0, 0, 0, 0])).tolist() == [True, False, False, False]


def test_macro_accuracy_weighs_scenes_alike_and_leaves_absent_ones_out() -> None:
    references = np.array([0, 0, 0, 0, 2])
    hits = np.array([True, True, True, False, False])
    assert class_recalls(hits, references, 3)[[0, 2]].tolist() == [75.0, 0.0]
    assert np.isnan(class_recalls(hits, references, 3)[1])
    assert mean_class_accuracy(hits, references, 3) == 37.5


def test_macro_accuracy_equals_scikit_learns_macro_recall() -> None:
    generator = np.random.default_rng(1)
    references, predicted = generator.integers(0, 6, 500), generator.integers(0, 6, 500)
    ours = mean_class_accuracy(predicted == references, references, 6)
    assert ours == pytest.approx(100 * recall_score(references, predicted, average="macro"), abs=1e-10)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=60))
def test_average_precision_with_heavy_ties_equals_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([positive for positive, _ in rows])
    scores = np.array([score / 4 for _, score in rows])
    truth[0] = True
    assert average_precision(truth, scores) == pytest.approx(average_precision_score(truth, scores), abs=1e-12)


@given(st.integers(0, 2**32))
def test_average_precision_does_not_depend_on_the_order_of_rows(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth, scores = generator.random(40) < 0.3, generator.integers(0, 3, 40) / 2
    truth[0] = True
    order = generator.permutation(40)
    assert average_precision(truth, scores) == average_precision(truth[order], scores[order])


def test_a_class_without_positives_is_left_out_not_counted_as_0_or_1() -> None:
    truth = np.array([[True, False], [False, False]])
    scores = np.array([[0.9, 0.9], [0.1, 0.9]])
    precisions = class_average_precisions(truth, scores)
    assert precisions[0] == 100
    assert np.isnan(precisions[1])
    assert mean_average_precision(truth, scores) == 100


def test_constant_scores_give_the_prevalence() -> None:
    truth = np.zeros((50, 1), dtype=bool)
    truth[:7] = True
    assert mean_average_precision(truth, np.ones((50, 1))) == pytest.approx(14.0)


def test_nothing_to_average() -> None:
    with pytest.raises(ValueError, match="no references"):
        mean_class_accuracy(np.array([], dtype=bool), np.array([], dtype=np.int64), 6)
    with pytest.raises(ValueError, match="no positives"):
        mean_average_precision(np.zeros((3, 18), dtype=bool), np.zeros((3, 18)))
