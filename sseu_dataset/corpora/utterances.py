"""A cache of decoded and resampled clips: the build uses each utterance for four or five pairs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING

from sseu_dataset.corpora.audio import read_clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class UtteranceCache:
    """Decoded utterances, one after another in an anonymous temporary file of at most 512 MiB, or `max_bytes`.

    The system removes the file with the process, and memory does not grow with the pool. An utterance that does not fit
    is decoded at each use: a full or failing temporary disk costs time, and is never mistaken for a bad utterance.
    Threads may share a cache.
    """

    def __init__(self, max_bytes: int = 1 << 29) -> None:  # the paper's pool needs a third of it
        self._max_bytes = max_bytes
        self._positions: dict[Hashable, tuple[int, int]] = {}
        self._end = 0
        self._lock = Lock()
        self._file: IO[bytes] | None = None
        with suppress(OSError):  # no temporary folder is writable
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the cache

    def read(self, path: Path, start_s: int = 0) -> NDArray[np.int16]:
        """The result of `read_clip(path, start_s)`, decoded at its first use only.

        Raises:
            CorpusError: Unreadable or truncated audio, samples that are NaN or infinite, or digital silence.
        """
        return self.kept((path, start_s), lambda: read_clip(path, start_s))

    def kept(self, key: Hashable, decode: Callable[[], NDArray[np.int16]]) -> NDArray[np.int16]:
        """The result of `decode()`, called at the first use of the key only; what it raises is passed on."""
        import numpy as np

        position = self._positions.get(key)
        if self._file is not None and position is not None:
            start, length = position
            with suppress(OSError):  # the temporary disk fails
                data = os.pread(self._file.fileno(), length, start)
                if len(data) == length:
                    return np.frombuffer(data, np.int16)
        clip = decode()
        if self._file is None or position is not None:
            return clip
        with self._lock:
            start = self._end
            if start + clip.nbytes > self._max_bytes:
                return clip
            self._end += clip.nbytes
        with suppress(OSError):  # the temporary disk is full
            written = os.pwrite(self._file.fileno(), clip.data, start)
            if written == clip.nbytes:  # a nearly full disk may take only a part
                self._positions[key] = (start, clip.nbytes)
        return clip

    def close(self) -> None:
        """Close the temporary file, which removes it."""
        if self._file is not None:
            self._file.close()
