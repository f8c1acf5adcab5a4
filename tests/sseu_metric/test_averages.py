"""Averages over conditions, then over runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.averages import average, average_replicates, conditions_in

RUNS = [{"+inf": 4.0, "10": 10.0, "0": 20.0}, {"+inf": 8.0, "10": 14.0, "0": 28.0}, {"+inf": 0.0, "10": 3.0, "0": 9.0}]


def test_the_deviation_is_that_of_the_runs_averages() -> None:
    found = average(RUNS, ("10", "0"))
    assert found is not None
    assert (found.runs, found.conditions) == (3, ("10", "0"))
    assert found.value == pytest.approx(14.0)
    assert found.deviation == pytest.approx(np.std([15.0, 21.0, 6.0], ddof=1))


def test_one_condition_is_a_cell_and_one_run_has_no_deviation() -> None:
    cell = average(RUNS[:1], ["0"])
    assert cell is not None
    assert (cell.value, cell.deviation, cell.runs) == (20.0, None, 1)


@pytest.mark.parametrize(
    ("runs", "conditions"), [([], ("0",)), (RUNS, ()), (RUNS, ("0", "-5")), ([*RUNS, {"10": 1.0}], ("10", "0"))]
)
def test_nothing_is_averaged_over_less_than_was_asked_for(
    runs: list[dict[str, float]], conditions: tuple[str, ...]
) -> None:
    assert average(runs, conditions) is None


def test_the_conditions_of_all_runs_in_order() -> None:
    assert conditions_in([{"0": 1.0, "+inf": 2.0}, {"-2.5": 1.0, "10": 3.0}]) == ("+inf", "10", "0", "-2.5")
    assert conditions_in([]) == ()


@given(
    st.lists(st.lists(st.floats(0, 100), min_size=3, max_size=3), min_size=1, max_size=4),
    st.permutations(range(3)),
)
def test_numpy_agrees_and_order_does_not_matter(rows: list[list[float]], order: list[int]) -> None:
    names = ("5", "0", "-5")
    runs = [dict(zip(names, row, strict=True)) for row in rows]
    found = average(runs, [names[number] for number in order])
    assert found is not None
    assert found.value == pytest.approx(np.mean(rows), abs=1e-9)
    assert found == average(iter(runs), (name for name in found.conditions))
    cells = {(run, name): np.array([value]) for run, row in enumerate(runs) for name, value in row.items()}
    assert average_replicates(cells)[0] == pytest.approx(found.value, abs=1e-9)


def test_a_replicate_in_which_a_cell_is_not_defined_has_no_average() -> None:
    cells = {(0, "0"): np.array([1.0, np.nan, 3.0]), (0, "5"): np.array([3.0, 4.0, 5.0]), (1, "0"): np.full(3, 6.0)}
    assert average_replicates(cells).tolist() == pytest.approx([4.0, np.nan, 5.0], nan_ok=True)
