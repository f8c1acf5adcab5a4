"""`json_schema=true` is a claim: the first answers show whether the server keeps it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.api.messages import keeps_schema
from sseu_models.systems.api.system import SCHEMA_CHECKS
from tests.sseu_models.systems.api.asking import ask, question, started
from tests.sseu_models.systems.api.stub_server import StubServer


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ('{"scene": "Home"}', True),
        (' {"scene": "Home", "why": "a kettle"}\n', True),
        ('{"transcript": "hello"}', False),
        ('["Home"]', False),
        ('```json\n{"scene": "Home"}\n```', False),
        ("Scene: Home", False),
        ("", False),
        ("[" * 100_000, False),
    ],
)
def test_what_keeps_the_schema(answer: str, kept: bool) -> None:
    assert keeps_schema(answer, question()) is kept


def test_in_chain_of_thought_the_steps_are_a_key() -> None:
    answer = {"transcript": "hello", "scene": "Home", "events": []}
    assert keeps_schema(json.dumps(answer), question("all", "joint"))
    assert not keeps_schema(json.dumps(answer), question("all", "cot"))
    assert keeps_schema(json.dumps(answer | {"steps": "1. ..."}), question("all", "cot"))


def test_a_server_that_ignores_the_schema_stops_the_run_at_the_first_answer(server: StubServer) -> None:
    message = (
        "json_schema=true, but the server ignored the schema: the answer about p1_0 is no JSON object with the keys "
        "transcript, scene, events: 'Scene: Home'. Leave json_schema out, or serve the model with structured output"
    )
    with pytest.raises(SystemDownError, match=message):
        ask(server, question("all", "joint"), json_schema=True)
    assert server.stats()["requests"] == 1
    assert ask(server, question("all", "joint"))[0].text == "Scene: Home"  # not claimed, not checked


def test_it_stops_with_many_requests_in_flight(server: StubServer) -> None:
    server.reset(delay_s=0.05)

    async def run() -> list[Any]:
        system = await started(server, in_flight=64, json_schema=True)
        try:
            questions = [question(seed=seed) for seed in range(64)]
            return await asyncio.gather(*(system.answer([one]) for one in questions), return_exceptions=True)
        finally:
            await system.close()

    found = asyncio.run(run())
    assert {type(one) for one in found} == {SystemDownError}


@pytest.mark.parametrize(
    ("text", "kept"), [('{"scene": "Ho', True), ("\n{", True), ("", True), ("Scene: Ho", False), ("[", False)]
)
def test_an_answer_that_was_cut_off_must_begin_as_an_object(text: str, kept: bool) -> None:
    assert keeps_schema(text, question(), cut_off=True) is kept


@pytest.mark.parametrize("fault", ["length", "refusal", "content-filter"])
def test_an_answer_that_was_cut_off_or_refused_does_not_count(server: StubServer, fault: str) -> None:
    server.reset(script=[fault] * 6, answer='{"scene": ')
    with pytest.raises(SystemDownError, match="the server ignored the schema"):
        ask(server, *[question()] * 7, json_schema=True)
    assert server.stats()["requests"] == 7


def test_after_the_first_answers_the_claim_is_trusted(server: StubServer) -> None:
    server.reset(answer='{"scene": "Home"}')

    async def run() -> None:
        system = await started(server, json_schema=True)
        for _ in range(SCHEMA_CHECKS):
            await system.answer([question()])
        server.set(answer="Home, I think")
        [reply] = await system.answer([question()])
        assert reply.text == "Home, I think"  # wrong in form, as any answer may be
        await system.close()

    asyncio.run(run())
