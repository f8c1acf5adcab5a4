"""The JSON files of a submission, checked value by value: what a stranger sends reaches nothing before it is known.

`read_json` bounds size, depth and number of values; `check_result` knows every type in result.json that is read later.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from sseu_models.results.folder import RESULT

if TYPE_CHECKING:
    from sseu_models.results.records import Result

_BREAKS = {ord(letter): " " for letter in "\n\r\t"}
_MAX_NODES, _DEEPEST = 20_000, 20


def open_limited(path: Path, limit_bytes: int) -> BinaryIO:
    """A regular file of limited size."""
    if not path.is_file():
        raise ValueError(f"{path.name}: missing, or no file")
    size = path.stat().st_size
    if size > limit_bytes:
        raise ValueError(f"{path.name}: {size} bytes, at most {limit_bytes} are taken")
    return path.open("rb")


def read_json(path: Path, limit_bytes: int) -> dict[str, Any]:
    """A JSON object whose numbers are finite and whose texts can be printed; at most 20,000 values, 20 levels.

    Raises:
        ValueError: It is missing, too large, or anything else than that; the message names the file.
    """

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is not JSON")

    with open_limited(path, limit_bytes) as file:
        data = file.read(limit_bytes + 1)
    try:
        values = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name}: not JSON ({str(error)[:80]})") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path.name}: an object is needed")
    _check_tree(path.name, values)
    return values


def _check_tree(place: str, values: Any) -> None:
    """Numbers are finite, texts are text; not too many, not too deep."""
    level, nodes = [values], 0
    for _ in range(_DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += [*value, *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                check_text(place, value)
            elif isinstance(value, int | float) and not (abs(value) < 1e300):  # also for infinity from 1e999
                raise ValueError(f"{place}: a number is out of range")
        nodes += len(below)
        if nodes > _MAX_NODES:
            raise ValueError(f"{place}: more than {_MAX_NODES} values")
        level = below
        if not level:
            return
    raise ValueError(f"{place}: nested deeper than {_DEEPEST} levels")


def check_text(place: str, *texts: str) -> None:
    """Refuse control characters, lone surrogates and invisible marks; line breaks and tabs pass.

    Raises:
        ValueError: A text holds one.
    """
    for text in texts:
        if not text.isprintable() and not text.translate(_BREAKS).isprintable():
            raise ValueError(f"{place}: {shown(text)} holds characters that are not for printing")


_LONGEST_NAME = 200


def check_result(values: dict[str, Any], most_runs: int) -> Result:
    """A `Result` from `result.json`, everything that is read from it of the right type.

    Args:
        values: From `read_json`.
        most_runs: More runs are refused; a plan is made of them.

    Raises:
        ValueError: A value is missing, too much, of the wrong type or out of its range; the message names it.
    """
    from sseu_models.results.records import Result, parse_record

    result = parse_record(Result, json.dumps(values), RESULT)
    names = [result.system, result.family, result.prompts.set, result.frontend.name]
    if any(len(name) > _LONGEST_NAME for name in names):
        raise ValueError(f"{RESULT}: a name is longer than {_LONGEST_NAME} characters")
    if result.job.runs > most_runs:
        raise ValueError(f"{RESULT}: {result.job.runs} runs, at most {most_runs} are taken")
    return result


def shown(value: Any) -> str:
    """A value as errors show it: quoted and cut."""
    return f"{value!r:.80}"
