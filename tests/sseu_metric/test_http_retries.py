"""Which HTTP failures are repeated and after what pause."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.http_retries import is_retryable, pause_s, retry_after_s


def test_exactly_these_statuses_are_retryable() -> None:
    assert [status for status in range(100, 700) if is_retryable(status)] == [408, 409, 425, 429, *range(500, 600)]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("1.5", 1.5), (" 0.25 ", 0.25), ("0", 0.0), ("120.", 120.0)],
)
def test_retry_after_in_seconds(value: str, seconds: float) -> None:
    assert retry_after_s({"retry-after": value}) == seconds


def test_milliseconds_win() -> None:
    assert retry_after_s({"retry-after": "3", "retry-after-ms": "250.5"}) == pytest.approx(0.2505)


@pytest.mark.parametrize("value", ["", "soon", "-1", "nan", "inf", "1e9", "1,5", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_any_other_retry_after_says_nothing(value: str) -> None:
    assert retry_after_s({"retry-after": value}) is None


def test_retry_after_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(time, "time", now.timestamp)
    for ahead_s, expected in ((90, 90.0), (-90, 0.0)):
        date = format_datetime(now + timedelta(seconds=ahead_s), usegmt=True)
        assert retry_after_s({"retry-after": date}) == expected


def test_headers_of_the_standard_library_are_read() -> None:
    headers = Message()
    headers["Retry-After"] = "2.5"
    assert retry_after_s(headers) == 2.5  # type: ignore[arg-type]  # a mapping in all but name
    assert retry_after_s({}) is None


@given(st.integers(0, 60), st.integers(0, 2**31))
def test_pauses_grow_to_half_a_minute_and_differ_by_seed(attempt: int, seed: int) -> None:
    base_s = min(0.5 * 2**attempt, 30)
    assert base_s <= pause_s(attempt, seed=seed) <= 1.25 * base_s
    assert pause_s(attempt, seed=seed) == pause_s(attempt, seed=seed)


def test_the_pause_a_server_asks_for_replaces_ours() -> None:
    assert 7 <= pause_s(0, asked_s=7.0) <= 8.75
    assert pause_s(0, seed=1) != pause_s(0, seed=2)
