"""What a clip looks and sounds like on the page: a spectrogram as a small PNG, the samples as a small MP3."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 24_000
"""Sampling rate of what the page plays: the band up to 12 kHz, at about 35 kB for ten seconds."""
BANDS = 80
FRAMES_PER_S = 40
LOWEST_DB, HIGHEST_DB = -100.0, -20.0
_WINDOW = 1024  # 43 ms at 24 kHz: harmonics of a voice stay apart
_LEVELS = 48  # fewer than 256, since noise in the last bits is what makes the PNG large


def band_edges_hz(rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """Edges of the bands, equally wide on the mel scale 2595 log10(1 + f / 700) (O'Shaughnessy 1987), shape (81,)."""
    import numpy as np

    highest_mel = 2595 * np.log10(1 + rate_hz / 2 / 700)
    edges: NDArray[np.float64] = 700 * (10 ** (np.linspace(0, highest_mel, BANDS + 1) / 2595) - 1)
    return edges


def band_levels_db(samples: NDArray[np.float32], rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """Mean power per frequency bin in each mel band and frame (Hann window of 1024 samples).

    Args:
        samples: Mono, full scale 1, shape (n,).
        rate_hz: At least 24,000, below which the lowest bands hold no bin.

    Returns:
        dB, where a sine of full scale has 0 in its bin; shape (80, frames), lowest band first; silence is -inf.

    Raises:
        ValueError: The array is not mono or shorter than a window.
    """
    import numpy as np

    if samples.ndim != 1 or len(samples) < _WINDOW:
        raise ValueError(f"samples have shape {samples.shape}; a mono signal of at least {_WINDOW} samples is needed")
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[:: rate_hz // FRAMES_PER_S]
    window = np.hanning(_WINDOW + 1)[:-1]
    power = np.abs(np.fft.rfft(frames * window, axis=1) / (window.sum() / 2)) ** 2
    bins = np.round(band_edges_hz(rate_hz) / (rate_hz / _WINDOW)).astype(int)
    sums = np.add.reduceat(power[:, : bins[-1]], bins[:-1], axis=1)
    with np.errstate(divide="ignore"):  # digital silence has no level
        levels: NDArray[np.float64] = 10 * np.log10(sums / np.diff(bins)).T
    return levels


def draw_spectrogram(samples: NDArray[np.float32], rate_hz: int = RATE_HZ) -> bytes:
    """A PNG, 80 pixels high, 40 per second wide, without axes; black is -100 dB and below, light -20 dB and above."""
    import numpy as np
    from matplotlib import colormaps
    from PIL import Image

    levels = np.clip(band_levels_db(samples, rate_hz), LOWEST_DB, HIGHEST_DB)
    shades = np.round((levels - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB) * (_LEVELS - 1)).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(shades[::-1]))
    palette = 255 * colormaps["magma"].resampled(_LEVELS)(np.arange(_LEVELS))[:, :3]
    image.putpalette(np.round(palette).astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def encode_audio(samples: NDArray[np.float32], rate_hz: int = RATE_HZ) -> bytes:
    """An MP3 with variable bit rate: what every browser plays, iOS before 18.4 included, which does not play Ogg.

    Args:
        samples: Mono, full scale 1, shape (n,).
        rate_hz: Of the samples.
    """
    import soundfile

    file = io.BytesIO()
    soundfile.write(
        file,
        samples,
        rate_hz,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE",
        compression_level=0.8,
    )
    return file.getvalue()
