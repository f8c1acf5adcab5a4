"""One process at a time: a folder that two commands would write to at once."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sseu_dataset.records import DatasetError

_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


@contextmanager
def locked(path: Path, taken: str) -> Iterator[TextIO]:
    """A file open for reading and appending, which no other process has under this lock.

    The system lets go of the lock when the process ends, however it ends; the file stays. On a file system without
    locks (some network disks) there is none, and the user has to see to it.

    Args:
        path: The file, made if missing.
        taken: The message where another process has the lock.

    Raises:
        DatasetError: Another process has it.
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
