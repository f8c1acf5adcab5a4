"""Statements about power hold: in new simulations, against the normal theory, and for what a run repeats."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from sseu_metric.power import Power, SimulatedComparison
from sseu_metric.scores import Scores
from tests.sseu_metric.test_floors import maker, official
from tests.sseu_models.simulated_systems import Population, as_pairs

__all__ = ["maker", "official"]  # fixtures
SCENES = {"Home": 60, "Restaurant": 40, "Grocery Store": 40}


@pytest.fixture(scope="module")
def pilot() -> Scores:
    labels: list[dict[str, Any]] = [
        {
            "scene": scene,
            "events": ["Dog"] if number % 3 else ["Cat", "Dishes"],
            "source_recording_id": f"{scene} {number // 4}",
        }
        for scene, count in SCENES.items()
        for number in range(count)
    ]
    return Population(as_pairs(labels, "x")).answers(np.random.default_rng(3))


@pytest.mark.parametrize(("found", "trials"), [(0, 20), (7, 40), (40, 40), (161, 200)])
def test_intervals_of_a_power_are_clopper_and_pearsons(found: int, trials: int) -> None:
    interval = Power(found, trials).interval
    expected = binomtest(found, trials).proportion_ci(0.95, "exact")
    assert (interval.low, interval.high) == pytest.approx((100 * expected.low, 100 * expected.high), abs=1e-5)


@pytest.mark.parametrize("metric", ["wer", "macc", "map"])
def test_the_pilots_own_sampling_error_comes_out(pilot: Scores, metric: str) -> None:
    simulated = SimulatedComparison(pilot, metric)
    error = pilot.error_of(metric, pilot.replicates(metric))
    assert error is not None
    generator = np.random.default_rng(8)
    variances = []
    for _ in range(12):
        one, _ = simulated._two(0.0, 1, generator)
        found = one.error_of(metric, one.replicates(metric))
        assert found is not None
        variances.append(found.variance)
    assert simulated.spread == 0 or np.mean(variances) == pytest.approx(error.variance, rel=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["wer", "macc"])
def test_statements_hold_in_95_percent_of_simulations(pilot: Scores, metric: str) -> None:
    """The interval of a power against the power over many more trials."""
    simulated = SimulatedComparison(pilot, metric)
    difference, stated = simulated.visible(trials=100)
    truth = simulated.power(difference, trials=400, seed=999).percent
    assert 70 < truth < 90  # "about 80 %"
    assert stated.interval.low - 3 < truth < stated.interval.high + 3
    held = 0
    for seed in range(20):
        interval = simulated.power(difference, trials=30, seed=seed).interval
        held += interval.low <= truth <= interval.high
    assert held >= 17  # of 20 at 95 %: fewer has a probability below 2 %


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("metric", ["wer", "macc", "map"])
def test_what_the_whole_benchmark_can_see(official: list[dict[str, Any]], metric: str) -> None:
    """The figures of docs/planning.md: a pilot of middling scores on all clips of the official labels."""
    pilot = Population(as_pairs(official, "x")).answers(np.random.default_rng(3))
    started = time.process_time()
    simulated = SimulatedComparison(pilot, metric)
    difference, power = simulated.visible(trials=100)
    found = power.interval
    print(
        f"\n{metric} {pilot.value(metric):.1f}: {difference:.2f} points are found in {power.percent:.0f} % "
        f"({found.low:.0f} to {found.high:.0f} %) of comparisons; {time.process_time() - started:.0f} s of CPU time"
    )
    assert found.low < 80 < found.high


def test_no_difference_is_found_at_the_level_of_the_test(pilot: Scores) -> None:
    assert SimulatedComparison(pilot, "macc").power(1e-9, trials=100).percent < 10


@pytest.mark.long
def test_the_visible_difference_is_that_of_normal_theory(pilot: Scores) -> None:
    simulated = SimulatedComparison(pilot, "macc")
    seen = {wanted: simulated.visible(wanted, trials=100)[0] for wanted in (0.5, 0.9)}
    factor = (1.96 + norm.ppf(0.9)) / 1.96
    assert seen[0.9] / seen[0.5] == pytest.approx(factor, rel=0.2)


def test_the_true_difference_of_the_two_is_the_wanted_one(pilot: Scores) -> None:
    for metric, points in (("wer", 6.0), ("macc", 6.0), ("map", 4.0)):
        simulated = SimulatedComparison(pilot, metric)
        generator = np.random.default_rng(1)
        differences = []
        for _ in range(16):
            one, other = simulated._two(points, 1, generator)
            first, second = one.value(metric), other.value(metric)
            assert first is not None
            assert second is not None
            differences.append(second - first)
        margin = 3 * float(np.std(differences)) / math.sqrt(len(differences))
        assert abs(abs(np.mean(differences)) - points) < margin + 0.25 * points


@pytest.mark.long
def test_more_pairs_and_runs_find_more(pilot: Scores) -> None:
    simulated = SimulatedComparison(pilot, "wer")
    rows = pilot.tables["asr"]
    few = rows.take(np.array([int(pair[1:]) % 4 == 0 for pair in rows["pair"]]))
    assert simulated.on(few).visible(trials=60)[0] > simulated.on(rows).visible(trials=60)[0]
    assert simulated.on(few).visible(runs=3, trials=60)[0] < simulated.on(few).visible(trials=60)[0]


@pytest.mark.parametrize(
    ("metric", "message"),
    [("cer", "no simulation of 'cer'; there are wer, macc, map"), ("map", "the pilot has no map")],
)
def test_what_cannot_be_planned(pilot: Scores, metric: str, message: str) -> None:
    without = Scores({task: rows for task, rows in pilot.tables.items() if task != "at"})
    with pytest.raises(ValueError, match=message):
        SimulatedComparison(without, metric)


def test_what_the_pilot_has_no_rate_of_is_left_out_by_name(pilot: Scores) -> None:
    rows = pilot.tables["asc"]
    part = Scores({"asc": rows.take(rows["scene"] != "Home")})
    whole = SimulatedComparison(part, "macc").on(rows)
    assert whole.left_out
    assert all(name.startswith("Home at ") for name in whole.left_out)
    assert SimulatedComparison(part, "macc").on(part.tables["asc"]).left_out == ()
