"""Small files that are whole or not there: what a kill leaves is the old content or the new one."""

from __future__ import annotations

import os
from pathlib import Path

UNFINISHED = ".partial"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file under another name, flush it to the disk, and only then give it its name.

    Args:
        path: The file; its folder exists.
        content: Text (written as UTF-8) or bytes.

    Raises:
        OSError: The disk is full, or the folder may not be written to; `path` has its old content.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
