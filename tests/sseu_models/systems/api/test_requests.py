"""What is sent to a chat endpoint: every request passes the checks of a strict server."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from sseu_metric.answers import parse_answer
from sseu_models.records import Mode, RejectedError, Reply, SystemDownError, Task
from sseu_models.systems.api.messages import remedy_of_rejection
from sseu_models.systems.api.system import make_api
from sseu_models.systems.api.wav import wav_bytes
from tests.sseu_models.systems.api.asking import KEY, ask, noise, question, started
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
    ask(server, max_new_tokens=9, order="text, audio", part="audio_url", omit="seed", **settings)
    [heard] = server.stats()["last"]
    assert heard["sampling"] == settings | {"max_tokens": 9}
    assert heard["order"] == ["text", "audio_url"]


def test_a_server_that_wants_a_data_url_in_input_audio_gets_one(server: StubServer) -> None:
    server.reset(audio="url")
    with pytest.raises(RejectedError, match=r"400 \(The provided URL does not appear to be valid"):
        ask(server)
    assert ask(server, part="input_audio_url")[0].text == "Scene: Home"
    assert server.stats()["last"][-1]["audio_sha256"] == hashlib.sha256(wav_bytes(noise(), 16_000)).hexdigest()


# --- fields that one server wants and another refuses ---


def test_a_field_that_is_refused_stops_the_run_before_any_clip_and_can_be_omitted(server: StubServer) -> None:
    server.reset(refused_fields=["presence_penalty", "seed"])
    words = r"400 \(Unrecognized request argument supplied: presence_penalty, seed\)"
    with pytest.raises(RejectedError, match=rf"{words}; leave out .* with --setting omit=NAME,NAME"):
        ask(server)
    assert server.stats()["requests"] == 0
    [reply] = ask(server, omit="presence_penalty,seed")
    assert reply.text == "Scene: Home"
    left = {name: value for name, value in NEUTRAL.items() if name != "presence_penalty"}
    assert server.stats()["last"][-1]["sampling"] == left | {"max_tokens": 512}
    server.reset(strict=True)
    with pytest.raises(RejectedError, match="Unrecognized request argument supplied: top_k"):
        ask(server, top_k=20)
    assert ask(server)[0].text == "Scene: Home"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("audio input is not supported by this model", "name a model that takes audio"),
        ("At most 0 audio(s) may be provided in one request.", "text-only:api:"),
        ("This model's maximum context length is 2048 tokens. However, you requested 3000", "longer context"),
        ("context_length_exceeded", "--setting max_new_tokens=N"),
        ("max_tokens is too large: this model's maximum context length is 64", "longer context"),
        ("'seed' is not allowed for audio requests", "--setting omit=NAME,NAME"),
        ("Unrecognized request argument supplied: top_k", "--setting omit=NAME,NAME"),
    ],
)
def test_the_remedy_of_a_rejection_follows_the_servers_words(words: str, advice: str) -> None:
    assert advice in remedy_of_rejection(f"400 ({words})", hears=True)


def test_prompts_alone_are_never_told_to_leave_out_the_audio() -> None:
    assert "text-only" not in remedy_of_rejection("400 (no audio here)", hears=False)


def test_what_is_omitted_is_recorded_as_left_to_the_server(server: StubServer) -> None:
    omit = "temperature, top_p,presence_penalty,frequency_penalty,max_tokens,seed"
    ask(server, omit=omit)
    assert server.stats()["last"][-1]["sampling"] == {}
    recorded = make_api("m@http://localhost:1/v1", omit=omit).settings
    left = {name for name, value in recorded.items() if value == "server default"}
    others = {"top_k", "repetition_penalty", "min_p"}
    assert left == {"temperature", "top_p", "presence_penalty", "frequency_penalty", "max_new_tokens", "seed"} | others
    assert "length_field" not in recorded


def test_the_field_of_the_length_is_found_at_the_start_and_recorded(server: StubServer) -> None:
    def recorded(**settings: Any) -> Any:
        async def run() -> Any:
            system = await started(server, **settings)
            [reply] = await system.answer([question()])
            await system.close()
            assert reply.text == "Scene: Home"
            return system.settings["length_field"]

        return asyncio.run(run())

    assert recorded() == "max_tokens"
    server.reset(length_field="max_completion_tokens")
    assert recorded() == "max_completion_tokens"
    assert server.stats()["openings"] == 2
    assert server.stats()["last"][-1]["sampling"] == NEUTRAL | {"max_completion_tokens": 512, "seed": 7}
    assert recorded(length_field="max_completion_tokens") == "max_completion_tokens"
    assert server.stats()["openings"] == 3
    with pytest.raises(RejectedError, match="Use 'max_completion_tokens' instead"):
        recorded(length_field="max_tokens")


def test_an_extra_body_reaches_the_server_and_is_recorded(server: StubServer) -> None:
    extra = {"chat_template_kwargs": {"enable_thinking": False}}
    with pytest.raises(RejectedError, match="Unrecognized request argument supplied: chat_template_kwargs"):
        ask(server, extra_body=extra)
    server.reset(known_fields=["chat_template_kwargs"])
    ask(server, extra_body=extra, min_p=0.1)
    [heard] = server.stats()["last"]
    assert heard["extra"] == extra
    assert heard["sampling"]["min_p"] == 0.1
    assert make_api("m@http://localhost:1/v1", extra_body=extra).settings["extra_body"] == extra


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"omit": "presence_penlty"}, "omit: 'presence_penlty' is not sent; did you mean 'presence_penalty'?"),
        ({"omit": "messages"}, "omit: 'messages' is not sent (sent are temperature, top_p, "),
        ({"omit": "top_k"}, "omit: 'top_k' is not sent"),
        ({"omit": "max_tokens", "max_new_tokens": 9}, "omit: max_tokens has a value too, by max_new_tokens"),
        ({"temperature": None}, "setting temperature=None: it should be a valid number"),
        ({"extra_body": "x"}, "setting extra_body: it should be a valid dictionary"),
        ({"extra_body": {"n": 3}}, "setting extra_body: n cannot be set by it"),
        ({"extra_body": {"stream": True, "model": "m"}}, "setting extra_body: model, stream cannot be set by it"),
        ({"extra_body": {"top_k": 3}}, "setting extra_body: top_k cannot be set by it"),
        ({"extra_body": {"a": [{"api_key": "abcdef"}]}}, "setting extra_body: it must hold no key"),
        ({"extra_body": {"a": [f"Bearer {KEY}"]}}, "setting extra_body: it must hold no key"),
        ({"extra_body": {"a": float("nan")}}, "setting extra_body"),
    ],
)
def test_invalid_fields_are_refused_before_anything_is_sent(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"api: {message}")) as caught:
        make_api("m@http://localhost:1/v1", **settings)
    assert "abcdef" not in str(caught.value)
    assert KEY not in str(caught.value)


def test_an_extra_body_with_the_key_of_the_environment_is_refused(
    server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_KEY", "0123456789")
    with pytest.raises(SystemDownError, match="extra_body holds the key") as caught:
        ask(server, api_key_env="STUB_KEY", extra_body={"user": "me 0123456789"})
    assert "0123456789" not in str(caught.value)
    assert server.stats()["models_requests"] == 0


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
