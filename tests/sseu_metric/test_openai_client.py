"""Addresses, keys and failures of OpenAI-compatible servers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sseu_metric.openai_client import (
    OPENAI_URL,
    Failure,
    checked_url,
    failure_of,
    is_openai,
    key_variable,
    open_async_client,
    open_client,
    read_key,
    reason_in,
    redacted,
    remedy,
)

openai = pytest.importorskip("openai", reason="openai is not installed")
httpx = pytest.importorskip("httpx")

KEY = "sk-proj-Secret0123456789abcdef"
LOCAL = "http://localhost:8000/v1"


# --- addresses ---


def test_an_address_loses_its_last_slash_only() -> None:
    assert checked_url("http://gpu:8080/v1/") == "http://gpu:8080/v1"
    assert checked_url("https://[::1]:8000/v1") == "https://[::1]:8000/v1"


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host/v1", "http://", "file:///x", "http://[::1/v1"])
def test_an_address_must_be_http(url: str) -> None:
    with pytest.raises(ValueError, match="must look like http://localhost:8000/v1"):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["http://me:hush@host/v1", "http://hush@host/v1", "https://host/v1?key=hush", "http://host/v1#hush"]
)
def test_an_address_with_a_secret_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="at host must hold no user name, password or query") as caught:
        checked_url(url)
    assert "hush" not in str(caught.value)


# --- keys ---


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        (OPENAI_URL, True),
        ("https://api.openai.com/v1/chat", True),
        ("http://api.openai.com/v1", False),  # the key would travel in the clear
        ("https://api.openai.com.evil.example/v1", False),
        ("https://eu.api.openai.com/v1", False),
        (LOCAL, False),
    ],
)
def test_openais_key_goes_to_openai_alone(url: str, ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert is_openai(url) is ours
    assert key_variable(url) == ("OPENAI_API_KEY" if ours else None)
    assert read_key(url) == (KEY if ours else "")


def test_a_named_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY", f" {KEY}\n")
    assert read_key(LOCAL, "GATEWAY_KEY") == read_key(OPENAI_URL, "GATEWAY_KEY") == KEY


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_names_server_and_variable(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("GATEWAY_KEY", value)
    with pytest.raises(ValueError, match=f"{LOCAL} needs a key: set the environment variable GATEWAY_KEY"):
        read_key(LOCAL, "GATEWAY_KEY")


@pytest.mark.parametrize("key", [f"{KEY}\n{KEY}", f"{KEY}é", f"{KEY} {KEY}"])
def test_an_impossible_key_is_refused_without_showing_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ValueError, match="OPENAI_API_KEY holds blanks or characters that no key has") as caught:
        read_key(OPENAI_URL)
    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [f"Incorrect API key provided: {KEY}", "key sk-proj-Secr***cdef", "Authorization: Bearer Secret.x", "sk_Secret-1"],
)
def test_foreign_words_lose_keys(words: str) -> None:
    assert "Secr" not in redacted(words, KEY)
    assert "***" in redacted(words, KEY)


def test_foreign_words_become_one_short_line() -> None:
    assert redacted("the key gateway/Secret+1\n has \t no budget", "gateway/Secret+1") == "the key *** has no budget"
    assert len(redacted("word " * 10_000, "")) == 200
    assert redacted("a task-queue is full", "") == "a task-queue is full"


# --- failures ---


def refused(status: int, body: Any = None, **headers: str) -> Failure:
    """The failure of an answer with a status."""
    request = httpx.Request("POST", f"{LOCAL}/embeddings")
    response = httpx.Response(status, json=body, headers=headers, request=request)
    with open_client(LOCAL, KEY, timeout_s=1) as client:
        return failure_of(client._make_status_error_from_response(response), KEY)


@pytest.mark.parametrize(
    ("statuses", "retryable", "fatal"),
    [((408, 409, 425, 429, 500, 503, 529), True, False), ((400, 413, 422), False, False), ((402, 404), False, True)],
)
def test_the_status_decides_what_may_follow(statuses: tuple[int, ...], retryable: bool, fatal: bool) -> None:
    for status in statuses:
        failure = refused(status, {"error": {"message": f"busy, {KEY}"}})
        assert (failure.status, failure.retryable, failure.fatal) == (status, retryable, fatal)
        assert failure.problem == f"{status} (busy, ***)"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_everything_without_the_servers_words(status: int) -> None:
    failure = refused(status, {"error": {"message": "key sk-***cdef"}})
    assert (failure.problem, failure.retryable, failure.fatal) == (f"{status}, the key is refused", False, True)


@pytest.mark.parametrize(
    ("error", "filtered"),
    [
        ({"code": "content_filter"}, True),
        ({"code": "bad", "innererror": {"code": "ResponsibleAIPolicyViolation"}}, True),
        ({"type": "data_inspection_failed", "code": None}, True),
        ({"code": "invalid_value", "message": "content_filter is no setting"}, False),
        ({"code": 400}, False),
    ],
)
def test_a_content_filter_is_told_from_a_bad_request_by_its_code(error: dict[str, Any], filtered: bool) -> None:
    failure = refused(400, {"error": error})
    assert (failure.filtered, failure.retryable, failure.rejected) == (filtered, False, True)


def test_an_exhausted_quota_is_not_waited_for() -> None:
    failure = refused(429, {"error": {"message": "pay", "code": "insufficient_quota"}})
    assert (failure.retryable, failure.fatal) == (False, True)
    assert remedy(failure, "OPENAI_API_KEY") == "top up the account"


def test_the_asked_pause_is_kept_and_a_very_long_one_is_a_failure() -> None:
    assert refused(429, None, **{"Retry-After": "1.5"}).wait_s == 1.5
    long = refused(503, None, **{"Retry-After": "121"})
    assert (long.retryable, long.fatal) == (False, False)
    assert long.problem == "503; the server asks to wait 121 s"
    assert refused(503, None, **{"Retry-After": "120"}).retryable


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"message": "m"}}, "m"),
        ({"error": "e"}, "e"),
        ({"message": "m"}, "m"),
        ({"detail": "d"}, "d"),
        ({"error": {"message": None}}, "{'message': None}"),
        ("text", "text"),
        ({}, ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_the_forms_in_which_servers_give_reasons(body: object, reason: str) -> None:
    assert reason_in(body) == reason


def test_a_connection_that_nobody_takes_is_fatal_and_a_broken_one_is_not() -> None:
    request = httpx.Request("POST", LOCAL)
    for cause, fatal, words in (
        (httpx.ConnectError(f"refused {KEY}"), True, "no connection (ConnectError: refused ***)"),
        (httpx.ReadError("reset"), False, "the connection broke (ReadError: reset)"),
    ):
        error = openai.APIConnectionError(request=request)
        error.__cause__ = cause
        assert failure_of(error, KEY) == Failure(words, fatal=fatal)
    assert failure_of(openai.APITimeoutError(request=request), KEY) == Failure("no answer in time")
    assert failure_of(ValueError(f"at {KEY}"), KEY).problem == "an answer that cannot be read (at ***)"


@pytest.mark.parametrize(
    ("status", "variable", "words"),
    [
        (401, "MY_KEY", "check MY_KEY"),
        (403, None, "name the environment variable that holds the key"),
        (402, None, "top up the account"),
        (404, None, "check the model's name and the address"),
        (429, None, "try again later"),
        (500, None, "is the server up"),
        (None, None, "is the server up"),
    ],
)
def test_every_failure_has_a_remedy(status: int | None, variable: str | None, words: str) -> None:
    assert words in remedy(Failure("p", status), variable)


# --- clients ---


def test_clients_never_repeat_by_themselves_and_carry_the_key_given() -> None:
    with open_client(LOCAL, "", timeout_s=3) as client:
        assert (client.max_retries, client.timeout, client.api_key) == (0, 3, "none")

    async def check() -> None:
        async with open_async_client(LOCAL, KEY, connections=300) as client:
            assert (client.max_retries, client.timeout, client.api_key) == (0, None, KEY)
            assert str(client.base_url).rstrip("/") == LOCAL

    asyncio.run(check())
