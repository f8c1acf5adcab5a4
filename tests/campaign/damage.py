"""Ways to damage a file, a JSON document or a table, drawn from a seed and told in words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOSTILE: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, -0.5, 10**30, "", "x" * 5000, "../../etc/passwd", "\x00", "\ud800", "<b>", "nan"),
    *([], {}, [None], [[[[]]]], {"a": {"b": []}}, [1, "two", None], "2026-13-45", "+inf", float("nan")),
)

Damage = Callable[[Path, random.Random], str]
"""Damages the file and says how."""


def flip_byte(path: Path, draw: random.Random) -> str:
    """Another value for one byte."""
    data = bytearray(path.read_bytes())
    place = draw.randrange(len(data))
    data[place] ^= draw.randrange(1, 256)
    _replace(path, bytes(data))
    return f"byte {place} changed"


def cut(path: Path, draw: random.Random) -> str:
    """The file up to some byte."""
    data = path.read_bytes()
    size = draw.randrange(len(data))
    _replace(path, data[:size])
    return f"cut to {size} bytes"


def empty(path: Path, draw: random.Random) -> str:
    """No byte at all."""
    _replace(path, b"")
    return "emptied"


def fill(path: Path, draw: random.Random) -> str:
    """Random bytes."""
    _replace(path, draw.randbytes(draw.randrange(1, 4096)))
    return "random bytes"


def remove(path: Path, draw: random.Random) -> str:
    """No such file."""
    path.unlink()
    return "removed"


def make_folder(path: Path, draw: random.Random) -> str:
    """A folder of its name."""
    path.unlink()
    path.mkdir()
    return "a folder in its place"


def loop(path: Path, draw: random.Random) -> str:
    """A link to itself."""
    path.unlink()
    path.symlink_to(path.name)
    return "a link to itself"


FILE_DAMAGES: tuple[Damage, ...] = (flip_byte, flip_byte, flip_byte, cut, cut, empty, fill, remove, make_folder, loop)


def change_json(path: Path, draw: random.Random) -> str:
    """One value of a JSON document of another kind, or gone, or one key more."""
    document = json.loads(path.read_bytes())
    said = change_value(document, draw)
    _replace(path, json.dumps(document).encode("utf-8", "surrogatepass"))
    return said


def change_line(path: Path, draw: random.Random) -> str:
    """The same in one line of a JSON Lines file, or the line twice, away, cut, or out of its place."""
    lines = path.read_bytes().splitlines()
    place = draw.randrange(len(lines))
    how = draw.choice(("value", "value", "value", "twice", "away", "cut", "garbage", "swapped"))
    said = how
    if how == "value":
        document = json.loads(lines[place])
        said = change_value(document, draw)
        lines[place] = json.dumps(document).encode("utf-8", "surrogatepass")
    elif how == "twice":
        lines.insert(place, lines[draw.randrange(len(lines))])
    elif how == "away":
        del lines[place]
    elif how == "cut":
        lines[place] = lines[place][: draw.randrange(len(lines[place]))]
    elif how == "garbage":
        lines.insert(place, draw.randbytes(40).replace(b"\n", b""))
    else:
        other = draw.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    _replace(path, b"\n".join(lines) + b"\n")
    return f"line {place + 1}: {said}"


def change_value(document: Any, draw: random.Random) -> str:
    """Change one value somewhere in a document; how, in words."""
    places = list(_places(document, ""))
    holder, key, name = draw.choice(places)
    how = draw.choice(("another", "another", "another", "removed", "added"))
    if how == "removed":
        del holder[key]
    elif how == "added" and isinstance(holder, dict):
        holder["unexpected"] = draw.choice(HOSTILE)
    else:
        old = holder[key]
        holder[key] = draw.choice([value for value in HOSTILE if value != old or type(value) is not type(old)])
        return f"{name}: {old!r:.60} became {holder[key]!r:.60}"
    return f"{name}: {how}"


def _places(document: Any, name: str) -> Any:
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        here = f"{name}.{key}" if name else str(key)
        yield document, key, here
        if isinstance(value, dict | list):
            yield from _places(value, here)


def change_table(path: Path, draw: random.Random) -> str:
    """One cell, row or column of a Parquet table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    rows, name = table.to_pylist(), draw.choice(table.column_names)
    how = draw.choice(("cell", "cell", "cell", "cell", "column away", "row away", "row twice", "type"))
    said = how
    if how == "cell":
        row = draw.randrange(len(rows))
        old = rows[row][name]
        new = draw.choice([value for value in HOSTILE if value != old])
        column = [new if number == row else one[name] for number, one in enumerate(rows)]
        try:
            array = pa.array(column)
        except (pa.ArrowException, OverflowError, UnicodeError, TypeError, ValueError):
            array = pa.array([None if one is None else repr(one) for one in column])
        table = table.set_column(table.column_names.index(name), name, array)
        said = f"row {row}, {name}: {old!r:.60} became {new!r:.60}"
    elif how == "column away":
        table, said = table.drop_columns([name]), f"column {name} removed"
    elif how == "type":
        values = pa.array([None if row[name] is None else str(row[name]) + " " for row in rows])
        table, said = table.set_column(table.column_names.index(name), name, values), f"column {name} as text"
    else:
        row = draw.randrange(len(rows))
        rows = [*rows[:row], *rows[row + 1 :]] if how == "row away" else [*rows, rows[row]]
        table, said = pa.Table.from_pylist(rows, schema=table.schema), f"{how} ({row})"
    path.unlink()
    pq.write_table(table, path)
    return said


def _replace(path: Path, data: bytes) -> None:
    """Write a new file: the old one may be shared with other copies."""
    path.unlink()
    path.write_bytes(data)
