"""What `datasets` and `huggingface_hub` may write to standard error while this package loads something."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


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
