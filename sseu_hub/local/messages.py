"""What a client asks, what it is answered, and the error that is answered in place of a result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sseu_hub.local.access import User
from sseu_hub.local.errors import HubError


@dataclass(frozen=True)
class Request:
    """One request, read whole.

    Attributes:
        method: As `GET`.
        path: Percent-encoded, without the query.
        query: Of a repeated name the first value.
        body: Empty where there is none.
        user: None without a token.
        origin: Scheme and host under which the client knows this server.
        byte_range: The header `Range`, empty without one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    user: User | None
    origin: str
    byte_range: str


@dataclass(frozen=True)
class Response:
    """One answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a value as JSON."""
    return Response(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})


def error_response(error: HubError) -> Response:
    """Answer an error: in the body, and in the headers that the clients read, which a HEAD has too."""
    text = str(error)
    headers = {"X-Error-Message": text.encode("unicode_escape").decode("ascii")}
    if error.code:
        headers["X-Error-Code"] = error.code
    return json_response({"error": text}, error.status, headers)


def not_served(request: Request) -> HubError:
    """What is answered where there is nothing under this method and path."""
    return HubError(404, f"not served here: {request.method} {request.path}")


def read_json(body: bytes, /, **fields: type) -> dict[str, Any]:
    """Read a JSON object that must have these fields of these types.

    Raises:
        HubError: 400 where it is no JSON object, or lacks one of them.
    """
    try:
        value = json.loads(body)
    except ValueError as error:
        raise HubError(400, f"the body is not JSON: {error}") from None
    return check_fields(value, **fields)


def check_fields(value: Any, /, **fields: type) -> dict[str, Any]:
    """Return a JSON object as it is, having checked it as `read_json` does."""
    if not isinstance(value, dict):
        raise HubError(400, f"a JSON object is needed, not {type(value).__name__}")
    for name, kind in fields.items():
        if not isinstance(value.get(name), kind):
            raise HubError(400, f'"{name}" must be there and be of type {kind.__name__}')
    return value
