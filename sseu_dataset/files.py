"""Files that survive crashes and other processes: atomic writes of small files, and a lock on a file."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sseu_dataset.records import DatasetError

UNFINISHED = ".partial"
"""Ending of the temporary name."""

_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


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
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder to the disk: only then does a new name in it survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network disks cannot
        if error.errno not in (errno.EINVAL, *_NO_LOCKS):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, taken: str) -> Iterator[TextIO]:
    """Open a file for reading and appending, with an exclusive lock.

    The system releases the lock when the process ends, however it ends; the file stays. On a file system without locks
    (some network disks) the file is opened without one, and excluding a second writer is up to the user.

    Args:
        path: The file, created if missing.
        taken: The error's message if another process holds the lock.

    Raises:
        DatasetError: Another process holds the lock.
        OSError: The file cannot be written.
    """
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                raise DatasetError(taken) from None
            if error.errno not in _NO_LOCKS:
                raise
        file.seek(0)
        yield file
