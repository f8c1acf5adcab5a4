"""Tables of text: columns line up for every script, and no cell breaks a Markdown table."""

from __future__ import annotations

import pytest

from sseu_metric.text_table import aligned, markdown


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
