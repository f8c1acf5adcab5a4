"""A WAV file of one clip, in memory."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

from sseu_dataset.records import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def encode_wav(pcm: NDArray[np.int16]) -> bytes:
    """A WAV file, 16 bit, mono, 44,100 Hz: encoding FLAC would cost more than mixing, and decoding it as much again."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm.astype("<i2", copy=False).data)
    return buffer.getvalue()
