"""What can be set of `api:`, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from sseu_models.records import Json


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What can be set, with its defaults. Those of `NOT_IN_ANSWERS` cannot change an answer and are not recorded.

    Attributes:
        temperature: 0 to 2; None leaves it to the server.
        top_p: Over 0, at most 1; None leaves it to the server.
        top_k: Sent if set; OpenAI knows none.
        repetition_penalty: Sent if set; OpenAI knows none.
        max_new_tokens: Longest answer.
        seed: Send the question's seed.
        order: Of the two parts of the user's message: `audio, text` or `text, audio`.
        part: How the clip is sent: `input_audio` or `audio_url` (a data URL; vLLM and SGLang).
        json_schema: Make the server answer in JSON. It changes the task.
        server: Stands in the settings; by default the host's name. Say version and flags, such as `vllm 0.33.0`.
        family: Whose prompts to ask for.
        api_key_env: The environment variable that holds the key.
        timeout_s: Longest wait for one answer, from sending to its last byte.
        retries: Repetitions of one request.
        in_flight: Requests at a time.
    """

    temperature: float | None = 0.0
    top_p: float | None = 1.0
    top_k: int | None = None
    repetition_penalty: float | None = None
    max_new_tokens: int = 512
    seed: bool = True
    order: str = "audio, text"
    part: str = "input_audio"
    json_schema: bool = False
    server: str | None = None
    family: str = "*"
    api_key_env: str | None = None
    timeout_s: float = 300.0
    retries: int = 5
    in_flight: int = 64


NOT_IN_ANSWERS = ("family", "api_key_env", "timeout_s", "retries", "in_flight")
_WORDS = {"order": ("audio, text", "text, audio"), "part": ("input_audio", "audio_url")}
_RANGES = {
    "temperature": (0.0, 2.0),
    "top_p": (1e-6, 1.0),
    "top_k": (-1, 1_000_000),
    "repetition_penalty": (1e-6, 10.0),
    "max_new_tokens": (1, 1_000_000),
    "timeout_s": (1e-3, 86_400.0),
    "retries": (0, 100),
    "in_flight": (1, 4096),
}


def checked_settings(given: Mapping[str, Json]) -> ApiSettings:
    """The settings given, the others at their defaults; numbers in one form, so that 0 and 0.0 are the same.

    Raises:
        ValueError: A name is unknown or a value cannot be; the message says what can.
    """
    defaults = {field.name: field.default for field in fields(ApiSettings)}
    types = {field.name: str(field.type) for field in fields(ApiSettings)}
    if unknown := sorted(given.keys() - defaults.keys()):
        raise ValueError(f"api: has no setting {', '.join(unknown)}; it has {', '.join(defaults)}")
    return ApiSettings(**{name: _checked(name, value, types[name]) for name, value in given.items()})  # type: ignore[arg-type]


def _checked(name: str, value: Json, kind: str) -> Json:
    """A setting of its kind: `float`, `int`, `bool` or `str`, some with `| None`."""
    wanted, _, optional = kind.partition(" | ")
    if value is None and optional:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if wanted == "float" and number:
        value = float(value)  # type: ignore[arg-type]
    if {"float": float, "int": int, "bool": bool, "str": str}[wanted] is not type(value) or value == "":
        words = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "a text"}[wanted]
        raise ValueError(f"api: {name}={value!r} is not {words}{' or null' if optional else ''}")
    if name == "api_key_env" and not re.fullmatch("[A-Z_][A-Z0-9_]*", str(value)):  # it may be the key itself
        raise ValueError("api: api_key_env is the name of an environment variable in capitals, never the key")
    if name in _WORDS and value not in _WORDS[name]:
        raise ValueError(f"api: {name}={value!r}; it is one of {', '.join(map(repr, _WORDS[name]))}")
    if name in _RANGES:
        least, most = _RANGES[name]
        if not least <= value <= most:  # type: ignore[operator]
            raise ValueError(f"api: {name}={value!r} is not within {least:g} to {most:g}")
    return value
