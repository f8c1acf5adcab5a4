"""Reads tables of texts that people wrote: quoted or not, with commas, semicolons, tabs, or as JSON lines.

Tolerant where the text tells: a line with more fields than columns is read if exactly one way of joining its fields
gives values that the columns can have. Where there is none, or more than one, the line is a fault: nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sseu_dataset.records import DatasetError
from sseu_dataset.tables.delimited import Fault, fields_of, lines_of, records_of
from sseu_metric.suggestions import did_you_mean

Check = Callable[[str], bool] | None
"""Whether a text can stand in a column; None for a column whose values hold no separator, such as ids."""

_SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon"}
_MAX_SHOWN = 30
_MAX_GUESSES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a line that were asked for, by column; in JSON lines a cell may be a list of texts."""

    number: int
    cells: Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Table:
    """What was read.

    Attributes:
        form: `comma`, `tab`, `semicolon` or `JSON lines`.
        lines: The lines that could be read.
        faults: The lines that could not, and why.
        joined: Number of lines with separators inside an unquoted text.
    """

    form: str
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    joined: int


def read_table(content: bytes, name: str, checks: Mapping[str, Check]) -> Table:
    """Read the columns named in `checks`; others may hold anything.

    Args:
        content: The file's bytes, UTF-8.
        name: The file's name, for messages.
        checks: For each column, what can stand in it. They are asked only where a line has too many fields.

    Raises:
        DatasetError: The text is not UTF-8, it has no line, or no separator gives all columns.
    """
    lines = lines_of(content, name)
    if lines[0][1].lstrip().startswith(("{", "[")):
        return _read_json_lines(lines, name, checks)
    separator, columns = _find_separator(lines[0][1], name, checks)
    read: list[Line] = []
    faults: list[Fault] = []
    joined = 0
    for number, fields in records_of(lines[1:], separator, len(columns)):
        if isinstance(fields, str):
            faults.append(Fault(number, fields))
        elif len(fields) == len(columns):
            read.append(Line(number, {name: fields[columns.index(name)].strip() for name in checks}))
        else:
            found = _fit(fields, columns, checks, separator)
            if isinstance(found, str):
                faults.append(Fault(number, found))
            else:
                joined += 1
                read.append(Line(number, found))
    return Table(_SEPARATORS[separator], tuple(read), tuple(faults), joined)


def _find_separator(header: str, name: str, columns: Iterable[str]) -> tuple[str, list[str]]:
    """The one separator at which the header falls into columns with all that are needed."""
    split = {separator: [cell.strip() for cell in fields_of(header, separator)] for separator in _SEPARATORS}
    fitting = [separator for separator, cells in split.items() if not set(columns) - set(cells)]
    if len(fitting) != 1:
        cells = max(split.values(), key=len)
        absent = next((column for column in columns if column not in cells), "")
        raise DatasetError(
            f"{name}: its first line has no column {absent!r}, which the map names{did_you_mean(absent, cells)}; it "
            f"has {', '.join(cells)[:300]}. A table without a line of names needs one"
        )
    cells = split[fitting[0]]
    if doubled := [cell for cell in columns if cells.count(cell) > 1]:
        raise DatasetError(f"{name}: the column {doubled[0]!r} is there twice; rename one")
    return fitting[0], cells


def _fit(
    fields: list[str], columns: list[str], checks: Mapping[str, Check], separator: str
) -> dict[str, str | list[str]] | str:
    """The one reading of a line whose fields are more than its columns, or what is wrong."""
    counts = f"{len(fields)} fields under {len(columns)} columns"
    if len(fields) < len(columns):
        return f"{counts}: columns are missing or shifted"

    order = [name for name in columns if name in checks]
    found = _readings(fields, columns, checks, separator)
    if len(found) > 1:
        one, other = found
        name, left, right = next(cells for cells in zip(order, one, other, strict=True) if cells[1] != cells[2])
        return f"{counts}, and {name} may be {_short(left)!r} or {_short(right)!r}: quote the text"
    if found:
        return dict(zip(order, found[0], strict=True))
    wrong = [
        f"{name} {_short(dict(zip(order, reading, strict=True))[name])!r}"
        for name, check in checks.items()
        if check is not None
        for reading in _readings(fields, columns, {**checks, name: lambda _: True}, separator)
    ]
    if 0 < len(wrong) <= _MAX_GUESSES:
        return f"{counts}, which fit but for {' or '.join(wrong)}: not known or not there"
    return (
        f"{counts}, and no way of joining them gives a file that exists and labels and SNR that are known: columns are "
        "shifted, or the map lacks labels"
    )


def _readings(
    fields: list[str], columns: list[str], checks: Mapping[str, Check], separator: str
) -> tuple[tuple[str, ...], ...]:
    """At most two different readings of fields as columns: the cells of those that are needed, in order."""

    @cache
    def readings(column: int, start: int) -> tuple[tuple[str, ...], ...]:
        """Those of the fields from `start` on as the columns from `column` on."""
        if column == len(columns):
            return ((),) if start == len(fields) else ()
        name, found = columns[column], dict[tuple[str, ...], None]()
        check = checks.get(name)
        is_single = name in checks and check is None
        for end in range(start + 1, start + 2 if is_single else len(fields) - (len(columns) - column - 1) + 1):
            value = separator.join(fields[start:end]).strip()
            if check is not None and not check(value):
                continue
            for rest in readings(column + 1, end):
                found[((value, *rest) if name in checks else rest)] = None
                if len(found) == 2:
                    return tuple(found)
        return tuple(found)

    return readings(0, 0)


def _short(text: str) -> str:
    """A text with both its ends, at which two readings differ."""
    return text if len(text) <= 2 * _MAX_SHOWN else f"{text[:_MAX_SHOWN]}...{text[-_MAX_SHOWN:]}"


def _read_json_lines(lines: list[tuple[int, str]], name: str, checks: Mapping[str, Check]) -> Table:
    """One object a line; numbers become texts, null an empty one."""
    if lines[0][1].lstrip().startswith("["):
        raise DatasetError(f"{name}: a JSON array; write one object a line: jq -c '.[]'")
    read: list[Line] = []
    faults: list[Fault] = []
    for number, text in lines:
        try:
            values = json.loads(text)
            if not isinstance(values, dict):
                raise ValueError("not an object")
            read.append(Line(number, {column: _cell(values, column) for column in checks}))
        except (ValueError, RecursionError) as error:
            faults.append(Fault(number, f"not readable as a JSON object ({error})"))
    return Table("JSON lines", tuple(read), tuple(faults), 0)


def _cell(values: Mapping[str, Any], column: str) -> str | list[str]:
    if column not in values:
        raise ValueError(f"no field {column!r}{did_you_mean(column, values)}")
    value = values[column]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{column!r} is {str(value)[:_MAX_SHOWN]!r}, neither text nor number")
    return str(value)
