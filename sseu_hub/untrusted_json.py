"""Reading untrusted JSON files: size, depth and number of values are bounded before anything else looks at them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

MAX_VALUES, MAX_DEPTH = 20_000, 20
_MAX_NUMBER = 1e300
_BREAKS = {ord(letter): " " for letter in "\n\r\t"}


def open_limited(path: Path, max_bytes: int) -> BinaryIO:
    """Open a regular file of limited size.

    Raises:
        ValueError: It is missing, no regular file, or too large; the message names the file without its folder.
    """
    if not path.is_file():
        raise ValueError(f"{path.name}: missing, or no file")
    size = path.stat().st_size
    if size > max_bytes:
        raise ValueError(f"{path.name}: {size} bytes, at most {max_bytes} are allowed")
    return path.open("rb")


def read_json_text(path: Path, max_bytes: int) -> bytes:
    """Read the text of a JSON object whose numbers are finite and whose strings are printable.

    Raises:
        ValueError: It is missing, too large, no such object, has more than 20,000 values, or is nested deeper than 20
            levels; the message names the file.
    """

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is not JSON")

    with open_limited(path, max_bytes) as file:
        data = file.read(max_bytes + 1)
    try:
        values = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name}: not JSON ({str(error)[:80]})") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path.name}: an object is needed")
    _check_tree(path.name, values)
    return data


def _check_tree(place: str, values: dict[str, Any]) -> None:
    """Go through all values level by level, which needs no recursion."""
    level: list[Any] = [values]
    count = 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += [*value, *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                check_text(place, value)
            elif isinstance(value, int | float) and not (abs(value) < _MAX_NUMBER):  # also for infinity from 1e999
                raise ValueError(f"{place}: a number is out of range")
        count += len(below)
        if count > MAX_VALUES:
            raise ValueError(f"{place}: more than {MAX_VALUES} values")
        level = below
        if not level:
            return
    raise ValueError(f"{place}: nested deeper than {MAX_DEPTH} levels")


def check_text(place: str, *texts: str) -> None:
    """Refuse control characters, lone surrogates and invisible marks; line breaks and tabs are allowed.

    Raises:
        ValueError: A text contains one.
    """
    for text in texts:
        if not text.isprintable() and not text.translate(_BREAKS).isprintable():
            raise ValueError(f"{place}: {shorten(text)} has characters that are not printable")


def shorten(value: object) -> str:
    """A value as messages show it: quoted and cut."""
    return f"{value!r:.80}"
