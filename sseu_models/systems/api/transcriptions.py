"""`/v1/audio/transcriptions`: speech recognisers behind vLLM, speaches or OpenAI, which get audio and no prompt."""

from __future__ import annotations

from typing import Any

from sseu_metric.openai_client import Failure
from sseu_models.records import Json, Question, Reply
from sseu_models.systems.api.messages import RATE_HZ, SERVER_DEFAULT, ApiSettings
from sseu_models.systems.api.wav import wav_bytes

LANGUAGE = "en"
"""Sent, as every other recogniser is told the language; detected from noise it would be another one now and then."""


def request_of(question: Question, model: str, settings: ApiSettings) -> dict[str, Any]:
    """The arguments of the client's `audio.transcriptions.create`: a multipart upload of the clip."""
    assert question.audio is not None  # the system's capabilities ask for it
    file = ("clip.wav", wav_bytes(question.audio, RATE_HZ), "audio/wav")
    request: dict[str, Any] = {"model": model, "file": file, "response_format": "json"}
    values = {"temperature": settings.temperature, "language": LANGUAGE}
    request |= {name: value for name, value in values.items() if name not in settings.omitted}
    return request | ({"extra_body": settings.extra_body} if settings.extra_body else {})


def recorded(settings: ApiSettings) -> dict[str, Json]:
    """The settings that are in force."""
    values: dict[str, Json] = {"temperature": settings.temperature, "language": LANGUAGE}
    sent: dict[str, Json] = {
        name: SERVER_DEFAULT if name in settings.omitted else value for name, value in values.items()
    }
    return {"endpoint": "transcriptions", **sent, "extra_body": settings.extra_body}


def read_transcription(body: object) -> Reply | Failure:
    """The transcript in a decoded answer, which is empty where no speech was heard; a failure if there is none."""
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(text, str):
        return Failure("an answer that is not a transcription")
    usage = body["usage"] if isinstance(body.get("usage"), dict) else {}
    tokens_in, tokens_out = (
        usage[name] if type(usage.get(name)) is int else None for name in ("input_tokens", "output_tokens")
    )
    return Reply(text=text.strip(), input_tokens=tokens_in, output_tokens=tokens_out)
