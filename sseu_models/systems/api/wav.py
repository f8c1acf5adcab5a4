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
    """A mono WAV file of 16-bit PCM.

    Samples are rounded half to even from a full scale of 32768; those beyond full scale saturate, as in any converter.

    Args:
        audio: Shape (n,), full scale 1.
        rate_hz: Its rate.

    Returns:
        44 + 2 n bytes.

    Raises:
        ValueError: The audio is empty or not mono, or holds NaN or infinity.
    """
    import numpy as np

    if audio.ndim != 1 or not audio.size:
        raise ValueError(f"audio of shape {audio.shape} is not mono audio; expected (n,) with n > 0")
    if not np.isfinite(audio).all():
        raise ValueError(
            f"{np.count_nonzero(~np.isfinite(audio))} samples are not finite; no PCM value stands for them"
        )
    samples = np.rint(audio * np.float32(32768))
    np.clip(samples, -32768, 32767, out=samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate_hz, len(samples), "NONE", "not compressed"))
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def wav_base64(audio: NDArray[np.float32], rate_hz: int) -> str:
    """The file of `wav_bytes` in base64; 10 s at 16 kHz are 426,728 characters."""
    return base64.b64encode(wav_bytes(audio, rate_hz)).decode("ascii")
