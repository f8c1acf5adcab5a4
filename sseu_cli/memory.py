"""What a command does with memory that it has freed."""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""The names of parameters in glibc's `malloc.h`, for mallopt(3)."""


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
