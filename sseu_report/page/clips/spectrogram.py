"""The media of a clip on the page: a mel spectrogram as a small PNG, and the samples as a small MP3."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 24_000
"""Sampling rate on the page: the band up to 12 kHz, at about 35 kB for ten seconds."""
BANDS = 80
FRAMES_PER_S = 40
MIN_DB, MAX_DB = -100.0, -20.0
_WINDOW = 1024  # 43 ms at 24 kHz resolves the harmonics of a voice
_SHADES = 48  # fewer than 256, since noise in the last bits is what makes the PNG large


def band_levels_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean power per frequency bin in each mel band and frame (librosa: Hann window of 1024 samples, HTK mel scale).

    Args:
        samples: Mono, at `RATE_HZ`, full scale 1, shape (n,).

    Returns:
        dB, where a sine of full scale has 0 in its bin; shape (80, frames), lowest band first; silence is -inf.
    """
    import librosa
    import numpy as np

    power = librosa.feature.melspectrogram(
        y=samples,
        sr=RATE_HZ,
        n_fft=_WINDOW,
        hop_length=RATE_HZ // FRAMES_PER_S,
        center=False,
        n_mels=BANDS,
        htk=True,
        norm=1.0,  # the weights of a band sum to 1, so that a band's level does not grow with its width
    )
    full_scale = (_WINDOW / 4) ** 2  # power of a full-scale sine in its bin: half the sum of the Hann window, squared
    with np.errstate(divide="ignore"):  # digital silence has no level
        levels: NDArray[np.float64] = 10 * np.log10(power.astype(np.float64) / full_scale)
    return levels


def draw_spectrogram(samples: NDArray[np.float32]) -> bytes:
    """A PNG without axes, 80 pixels high and 40 per second wide, from -100 dB (black) to -20 dB (light)."""
    import numpy as np
    from matplotlib import colormaps
    from PIL import Image

    levels = np.clip(band_levels_db(samples), MIN_DB, MAX_DB)
    shades = np.round((levels - MIN_DB) / (MAX_DB - MIN_DB) * (_SHADES - 1)).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(shades[::-1]))
    palette = 255 * colormaps["magma"].resampled(_SHADES)(np.arange(_SHADES))[:, :3]
    image.putpalette(np.round(palette).astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def encode_audio(samples: NDArray[np.float32]) -> bytes:
    """An MP3 of variable bit rate, which every browser plays; iOS before 18.4 does not play Ogg."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(
        file,
        samples,
        RATE_HZ,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE",
        compression_level=0.8,
    )
    return file.getvalue()
