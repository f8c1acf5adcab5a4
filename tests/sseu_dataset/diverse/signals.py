"""Speech-like signals whose bounds are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100


def recording(before_s: float, speech_s: float, after_s: float, seed: int = 0) -> NDArray[np.int16]:
    """Syllables of 0.15 s, 50 ms apart, in faint noise: int16 at 44,100 Hz."""
    generator = np.random.default_rng(seed)
    samples = generator.standard_normal(round((before_s + speech_s + after_s) * RATE_HZ)) * 8
    first, count = round(before_s * RATE_HZ), round(speech_s * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * hz * time_s) for hz in (180, 1900, 3300)) * 2500
    is_voiced = (time_s % 0.2 < 0.15) | (time_s > speech_s - 0.1)
    samples[first : first + count] += tone * is_voiced
    return np.rint(samples).astype(np.int16)
