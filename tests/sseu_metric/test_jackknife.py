"""Replicates and their variance, against direct recomputation, scikit-learn and scipy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score

from sseu_metric.classification import mean_class_accuracy
from sseu_metric.jackknife import Jackknife, SamplingError, make_jackknife
from sseu_metric.replicates import class_accuracy_replicates, mean_average_precision_replicates, ratio_replicates

NAMES = ("speaker", "sentence", "recording")


def crossed(rows: int = 80, seed: int = 0) -> tuple[dict[str, list[str]], np.ndarray, np.ndarray]:
    """Three crossed factors, errors and words."""
    generator = np.random.default_rng(seed)
    columns = {
        name: [f"{name}{number}" for number in generator.integers(0, size, rows)]
        for name, size in zip(NAMES, (6, 4, 20), strict=True)
    }
    return columns, generator.integers(0, 5, rows), generator.integers(5, 9, rows)


def test_every_replicate_is_the_metric_without_a_cluster() -> None:
    columns, errors, words = crossed()
    jackknife = make_jackknife(columns, [""] * 80, words.astype(float))
    assert [factor.names for factor in jackknife.factors] == [
        names for count in (1, 2, 3) for names in itertools.combinations(NAMES, count)
    ]
    assert [factor.sign for factor in jackknife.factors] == [1, 1, 1, -1, -1, -1, 1]
    found = jackknife.split(ratio_replicates(jackknife, errors, words))
    for factor, replicates in zip(jackknife.factors, found, strict=True):
        keys = list(zip(*(columns[name] for name in factor.names), strict=True))
        for key, replicate in zip(sorted(set(keys)), replicates, strict=True):
            kept = np.array([one != key for one in keys])
            assert replicate == pytest.approx(100 * errors[kept].sum() / words[kept].sum(), abs=1e-9)


def test_the_variance_is_cameron_gelbach_and_millers() -> None:
    """Written out: every two rows that share anything contribute the product of their errors' deviations, once."""
    columns, errors, words = crossed()
    jackknife = make_jackknife(columns, [""] * 80, words.astype(float))
    value = 100 * errors.sum() / words.sum()
    error = jackknife.error_of(ratio_replicates(jackknife, errors, words), value)
    names = {name: np.array(columns[name]) for name in NAMES}
    share = np.any([of[:, None] == of for of in names.values()], axis=0)
    deviations = (100 * errors - value * words) / words.sum()
    shares = words / words.sum()
    together = deviations @ share @ deviations / (1 - shares @ share @ shares)
    largest = 0.0
    for of in names.values():
        without = [100 * errors[of != one].sum() / words[of != one].sum() for one in set(of)]
        largest = max(largest, (len(without) - 1) / len(without) * sum((one - value) ** 2 for one in without))
    assert error is not None
    assert error.variance == pytest.approx(max(together, largest))
    assert together > largest


def test_with_equal_clusters_of_one_factor_the_correction_is_the_jackknifes() -> None:
    """Three columns that say the same are one factor, counted once."""
    same, errors, words = [f"c{one % 5}" for one in range(40)], np.arange(40) % 7, np.full(40, 9)
    alike = make_jackknife(dict.fromkeys(NAMES, same), [""] * 40, words.astype(float))
    single = make_jackknife({"speaker": same}, [""] * 40, words.astype(float))
    value = 100 * errors.sum() / words.sum()
    by_three, by_one = (one.error_of(ratio_replicates(one, errors, words), value) for one in (alike, single))
    assert by_three is not None
    assert by_one is not None
    assert by_three.variance == pytest.approx(by_one.variance)
    together = sum(
        float(weight @ (part - value) ** 2)
        for weight, part in zip(alike.crossed, alike.split(ratio_replicates(alike, errors, words)), strict=True)
    )
    assert together == pytest.approx(by_one.variance)


def test_degrees_of_freedom_are_those_of_the_effective_clusters_of_the_dominant_factor() -> None:
    words = np.array([30.0, 10.0, 10.0, 10.0])
    jackknife = make_jackknife({"sentence": list("abcd")}, [""] * 4, words)
    error = jackknife.error_of(ratio_replicates(jackknife, np.array([9, 1, 2, 1]), words.astype(int)), 100 * 13 / 60)
    assert error is not None
    assert error.degrees_of_freedom == pytest.approx(60**2 / (900 + 300) - 1)


