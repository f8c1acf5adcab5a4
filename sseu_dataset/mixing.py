"""Level, SNR and sum: two int16 signals in, the mixtures of all conditions out (paper section 2.1, docs/protocol.md).

The `clip` SNR is 10 log10 of the mean power of the utterance's own samples over the mean power of the background's own
samples (without padding). The utterance is scaled to -26 dBFS RMS and the background to the SNR below it; one
attenuation per pair keeps every condition at or below -1 dBFS, so that only the background's level differs between
conditions.

Exactness: energies are sums of integers below 2**53, which float64 holds whatever the order of summation; gains are
tabulated constants times one square root and one division; mixing is element-wise float64, rounded once to int16. No
result depends on BLAS, on SIMD width or on the number of workers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from sseu_dataset.records import CLIP_SAMPLES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEECH_LEVEL_DBFS = -26
"""RMS level of the utterance before the attenuation."""

PEAK_LIMIT = 29_204
"""The largest int16 magnitude at or below -1 dBFS (full scale 32768)."""

SNR_TOLERANCE_DB = 0.05
_BLOCK = CLIP_SAMPLES // 6  # longer ones do not stay in the cache; of shorter ones threads wait for each other's turns
_DOT = _BLOCK // 300  # NumPy lets other threads run beside many short products, not beside few long ones


@lru_cache
def amplitude_ratio(level_db: float) -> float:
    """10 ** (level_db / 20), correctly rounded on every machine (decimal arithmetic, not libm)."""
    return float(Decimal(10) ** (Decimal(level_db) / 20))


def energy(samples: NDArray[np.int16]) -> int:
    """Sum of squares of at most 441,000 16-bit samples: below 2**53, so exact in float64 in any order."""
    import numpy as np

    total, values = 0.0, np.empty(min(len(samples), _BLOCK))
    for first in range(0, len(samples), _BLOCK):
        part = values[: len(samples) - first]
        part[:] = samples[first : first + _BLOCK]
        total += float(_energies(part))
    return int(total)


def _energies(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of squares along the last axis of integers, exact in any order."""
    import numpy as np

    *leading, length = samples.shape
    parts = samples[..., : length - length % _DOT].reshape(*leading, length // _DOT, _DOT)
    rest = samples[..., length - length % _DOT :]
    energies: NDArray[np.float64] = np.vecdot(parts, parts).sum(axis=-1) + np.vecdot(rest, rest)
    return energies


@dataclass(frozen=True, slots=True)
class Placement:
    """Position of both signals in the 10-s clip, in samples: speech from onset to end, background from 0 to its end."""

    speech_onset: int
    speech_end: int
    background_end: int


@dataclass(frozen=True, slots=True)
class SnrDb:
    """The SNR of one mixture in dB, rounded to 4 decimals.

    Attributes:
        clip: Each signal's power is averaged over its own samples.
        overlap: Both powers are averaged over the span in which both sound; None if there is none.
    """

    clip: float
    overlap: float | None


@dataclass(frozen=True, slots=True)
class Gains:
    """What the samples of each signal are multiplied by at 0 dB SNR, the attenuation of the pair included."""

    speech: float
    background: float


@dataclass(frozen=True)
class Mixtures:
    """All conditions of one pair.

    Attributes:
        pcm: int16 array (conditions, 441,000) in the order `+inf`, the SNRs as given, `-inf`.
        attenuation: Factor in (0, 1] applied to every condition of the pair.
        placement: Position of both signals.
        snrs_db: Measured on `pcm`, one for each SNR given.
        gains: With the two signals they determine `pcm` (`mix_one`); None where only the mixtures are known.
    """

    pcm: NDArray[np.int16]
    attenuation: float
    placement: Placement
    snrs_db: list[SnrDb]
    gains: Gains | None = None

    @property
    def gain_db(self) -> float:
        """The attenuation in dB (0 or negative), rounded to 6 decimals."""
        return round(20 * math.log10(self.attenuation), 6) + 0.0


def mix(
    speech: NDArray[np.int16], background: NDArray[np.int16], onset_samples: int, snrs_db: Sequence[float]
) -> Mixtures:
    """Mix one pair at every SNR.

    Args:
        speech: The utterance, int16, shape (n,).
        background: The background, int16, shape (m,), m <= 441,000; padded with zeros at its end.
        onset_samples: Where the utterance starts, 0 <= onset <= 441,000 - n.
        snrs_db: The finite conditions in dB.

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
    voices, noises = _placed(speech, onset_samples), _placed(background, 0)

    # |voice + ratio * noise| is convex in the ratio, so no condition between two others has the highest peak. Blocks
    # whose two separate peaks together stay below the peak found so far need not be summed.
    loudest_gain = max(ratios) * background_gain
    voice_peaks, noise_peaks = _peaks(voices), _peaks(noises)
    bounds = voice_peaks * speech_gain + noise_peaks * loudest_gain
    peak = max(PEAK_LIMIT, float(voice_peaks.max()) * speech_gain, float(noise_peaks.max()) * background_gain)
    buffer = np.empty((len(ratios) + 2, _BLOCK))
    for voice, noise, bound in zip(voices, noises, bounds, strict=True):
        if bound > peak:
            loudest, other = buffer[:2]
            _scale(noise, loudest_gain, loudest)
            _scale(voice, speech_gain, other)
            loudest += other
            peak = max(peak, float(_peaks(loudest)))
    attenuation = PEAK_LIMIT / peak
    gains = Gains(attenuation * speech_gain, attenuation * background_gain)

    column = np.array(ratios)[:, np.newaxis]
    pcm = np.empty((len(ratios) + 2, len(voices), _BLOCK), np.int16)
    meter = _Meter(Placement(onset_samples, onset_samples + len(speech), len(background)), len(ratios))
    for number, (voice, noise) in enumerate(zip(voices, noises, strict=True)):
        _scale(voice, gains.speech, buffer[0])
        _scale(noise, gains.background, buffer[-1])
        np.multiply(column, buffer[-1], out=buffer[1:-1])
        buffer[1:-1] += buffer[0]
        np.rint(buffer, out=buffer)
        pcm[:, number] = buffer
        meter.add(number, buffer)
    return Mixtures(pcm.reshape(-1, CLIP_SAMPLES), attenuation, meter.placement, meter.snrs_db(), gains)


def mix_one(
    speech: NDArray[np.int16] | None,
    background: NDArray[np.int16] | None,
    onset_samples: int,
    gains: Gains,
    snr_db: float,
) -> NDArray[np.int16]:
    """One condition of a pair whose gains are known: int16, shape (441,000,), sample for sample that of `mix`.

    The arguments are those of `mix` and the gains that it found. `snr_db` is inf for speech alone, which needs no
    background, and -inf for background alone, which needs no speech.
    """
    import numpy as np

    pcm = np.zeros((CLIP_SAMPLES // _BLOCK, _BLOCK), np.int16)
    silence = [None] * len(pcm)
    voices = silence if speech is None or snr_db == -math.inf else _placed(speech, onset_samples)
    noises = silence if background is None or snr_db == math.inf else _placed(background, 0)
    mixed, other = np.empty((2, _BLOCK))
    for voice, noise, out in zip(voices, noises, pcm, strict=True):
        mixed[:] = 0.0
        if noise is not None:
            _scale(noise, gains.background, mixed)
            if math.isfinite(snr_db):
                mixed *= amplitude_ratio(-snr_db)
        if voice is not None:
            _scale(voice, gains.speech, other)
            mixed += other
        out[:] = np.rint(mixed, out=mixed)
    return pcm.reshape(-1)


def _placed(signal: NDArray[np.int16], onset: int) -> NDArray[np.int16]:
    """The signal at `onset` within silence, in blocks: int16, shape (6, 73,500)."""
    import numpy as np

    clip = np.zeros(CLIP_SAMPLES, np.int16)
    clip[onset : onset + len(signal)] = signal
    return clip.reshape(-1, _BLOCK)


def _scale(samples: NDArray[np.int16], gain: float, out: NDArray[np.float64]) -> None:
    """Fill `out` with the samples times `gain`; to cast and then scale in place is faster than one multiplication."""
    out[:] = samples
    out *= gain


def _peaks(samples: NDArray[np.int16] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest magnitude along the last axis."""
    import numpy as np

    peaks: NDArray[np.float64] = np.maximum(samples.max(axis=-1), -samples.min(axis=-1).astype(np.float64))
    return peaks


def _gain_to_level(samples: NDArray[np.int16]) -> float:
    """The factor that scales the signal to -26 dBFS RMS over its own length."""
    signal_energy = energy(samples)
    if signal_energy == 0:
        raise ValueError("digital silence has no level from which to set an SNR")
    return amplitude_ratio(SPEECH_LEVEL_DBFS) * 32768.0 * math.sqrt(len(samples) / signal_energy)


def measure_snrs_db(pcm: NDArray[np.int16], placement: Placement) -> list[SnrDb]:
    """Measure the SNRs of a pair's mixtures on the stored samples.

    Args:
        pcm: All conditions of the pair, int16, shape (conditions, 441,000), `+inf` first and `-inf` last.
        placement: Position of both signals.

    Returns:
        One SNR for each condition between the first and the last.

    Raises:
        ValueError: Speech or background has no energy.
    """
    import numpy as np

    meter = _Meter(placement, len(pcm) - 2)
    for number in range(CLIP_SAMPLES // _BLOCK):
        meter.add(number, pcm[:, number * _BLOCK : (number + 1) * _BLOCK].astype(np.float64))
    return meter.snrs_db()


class _Meter:
    """Accumulates the energies of speech and background, block by block.

    The background of a mixture is its difference from the pair's `+inf` row. All values are integers below 2**53.
    """

    def __init__(self, placement: Placement, mixtures: int) -> None:
        import numpy as np

        self.placement = placement
        self._overlap = slice(
            placement.speech_onset, max(placement.speech_onset, min(placement.speech_end, placement.background_end))
        )
        self._whole, self._within = np.zeros((2, 1 + mixtures))  # of speech, then of the background of each mixture

    def add(self, number: int, rows: NDArray[np.float64]) -> None:
        """Add block `number` of every condition, `+inf` first and `-inf` last, shape (conditions, 73,500).

        The rows between the first and the last are overwritten.
        """
        start, stop = number * _BLOCK, (number + 1) * _BLOCK
        edges = {self._overlap.start, self._overlap.stop}
        rows[1:-1] -= rows[0]
        for first, last in pairwise([start, *sorted(edge for edge in edges if start < edge < stop), stop]):
            energies = _energies(rows[:-1, first - start : last - start])
            self._whole += energies
            if self._overlap.start <= first < self._overlap.stop:
                self._within += energies

    def snrs_db(self) -> list[SnrDb]:
        """The SNRs over all blocks added."""
        background_samples = self.placement.background_end
        speech_samples = self.placement.speech_end - self.placement.speech_onset
        speech, *noises = self._whole.tolist()
        speech_within, *noises_within = self._within.tolist()
        overlaps = self._overlap.start < self._overlap.stop
        return [
            SnrDb(
                clip=_ratio_db(speech * background_samples, noise * speech_samples),
                overlap=_ratio_db(speech_within, noise_within) if overlaps else None,
            )
            for noise, noise_within in zip(noises, noises_within, strict=True)
        ]


def _ratio_db(power_a: float, power_b: float) -> float:
    if power_a == 0 or power_b == 0:
        raise ValueError("one of the two signals has no energy in the mixture")
    return round(10 * math.log10(power_a / power_b), 4) + 0.0


def pcm_sha256(samples: NDArray[np.int16]) -> str:
    """SHA-256 of the samples as little-endian 16-bit PCM, in hex: independent of FLAC, Parquet and byte order."""
    return hashlib.sha256(samples.astype("<i2", copy=False).data).hexdigest()
