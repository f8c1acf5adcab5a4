"""The files of the stand-in corpora: each gets its name when it is complete, and is written only once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Size = Literal["demo", "full"]
Task = Callable[[], None]
"""A function that writes one or a few files."""


def part_of(path: Path) -> Path:
    """The name of a file while it is being written."""
    return path.with_name(path.name + ".part")


@contextmanager
def finished(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, which is renamed to `path` afterwards.

    Raises:
        OSError: It cannot be written, also where libsndfile writes, which does not say why.
    """
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part_of(path)
    except soundfile.LibsndfileError as error:
        raise _cause(part_of(path), error) from error
    os.replace(part_of(path), path)


def _cause(path: Path, error: Exception) -> OSError:
    """Why a file cannot be written, by trying it once more."""
    try:
        with path.open("ab") as file:
            file.write(bytes(1 << 16))
    except OSError as cause:
        return OSError(cause.errno, cause.strerror, str(path))
    return OSError(errno.EIO, str(error), str(path))


def write_once(path: Path, content: str | bytes) -> None:
    """Write a file, text in UTF-8, unless it exists."""
    if not path.exists():
        with finished(path) as part:
            part.write_bytes(content.encode() if isinstance(content, str) else content)


def link_once(source: Path, path: Path) -> None:
    """Give a file a second name, or where the disk has no such links write it again, unless the name exists."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, path)
    except OSError:
        write_once(path, source.read_bytes())
