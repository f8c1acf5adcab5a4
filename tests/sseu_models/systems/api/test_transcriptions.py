"""Recognisers that have `/v1/audio/transcriptions` alone, and language models that get no audio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from sseu_models.records import Json, RejectedError, Reply
from sseu_models.systems.api.wav import wav_bytes
from sseu_models.systems.spec import make_system
from tests.sseu_models.systems.api.asking import noise, question
from tests.sseu_models.systems.api.plain_server import PlainServer, plain_server

pytest.importorskip("openai", reason="the extra `openai` is not installed")
TRANSCRIBE: dict[str, Json] = {"endpoint": "transcriptions", "retries": 0}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlainServer]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with plain_server() as running:
        yield running


def ask(spec: str, settings: dict[str, Any], **changes: Any) -> tuple[Reply, dict[str, Any]]:
    async def run() -> tuple[Reply, dict[str, Any]]:
        system = make_system(spec, settings, [])
        await system.start()
        try:
            return (await system.answer([question("asr", **changes)]))[0], dict(system.settings)
        finally:
            await system.close()

    return asyncio.run(run())


def test_a_clip_is_uploaded_as_a_wav_and_its_words_come_back(server: PlainServer) -> None:
    reply, recorded = ask(f"api:whisper@{server.url}", TRANSCRIBE)
    assert reply == Reply("The cat sat.")
    opening, heard = server.heard
    assert opening["audio_s"] == 10
    assert heard.pop("wav") == wav_bytes(noise(), 16_000)
    assert heard == {
        "model": "whisper",
        "response_format": "json",
        "temperature": "0.0",
        "language": "en",
        "audio_s": 1.0,
    }
    assert recorded == {
        "endpoint": "transcriptions",
        "temperature": 0.0,
        "language": "en",
        "extra_body": {},
        "server": "localhost",
        "audio": "WAV, 16-bit PCM, mono, 16000 Hz",
    }
    system = make_system(f"api:whisper@{server.url}", TRANSCRIBE, [])
    assert system.capabilities.modes == {"independent": ("asr",)}


def test_a_server_without_chat_is_found_out(server: PlainServer) -> None:
    with pytest.raises(
        RejectedError, match=r"does not support Chat .*; it does transcribe: add --setting endpoint=tra"
    ):
        ask(f"api:whisper@{server.url}", {})
    with pytest.raises(RejectedError, match=r"takes text alone.*leave out a field"):
        ask(f"api:text@{server.url}", {})


def test_fields_that_a_server_refuses_are_left_out(server: PlainServer) -> None:
    server.refused_fields = frozenset({"language"})
    with pytest.raises(RejectedError, match=r"Unexpected field language.*leave out a field"):
        ask(f"api:whisper@{server.url}", TRANSCRIBE)
    _, recorded = ask(f"api:whisper@{server.url}", TRANSCRIBE | {"omit": "language"})
    assert recorded["language"] == "server default"
    with pytest.raises(ValueError, match=r"omit: 'seed' is not sent \(sent are temperature, language\)"):
        make_system("api:m@http://h/v1", TRANSCRIBE | {"omit": "seed"}, [])
    with pytest.raises(ValueError, match="top_p cannot be set with endpoint=transcriptions, which has no chat"):
        make_system("api:m@http://h/v1", TRANSCRIBE | {"top_p": 0.5}, [])


@pytest.mark.parametrize("body", [{}, [], {"text": None}, {"text": ["a"]}])
def test_an_answer_without_a_transcript_is_none(server: PlainServer, body: Any) -> None:
    server.answer = body
    with pytest.raises(Exception, match="an answer that is not a transcription"):
        ask(f"api:whisper@{server.url}", TRANSCRIBE)


def test_no_speech_is_the_empty_answer(server: PlainServer) -> None:
    server.answer = ""
    assert ask(f"api:whisper@{server.url}", TRANSCRIBE)[0] == Reply("")


# ---- text-only


def test_a_language_model_gets_the_prompt_and_no_audio(server: PlainServer) -> None:
    spec = f"text-only:api:text@{server.url}"
    reply, recorded = ask(spec, {}, audio=None)
    assert reply.text == "Scene: Home"
    assert server.heard[-1]["messages"][-1]["content"] == [{"type": "text", "text": "Where is it?"}]
    assert recorded["audio"] == "none"
    system = make_system(spec, {}, [])
    assert (system.id, system.capabilities.rate_hz) == ("text-only:api:text", None)
    with pytest.raises(ValueError, match="text-only:api:m: endpoint=transcriptions is for speech"):
        make_system("text-only:api:m@http://h/v1", {"endpoint": "transcriptions"}, [])


@pytest.mark.parametrize("spec", ["text-only:asr:pocketsphinx", "text-only:clap:m", "text-only:m"])
def test_what_has_no_prompt_or_cannot_do_without_audio(spec: str) -> None:
    with pytest.raises(ValueError, match="text-only: is for hf: and api:"):
        make_system(spec, {}, [])
