"""The folder of a draft: removed at the end, and where a kill prevented that, at the next start."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sseu_dataset.files import locked
from sseu_dataset.records import DatasetError

_PREFIX, _LOCK = "sseu-publish-", "lock"


@contextmanager
def draft_folder() -> Iterator[Path]:
    """A temporary folder for a draft; drafts that nobody works on any more are removed first.

    A draft belongs to a process as long as that holds the lock in it, which the system releases however it ends.

    Raises:
        OSError: The folder cannot be made.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(DatasetError, OSError), locked(left, str(left)):  # in use, or another user's
            shutil.rmtree(left.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with locked(folder / _LOCK, f"{folder} is taken"):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
