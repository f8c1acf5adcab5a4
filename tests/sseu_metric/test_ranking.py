"""Places that hold together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sseu_metric.jackknife import Jackknife, make_jackknife
from sseu_metric.ranking import against_best, rank_ranges
from sseu_metric.replicates import ratio_replicates
from sseu_metric.significance import holm

SPEAKERS, CLIPS = 40, 400


def measured(rates: list[float], seed: int) -> tuple[list[float], NDArray[np.float64], Jackknife]:
    """WER of systems with these word error rates on one set of clips, with their replicates."""
    generator = np.random.default_rng(seed)
    speaker = generator.integers(0, SPEAKERS, CLIPS)
    words = generator.integers(15, 30, CLIPS)
    jackknife = make_jackknife({"speaker": list(map(str, speaker))}, [""] * CLIPS, words.astype(float))
    hard = generator.normal(0, 0.03, SPEAKERS)[speaker]
    values, replicates = [], []
    for rate in rates:
        own = generator.normal(0, 0.01, SPEAKERS)[speaker]
        errors = generator.binomial(words, np.clip(rate + hard + own, 0, 1))
        values.append(100 * errors.sum() / words.sum())
        replicates.append(ratio_replicates(jackknife, errors, words))
    return values, np.array(replicates), jackknife


def test_clearly_different_systems_have_one_place_each() -> None:
    values, replicates, jackknife = measured([0.1, 0.3, 0.6], 0)
    assert rank_ranges(values, replicates, jackknife, lower_is_better=True) == [(1, 1), (2, 2), (3, 3)]
    assert rank_ranges(values, replicates, jackknife, lower_is_better=False) == [(3, 3), (2, 2), (1, 1)]


def test_equal_systems_are_rarely_told_apart_on_a_whole_board() -> None:
    """At most 5 % of boards of twelve equal systems may hold a range that is not 1 to 12."""
    boards, wrong = 60, 0
    for seed in range(boards):
        ranges = rank_ranges(*measured([0.15] * 12, seed), lower_is_better=True)
        wrong += any(one != (1, 12) for one in ranges)
    assert wrong / boards <= 0.1


def test_a_range_holds_the_own_place() -> None:
    values, replicates, jackknife = measured([0.1, 0.11, 0.12, 0.2, 0.21, 0.5], 3)
    found = rank_ranges(values, replicates, jackknife, lower_is_better=True)
    places = [1 + sum(other < value for other in values) for value in values]
    assert all(low <= place <= high for (low, high), place in zip(found, places, strict=True))
    assert found[5] == (6, 6)


def test_copies_share_their_places_and_one_system_is_first() -> None:
    values, replicates, jackknife = measured([0.1, 0.3], 1)
    doubled = rank_ranges([*values, values[0]], replicates[[0, 1, 0]], jackknife, lower_is_better=True)
    assert doubled == [(1, 2), (3, 3), (1, 2)]
    assert rank_ranges(values[:1], replicates[:1], jackknife, lower_is_better=True) == [(1, 1)]


def test_systems_whose_difference_no_cluster_changes_share_their_places() -> None:
    """All right and all wrong do not vary, so nothing tells how far apart they are; a system between them varies."""
    values, replicates, jackknife = measured([0.3], 1)
    flat = [np.full(len(replicates[0]), value) for value in (0.0, 100.0)]
    three = np.array([flat[0], replicates[0], flat[1]])
    assert rank_ranges([0.0, 100.0], np.array(flat), jackknife, lower_is_better=True) == [(1, 2), (1, 2)]
    assert rank_ranges([0.0, values[0], 100.0], three, jackknife, lower_is_better=True) == [(1, 2), (2, 2), (2, 3)]
    shifted = np.round(np.array([replicates[0], replicates[0] + 20]), 5)  # as a board stores them
    assert rank_ranges([values[0], values[0] + 20], shifted, jackknife, lower_is_better=True) == [(1, 2), (1, 2)]


def test_the_same_table_gives_the_same_ranges() -> None:
    table = measured([0.1, 0.11, 0.13], 4)
    assert rank_ranges(*table, lower_is_better=True) == rank_ranges(*table, lower_is_better=True)


def test_beside_the_best_stands_whom_the_paired_test_cannot_tell_from_it() -> None:
    values, replicates, jackknife = measured([0.1, 0.101, 0.3, 0.6], 5)
    found = against_best(values, replicates, jackknife, lower_is_better=True)
    assert [one.best for one in found] == [value == min(values) for value in values]
    assert [one.best or one.not_worse for one in found] == [True, True, False, False]
    turned = against_best(values, replicates, jackknife, lower_is_better=False)
    assert [one.best for one in turned] == [False, False, False, True]


def test_p_beside_the_best_is_that_of_the_paired_difference_after_holm() -> None:
    values, replicates, jackknife = measured([0.1, 0.11, 0.12], 6)
    first = values.index(min(values))
    others = [number for number in range(3) if number != first]
    alone = []
    for number in others:
        error = jackknife.error_of(replicates[number] - replicates[first], values[number] - values[first])
        assert error is not None
        alone.append(error.p_value(values[number] - values[first]))
    found = against_best(values, replicates, jackknife, lower_is_better=True)
    assert [found[number].p for number in others] == holm(alone)


def test_without_replicates_that_differ_there_is_no_p() -> None:
    values, replicates, jackknife = measured([0.1], 7)
    found = against_best(
        [values[0], values[0] + 1], replicates[[0, 0]] + [[0.0], [1.0]], jackknife, lower_is_better=True
    )
    assert found[1].p is None
    assert not found[1].not_worse
    assert against_best([], replicates[:0], jackknife, lower_is_better=True) == []


def test_systems_whose_runs_differ_by_chance_are_rarely_told_apart() -> None:
    """Their replicates know nothing of what a whole run or wording shares; without it most boards would be wrong."""
    boards, wrong, without = 60, 0, 0
    for seed in range(boards):
        values, replicates, jackknife = measured([0.15] * 6, seed)
        shifts = np.random.default_rng([1, seed]).normal(0, 5, (6, 3))
        runs = [[value + shift for shift in of_system] for value, of_system in zip(values, shifts, strict=True)]
        table = [float(np.mean(one)) for one in runs], replicates + shifts.mean(axis=1)[:, np.newaxis], jackknife
        wrong += rank_ranges(*table, lower_is_better=True, run_means=runs) != [(1, 6)] * 6
        without += rank_ranges(*table, lower_is_better=True) != [(1, 6)] * 6
    assert wrong / boards <= 0.1 < 0.5 < without / boards


def test_two_runs_or_equal_ones_add_nothing() -> None:
    values, replicates, jackknife = measured([0.1, 0.3, 0.6], 0)
    for runs in ([(0.0, 90.0)] * 3, [(value,) * 3 for value in values], [()] * 3):
        found = rank_ranges(values, replicates, jackknife, lower_is_better=True, run_means=runs)
        assert found == [(1, 1), (2, 2), (3, 3)]
