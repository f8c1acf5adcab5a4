"""Delimited text that people wrote: lines, fields quoted or not, and what is wrong on which line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sseu_dataset.records import DatasetError

T = TypeVar("T")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 400
_MAX_CHARACTERS = 1_000
"""Length of a cell: nobody says as much in a clip of 10 s, and to score a text takes time with its square."""
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, but for line breaks of quoted cells, and those that turn the direction of writing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong on a line, counted from 1."""

    line: int
    reason: str


class Faults:
    """Collects what is wrong, so that every check of a line is made whatever the others found."""

    def __init__(self, found: Iterable[Fault] = ()) -> None:
        self.found = list(found)

    def add(self, line: int, reason: str) -> None:
        """Add one."""
        self.found.append(Fault(line, reason))

    def of(self, line: int, check: Callable[..., T], *values: object) -> T | None:
        """What a check gives; None if it raises a ValueError, which is added."""
        try:
            return check(*values)
        except ValueError as error:
            self.add(line, str(error))
            return None


def cell_fault(column: str, cell: str) -> str | None:
    """Why a cell cannot be used, whatever its column: too long, or characters that are not text; None if it can."""
    if len(cell) > _MAX_CHARACTERS:
        return f"{len(cell)} characters in the column {column!r}, at most {_MAX_CHARACTERS} are allowed: {cell!r:.40}"
    if found := _UNSEEN.search(cell):
        sign = f"U+{ord(found[0]):04X}"
        return f"the {column} {cell!a:.60} holds {sign}, which controls a screen and is not text; remove it"
    return None


def escaped(text: str) -> str:
    r"""A text with its control characters as `\\x1b`, to be shown on a screen."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def describe_faults(faults: Iterable[Fault]) -> list[str]:
    """Every reason once, with its lines: `lines 3, 7-9: unknown scene 'Hom'`; in the order of first lines."""
    lines: dict[str, list[int]] = {}
    for fault in sorted(faults, key=lambda fault: fault.line):
        lines.setdefault(fault.reason, []).append(fault.line)
    return [f"{_ranges(numbers)}: {reason}" for reason, numbers in lines.items()]


def _ranges(numbers: list[int]) -> str:
    ends: list[list[int]] = []
    for number in dict.fromkeys(numbers):
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)
    return ("line " if len(numbers) == 1 else "lines ") + shown


def lines_of(content: bytes, name: str) -> list[tuple[int, str]]:
    """The lines that are not blank, each with its number, counted from 1.

    Args:
        content: The file's bytes, UTF-8.
        name: The file's name, for messages.

    Raises:
        DatasetError: The text is not UTF-8, or it has no line.
    """
    if content.startswith(_UTF_16_MARKS) or content[:_LOOKED_AT].count(0) > len(content[:_LOOKED_AT]) // 4:
        wide = "UTF-16" if content.startswith(_UTF_16_MARKS) else "UTF-16LE" if content[1:2] == b"\0" else "UTF-16BE"
        raise DatasetError(
            f"{name}: {wide}, which Excel calls Unicode Text, and not UTF-8; convert it: iconv -f {wide} -t UTF-8"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            f"{name}: line {line}, byte {error.start} of the file, is not UTF-8 text; save it as UTF-8, or convert it "
            "from the encoding that it has, for instance: iconv -f WINDOWS-1252 -t UTF-8"
        ) from None
    lines = [(number, line) for number, line in enumerate(re.split("\r\n|\n|\r", text), 1) if line.strip()]
    if not lines:
        raise DatasetError(f"{name}: an empty table")
    return lines


def fields_of(line: str, separator: str) -> list[str]:
    """The fields of one line, quoted or not."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error:
        return line.split(separator)


def records_of(lines: list[tuple[int, str]], separator: str, columns: int) -> Iterator[tuple[int, list[str] | str]]:
    """The fields of each record, or what is wrong with it; a quoted field may go on over lines."""
    position = 0
    while position < len(lines):
        number, text = lines[position]
        position += 1
        plain = text.split(separator)
        try:
            yield number, next(csv.reader([text], delimiter=separator, strict=True))
            continue
        except csv.Error as error:
            fault = str(error)
        if len(plain) == columns:  # a text that begins with a quotation mark, in a table that quotes nothing
            yield number, [_unquoted(field) for field in plain]
        elif "unexpected end" not in fault:
            yield number, f"its quotation marks cannot be read ({fault}); quote the field and double those inside it"
        else:
            end = _end_of_quotes(lines, position, text, separator)
            if end is None:
                yield number, "a quotation mark opens a field that is never closed; double it"
            else:
                joined = "\n".join(line for _, line in lines[position - 1 : end])
                yield number, next(csv.reader([joined + "\n"], delimiter=separator, strict=True))
                position = end


def _unquoted(field: str) -> str:
    """A field whose quotation marks enclose it, without them; any other as it is."""
    inner = field[1:-1].replace('""', "")
    enclosed = len(field) > 1 and field[0] == field[-1] == '"' and '"' not in inner
    return field[1:-1].replace('""', '"') if enclosed else field


def _end_of_quotes(lines: list[tuple[int, str]], position: int, text: str, separator: str) -> int | None:
    """The position after the line that closes a quoted field; None if none of the next 20 does."""
    for end in range(position, min(position + 20, len(lines))):
        text += "\n" + lines[end][1]
        try:
            list(csv.reader([text + "\n"], delimiter=separator, strict=True))
            return end + 1
        except csv.Error as error:
            if "unexpected end" not in str(error):
                return None
    return None
