"""An ordered map over threads with a progress bar.

Threads are enough: decoding, resampling, encoding, hashing and NumPy all release Python's lock.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def worker_count(asked: int | None) -> int:
    """The number of threads asked for; by default the processor cores this process may use.

    Raises:
        ValueError: Fewer than one.
    """
    if asked is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if asked < 1:
        raise ValueError(f"{asked} workers; at least 1 is needed")
    return asked


def ordered_map(
    function: Callable[[T], R], items: Iterable[T], *, total: int, workers: int, title: str, unit: str, progress: bool
) -> Generator[R, None, None]:
    """Yield `function(item)` for each item in order; at most two results a worker wait to be taken.

    The bar shows on a terminal only.

    An exception of `function`, or Ctrl-C, ends the map after the calls that are running.
    """
    from tqdm import tqdm

    waiting: deque[Future[R]] = deque()
    upcoming = iter(items)
    pool = ThreadPoolExecutor(workers)
    bar = tqdm(total=total, desc=title, unit=unit, disable=None if progress else True, leave=False, delay=1.0)
    try:
        while True:
            waiting.extend(pool.submit(function, item) for item in islice(upcoming, 2 * workers - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()
            bar.update()
    finally:
        bar.close()
        pool.shutdown(cancel_futures=True)
