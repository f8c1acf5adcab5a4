"""A WAV file of one clip, in memory."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from sseu_dataset.records import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEADER = struct.Struct("<4sI4s 4sIHHIIHH 4sI")


def encode_wav(pcm: NDArray[np.int16]) -> bytes:
    """A WAV file, 16 bit, mono, 44,100 Hz: encoding FLAC would cost more than mixing, and decoding it as much again."""
    import numpy as np

    form = (1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)  # PCM, one channel, bytes per second and sample, bits
    header = _HEADER.pack(b"RIFF", 36 + pcm.nbytes, b"WAVE", b"fmt ", 16, *form, b"data", pcm.nbytes)
    return b"".join((header, np.ascontiguousarray(pcm, "<i2").data))
