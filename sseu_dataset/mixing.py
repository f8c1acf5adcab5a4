"""Level, SNR and sum: two int16 signals in, the mixtures of all conditions out (paper section 2.1, docs/protocol.md).

The `clip` SNR is 10 log10 of the mean power of the utterance's own samples over the mean power of the background's own
samples (no padding). The utterance is brought to -26 dBFS RMS and the background to the SNR below it; one attenuation
per pair keeps every condition at or below -1 dBFS, so that across conditions only the background's level changes.

Exactness: energies are sums of integers below 2**53, which float64 holds whatever the order of summation; gains are
tabulated constants times one square root and one division; mixing is element-wise float64, rounded once to int16. No
step depends on BLAS, on SIMD width or on the number of workers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from sseu_dataset.records import CLIP_SAMPLES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEECH_LEVEL_DBFS = -26
PEAK_LIMIT = 29_204
"""The largest int16 magnitude at or below -1 dBFS (full scale 32768)."""

SNR_TOLERANCE_DB = 0.05
_BLOCK = 1 << 14  # seven conditions of one block stay in the second-level cache


@lru_cache
def amplitude_ratio(level_db: float) -> float:
    """10 ** (level_db / 20), correctly rounded on every machine (decimal arithmetic, not libm)."""
    return float(Decimal(10) ** (Decimal(level_db) / 20))


def energy(samples: NDArray[np.int16]) -> int:
    """Sum of squares of at most 441,000 16-bit samples: below 2**53, so exact in float64 in any order."""
    import numpy as np

    total = 0.0
    for block in _blocks(0, len(samples)):
        values = samples[block].astype(np.float64)
        total += float(np.einsum("i,i->", values, values))
    return int(total)


def _blocks(first: int, last: int) -> Iterator[slice]:
    for start in range(first, last, _BLOCK):
        yield slice(start, min(start + _BLOCK, last))


@dataclass(frozen=True)
class Mixtures:
    """All conditions of one pair.

    Attributes:
        pcm: int16 array (conditions, 441,000) in the order `+inf`, the SNRs as given, `-inf`.
        attenuation: Factor in (0, 1] applied to every condition of the pair.
    """

    pcm: NDArray[np.int16]
    attenuation: float

    @property
    def gain_db(self) -> float:
        """The attenuation in dB (0 or negative), to 6 decimals."""
        return round(20 * math.log10(self.attenuation), 6) + 0.0


def mix(
    speech: NDArray[np.int16],
    background: NDArray[np.int16],
    onset_samples: int,
    snrs_db: Sequence[float],
) -> Mixtures:
    """Mix one pair at every SNR.

    Args:
        speech: The utterance, int16, shape (n,).
        background: The background, int16, shape (m,), m <= 441,000; zeros follow it.
        onset_samples: Where the utterance starts, 0 <= onset <= 441,000 - n.
        snrs_db: The finite conditions.

    Raises:
        ValueError: A signal is silent or does not fit into 10 s.
    """
    import numpy as np

    if not 0 <= onset_samples <= CLIP_SAMPLES - len(speech) or len(background) > CLIP_SAMPLES:
        raise ValueError(
            f"an utterance of {len(speech)} samples at {onset_samples} and a background of {len(background)} do not "
            f"fit into {CLIP_SAMPLES} samples"
        )
    ratios = [amplitude_ratio(-snr_db) for snr_db in snrs_db]
    speech_gain, background_gain = _gain_to_level(speech), _gain_to_level(background)

    # |voice + ratio * noise| is convex in the ratio, so no condition between two others has the highest peak.
    peak = 0.0
    for block in _blocks(0, CLIP_SAMPLES):
        voice = _place(speech, onset_samples, speech_gain, block)
        noise = _place(background, 0, background_gain, block)
        peak = max(peak, _peak(voice), _peak(noise))
        noise *= max(ratios)
        noise += voice
        peak = max(peak, _peak(noise))
    attenuation = min(1.0, PEAK_LIMIT / peak)

    column = np.array(ratios)[:, np.newaxis]
    buffer = np.empty((len(ratios) + 2, _BLOCK))
    pcm = np.empty((len(ratios) + 2, CLIP_SAMPLES), np.int16)
    for block in _blocks(0, CLIP_SAMPLES):
        mixed = buffer[:, : block.stop - block.start]
        mixed[0] = _place(speech, onset_samples, attenuation * speech_gain, block)
        mixed[-1] = _place(background, 0, attenuation * background_gain, block)
        np.multiply(column, mixed[-1], out=mixed[1:-1])
        mixed[1:-1] += mixed[0]
        np.rint(mixed, out=mixed)
        pcm[:, block] = mixed
    return Mixtures(pcm, attenuation)


def _place(signal: NDArray[np.int16], onset: int, gain: float, block: slice) -> NDArray[np.float64]:
    """The samples `block` of the signal, times `gain`, laid into silence at `onset`."""
    import numpy as np

    placed = np.zeros(block.stop - block.start)
    first, last = max(block.start, onset), min(block.stop, onset + len(signal))
    if first < last:
        np.multiply(signal[first - onset : last - onset], gain, out=placed[first - block.start : last - block.start])
    return placed


def _peak(samples: NDArray[np.float64]) -> float:
    return max(float(samples.max()), -float(samples.min()))


def _gain_to_level(samples: NDArray[np.int16]) -> float:
    """The factor that brings the signal to -26 dBFS RMS over its own length."""
    signal_energy = energy(samples)
    if signal_energy == 0:
        raise ValueError("digital silence has no level to set an SNR by")
    return amplitude_ratio(SPEECH_LEVEL_DBFS) * 32768.0 * math.sqrt(len(samples) / signal_energy)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the two signals lie in the 10-s clip, in samples: speech from onset to end, background from 0 to end."""

    speech_onset: int
    speech_end: int
    background_end: int