def test_interval_and_p_are_the_t_distributions() -> None:
    error = SamplingError(variance=4.0, degrees_of_freedom=5.5)
    low, high = stats.t.interval(0.95, 5.5, loc=10, scale=2)
    found = error.interval(10.0)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)
    assert error.p_value(-3.0) == pytest.approx(2 * stats.t.sf(1.5, 5.5))


def test_runs_add_their_variance_by_satterthwaite() -> None:
    added = SamplingError(4.0, 10.0).plus(2.0, 2.0)
    assert added.variance == 6.0
    assert added.degrees_of_freedom == pytest.approx(36 / (16 / 10 + 4 / 2))
    unchanged = SamplingError(4.0, 10.0).plus(0.0, 2.0)
    assert (unchanged.variance, unchanged.degrees_of_freedom) == pytest.approx((4.0, 10.0))


@pytest.mark.parametrize("variance", [0.01, 0.1, 1.0, 100.0])
@pytest.mark.parametrize("freedom", [2.0, 100.0])
def test_what_runs_add_never_narrows_an_interval(variance: float, freedom: float) -> None:
    """The sum of the degrees of freedom alone would: 2 and 2 are up to 4, where t falls by a third."""
    before = SamplingError(1.0, 2.0)
    after = before.plus(variance, freedom)
    assert after.interval(50.0).high >= before.interval(50.0).high
    assert after.degrees_of_freedom <= before.degrees_of_freedom


def test_scenes_are_strata() -> None:
    generator = np.random.default_rng(1)
    recordings = [f"r{number}" for number in generator.integers(0, 12, 90)]
    scenes = np.array([int(name[1:]) % 3 for name in recordings])
    hits = generator.random(90) < 0.5
    jackknife = make_jackknife({"recording": recordings}, list(map(str, scenes)), np.ones(90))
    value = mean_class_accuracy(hits, scenes, 3)
    error = jackknife.error_of(class_accuracy_replicates(jackknife, hits, scenes, 3), value)
    expected = 0.0
    for scene in range(3):
        names = sorted({name for name, one in zip(recordings, scenes, strict=True) if one == scene})
        for name in names:
            kept = np.array([one != name for one in recordings])
            expected += (len(names) - 1) / len(names) * (mean_class_accuracy(hits[kept], scenes[kept], 3) - value) ** 2
    assert error is not None
    assert error.variance == pytest.approx(expected)


def test_precision_equals_scikit_learns_with_the_weights_of_the_strata() -> None:
    generator = np.random.default_rng(2)
    recordings = np.array([f"r{number:02}" for number in generator.integers(0, 15, 120)])
    scenes = np.array(["AB"[int(name[1:]) % 2] for name in recordings])
    truth, scores = generator.random((120, 3)) < 0.3, np.round(generator.random((120, 3)), 1)
    jackknife = make_jackknife({"recording": recordings.tolist()}, scenes.tolist(), np.ones(120))
    found = mean_average_precision_replicates(jackknife, truth, scores)
    order = sorted(set(recordings), key=lambda name: ("AB"[int(name[1:]) % 2], name))
    for name, replicate in zip(order, found, strict=True):
        scene = "AB"[int(name[1:]) % 2]
        count = sum("AB"[int(one[1:]) % 2] == scene for one in order)
        weights = np.where(recordings == name, 0, np.where(scenes == scene, count / (count - 1), 1))
        kept = weights > 0
        precisions = [
            average_precision_score(truth[kept, number], scores[kept, number], sample_weight=weights[kept])
            for number in range(3)
        ]
        assert replicate == pytest.approx(100 * np.mean(precisions), abs=1e-9)


def test_a_stratum_of_one_cluster_is_held_fixed() -> None:
    jackknife = make_jackknife({"recording": list("aabc")}, list("xxyy"), np.ones(4))
    assert jackknife.fixed == ("x",)
    hits, scenes = np.array([True, False, True, False]), np.array([0, 0, 1, 1])
    error = jackknife.error_of(class_accuracy_replicates(jackknife, hits, scenes, 2), 50.0)
    assert error is not None
    assert error.variance == pytest.approx(0.5 * 2 * 25**2)  # y alone: without b or c its recall is 0 or 100


