"""Conditions: words for SNRs, their order, and which task each counts for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric import CONDITIONS
from sseu_metric.conditions import (
    condition_of,
    counts_for,
    finite,
    is_finite,
    ordered,
    scored_conditions,
    snr_db_of,
)

SNRS_DB = st.integers(-600, 600).map(lambda tenths: tenths / 10) | st.sampled_from([math.inf, -math.inf])


def test_the_papers_seven() -> None:
    assert CONDITIONS == ("+inf", "10", "5", "0", "-5", "-10", "-inf")
    assert finite(CONDITIONS) == ("10", "5", "0", "-5", "-10")
    assert scored_conditions("asr", CONDITIONS) == CONDITIONS[:-1]
    assert scored_conditions("asc", CONDITIONS) == scored_conditions("at", CONDITIONS) == CONDITIONS[1:]


@given(SNRS_DB)
def test_words_and_numbers_are_the_same(snr_db: float) -> None:
    assert snr_db_of(condition_of(snr_db)) == snr_db
    assert is_finite(condition_of(snr_db)) is math.isfinite(snr_db)


def test_no_condition_has_two_words() -> None:
    assert condition_of(-0.0) == condition_of(0) == "0"
    assert (condition_of(5.0), condition_of(-2.5), condition_of(math.inf), condition_of(-math.inf)) == (
        "5",
        "-2.5",
        "+inf",
        "-inf",
    )


@pytest.mark.parametrize("word", ["", "5.0", "+5", "-0", "05", "inf", "nan", "1e1", " 5", "loud", None, 5])
def test_a_word_that_is_no_condition_is_refused(word: object) -> None:
    with pytest.raises(ValueError, match=r"is not a condition; it is an SNR in dB such as '5' or '-2.5'"):
        snr_db_of(word)  # type: ignore[arg-type]  # wrong on purpose


def test_an_snr_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="an SNR is NaN"):
        condition_of(math.nan)


@given(st.lists(SNRS_DB))
def test_order_is_from_speech_alone_to_background_alone(snrs_db: list[float]) -> None:
    found = ordered(condition_of(snr_db) for snr_db in snrs_db)
    assert [snr_db_of(condition) for condition in found] == sorted(set(snrs_db), reverse=True)
    assert finite(found) == tuple(condition for condition in found if math.isfinite(snr_db_of(condition)))


@given(st.lists(SNRS_DB))
def test_each_task_leaves_out_one_end_and_nothing_else(snrs_db: list[float]) -> None:
    conditions = ordered(condition_of(snr_db) for snr_db in snrs_db)
    for task, end in (("asr", "-inf"), ("asc", "+inf"), ("at", "+inf")):
        assert scored_conditions(task, conditions) == tuple(name for name in conditions if name != end)
        assert not counts_for(task, end)
        assert counts_for(task, "")  # a reference that states none
