"""A request as it was read, its response, and the error that replaces a response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class HttpError(Exception):
    """A request that is refused.

    Attributes:
        status: HTTP status.
        code: Value of X-Error-Code, which decides the class of the client's error; None for none.
    """

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        method: Such as `GET`.
        path: Percent-encoded, without the query.
        query: The first value of each name.
        body: Empty if there is none.
        token: Empty if there is none.
        origin: Scheme and host by which the client knows this server.
        byte_range: The header `Range`, empty if there is none.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    token: str
    origin: str
    byte_range: str


@dataclass(frozen=True)
class Response:
    """One response."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a response of a JSON value."""
    return Response(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})


def error_response(error: HttpError) -> Response:
    """Make a response of an error: in the body, and in the headers that clients read, which a HEAD has too."""
    headers = {"X-Error-Message": str(error).encode("unicode_escape").decode("ascii")}
    if error.code:
        headers["X-Error-Code"] = error.code
    return json_response({"error": str(error)}, error.status, headers)


def read_json(body: bytes, /, **fields: type) -> dict[str, Any]:
    """Read a JSON object that must have these fields of these types.

    Raises:
        HttpError: 400, it is no JSON object, or lacks one of them.
    """
    try:
        value = json.loads(body)
    except ValueError as error:
        raise HttpError(400, f"the body is not JSON: {error}") from None
    return check_fields(value, **fields)


def check_fields(value: Any, /, **fields: type) -> dict[str, Any]:
    """Return a JSON object unchanged, checked as `read_json` does."""
    if not isinstance(value, dict):
        raise HttpError(400, f"a JSON object is needed, not {type(value).__name__}")
    for name, kind in fields.items():
        if not isinstance(value.get(name), kind):
            raise HttpError(400, f'"{name}" must be present and of type {kind.__name__}')
    return value
