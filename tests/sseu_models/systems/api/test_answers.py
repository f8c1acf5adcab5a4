"""What comes back from a chat endpoint: usual and unusual answers, and failures that are retried or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sseu_models.records import Reply, SystemDownError
from sseu_models.systems.api.messages import read_reply
from tests.sseu_models.systems.api.asking import KEY, ask, question, started
from tests.sseu_models.systems.api.stub_server import StubServer


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ("length", Reply("Scene: Home", finish_reason="length")),
        ("content-filter", Reply("Scene: Home", finish_reason="content_filter")),
        ("content-filter-null", Reply("", finish_reason="content_filter")),
        ("refusal", Reply("I cannot help with that.", finish_reason="refusal")),
        ("null", Reply("", finish_reason="stop")),
        ("null-length", Reply("", finish_reason="length")),  # a reasoning parser took all of it
        ("no-content", Reply("", finish_reason="stop")),
        ("parts", Reply("Scene: Home", finish_reason="stop")),
        ("thinking-alone", Reply("", finish_reason="length")),
        ("filter-openai", Reply("", finish_reason="content_filter")),
        ("filter-azure", Reply("", finish_reason="content_filter")),
        ("filter-dashscope", Reply("", finish_reason="content_filter")),
        ("filter-403", Reply("", finish_reason="content_filter")),
        ("null-unfinished", Reply(error="the answer's content is NoneType, not text (finish reason None)")),
        ("odd-parts", Reply(error="the answer's content is list, not text (finish reason stop)")),
        ("number", Reply(error="the answer's content is int, not text (finish reason stop)")),
    ],
)
def test_unusual_answers(server: StubServer, fault: str, reply: Reply) -> None:
    server.reset(script=[fault])
    [found] = ask(server)
    assert replace(found, input_tokens=None, output_tokens=None) == reply
    assert server.stats()["requests"] == 1


@pytest.mark.parametrize(("answer", "repeat"), [("", 1), ("Häuser, ", 131_072)], ids=["empty", "a megabyte"])
def test_texts_arrive_whole(server: StubServer, answer: str, repeat: int) -> None:
    server.reset(answer=answer, repeat=repeat)
    assert ask(server)[0].text == answer * repeat


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "3"}, []])
def test_token_counts_may_be_missing(usage: Any) -> None:
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    assert read_reply(body) == Reply("x")


def test_a_filter_says_nothing_about_the_model(server: StubServer) -> None:
    server.reset(script=["ok", "filter-azure", "ok"], fingerprint=["vllm-1a"])
    assert [reply.text for reply in ask(server, *[question()] * 3)] == ["Scene: Home", "", "Scene: Home"]


# --- retryable failures ---


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("429", "429 (status 429 on demand"),
        ("503", "503 (status 503 on demand"),
        ("drop", "the connection broke ("),
        ("truncate", "the connection broke (RemoteProtocolError"),
        ("invalid-json", "an answer that is not JSON"),
        ("html", "an answer that is not JSON"),
        ("error-in-200", "an answer that is not a chat completion (the provider has failed)"),
        ("no-choices", "an answer without a choice"),
        ("abort", "an answer that the server broke off (finish reason abort)"),
        ("hang", "no answer within 0.3 s"),
    ],
)
def test_retryable_failures_are_retried_and_then_reported(server: StubServer, fault: str, message: str) -> None:
    server.reset(script=[fault, fault])
    assert ask(server, retries=2, timeout_s=0.3)[0].text == "Scene: Home"
    assert server.stats()["requests"] == 3
    server.reset(always=fault)
    [reply] = ask(server, retries=1, timeout_s=0.3)
    assert str(reply.error).startswith(message)
    assert str(reply.error).endswith(" (after 2 attempts)")
    assert len(str(reply.error)) < 300
    assert server.stats()["requests"] == 2


def test_the_pause_that_a_server_asks_for_is_taken(server: StubServer, asked_pauses: list[float | None]) -> None:
    server.reset(script=["429", "503"], retry_after="1.5")
    assert ask(server, retries=2)[0].text == "Scene: Home"
    assert asked_pauses == [1.5, 1.5]


def test_timed_out_requests_leave_no_connection_behind(server: StubServer) -> None:
    server.reset(script=["hang"] * 6)
    replies = ask(server, *[question()] * 7, retries=0, timeout_s=0.2, in_flight=2)
    assert [reply.error for reply in replies] == ["no answer within 0.2 s"] * 6 + [None]


def test_as_many_as_allowed_are_in_flight_over_kept_connections(server: StubServer) -> None:
    server.reset(delay_s=0.1)

    async def run() -> list[Reply]:
        system = await started(server, in_flight=128)
        replies = await asyncio.gather(*(system.answer([question(seed=seed)]) for seed in range(256)))
        await system.close()
        return [reply for [reply] in replies]

    assert {reply.text for reply in asyncio.run(run())} == {"Scene: Home"}
    stats = server.stats()
    assert stats["requests"] == 256
    assert 32 < stats["max_in_flight"] <= 128
    assert stats["connections"] <= 128


# --- fatal failures, and those of one question ---


def test_a_refused_request_is_reported_at_once(server: StubServer) -> None:
    server.reset(always="400")
    assert str(ask(server)[0].error).startswith("400 (status 400 on demand")
    assert server.stats()["requests"] == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("401", "401, the key is refused; check STUB_KEY"),
        ("403", "403, the key is refused; check STUB_KEY"),
        ("402", "top up the account"),
        ("quota", r"429 \(You exceeded your current quota\); top up the account"),
        ("404", "check the model's name and the address"),
    ],
)
def test_a_fatal_failure_ends_the_system_after_one_request(
    server: StubServer, monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    monkeypatch.setenv("STUB_KEY", KEY)
    server.reset(always=fault, api_key=KEY)
    with pytest.raises(SystemDownError, match=message) as caught:
        ask(server, api_key_env="STUB_KEY")
    assert server.stats()["requests"] == 1
    assert server.url in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_server_that_dies_ends_it(server: StubServer) -> None:
    async def run(mortal: StubServer) -> None:
        system = await started(mortal, retries=2)
        assert (await system.answer([question()]))[0].text == "Scene: Home"
        mortal.kill()
        try:
            await system.answer([question()])
        finally:
            await system.close()

    with StubServer() as mortal, pytest.raises(SystemDownError, match=r"no connection \(.*is the server up"):
        asyncio.run(run(mortal))