@pytest.mark.parametrize("columns", [{"speaker": ["a", "a"]}, {"speaker": ["a", "b"], "sentence": ["s", "s"]}])
def test_a_factor_of_one_cluster_says_nothing(columns: dict[str, list[str]]) -> None:
    jackknife = make_jackknife(columns, ["", ""], np.ones(2))
    replicates = ratio_replicates(jackknife, np.array([1, 0]), np.array([2, 2]))
    assert jackknife.error_of(replicates, 25.0) is None
    assert jackknife.unknown(replicates, 25.0) == f"one {list(columns)[-1]} only"


def test_a_value_that_no_cluster_changes_is_unknown_and_not_certain() -> None:
    """Nobody makes an error, or only a scene of one recording is not right: no cluster moves the score."""
    words = make_jackknife({"speaker": list("abcd")}, [""] * 4, np.ones(4))
    replicates = ratio_replicates(words, np.zeros(4, dtype=int), np.full(4, 5))
    assert words.error_of(replicates, 0.0) is None
    assert words.unknown(replicates, 0.0) == "no cluster changes the score: without any one of them it is the same"
    assert words.unknown(ratio_replicates(words, np.array([0, 0, 1, 0]), np.full(4, 5)), 5.0) is None
    scenes = make_jackknife({"recording": list("aabc")}, list("xxyy"), np.ones(4))
    hits = np.array([True, False, True, True])
    found = class_accuracy_replicates(scenes, hits, np.array([0, 0, 1, 1]), 2)
    assert scenes.error_of(found, 75.0) is None
    assert (
        scenes.unknown(found, 75.0, "difference")
        == "no cluster changes the difference: without any one of them it is the same"
    )


def test_one_recording_in_each_scene_says_nothing() -> None:
    jackknife = make_jackknife({"recording": list("aabb")}, list("xxyy"), np.ones(4))
    replicates = class_accuracy_replicates(jackknife, np.array([True, False] * 2), np.array([0, 0, 1, 1]), 2)
    assert jackknife.unknown(replicates, 50.0) == "one recording only in each scene"


def test_a_cluster_that_holds_every_word_says_nothing() -> None:
    jackknife = make_jackknife({"speaker": ["a", "b"]}, ["", ""], np.array([4.0, 0.0]))
    replicates = ratio_replicates(jackknife, np.array([1, 0]), np.array([4, 0]))
    assert np.isnan(replicates[0])
    assert jackknife.error_of(replicates, 25.0) is None
    assert jackknife.unknown(replicates, 25.0) == "one speaker holds all there is"
    assert jackknife.take(np.array([True, False])).unknown(replicates, 25.0) == "one speaker only"


@given(st.permutations(range(12)), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(order: list[int], seed: int) -> None:
    columns, errors, words = crossed(12, seed)
    moved = {name: [values[place] for place in order] for name, values in columns.items()}

    def error_of(of: dict[str, list[str]], places: list[int]) -> SamplingError | None:
        jackknife = make_jackknife(of, [""] * 12, words[places].astype(float))
        value = 100 * errors.sum() / words.sum()
        return jackknife.error_of(ratio_replicates(jackknife, errors[places], words[places]), value)

    one, other = error_of(columns, list(range(12))), error_of(moved, order)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert math.isclose(one.variance, other.variance, rel_tol=1e-9, abs_tol=1e-12)


def test_part_of_the_rows_keeps_the_clusters_of_the_whole() -> None:
    columns, errors, words = crossed()
    whole = make_jackknife(columns, [""] * 80, words.astype(float))
    first = np.arange(80) < 40
    part: Jackknife = whole.take(first)
    found = ratio_replicates(part, errors[first], words[first])
    assert len(found) == sum(len(factor.sizes) for factor in whole.factors)
    value = 100 * errors[first].sum() / words[first].sum()
    absent = sorted(set(columns["recording"]) - set(columns["recording"][:40]))
    names = sorted(set(columns["recording"]))
    of_recording = part.split(found)[2]
    assert [of_recording[names.index(name)] for name in absent] == pytest.approx([value] * len(absent))
