"""One process at a time: a folder that two commands would write to at once."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sseu_dataset.records import DatasetError


@contextmanager
def locked(path: Path, taken: str) -> Iterator[TextIO]:
    """A file open for reading and appending, which no other process has under this lock.

    The system lets go of the lock when the process ends, however it ends; the file stays.

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
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            raise DatasetError(taken) from None
        file.seek(0)
        yield file
