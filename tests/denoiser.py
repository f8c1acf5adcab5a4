"""A front end for examples: a gate that lowers what is quiet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def enhance(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Lower the samples of the quiet 20-ms frames."""
    frame = rate_hz // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.square(frames).mean(axis=1)
    gain = np.where(power < np.median(power) / 4, 0.3, 1).astype(np.float32)
    frames *= gain[:, np.newaxis]
    return samples
