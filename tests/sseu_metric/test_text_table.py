"""Tables of text: columns line up for every script, and no cell breaks a Markdown table."""

from __future__ import annotations

import pytest

from sseu_metric.text_table import (
    aligned,
    in_hours,
    markdown,
    p_text,
    percent,
    percent_range,
    points,
    points_range,
    score_cell,
    short,
    skill_range,
)


def test_columns_are_aligned_left_and_right() -> None:
    assert aligned([["a", "b", "1"], ["aa", "bbb", "22"]], left=2) == "a   b     1\naa  bbb  22"
    assert aligned([["a", "1"], ["aa", "22"]]) == "a    1\naa  22"


def test_wide_letters_take_two_columns_and_combining_ones_none() -> None:
    assert aligned([["模型", "1"], ["abcdef", "22"]]) == "模型     1\nabcdef  22"
    assert aligned([["e\u0301", "1"], ["b", "2"]]) == "e\u0301  1\nb  2"


def test_markdown_keeps_its_columns() -> None:
    assert markdown([["a", "b"], ["x|y\nz", "1"]]) == "| a | b |\n| --- | ---: |\n| x\\|y z | 1 |"


def test_rows_of_unequal_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        aligned([["a", "b"], ["a"]])
    with pytest.raises(ValueError, match=r"the rows of a table have \[1, 2\] cells"):
        markdown([["a", "b"], ["a"]])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (0.004, "0.01"),
        (99.994, "99.99"),
        (99.996, "99.99"),
        (100 * (1 - 1e-15), "100.00"),
        (100.0, "100.00"),
        (100.003, "100.01"),
        (12.345678, "12.35"),
        (-0.001, "-0.01"),
    ],
)
def test_only_0_and_100_read_as_0_and_100(value: float, text: str) -> None:
    assert percent(value) == text
    assert score_cell(value, whole=False) == f"({text})"


def test_digits_of_percent() -> None:
    assert [percent(value, 0) for value in (99.6, 0.2, 50.4, 100.0)] == ["99", "1", "50", "100"]
    assert percent_range(0.001, 99.997) == "0.01 to 99.99"


def test_a_difference_has_a_sign_and_no_negative_zero() -> None:
    assert [points(value) for value in (1.234, -1.236, -0.001, -0.0)] == ["+1.23", "-1.24", "0.00", "0.00"]
    assert points_range(-0.004, 0.256) == "0.00 to +0.26"


def test_a_small_p_is_not_0() -> None:
    assert [p_text(p) for p in (None, 0.0, 0.00004, 0.0312, 1.0)] == ["-", "<0.0001", "<0.0001", "0.0312", "1.0000"]


def test_a_skill_far_below_the_floor_is_only_said_to_be_below() -> None:
    assert skill_range(-485.68, 100) == "below -100 to 100.00"
    assert skill_range(-988.41, -120) == "below -100"
    assert skill_range(-100, 12.345) == "-100.00 to 12.35"


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
