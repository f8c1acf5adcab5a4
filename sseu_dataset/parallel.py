"""An ordered map over threads with a progress bar, and the memory of a process that mixes.

Threads suffice: decoding, resampling, encoding, hashing and NumPy all release Python's lock.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from operator import length_hint
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""The names of parameters in glibc's `malloc.h`, for mallopt(3)."""


def worker_count(requested: int | None) -> int:
    """The number of threads requested; by default the processor cores this process may use.

    Raises:
        ValueError: Fewer than one.
    """
    if requested is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if requested < 1:
        raise ValueError(f"{requested} workers; at least 1 is needed")
    return requested


def ordered_map(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    workers: int,
    title: str,
    unit: str,
    progress: bool,
    total: int = 0,
    ahead: int = 2,
) -> Generator[R, None, None]:
    """Yield `function(item)` for each item in order, a few results ahead.

    Args:
        function: Called from several threads.
        items: The items.
        workers: Number of threads.
        title: Label of the progress bar.
        unit: What an item is, for the progress bar.
        progress: Show the bar on standard error, if that is a terminal.
        total: Number of items, where `items` has no length.
        ahead: Number of results per worker that are buffered at most.

    An exception in `function`, or Ctrl-C, ends the map after the calls that are running.
    """
    from tqdm import tqdm

    waiting: deque[Future[R]] = deque()
    upcoming = iter(items)
    pool = ThreadPoolExecutor(workers)
    total = length_hint(items, total)
    bar = tqdm(total=total, desc=title, unit=unit, disable=None if progress else True, leave=False, delay=1.0)
    try:
        while True:
            waiting.extend(pool.submit(function, item) for item in islice(upcoming, ahead * workers - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()
            bar.update()
    finally:
        bar.close()
        pool.shutdown(cancel_futures=True)


def keep_freed_memory() -> None:
    """Let the process keep up to 256 MiB of freed memory instead of returning it and taking it again for the next clip.

    A quarter of the time of decoding and resampling goes into that. Only glibc has these parameters; elsewhere nothing
    happens. It holds for the whole process, so it is for commands, not for the library.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library; Windows refuses None
        return
    mallopt(_TRIM_THRESHOLD, 256 << 20)
    mallopt(_MMAP_THRESHOLD, 32 << 20)
