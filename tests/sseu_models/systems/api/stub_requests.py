"""What the stub server checks in a request."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SAMPLING = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "max_tokens": (1, 1 << 20),
    "max_completion_tokens": (1, 1 << 20),
    "seed": (-(1 << 63), 1 << 63),
    "top_k": (-1, 1 << 20),
    "repetition_penalty": (0, 10),
    "min_p": (0, 1),
}
_OPENAI_LACKS = ("top_k", "repetition_penalty", "min_p")


@dataclass(frozen=True)
class Heard:
    """A request that passed the checks; `order` holds the types of the user's parts, `key` the bearer token."""

    model: str
    system: str | None
    text: str
    order: tuple[str, ...]
    audio_sha256: str
    audio_s: float
    sampling: dict[str, Any]
    response_format: dict[str, Any] | None
    key: str
    extra: dict[str, Any]


class RefusedError(Exception):
    """An HTTP status and what the server says with it."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def check_wav(data: bytes) -> float:
    """Check a 16-bit mono PCM WAV file at 16 kHz; return its length in seconds."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames, promised = file.readframes(file.getnframes()), 2 * file.getnframes()
    except (wave.Error, EOFError) as error:
        raise RefusedError(400, f"not a WAV file: {error or 'it ends too early'}") from None
    if form != (1, 2, 16_000):
        raise RefusedError(400, "{} channels, {} bytes, {} Hz; 1, 2, 16000 wanted".format(*form))
    if len(frames) != promised or not frames:
        raise RefusedError(400, f"the header says {promised} bytes of samples, {len(frames)} came")
    return len(frames) / 32_000


def check_request(
    body: Any,
    key: str,
    *,
    models: Sequence[str],
    api_key: str | None,
    strict: bool,
    max_audio_s: float | None,
    refused: Sequence[str] = (),
    known: Sequence[str] = (),
    length_field: str = "max_tokens",
    as_url: bool = False,
) -> Heard:
    """Check a chat request as a server would, or raise; the arguments are those of `stub_server.Behaviour`."""
    if not key:
        raise RefusedError(401, "You didn't provide an API key")
    if api_key is not None and key != api_key:
        raise RefusedError(401, f"Incorrect API key provided: {key}")
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise RefusedError(400, "no messages")
    if body.get("model") not in models:
        raise RefusedError(404, f"The model `{body.get('model')}` does not exist.", "model_not_found")
    ours = {"model", "messages", "response_format", *_SAMPLING} - (set(_OPENAI_LACKS) if strict else set())
    if unknown := sorted(body.keys() - (ours | set(known)) | body.keys() & set(refused)):
        raise RefusedError(400, f"Unrecognized request argument supplied: {', '.join(unknown)}")
    for other in {"max_tokens", "max_completion_tokens"} & body.keys() - {length_field}:
        words = f"'{other}' is not supported with this model. Use '{length_field}' instead."
        raise RefusedError(400, f"Unsupported parameter: {words}", "unsupported_parameter")
    sampling = {name: body[name] for name in _SAMPLING if name in body}
    for name, value in sampling.items():
        least, most = _SAMPLING[name]
        whole = name in ("max_tokens", "max_completion_tokens", "seed", "top_k")
        if type(value) not in ((int,) if whole else (int, float)) or not least <= value <= most:
            raise RefusedError(400, f"{name}={value!r} is not within {least} to {most}")
    system, order, text, wav = _read_messages(body["messages"], as_url)
    audio_s = check_wav(wav)
    if max_audio_s is not None and audio_s > max_audio_s:
        raise RefusedError(400, f"Audio is {audio_s:g} s long; this model takes {max_audio_s:g} s")
    response_format = body.get("response_format")
    if response_format is not None:
        _check_schema(response_format)
    return Heard(
        body["model"],
        *(system, text, order, hashlib.sha256(wav).hexdigest(), audio_s, sampling, response_format, key),
        {name: body[name] for name in known if name in body},
    )


def _read_messages(messages: list[Any], as_url: bool) -> tuple[str | None, tuple[str, ...], str, bytes]:
    roles = [message.get("role") for message in messages if isinstance(message, dict)]
    if roles not in (["user"], ["system", "user"]):
        raise RefusedError(400, f"roles are {roles}; [system,] user wanted")
    system = messages[0]["content"] if len(messages) == 2 else None
    if system is not None and not (isinstance(system, str) and system):
        raise RefusedError(400, "the system message is no text")
    content = messages[-1].get("content")
    parts = {part.get("type"): part for part in content} if isinstance(content, list) else {}
    if len(parts) != 2 or len(content) != 2 or not isinstance(parts.get("text", {}).get("text"), str):
        raise RefusedError(400, f"content parts are {[*parts]}; one text and one audio wanted")
    if "input_audio" in parts:
        audio = parts["input_audio"].get("input_audio")
        if not isinstance(audio, dict) or audio.keys() != {"data", "format"} or audio["format"] != "wav":
            raise RefusedError(400, "input_audio has data and the format wav")
        data = audio["data"]
        if as_url:
            start = "data:audio/wav;base64,"
            if not data.startswith(start):
                raise RefusedError(
                    400, "The provided URL does not appear to be valid. Ensure it is correctly formatted."
                )
            data = data.removeprefix(start)
    else:
        url = str(parts.get("audio_url", {}).get("audio_url", {}).get("url"))
        start = "data:audio/wav;base64,"
        if not url.startswith(start):
            raise RefusedError(400, f"the audio's URL starts with {url[:30]!r}; {start!r} wanted")
        data = url.removeprefix(start)
    try:
        wav = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise RefusedError(400, f"the audio is no base64: {error}") from None
    return system, tuple(part["type"] for part in content), parts["text"]["text"], wav


def _check_schema(response_format: Any) -> None:
    try:
        schema = response_format["json_schema"]["schema"]
        fine = response_format["type"] == "json_schema" and set(schema["required"]) == set(schema["properties"])
    except (KeyError, TypeError):
        fine = False
    if not fine or response_format["json_schema"]["strict"] is not True or schema["additionalProperties"] is not False:
        raise RefusedError(400, "Invalid schema for response_format")
