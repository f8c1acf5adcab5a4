"""Utterances already decoded and resampled: each is checked once and serves four or five pairs."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING

from sseu_dataset.corpora.audio import check_clip, read_clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAX_BYTES = 1 << 29  # the paper's pool takes a third of it


class UtteranceStore:
    """Decoded utterances, one after another in an anonymous temporary file.

    The system removes the file with the process; memory does not grow with the pool, and the file does not grow beyond
    512 MiB. What finds no room, there or on the disk, is decoded at each use: trouble with the temporary disk costs
    time and is never taken for trouble with an utterance. Threads may share a store.
    """

    def __init__(self) -> None:
        self._places: dict[Path, tuple[int, int]] = {}
        self._end = 0
        self._lock = Lock()
        self._file: IO[bytes] | None = None
        with suppress(OSError):  # no temporary folder takes a file
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the store

    def check(self, path: Path) -> None:
        """`check_clip(path)`, keeping what was decoded while there is room.

        Raises:
            CorpusError: Unreadable or truncated audio, samples that are NaN or infinite, or digital silence.
        """
        if self._file is not None and self._end < _MAX_BYTES:
            self.read(path)
        else:
            check_clip(path)

    def read(self, path: Path) -> NDArray[np.int16]:
        """`read_clip(path)`, decoded at its first use only.

        Raises:
            CorpusError: As `check`.
        """
        import numpy as np

        place = self._places.get(path)
        if self._file is not None and place is not None:
            start, length = place
            with suppress(OSError):  # the temporary disk fails
                data = os.pread(self._file.fileno(), length, start)
                if len(data) == length:
                    return np.frombuffer(data, np.int16)
        clip = read_clip(path)
        if self._file is None or place is not None:
            return clip
        with self._lock:
            start = self._end
            if start + clip.nbytes > _MAX_BYTES:
                return clip
            self._end += clip.nbytes
        with suppress(OSError):  # the temporary disk is full
            if os.pwrite(self._file.fileno(), clip.data, start) == clip.nbytes:  # it may have taken a part
                self._places[path] = (start, clip.nbytes)
        return clip

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
