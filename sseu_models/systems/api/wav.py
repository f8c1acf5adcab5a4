"""WAV files of 16-bit PCM in memory, as servers accept them."""

from __future__ import annotations

import base64
import io
import wave
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def wav_bytes(audio: NDArray[np.float32], rate_hz: int) -> bytes:
    """A mono WAV file of 16-bit PCM: 44 + 2 n bytes.

    Samples are rounded half to even from a full scale of 32768; those beyond full scale saturate, as in any converter.

    Args:
        audio: Shape (n,), full scale 1, finite.
        rate_hz: Its rate.
    """
    import numpy as np

    samples = np.clip(np.rint(audio * np.float32(32768)), -32768, 32767)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate_hz, len(samples), "NONE", "not compressed"))
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def wav_base64(audio: NDArray[np.float32], rate_hz: int) -> str:
    """The file of `wav_bytes` in base64; 10 s at 16 kHz are 426,728 characters."""
    return base64.b64encode(wav_bytes(audio, rate_hz)).decode("ascii")
