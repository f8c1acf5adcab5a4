"""The condition of a row: read, or refused, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from sseu_dataset.schema import features
from sseu_metric.references import REFERENCE_COLUMNS, row_condition


@pytest.mark.parametrize(
    ("row", "condition"),
    [
        ({}, ""),
        ({"snr_db": None}, ""),
        ({"snr": None, "snr_db": None}, ""),
        ({"snr_db": float("nan")}, ""),
        ({"snr_db": 15}, "15"),
        ({"snr_db": -2.5, "snr": 3}, "-2.5"),  # the number wins: an id means what the dataset says
        ({"snr_db": -0.0}, "0"),
        ({"snr_db": float("inf")}, "+inf"),
        ({"snr_db": float("-inf")}, "-inf"),
        ({"snr": "+inf"}, "+inf"),
        ({"snr": "-2.5"}, "-2.5"),
        ({"snr": 0}, "+inf"),
        ({"snr": 0, "snr_db": None}, "+inf"),
        ({"snr": 3, "snr_db": None}, "-inf"),  # a dataset of 15 and 0 dB: ids 0 to 3
        ({"snr": 6, "snr_db": None}, "-inf"),
    ],
)
def test_conditions_of_rows(row: dict[str, Any], condition: str) -> None:
    assert row_condition(row, 0) == condition


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"snr": 1}, "snr is the class id 1, whose condition depends on the dataset; give snr_db beside it"),
        ({"snr": 6}, "snr is the class id 6, whose condition depends on the dataset"),
        ({"snr": -1, "snr_db": None}, "snr is -1; a condition such as '0' or '\\+inf', or its class id, is needed"),
        ({"snr": True}, "snr is True; a condition such as"),
        ({"snr": 2.0}, "snr is 2.0; a condition such as"),
        ({"snr": "loud"}, "snr: 'loud' is not a condition"),
        ({"snr": "+5"}, "snr: '\\+5' is not a condition"),
        ({"snr_db": "loud"}, "snr_db is 'loud', a number or null is needed"),
        ({"snr_db": [1]}, r"snr_db is \[1\], a number or null is needed"),
    ],
)
def test_conditions_that_would_have_to_be_guessed_are_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"reference 4: {message}"):
        row_condition(row, 4)


def test_the_dataset_has_every_column_that_scoring_reads() -> None:
    assert set(REFERENCE_COLUMNS) <= set(features(("+inf", "0", "-inf")))
