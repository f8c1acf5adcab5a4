"""Atomic writes of small files: after a crash a file has its old content or its new one."""

from __future__ import annotations

import os
from pathlib import Path

UNFINISHED = ".partial"
"""Ending of the temporary name."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name, flush it to the disk, and only then rename it.

    Args:
        path: The file; its folder has to exist.
        content: Text (written as UTF-8) or bytes.

    Raises:
        OSError: The disk is full or the folder not writable; `path` keeps its old content.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
