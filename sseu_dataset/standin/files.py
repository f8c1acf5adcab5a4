"""The files of the stand-in corpora: each appears under its name when it is whole, and is not written a second time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Size = Literal["demo", "full"]
Task = Callable[[], None]
"""Writes one file or a few."""


def part_of(path: Path) -> Path:
    """Where a file lies while it is written."""
    return path.with_name(path.name + ".part")


@contextmanager
def finished(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; it takes the name `path` once that has been done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    yield part_of(path)
    os.replace(part_of(path), path)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, unless it is there."""
    if not path.exists():
        with finished(path) as part:
            part.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes, unless they are there."""
    if not path.exists():
        with finished(path) as part:
            part.write_bytes(data)
