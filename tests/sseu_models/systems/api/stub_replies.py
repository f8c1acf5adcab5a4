"""What the stub server answers: a chat completion in each of the shapes that servers give it, and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.sseu_models.systems.api.stub_requests import Heard

_STATUSES = ("400", "401", "402", "403", "404", "408", "422", "429", "500", "502", "503")
_SHAPES: Mapping[str, tuple[dict[str, Any], str | None]] = {
    "null": ({"content": None}, "stop"),
    "null-length": ({"content": None, "reasoning_content": "Let me listen. Scene: Office"}, "length"),
    "null-unfinished": ({"content": None}, None),
    "abort": ({"content": None}, "abort"),
    "no-content": ({}, "stop"),
    "content-filter-null": ({"content": None}, "content_filter"),
    "refusal": ({"content": None, "refusal": "I cannot help with that."}, "stop"),
    "thinking-alone": (
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Scene: Office"}]}]},
        "length",
    ),
    "odd-parts": ({"content": [{"type": "text", "text": None}]}, "stop"),
    "number": ({"content": 3}, "stop"),
}
_REJECTIONS: Mapping[str, tuple[int, Mapping[str, Any]]] = {
    "quota": (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
    "filter-openai": (400, {"message": "The request was flagged", "type": "invalid_request", "code": "content_filter"}),
    "filter-azure": (
        400,
        {
            "message": "The response was filtered due to the prompt triggering the content management policy",
            "code": "invalid_prompt",
            "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}},
        },
    ),
    "filter-dashscope": (400, {"message": "Input data may be inappropriate", "code": "data_inspection_failed"}),
    "filter-403": (403, {"message": "Moderation stopped the input", "code": "moderation_blocked"}),
}
FAULTS = (
    *_STATUSES,
    *_SHAPES,
    *_REJECTIONS,
    *("drop", "truncate", "hang", "invalid-json", "html", "error-in-200", "no-choices"),
    *("parts", "length", "content-filter", "ok"),
)


def completion(heard: Heard, fault: str, text: str, stated: Mapping[str, str]) -> bytes:
    """The body of an answer; `stated` is what it says about its origin."""
    content: Any = text
    if fault == "parts":  # Mistral
        thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Scene: Office"}]}
        content = [thinking, *({"type": "text", "text": half} for half in (text[:4], text[4:]))]
    fields, finish_reason = _SHAPES.get(fault, ({"content": content}, "stop"))
    if fault in ("length", "content-filter"):
        finish_reason = fault.replace("-", "_")
    choice = {"index": 0, "message": {"role": "assistant", **fields}, "finish_reason": finish_reason}
    usage = {"prompt_tokens": 260, "completion_tokens": max(len(text) // 4, 1), "total_tokens": 0}
    body = {"object": "chat.completion", **stated, "id": "chatcmpl-stub", "created": 0, "usage": usage}
    body["choices"] = [] if fault == "no-choices" else [choice]
    if fault == "error-in-200":
        body = {"error": {"message": "the provider has failed", "code": 502}}
    if fault == "html":
        return b"<html><body>Welcome to nginx!</body></html>"
    encoded = json.dumps(body).encode()
    return encoded[: len(encoded) // 2] if fault == "invalid-json" else encoded


def rejection(fault: str, key: str, number: int, retry_after: str | None) -> web.Response | None:
    """The error that a fault is; None for other faults. A status repeats the key and the request's number."""
    if fault in _REJECTIONS:
        status, error = _REJECTIONS[fault]
        return web.json_response({"error": {"param": None, **error}}, status=status)
    if fault not in _STATUSES:
        return None
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    words = f"status {fault} on demand, Authorization: Bearer {key}, request req-{number:08x}"
    return error_response(int(fault), words, headers=headers)


def error_response(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)
