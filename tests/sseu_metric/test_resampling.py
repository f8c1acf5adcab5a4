"""Cluster resampling: weights, equality with direct recomputation, coverage of the intervals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from sseu_metric.resampling import (
    ClusterWeights,
    resample_clusters,
    resampled_average_precision,
    resampled_class_accuracy,
    resampled_mean_average_precision,
    resampled_ratio,
)

from sseu_metric.classification import mean_average_precision, mean_class_accuracy
from sseu_metric.intervals import percentile_interval


def test_an_estimate_moves_the_interval_by_the_bias_of_the_resamples() -> None:
    plain = percentile_interval(np.arange(101.0))
    moved = percentile_interval(np.arange(101.0), estimate=40.0)
    assert (moved.low, moved.high) == (plain.low - 10, plain.high - 10)


def test_weights_are_rao_wus() -> None:
    resampling = resample_clusters(list("aabbccd"), list("xxxxxxy"), resamples=500, seed=1)
    inside, alone = resampling.weights[:3], resampling.weights[3]
    assert set(np.unique(inside)) == {0.0, 1.5, 3.0}  # 2 of 3 clusters are drawn, each draw weighs 3 / 2
    assert np.all(inside.sum(axis=0) == 3)
    assert np.all(alone == 1)
    assert resampling.single == ("y",)
    assert resampling.of_row.tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_weights_depend_on_seed_and_names_not_on_the_order_of_rows() -> None:
    clusters, strata = list("abcdefgh"), list("xxxxyyyy")
    one = resample_clusters(clusters, strata, resamples=50, seed=3)
    two = resample_clusters(clusters[::-1], strata[::-1], resamples=50, seed=3)
    assert np.array_equal(one.weights[one.of_row], two.weights[two.of_row][::-1])
    assert not np.array_equal(one.weights, resample_clusters(clusters, strata, resamples=50, seed=4).weights)


def test_another_stratum_changes_nothing() -> None:
    few = resample_clusters(list("abc"), list("xxx"), resamples=50)
    more = resample_clusters(list("abcde"), list("xxxyy"), resamples=50)
    assert np.array_equal(few.weights, more.weights[:3])


def test_equal_names_in_two_strata_are_two_clusters() -> None:
    assert len(resample_clusters(["a", "a", "b"], ["x", "y", "x"], resamples=2).weights) == 3


def repeated(resampling: ClusterWeights, column: int) -> NDArray[np.int64]:
    """The rows of one resample, repeated as often as their (integer) weights say."""
    weights = resampling.weights[resampling.of_row, column]
    return np.repeat(np.arange(len(weights)), np.rint(weights).astype(int))


@pytest.fixture
def whole_weights() -> ClusterWeights:
    """Integer weights, as a plain bootstrap has them, for 300 rows of 40 clusters."""
    generator = np.random.default_rng(0)
    of_row = np.sort(generator.integers(0, 40, 300))
    drawn = generator.integers(0, 40, (40, 20))
    weights = np.stack([np.bincount(column, minlength=40) for column in drawn.T], axis=1).astype(float)
    return ClusterWeights(weights, of_row)


def test_every_metric_equals_its_own_on_the_repeated_rows(whole_weights: ClusterWeights) -> None:
    generator = np.random.default_rng(1)
    errors, words = generator.integers(0, 5, 300), generator.integers(1, 20, 300)
    references, hits = generator.integers(0, 6, 300), generator.random(300) < 0.5
    truth = generator.random((300, 4)) < 0.1
    scores = generator.integers(0, 6, (300, 4)) / 5
    wer = resampled_ratio(whole_weights, errors, words)
    macc = resampled_class_accuracy(whole_weights, hits, references, 6)
    precision = resampled_mean_average_precision(whole_weights, truth, scores)
    for column in range(20):
        rows = repeated(whole_weights, column)
        assert wer[column] == pytest.approx(100 * errors[rows].sum() / words[rows].sum(), abs=1e-10)
        assert macc[column] == pytest.approx(mean_class_accuracy(hits[rows], references[rows], 6), abs=1e-10)
        assert precision[column] == pytest.approx(mean_average_precision(truth[rows], scores[rows]), abs=1e-10)


def test_resampled_precision_equals_scikit_learns_with_weights() -> None:
    generator = np.random.default_rng(2)
    truth, scores = generator.random(200) < 0.2, generator.integers(0, 9, 200) / 8
    resampling = resample_clusters([str(number // 3) for number in range(200)], ["x"] * 200, resamples=30)
    ours = resampled_average_precision(resampling, truth, scores)
    for column in range(30):
        weights = resampling.weights[resampling.of_row, column]
        theirs = average_precision_score(truth, scores, sample_weight=weights)
        assert ours[column] == pytest.approx(100 * theirs, abs=1e-9)


def test_a_class_without_positives_in_a_resample_is_left_out_there() -> None:
    weights = ClusterWeights(np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([0, 1]))
    truth = np.array([[True, False], [False, True]])
    scores = np.array([[0.9, 0.5], [0.1, 0.9]])
    assert np.isnan(resampled_average_precision(weights, truth[:, 0], scores[:, 0])[1])
    assert resampled_mean_average_precision(weights, truth, scores).tolist() == [100.0, 100.0]


def test_interval_counts_resamples_without_a_value() -> None:
    interval = percentile_interval(np.array([np.nan, *range(101)]))
    assert (interval.low, interval.high, interval.left_out) == (2.5, 97.5, 1)
    with pytest.raises(ValueError, match="not defined in any resample"):
        percentile_interval(np.array([np.nan]))


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="0 resamples"):
        resample_clusters(["a"], ["x"], resamples=0)


def test_coverage_with_the_real_numbers_of_clusters() -> None:
    """A recording effect on the real structure: 378 clips and 48 recordings of 739 windows; 104 speakers for WER.

    800 simulated data sets; the share of intervals that hold the true value must lie near 95 %.
    """
    generator = np.random.default_rng(0)
    windows = {"Restaurant": (10, 64), "City Center": (10, 237), "Grocery Store": (8, 22)}
    windows |= {"Metro Station": (9, 194), "Residential Area": (11, 222), "Home": (378, 378)}
    clusters, strata = [], []
    for scene, (recordings, count) in windows.items():
        clusters += [f"{scene} {number % recordings}" for number in range(count)]
        strata += [scene] * count
    scene_ids = np.array([list(windows).index(scene) for scene in strata])
    of_cluster = np.unique(clusters, return_inverse=True)[1]
    speakers = generator.integers(0, 104, 1117)
    truth_macc, truth_wer, trials = 50.0, 10.0, 800
    held_macc = held_wer = 0
    for trial in range(trials):
        effect = generator.normal(0, 0.15, 426)
        hits = generator.random(1117) < np.clip(0.5 + effect[of_cluster], 0, 1)
        resampling = resample_clusters(clusters, strata, resamples=300, seed=trial)
        interval = percentile_interval(resampled_class_accuracy(resampling, hits, scene_ids, 6))
        held_macc += interval.low <= truth_macc <= interval.high
        rate = np.clip(0.1 + generator.normal(0, 0.04, 104), 0, 1)[speakers]
        words = generator.integers(18, 32, 1117)
        errors = generator.binomial(words, rate)
        resampling = resample_clusters([str(number) for number in speakers], ["x"] * 1117, resamples=300, seed=trial)
        interval = percentile_interval(resampled_ratio(resampling, errors, words))
        held_wer += interval.low <= truth_wer <= interval.high
    assert 92 <= 100 * held_macc / trials <= 97
    assert 92 <= 100 * held_wer / trials <= 97
