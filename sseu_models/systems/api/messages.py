"""Chat completions: the settings, the request for a question, and the reply in an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from sseu_metric.openai_client import Failure, looks_like_key, reason_in, redacted
from sseu_metric.suggestions import did_you_mean
from sseu_models.records import Json, Question, Reply
from sseu_models.systems.api.wav import wav_base64
from sseu_models.systems.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 16_000
SERVER_DEFAULT = "server default"
"""Recorded for a field that is not sent: the server decides, mostly by the checkpoint's generation_config."""

_SETTING_OF = {  # of each request field that may be left out
    **{name: name for name in ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed")},
    "max_tokens": "max_new_tokens",
}
_OTHER_FIELDS = {"top_k", "min_p", "repetition_penalty"}  # vLLM and SGLang; the client sends them as `extra_body`
_TRANSCRIPTION_FIELDS = {"temperature": "temperature", "language": ""}
_CHAT_ONLY = {
    *("top_p", "presence_penalty", "frequency_penalty", "top_k", "min_p", "repetition_penalty"),
    *("max_new_tokens", "length_field", "order", "part", "json_schema", "family"),
}
_OURS = {*_SETTING_OF, *_OTHER_FIELDS, "max_completion_tokens", "response_format", "model", "messages", "n", "stream"}
_OURS |= {"file", "language"}
_SECRET = re.compile(r"api[-_]?key|authori[sz]ation|password|secret|credential|access[-_]?token|bearer", re.IGNORECASE)
_FIELDS = {"asr": ("transcript",), "asc": ("scene",), "at": ("events",), "all": ("transcript", "scene", "events")}
_UNFINISHED = ("error", "abort")
"""Finish reasons of an answer that the server did not bring to its end (gateways, SGLang)."""


class ApiSettings(Settings):
    """What `--setting` may set for `api:`. Fields with `exclude=True` cannot change an answer and are not recorded.

    Attributes:
        temperature: Sampling temperature, 0 to 2.
        top_p: Nucleus sampling, over 0 and at most 1.
        presence_penalty: -2 to 2; 0 has no effect.
        frequency_penalty: -2 to 2; 0 has no effect. `transformers serve` makes the repetition penalty 1 plus this.
        top_k: Sent if set; neither OpenAI nor `transformers serve` knows it.
        min_p: Sent if set, like `top_k`.
        repetition_penalty: Sent if set, like `top_k`.
        max_new_tokens: Maximum length of an answer.
        length_field: The field that carries it; None for `max_tokens`, unless the server asks for the other at the
            start. Recorded is the one in use.
        omit: Fields of the request that are not sent, with commas between them; each is recorded as a `SERVER_DEFAULT`.
        extra_body: Further fields of the request, for what only one server knows.
        order: Order of the two parts of the user message.
        part: Content part that carries the clip: `input_audio` in base64, `input_audio_url` for the same part with a
            data URL (DashScope), or `audio_url` (a data URL; vLLM and SGLang).
        json_schema: Request structured output. It changes the task.
        endpoint: `chat`, or `transcriptions` for a speech recogniser, which gets no prompt and gives the words alone.
        server: Recorded as the server; the host name by default. Give version and flags, such as `vllm 0.33.0`.
        family: Model family whose prompts are used; `*` for the general ones.
        api_key_env: Environment variable that holds the key.
        timeout_s: Maximum time for one answer, from sending the request to its last byte.
        retries: Maximum number of retries of one request.
        in_flight: Maximum number of concurrent requests.
    """

    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    presence_penalty: float = Field(default=0.0, ge=-2, le=2)
    frequency_penalty: float = Field(default=0.0, ge=-2, le=2)
    top_k: int | None = Field(default=None, ge=-1)
    min_p: float | None = Field(default=None, ge=0, le=1)
    repetition_penalty: float | None = Field(default=None, gt=0, le=10)
    max_new_tokens: int = Field(default=512, ge=1)
    length_field: Literal["max_tokens", "max_completion_tokens"] | None = Field(default=None, exclude=True)
    omit: str = Field(default="", exclude=True)
    # What stands in it is repeated nowhere before it is known to hold no key.
    extra_body: dict[str, JsonValue] = Field(default={}, repr=False)
    order: Literal["audio, text", "text, audio"] = "audio, text"
    part: Literal["input_audio", "input_audio_url", "audio_url"] = "input_audio"
    json_schema: bool = False
    endpoint: Literal["chat", "transcriptions"] = Field(default="chat", exclude=True)
    server: str | None = Field(default=None, min_length=1)
    family: str = Field(default="*", min_length=1, exclude=True)
    # The pattern refuses a key pasted in place of the variable's name.
    api_key_env: str | None = Field(default=None, pattern="^[A-Z_][A-Z0-9_]*$", exclude=True, repr=False)
    timeout_s: float = Field(default=300.0, gt=0, le=86_400, exclude=True)
    retries: int = Field(default=5, ge=0, le=100, exclude=True)
    in_flight: int = Field(default=64, ge=1, le=4096, exclude=True)

    @property
    def omitted(self) -> frozenset[str]:
        """The names in `omit`."""
        return frozenset(filter(None, map(str.strip, self.omit.split(","))))

    @field_validator("extra_body")
    @classmethod
    def _check_extra(cls, extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if any(_SECRET.search(word) or looks_like_key(word) for word in words_of(extra)):
            raise ValueError("it must hold no key, since it is recorded; api_key_env names the variable of a key")
        if ours := sorted(_OURS & extra.keys()):
            raise ValueError(f"{', '.join(ours)} cannot be set by it; the other settings are for what is sent anyway")
        return extra

    @model_validator(mode="after")
    def _check_omitted(self) -> ApiSettings:
        for name in sorted(self.omitted):
            sent = dict(_SETTING_OF) if self.endpoint == "chat" else _TRANSCRIPTION_FIELDS
            if name not in sent:
                known = ", ".join(sent)
                raise ValueError(f"omit: {name!r} is not sent{did_you_mean(name, sent)} (sent are {known})")
            if sent[name] in self.model_fields_set:
                raise ValueError(f"omit: {name} has a value too, by {sent[name]}; choose one")
        return self

    @model_validator(mode="after")
    def _check_endpoint(self) -> ApiSettings:
        if self.endpoint == "transcriptions" and (unused := self.model_fields_set & _CHAT_ONLY):
            raise ValueError(
                f"{', '.join(sorted(unused))} cannot be set with endpoint=transcriptions, which has no chat"
            )
        return self

    def recorded(self) -> dict[str, Json]:
        """The settings as results record them: a field that is not sent is a `SERVER_DEFAULT`."""
        values = {**self.model_dump(), "seed": True}
        left = {_SETTING_OF[name] for name in self.omitted} | {name for name in _OTHER_FIELDS if values[name] is None}
        used = {"length_field": self.length_field} if self.length_field else {}
        return values | dict.fromkeys(left, SERVER_DEFAULT) | used


def words_of(value: JsonValue) -> Iterator[str]:
    """Every name and every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from words_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from words_of(item)


def request_of(question: Question, model: str, settings: ApiSettings) -> dict[str, Any]:
    """The arguments of the client's `chat.completions.create`."""
    text = {"type": "text", "text": question.prompt.user}
    sound = [] if question.audio is None else [_audio_part(question.audio, settings.part)]  # None: text-only
    content = [*sound, text] if settings.order == "audio, text" else [text, *sound]
    system = [] if question.prompt.system is None else [{"role": "system", "content": question.prompt.system}]
    request: dict[str, Any] = {"model": model, "messages": [*system, {"role": "user", "content": content}]}
    values = {**settings.model_dump(), "seed": question.seed}
    for name, setting in _SETTING_OF.items():
        if name not in settings.omitted:
            request[settings.length_field or name if name == "max_tokens" else name] = values[setting]
    extra = {name: values[name] for name in _OTHER_FIELDS if values[name] is not None}
    if extra := extra | settings.extra_body:
        request["extra_body"] = extra
    if settings.json_schema:
        request["response_format"] = _response_format(question)
    return request


def _audio_part(audio: NDArray[np.float32], part: str) -> dict[str, Any]:
    data = wav_base64(audio, RATE_HZ)
    url = f"data:audio/wav;base64,{data}"
    if part == "audio_url":
        return {"type": "audio_url", "audio_url": {"url": url}}
    return {"type": "input_audio", "input_audio": {"data": data if part == "input_audio" else url, "format": "wav"}}


def wants_other_length(failure: Failure) -> bool:
    """Whether a server refuses `max_tokens` and names the field that it wants instead, as OpenAI's newer models do."""
    return failure.status in (400, 422) and "max_completion_tokens" in failure.problem


def read_reply(body: object) -> Reply | Failure:
    """The reply in a decoded chat completion; a retryable failure if it is not one.

    An answer without text (`content: null`, parts without text) that the server ended is the empty answer: asked again
    it would be the same. Reasoning is no answer, whether it stands in `reasoning_content` or in parts of its own.
    """
    if not isinstance(body, dict):
        return Failure("an answer that is not a chat completion")
    if body.get("choices") == []:
        return Failure("an answer without a choice")
    try:
        choice = body["choices"][0]
        message, finish_reason = choice["message"], choice.get("finish_reason")
        content, refusal = message.get("content"), message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError):
        return Failure(f"an answer that is not a chat completion ({redacted(reason_in(body), '')})")
    finish_reason = finish_reason if isinstance(finish_reason, str) else None
    if finish_reason in _UNFINISHED:
        return Failure(f"an answer that the server broke off (finish reason {finish_reason})")
    usage = body.get("usage")
    tokens = {
        ours: usage[theirs] if isinstance(usage, dict) and type(usage.get(theirs)) is int else None
        for ours, theirs in (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens"))
    }
    text = _text_of(content)
    if not text and isinstance(refusal, str) and refusal:
        text, finish_reason = refusal, "refusal"
    if text is None or (content is None and finish_reason is None):
        return Reply(
            error=f"the answer's content is {type(content).__name__}, not text (finish reason {finish_reason})"
        )
    return Reply(text=text, finish_reason=finish_reason, **tokens)


def _text_of(content: object) -> str | None:
    """The text of a message's content, "" where it has none; None if it is in no known form."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list) or not all(isinstance(part, dict) and "type" in part for part in content):
        return None
    texts = [part.get("text") for part in content if part["type"] == "text"]
    return "".join(texts) if all(isinstance(text, str) for text in texts) else None


def schema_keys(question: Question) -> tuple[str, ...]:
    """The keys of the JSON object that `json_schema` asks for."""
    return ("steps", *_FIELDS[question.task]) if question.mode == "cot" else _FIELDS[question.task]


def keeps_schema(text: str, question: Question, *, cut_off: bool = False) -> bool:
    """Whether an answer is a JSON object with the keys that were asked for; one that was cut off must begin as such."""
    if cut_off:
        return not text or text.lstrip().startswith("{")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and set(schema_keys(question)) <= answer.keys()


def _response_format(question: Question) -> dict[str, Any]:
    """A JSON schema with the fields that `sseu_metric` reads; in chain of thought the steps come first."""
    text: dict[str, Any] = {"type": "string"}
    properties = dict.fromkeys(schema_keys(question), text)
    if "events" in properties:
        properties["events"] = {"type": "array", "items": text}
    schema = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


_CONTEXT = re.compile(r"context.?length|maximum context|max(imum)?.?model.?len|too long|too many tokens", re.IGNORECASE)
_HEARS = re.compile(r"audio|modalit|multi-?modal", re.IGNORECASE)


def remedy_of_rejection(problem: str, *, hears: bool) -> str:
    """What the user can do about a rejected request (400, 422), by the server's words.

    Args:
        problem: The server's words.
        hears: Whether the request carries audio.
    """
    if _CONTEXT.search(problem):
        return "serve the model with a longer context, or ask for less with --setting max_new_tokens=N"
    named = sorted(name for name in _SETTING_OF.keys() | _OTHER_FIELDS if re.search(rf"\b{name}\b", problem))
    if hears and not named and _HEARS.search(problem):
        return (
            "name a model that takes audio, or send the clip in another form with --setting part=audio_url; prompts "
            "without audio are sent by --system text-only:api:..."
        )
    return "leave out a field that the server does not take with --setting omit=NAME,NAME"