def measure_snrs_db(
    mixtures: NDArray[np.int16], speech_alone: NDArray[np.int16], place: Placement
) -> list[tuple[float, float | None]]:
    """The SNRs of written mixtures under the definitions `clip` and `overlap`, from the samples themselves.

    The background is what a mixture holds beside the pair's `+inf` row. `overlap` takes both powers over the span
    where both sound; it is None when there is none.

    Args:
        mixtures: int16, shape (conditions, 441,000).
        speech_alone: The `+inf` row, int16, shape (441,000,).
        place: Where the two signals lie.

    Returns:
        (clip, overlap) in dB for each condition, to 4 decimals.
    """
    first, last = place.speech_onset, min(place.speech_end, place.background_end)
    speech_energy = energy(speech_alone[place.speech_onset : place.speech_end])
    speech_samples = place.speech_end - place.speech_onset
    before = _noise_energies(mixtures, speech_alone, 0, min(first, place.background_end))
    within = _noise_energies(mixtures, speech_alone, first, last)
    after = _noise_energies(mixtures, speech_alone, max(first, last), place.background_end)
    speech_within = energy(speech_alone[first:last]) if last > first else 0
    return [
        (
            _ratio_db(speech_energy, speech_samples, a + b + c, place.background_end),
            _ratio_db(speech_within, 1, b, 1) if last > first else None,
        )
        for a, b, c in zip(before, within, after, strict=True)
    ]


def _noise_energies(mixtures: NDArray[np.int16], speech_alone: NDArray[np.int16], first: int, last: int) -> list[int]:
    """Energy of (mixture - speech) over samples first to last, for each mixture."""
    import numpy as np

    total = np.zeros(len(mixtures))
    buffer = np.empty((len(mixtures), _BLOCK))
    for block in _blocks(first, last):
        noise = buffer[:, : block.stop - block.start]
        noise[:] = mixtures[:, block]
        noise -= speech_alone[block].astype(np.float64)
        total += np.einsum("ij,ij->i", noise, noise)
    return [int(value) for value in total]


def _ratio_db(energy_a: int, samples_a: int, energy_b: int, samples_b: int) -> float:
    if energy_a == 0 or energy_b == 0:
        raise ValueError("one of the two signals has no energy left in the mixture")
    return round(10 * math.log10(energy_a * samples_b / (energy_b * samples_a)), 4) + 0.0


def pcm_sha256(samples: NDArray[np.int16]) -> str:
    """SHA-256 of the samples as little-endian 16-bit PCM, in hex: independent of FLAC, Parquet and byte order."""
    return hashlib.sha256(samples.astype("<i2", copy=False).data).hexdigest()
