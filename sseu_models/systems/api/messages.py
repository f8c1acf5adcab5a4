"""Chat completions: the settings, the request for a question, and the reply in an answer."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from sseu_metric.openai_client import Failure, reason_in, redacted
from sseu_models.records import Json, Question, Reply
from sseu_models.systems.api.wav import wav_base64
from sseu_models.systems.settings import Settings

RATE_HZ = 16_000
SERVER_DEFAULT = "server default"
"""Recorded for a sampling field that is not sent: the server decides, mostly by the checkpoint's generation_config."""

_PROTOCOL_FIELDS = {"temperature", "top_p", "presence_penalty", "frequency_penalty"}
_OTHER_FIELDS = {"top_k", "min_p", "repetition_penalty"}  # vLLM and SGLang; the client sends them as `extra_body`
_FIELDS = {"asr": ("transcript",), "asc": ("scene",), "at": ("events",), "all": ("transcript", "scene", "events")}


class ApiSettings(Settings):
    """What `--setting` may set for `api:`. Fields with `exclude=True` cannot change an answer and are not recorded.

    Attributes:
        temperature: Sampling temperature, 0 to 2. None leaves this and any other sampling field to the server.
        top_p: Nucleus sampling, over 0 and at most 1.
        presence_penalty: -2 to 2; 0 has no effect.
        frequency_penalty: -2 to 2; 0 has no effect. `transformers serve` makes the repetition penalty 1 plus this.
        top_k: Sent if set; neither OpenAI nor `transformers serve` knows it.
        min_p: Sent if set, like `top_k`.
        repetition_penalty: Sent if set, like `top_k`.
        max_new_tokens: Maximum length of an answer, sent as `max_tokens`.
        seed: Send the question's seed.
        order: Order of the two parts of the user message.
        part: Content part that carries the clip: `input_audio`, or `audio_url` (a data URL; vLLM and SGLang).
        json_schema: Request structured output. It changes the task.
        server: Recorded as the server; the host name by default. Give version and flags, such as `vllm 0.33.0`.
        family: Model family whose prompts are used; `*` for the general ones.
        api_key_env: Environment variable that holds the key.
        timeout_s: Maximum time for one answer, from sending the request to its last byte.
        retries: Maximum number of retries of one request.
        in_flight: Maximum number of concurrent requests.
    """

    temperature: float | None = Field(default=0.0, ge=0, le=2)
    top_p: float | None = Field(default=1.0, gt=0, le=1)
    presence_penalty: float | None = Field(default=0.0, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=0.0, ge=-2, le=2)
    top_k: int | None = Field(default=None, ge=-1)
    min_p: float | None = Field(default=None, ge=0, le=1)
    repetition_penalty: float | None = Field(default=None, gt=0, le=10)
    max_new_tokens: int | None = Field(default=512, ge=1)
    seed: bool = True
    order: Literal["audio, text", "text, audio"] = "audio, text"
    part: Literal["input_audio", "audio_url"] = "input_audio"
    json_schema: bool = False
    server: str | None = Field(default=None, min_length=1)
    family: str = Field(default="*", min_length=1, exclude=True)
    # The pattern refuses a key pasted in place of the variable's name.
    api_key_env: str | None = Field(default=None, pattern="^[A-Z_][A-Z0-9_]*$", exclude=True, repr=False)
    timeout_s: float = Field(default=300.0, gt=0, le=86_400, exclude=True)
    retries: int = Field(default=5, ge=0, le=100, exclude=True)
    in_flight: int = Field(default=64, ge=1, le=4096, exclude=True)

    def recorded(self) -> dict[str, Json]:
        """The settings as results record them: a sampling field that is not sent is a `SERVER_DEFAULT`."""
        fields = {*_PROTOCOL_FIELDS, *_OTHER_FIELDS, "max_new_tokens"}
        return {
            name: SERVER_DEFAULT if value is None and name in fields else value
            for name, value in self.model_dump().items()
        }


def request_of(question: Question, model: str, settings: ApiSettings) -> dict[str, Any]:
    """The arguments of the client's `chat.completions.create`."""
    assert question.audio is not None  # the system's capabilities ask for it
    data = wav_base64(question.audio, RATE_HZ)
    if settings.part == "input_audio":
        audio = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    else:
        audio = {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{data}"}}
    text = {"type": "text", "text": question.prompt.user}
    content = [audio, text] if settings.order == "audio, text" else [text, audio]
    system = [] if question.prompt.system is None else [{"role": "system", "content": question.prompt.system}]
    request: dict[str, Any] = {"model": model, "messages": [*system, {"role": "user", "content": content}]}
    request |= settings.model_dump(include=_PROTOCOL_FIELDS, exclude_none=True)
    if settings.max_new_tokens is not None:
        request["max_tokens"] = settings.max_new_tokens
    if extra := settings.model_dump(include=_OTHER_FIELDS, exclude_none=True):
        request["extra_body"] = extra
    if settings.seed:
        request["seed"] = question.seed
    if settings.json_schema:
        request["response_format"] = _response_format(question)
    return request


def read_reply(body: object) -> Reply | Failure:
    """The reply in a decoded chat completion; a retryable failure if it is not one."""
    if not isinstance(body, dict):
        return Failure("an answer that is not a chat completion")
    try:
        choice = body["choices"][0]
        message, finish_reason = choice["message"], choice.get("finish_reason")
        content, refusal = message.get("content"), message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError):
        return Failure(f"an answer that is not a chat completion ({redacted(reason_in(body), '')})")
    finish_reason = finish_reason if isinstance(finish_reason, str) else None
    usage = body.get("usage")
    tokens = {
        ours: usage[theirs] if isinstance(usage, dict) and type(usage.get(theirs)) is int else None
        for ours, theirs in (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens"))
    }
    if not content and isinstance(refusal, str) and refusal:
        content, finish_reason = refusal, "refusal"
    if content is None and finish_reason == "content_filter":
        content = ""  # the filter is final: asked again it answers the same
    if not isinstance(content, str):
        return Reply(
            error=f"the answer's content is {type(content).__name__}, not text (finish reason {finish_reason})"
        )
    return Reply(text=content, finish_reason=finish_reason, **tokens)


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
