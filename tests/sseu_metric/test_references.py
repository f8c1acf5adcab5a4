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
        ({"condition": None}, ""),
        ({"condition": float("nan")}, ""),  # as pandas writes None
        ({"condition": "+inf"}, "+inf"),
        ({"condition": "-2.5", "snr_db": -2.5}, "-2.5"),
        ({"condition": "0"}, "0"),
    ],
)
def test_conditions_of_rows(row: dict[str, Any], condition: str) -> None:
    assert row_condition(row, 0) == condition


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"condition": 0}, "0 is not a condition; it is an SNR in dB such as '5' or '-2.5', '\\+inf' or '-inf'"),
        ({"condition": True}, "True is not a condition"),
        ({"condition": 2.0}, r"2\.0 is not a condition"),
        ({"condition": "loud"}, "'loud' is not a condition"),
        ({"condition": "+5"}, "'\\+5' is not a condition"),
    ],
)
def test_conditions_that_would_have_to_be_guessed_are_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"reference 4: {message}"):
        row_condition(row, 4)


def test_the_dataset_has_every_column_that_scoring_reads() -> None:
    assert set(REFERENCE_COLUMNS) <= set(features())
