"""Labels near their curves, none above another."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_report.plots.labels import spread

PLACES = st.lists(st.floats(0, 100), min_size=1, max_size=12)


@given(wanted=PLACES)
def test_places_are_apart_in_order_and_within_the_bounds(wanted: list[float]) -> None:
    found = spread(wanted, 8.0, 0.0, 100.0)
    in_order = [found[number] for number in sorted(range(len(wanted)), key=lambda number: wanted[number])]
    assert all(upper - lower >= 8.0 - 1e-9 for lower, upper in pairwise(in_order))
    assert in_order[0] >= -1e-9
    assert in_order[-1] <= 100 + 1e-9


def test_what_is_apart_stays_and_what_is_not_moves_least() -> None:
    assert spread([50.0, 10.0, 90.0], 8.0, 0.0, 100.0) == [50.0, 10.0, 90.0]
    assert spread([50.0, 50.0, 50.0], 8.0, 0.0, 100.0) == pytest.approx([42.0, 50.0, 58.0])
    assert spread([0.0, 1.0], 8.0, 0.0, 100.0) == pytest.approx([0.0, 8.0])
    assert spread([], 8.0, 0.0, 100.0) == []
