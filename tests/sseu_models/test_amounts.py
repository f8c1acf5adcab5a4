"""Amounts as people read them."""

from __future__ import annotations

import pytest

from sseu_models.amounts import in_hours, short


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.0"), (0.00002, "less than 0.001"), (0.00421, "0.0042"), (0.126, "0.13"), (1, "1.0"), (1234.56, "1,234.6")],
)
def test_short(value: float, text: str) -> None:
    assert short(value) == text


@pytest.mark.parametrize(
    ("hours", "text"), [(0, "0.0 h"), (0.0005, "1.8 s"), (0.1, "6.0 min"), (1.25, "1.2 h"), (1234.56, "1,234.6 h")]
)
def test_in_hours(hours: float, text: str) -> None:
    assert in_hours(hours) == text
