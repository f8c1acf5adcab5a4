"""What goes to a chat end point and what comes back: requests, replies and the reasons why there is none."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from sseu_models.records import Question, Reply
from sseu_models.systems.api.settings import ApiSettings
from sseu_models.systems.api.wav import wav_base64

if TYPE_CHECKING:
    from openai import APIStatusError

RATE_HZ = 16_000

_LONGEST_RETRY_AFTER_S = 120.0
_REASON_CHARACTERS = 200
_FIELDS = {"asr": ("transcript",), "asc": ("scene",), "at": ("events",), "all": ("transcript", "scene", "events")}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request brought no answer.

    Attributes:
        problem: The server's words at most, never a key.
        status: Of HTTP, if it came so far.
        passing: Another try may succeed.
        down: If not, then no other question either.
        wait_s: What the server asks for.
    """

    problem: str
    status: int | None = None
    passing: bool = True
    down: bool = False
    wait_s: float | None = None


def request_of(question: Question, model: str, settings: ApiSettings) -> dict[str, Any]:
    """The arguments of the client's `chat.completions.create`.

    Raises:
        ValueError: The audio cannot be sent; see `wav_bytes`.
    """
    if question.audio is None:
        raise ValueError("no audio came with the question")
    data = wav_base64(question.audio, RATE_HZ)
    if settings.part == "input_audio":
        audio = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    else:
        audio = {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{data}"}}
    text = {"type": "text", "text": question.prompt.user}
    content = [audio, text] if settings.order == "audio, text" else [text, audio]
    system = [] if question.prompt.system is None else [{"role": "system", "content": question.prompt.system}]
    request: dict[str, Any] = {
        "model": model,
        "messages": [*system, {"role": "user", "content": content}],
        "max_tokens": settings.max_new_tokens,
    }
    for name in ("temperature", "top_p"):
        if (value := getattr(settings, name)) is not None:
            request[name] = value
    extra = {name: getattr(settings, name) for name in ("top_k", "repetition_penalty")}
    if extra := {name: value for name, value in extra.items() if value is not None}:
        request["extra_body"] = extra
    if settings.seed:
        request["seed"] = question.seed
    if settings.json_schema:
        request["response_format"] = _response_format(question)
    return request


def read_reply(body: object) -> Reply | Failure:
    """The reply in a decoded chat completion; a passing failure if it is none."""
    if not isinstance(body, dict):
        return Failure("an answer that is no chat completion")
    try:
        choice = body["choices"][0]
        message, finish_reason = choice["message"], choice.get("finish_reason")
        content, refusal = message.get("content"), message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError):
        return Failure(f"an answer that is no chat completion ({clean(_reason(body), '')})")
    finish_reason = finish_reason if isinstance(finish_reason, str) else None
    usage = body.get("usage")
    tokens = {
        ours: usage[theirs] if isinstance(usage, dict) and type(usage.get(theirs)) is int else None
        for ours, theirs in (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens"))
    }
    if not content and isinstance(refusal, str) and refusal:
        content, finish_reason = refusal, "refusal"
    if content is None and finish_reason == "content_filter":
        content = ""  # the last word of the server: asked again it says the same
    if not isinstance(content, str):
        return Reply(
            error=f"the answer's content is {type(content).__name__}, not text (finish reason {finish_reason})"
        )
    return Reply(text=content, finish_reason=finish_reason, **tokens)


def _response_format(question: Question) -> dict[str, Any]:
    """A JSON schema whose fields `sseu_metric` reads; in chain of thought the steps come before them."""
    text: dict[str, Any] = {"type": "string"}
    properties = dict.fromkeys(_FIELDS[question.task], text)
    if "events" in properties:
        properties["events"] = {"type": "array", "items": text}
    if question.mode == "cot":
        properties = {"steps": text} | properties
    schema = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


def status_failure(error: APIStatusError, key: str) -> Failure:
    """What an HTTP status of 400 or more means for this question and the next ones."""
    status = error.status_code
    if status in (401, 403):  # what the server says may hold parts of the key
        return Failure(f"{status}, the key is refused", status, passing=False, down=True)
    reason = clean(_reason(error.body) or error.response.text, key)
    problem = f"{status} ({reason})" if reason else str(status)
    if status in (402, 404) or error.code == "insufficient_quota":
        return Failure(problem, status, passing=False, down=True)
    wait_s = _retry_after_s(error.response.headers)
    if wait_s is not None and wait_s > _LONGEST_RETRY_AFTER_S:
        return Failure(f"{problem}; the server asks to wait {wait_s:.0f} s", status, passing=False)
    return Failure(problem, status, passing=status in (408, 409, 425, 429) or status >= 500, wait_s=wait_s)


def _reason(body: object) -> str:
    """What an error's body says, in the forms that servers use."""
    if isinstance(body, dict):
        inner = body.get("error")
        source = inner if isinstance(inner, dict) else body
        return str(source.get("message") or source.get("detail") or inner or "")
    return body if isinstance(body, str) else ""


def clean(words: str, key: str) -> str:
    """Foreign words on one line, not too many, without anything that looks like a key."""
    if key:
        words = words.replace(key, "***")
    words = re.sub(r"\b(sk|Bearer)[-_ ][\w*.-]+", "***", words[: 10 * _REASON_CHARACTERS])
    return " ".join(words.split())[:_REASON_CHARACTERS]


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds of `Retry-After-Ms` or `Retry-After` (RFC 9110 section 10.2.3: seconds or a date)."""
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,12}(\.\d{0,9})?", text):
            return float(text) * scale
    try:
        return max(parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def model_ids(body: object) -> list[str] | None:
    """The names in a decoded list of models; None if it is none."""
    models = body.get("data") if isinstance(body, dict) else None
    if not isinstance(models, list):
        return None
    return [str(model["id"]) for model in models if isinstance(model, dict) and "id" in model]
