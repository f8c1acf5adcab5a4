"""A tolerant parser for JSON in a model's answer: single quotes, missing or trailing commas, prose around it."""

from __future__ import annotations

import re
from typing import TypeAlias

JsonValue: TypeAlias = "str | float | bool | list[JsonValue] | dict[str, JsonValue] | None"

_DEPTH = 6
_EFFORT = 8  # characters looked at per character of the answer, over all attempts, before the search stops
_SKIP = re.compile(r"[\s,]*+")
_STRING = re.compile(
    r'"((?:[^"\\]|\\.|"(?!\s?[,:}\]]|\s?$))*+)"'
    r"|'((?:[^'\\]|\\.|'(?!\s?[,:}\]]|\s?$))*+)'"
    r"|“([^”]*+)”",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[^\W\d]\w{0,40}+(?=\s?:)")
_CONSTANT = re.compile(
    r"(-?\d{1,20}+(?:\.\d{1,20}+)?+(?:[eE][+-]?\d{1,3})?+)(?=[\s,\]}])|(?:(true)|(false)|(?:null|none|nan))\b",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": " ", "r": " ", "b": "", "f": " "}


class _NotJsonError(ValueError):
    """No JSON; its argument is the position up to which the text was read."""


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2]), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # pairs become one character


def _read(text: str, position: int, depth: int) -> tuple[JsonValue, int]:
    """Parse the value at a position; return it and the position after it."""
    position = _skip(text, position)
    opening = text[position : position + 1]
    if opening in ("{", "["):
        if depth == _DEPTH:
            raise _NotJsonError(position)
        return _read_object(text, position + 1, depth) if opening == "{" else _read_list(text, position + 1, depth)
    string = _STRING.match(text, position)
    if string:
        return _unescape(string[string.lastindex or 0]), string.end()
    constant = _CONSTANT.match(text, position)
    if not constant:
        raise _NotJsonError(_seen(text, position))
    value = float(constant[1]) if constant[1] else True if constant[2] else False if constant[3] else None
    return value, constant.end()


def _seen(text: str, position: int) -> int:
    """How far a failed attempt has looked: an unclosed quote is searched to the end."""
    return len(text) if text[position : position + 1] in ('"', "'", "“") else position


def _skip(text: str, position: int) -> int:
    match = _SKIP.match(text, position)
    return match.end() if match else position


def _read_list(text: str, position: int, depth: int) -> tuple[JsonValue, int]:
    values: list[JsonValue] = []
    while True:
        position = _skip(text, position)
        if text[position : position + 1] == "]":
            return values, position + 1
        value, position = _read(text, position, depth + 1)
        values.append(value)


def _read_object(text: str, position: int, depth: int) -> tuple[JsonValue, int]:
    fields: dict[str, JsonValue] = {}
    while True:
        position = _skip(text, position)
        if text[position : position + 1] == "}":
            return fields, position + 1
        key = _STRING.match(text, position) or _BARE_KEY.match(text, position)
        if not key:
            raise _NotJsonError(_seen(text, position))
        name = _unescape(key[key.lastindex or 0])  # a bare key has no group
        position = _skip(text, key.end())
        if text[position : position + 1] not in (":", "："):
            raise _NotJsonError(position)
        fields[name], position = _read(text, position + 1, depth + 1)


def find_objects(text: str) -> list[tuple[dict[str, JsonValue], int, int]]:
    """The outermost JSON objects in a text, in order, each with its start and end position."""
    found: list[tuple[dict[str, JsonValue], int, int]] = []
    effort = _EFFORT * len(text)
    start = text.find("{")
    while start >= 0 and effort > 0:
        try:
            value, end = _read(text, start, 0)
            if isinstance(value, dict) and value:
                found.append((value, start, end))
        except _NotJsonError as error:
            effort -= error.args[0] - start
            end = start + 1
        start = text.find("{", end)
    return found


def read_list(text: str) -> list[JsonValue] | None:
    """The first JSON list of strings or objects that is not inside an object; None if there is none."""
    start = text.find("[")
    if start < 0 or 0 <= text.find("{") < start:
        return None
    try:
        values, _ = _read(text, start, 0)
    except _NotJsonError:
        return None
    return values if isinstance(values, list) and all(isinstance(value, str | dict) for value in values) else None
