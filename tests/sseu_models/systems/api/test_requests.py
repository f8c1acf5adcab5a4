"""What is sent to a chat endpoint: every request passes the checks of a strict server."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from sseu_metric.answers import parse_answer
from sseu_models.records import Mode, Reply, SystemDownError, Task
from sseu_models.systems.api.system import make_api
from sseu_models.systems.api.wav import wav_bytes
from tests.sseu_models.systems.api.asking import ask, noise, question
from tests.sseu_models.systems.api.stub_server import StubServer

NEUTRAL = {"temperature": 0.0, "top_p": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}


def test_the_request_is_explicit_and_passes_the_checks_of_a_server(server: StubServer) -> None:
    prompted = question(prompt=replace(question().prompt, system="You are an expert."))
    [reply] = ask(server, prompted)
    assert reply == Reply("Scene: Home", finish_reason="stop", input_tokens=260, output_tokens=2)
    [heard] = server.stats()["last"]
    assert heard["sampling"] == NEUTRAL | {"max_tokens": 512, "seed": 7}
    assert heard["order"] == ["input_audio", "text"]
    assert (heard["system"], heard["text"], heard["key"]) == ("You are an expert.", "Where is it?", "none")
    assert heard["audio_sha256"] == hashlib.sha256(wav_bytes(noise(), 16_000)).hexdigest()
    assert heard["response_format"] is None


def test_settings_reach_the_server(server: StubServer) -> None:
    settings: dict[str, Any] = {"temperature": 0.7, "top_p": 0.5, "presence_penalty": 0.1, "frequency_penalty": 0.2}
    settings |= {"top_k": 20, "repetition_penalty": 1.1, "min_p": 0.05}
    ask(server, max_new_tokens=9, order="text, audio", part="audio_url", seed=False, **settings)
    [heard] = server.stats()["last"]
    assert heard["sampling"] == settings | {"max_tokens": 9}
    assert heard["order"] == ["text", "audio_url"]


def test_what_is_left_to_the_server_is_not_sent_and_recorded_so(server: StubServer) -> None:
    left = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "max_new_tokens")
    ask(server, **dict.fromkeys(left))
    assert server.stats()["last"][-1]["sampling"] == {"seed": 7}
    recorded = make_api("m@http://localhost:1/v1", **dict.fromkeys(left)).settings
    defaults = {name for name, value in recorded.items() if value == "server default"}
    assert defaults == {*left, "top_k", "repetition_penalty", "min_p"}


def test_a_field_that_the_server_does_not_know_stops_the_run_before_any_clip_is_sent(server: StubServer) -> None:
    server.reset(strict=True)
    assert ask(server)[0].text == "Scene: Home"
    message = r"400 \(Unrecognized request argument supplied: top_k\); .* out of the request with --setting NAME=null"
    with pytest.raises(SystemDownError, match=message):
        ask(server, top_k=20)
    assert server.stats()["requests"] == 1
    assert ask(server, top_k=None)[0].text == "Scene: Home"


@pytest.mark.parametrize(
    ("task", "mode", "answer"),
    [
        ("asr", "independent", '{"transcript": "hello there"}'),
        ("asc", "independent", '{"scene": "Home"}'),
        ("at", "independent", '{"events": ["Dog", "Cat"]}'),
        ("all", "joint", '{"transcript": "hello there", "scene": "Home", "events": ["Dog", "Cat"]}'),
        ("all", "cot", '{"steps": "1. ...", "transcript": "hello there", "scene": "Home", "events": ["Dog", "Cat"]}'),
    ],
)
def test_schema_answers_have_fields_that_the_parser_reads(
    server: StubServer, task: Task, mode: Mode, answer: str
) -> None:
    server.reset(answer=answer)
    [reply] = ask(server, question(task, mode), json_schema=True)
    schema = server.stats()["last"][0]["response_format"]["json_schema"]["schema"]
    assert schema["required"] == [*json.loads(answer)]
    assert reply.text == answer
    parsed = parse_answer(reply.text, mode if task == "all" else task)  # type: ignore[arg-type]
    assert set(parsed.status.values()) == {"json"}
    assert parsed.transcript in (None, "hello there")
    assert parsed.scene in (None, "Home")
    assert parsed.events in (None, ("Dog", "Cat"))


def test_each_question_carries_its_own_audio_even_from_one_buffer(server: StubServer) -> None:
    buffer = noise()
    ask(server, question(audio=buffer))
    buffer *= np.float32(0.5)
    ask(server, question(audio=buffer))
    assert len({heard["audio_sha256"] for heard in server.stats()["last"]}) == 2


def test_wav_is_what_libsndfile_reads() -> None:
    audio = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 1.2, -1.2, 1.5 / 32768, 0.5 / 32768], dtype=np.float32)
    pcm, rate_hz = sf.read(io.BytesIO(wav_bytes(audio, 16_000)), dtype="int16")
    assert rate_hz == 16_000
    assert pcm.tolist() == [0, 16384, -16384, 32767, -32768, 32767, -32768, 2, 0]
