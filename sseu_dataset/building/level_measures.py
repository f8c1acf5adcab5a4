"""Two level measures besides RMS, for the SNR definitions `active` and `loudness` (extra `measure`).

Both take mono samples and return dB relative to full scale (32768 for int16, 1.0 for floating point); a full-scale sine
at 997 Hz measures -3.01 by either.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sseu_metric.extras import require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16] | NDArray[np.float32] | NDArray[np.float64]

TIME_CONSTANT_S = 0.03
"""Time constant of each of the two smoothing stages of the envelope (P.56, 8.3)."""

HANGOVER_S = 0.2
"""How long a threshold counts as active after the envelope has fallen below it (P.56, 8.3)."""

MARGIN_DB = 15.9
"""How far the threshold that separates speech from pauses lies below the active level (P.56, 8.3)."""

_THRESHOLDS = [2.0**-power for power in range(15, 0, -1)]  # one quantizing step of 16 bit up to half of full scale
_BLOCK_S = 0.4


def active_speech_level_db(samples: Samples, rate_hz: int) -> float:
    """Active speech level after ITU-T P.56 (12/2011), method B: the mean power while somebody speaks.

    For each threshold the level is the signal's energy over the time that the envelope spends above it (with
    hangover); the active level is the one that lies `MARGIN_DB` above its threshold, interpolated linearly in dB
    between the two neighbouring thresholds. (The ITU's own program, G.191 sv56, stops this search within 0.5 dB.) No
    band-pass filter is applied.

    Args:
        samples: Mono signal, shape (n,), int16 or floating point of full scale 1.0.
        rate_hz: Sampling rate.

    Returns:
        The level in dB relative to full scale (dBov): the RMS level for continuous speech, more with pauses.

    Raises:
        ValueError: The signal is silent or too quiet (an active level below about -74 dB), or consists of clicks too
            short for any threshold to separate them from silence.
        ImportError: The extra `measure` is not installed.
    """
    import numpy as np

    require("scipy", "measure", "the active speech level")
    from scipy.signal import lfilter

    signal = _as_float(samples)
    smoothing = math.exp(-1 / (rate_hz * TIME_CONSTANT_S))
    envelope = np.abs(signal)
    for _ in range(2):
        envelope = lfilter([1 - smoothing], [1, -smoothing], envelope)

    energy = float(np.dot(signal, signal))
    hangover = math.floor(HANGOVER_S * rate_hz + 0.5)
    below: tuple[float, float] | None = None  # level and threshold in dB at the threshold before
    for threshold in _THRESHOLDS:
        active = _active_samples(envelope >= threshold, hangover)
        if active == 0:
            break
        level_db, threshold_db = 10 * math.log10(energy / active), 20 * math.log10(threshold)
        excess_db = level_db - threshold_db - MARGIN_DB
        if below is None and excess_db < 0:
            break
        if below is not None and excess_db <= 0:
            excess_below_db = below[0] - below[1] - MARGIN_DB
            share = excess_below_db / (excess_below_db - excess_db)
            return below[0] + share * (level_db - below[0])
        below = level_db, threshold_db
    if below is None:
        raise ValueError("no active speech level: the signal is silent or too quiet (below about -74 dB)")
    raise ValueError("no active speech level: the signal consists of clicks too short to be speech")


def loudness_lufs(samples: Samples, rate_hz: int) -> float | None:
    """Integrated loudness after ITU-R BS.1770-4 (K-weighting, gates at -70 LUFS and 10 LU below the mean).

    Args:
        samples: Mono signal, shape (n,), int16 or floating point of full scale 1.0.
        rate_hz: Sampling rate.

    Returns:
        The loudness in LUFS; None if the gates leave no block (silence, or nearly).

    Raises:
        ValueError: The signal is shorter than one block of 0.4 s.
        ImportError: The extra `measure` is not installed.
    """
    require("pyloudnorm", "measure", "the loudness")
    from pyloudnorm import Meter

    signal = _as_float(samples)
    if len(signal) < _BLOCK_S * rate_hz:
        raise ValueError(
            f"no loudness: the signal lasts {len(signal) / rate_hz:.3f} s, less than one block of {_BLOCK_S} s"
        )
    # pyloudnorm's default filter is 0.04 dB below the standard's; this one has the standard's coefficients at 48 kHz.
    meter = Meter(rate_hz, filter_class="DeMan", block_size=_BLOCK_S)
    loudness = float(meter.integrated_loudness(signal))
    return loudness if math.isfinite(loudness) else None


def _active_samples(above: NDArray[np.bool_], hangover: int) -> int:
    """Number of samples above a threshold or at most `hangover` samples after one that is."""
    import numpy as np

    places = np.flatnonzero(above)
    return int(np.minimum(np.diff(places, append=len(above)), hangover + 1).sum())


def _as_float(samples: Samples) -> NDArray[np.float64]:
    import numpy as np

    if samples.ndim != 1:
        raise ValueError(f"mono samples of shape (n,) are needed, got shape {samples.shape}")
    if samples.dtype == np.int16:
        return samples.astype(np.float64) / 32768
    if not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"int16 or floating-point samples are needed, got {samples.dtype}")
    if not np.isfinite(samples).all():
        raise ValueError("the samples contain NaN or infinity")
    return samples.astype(np.float64)
