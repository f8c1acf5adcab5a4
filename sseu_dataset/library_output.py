"""What `datasets` and `huggingface_hub` say while this package loads something: less of it, and full disks by name."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def retries_unlogged() -> Iterator[None]:
    """Keep the Hub client from logging every retry; what it raises in the end says the same once."""
    logger = logging.getLogger("huggingface_hub.utils._http")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def full_disk(error: BaseException, cache: str | Path) -> OSError | None:
    """The error of a cache that cannot be written, which `datasets` raises without saying where; None if it is another.

    It checks the free space itself, and then raises an `OSError` without a number.
    """
    if not isinstance(error, OSError):
        return None
    number = error.errno or (errno.ENOSPC if "disk space" in str(error) else 0)
    if number not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES) or error.filename:
        return None
    return OSError(number, f"{os.strerror(number)} (cache of `datasets`)", str(cache))


@contextmanager
def bars_on_terminals_only() -> Iterator[None]:
    """Turn the progress bars of `datasets` off where standard error is no terminal, and on again afterwards."""
    import datasets

    always = datasets.config.HF_DATASETS_DISABLE_PROGRESS_BARS is False  # the user's variable, which has priority
    if always or sys.stderr.isatty() or datasets.are_progress_bars_disabled():
        yield
        return
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.enable_progress_bars()
