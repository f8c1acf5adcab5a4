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
from collections.abc import Iterator, Sequence
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
_BLOCK = 3 << 13  # seven conditions of one block stay in the second-level cache
_DOT = 1 << 13  # a third of a block: OpenBLAS starts threads of its own above 10,000 samples


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
        total += float(_energies(values))
    return int(total)


def _energies(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of squares along the last axis of integers, exact in any order."""
    import numpy as np

    parts = (samples[..., first : first + _DOT] for first in range(0, samples.shape[-1], _DOT))
    return sum((np.vecdot(part, part) for part in parts), start=np.zeros(samples.shape[:-1]))


def _blocks(first: int, last: int) -> Iterator[slice]:
    for start in range(first, last, _BLOCK):
        yield slice(start, min(start + _BLOCK, last))


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

    # |voice + ratio * noise| is convex in the ratio, so no condition between two others has the highest peak. Blocks
    # whose two separate peaks together stay below the peak found so far need not be summed.
    loudest_gain = max(ratios) * background_gain
    peak = max(PEAK_LIMIT, _peak(speech) * speech_gain, _peak(background) * background_gain)
    buffer = np.empty((len(ratios) + 2, _BLOCK))
    for block in _blocks(0, CLIP_SAMPLES):
        voice, noise = _part(speech, onset_samples, block), _part(background, 0, block)
        if _peak(voice) * speech_gain + _peak(noise) * loudest_gain > peak:
            loudest, other = buffer[:2, : block.stop - block.start]
            _insert(background, 0, loudest_gain, block, loudest)
            _insert(speech, onset_samples, speech_gain, block, other)
            loudest += other
            peak = max(peak, _peak(loudest))
    attenuation = PEAK_LIMIT / peak
    gains = Gains(attenuation * speech_gain, attenuation * background_gain)

    column = np.array(ratios)[:, np.newaxis]
    pcm = np.empty((len(ratios) + 2, CLIP_SAMPLES), np.int16)
    meter = _Meter(Placement(onset_samples, onset_samples + len(speech), len(background)), len(ratios))
    for block in _blocks(0, CLIP_SAMPLES):
        mixed = buffer[:, : block.stop - block.start]
        _insert(speech, onset_samples, gains.speech, block, mixed[0])
        _insert(background, 0, gains.background, block, mixed[-1])
        np.multiply(column, mixed[-1], out=mixed[1:-1])
        mixed[1:-1] += mixed[0]
        np.rint(mixed, out=mixed)
        pcm[:, block] = mixed
        meter.add(block, mixed)
    return Mixtures(pcm, attenuation, meter.placement, meter.snrs_db(), gains)


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

    pcm = np.empty(CLIP_SAMPLES, np.int16)
    mixed, voice = np.zeros((2, _BLOCK))
    for block in _blocks(0, CLIP_SAMPLES):
        samples, part = mixed[: block.stop - block.start], voice[: block.stop - block.start]
        if background is not None and snr_db < math.inf:
            _insert(background, 0, gains.background, block, samples)
        else:
            samples[:] = 0.0
        if math.isfinite(snr_db):
            samples *= amplitude_ratio(-snr_db)
        if speech is not None and snr_db > -math.inf:
            _insert(speech, onset_samples, gains.speech, block, part)
            samples += part
        pcm[block] = np.rint(samples, out=samples)
    return pcm


def _part(signal: NDArray[np.int16], onset: int, block: slice) -> NDArray[np.int16]:
    """The samples of the signal that fall into `block` when it starts at `onset`; possibly none."""
    return signal[max(block.start - onset, 0) : max(block.stop - onset, 0)]


def _insert(signal: NDArray[np.int16], onset: int, gain: float, block: slice, out: NDArray[np.float64]) -> None:
    """Fill `out` with the samples of `block`: the signal times `gain` from `onset` on, zeros elsewhere."""
    part = _part(signal, onset, block)
    first = max(onset - block.start, 0)
    last = first + len(part)
    out[:first] = 0.0
    out[first:last] = part  # casting and then scaling in place is faster than one multiplication of mixed types
    out[first:last] *= gain
    out[last:] = 0.0


def _peak(samples: NDArray[np.int16] | NDArray[np.float64]) -> float:
    """The largest magnitude; 0 if there are no samples."""
    return max(float(samples.max(initial=0)), -float(samples.min(initial=0)))


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
    for block in _blocks(0, CLIP_SAMPLES):
        meter.add(block, pcm[:, block].astype(np.float64))
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
        self._speech = self._speech_within = 0.0
        self._noise, self._noise_within = np.zeros(mixtures), np.zeros(mixtures)

    def add(self, block: slice, rows: NDArray[np.float64]) -> None:
        """Add the samples of `block` of every condition, `+inf` first and `-inf` last, shape (conditions, samples).

        The rows between the first and the last are overwritten.
        """
        edges = {self.placement.speech_onset, self.placement.speech_end, self.placement.background_end}
        cuts = [block.start, *sorted(edge for edge in edges if block.start < edge < block.stop), block.stop]
        for first, last in pairwise(cuts):
            part = rows[:, first - block.start : last - block.start]
            speech = float(_energies(part[0]))
            self._speech += speech
            within = self._overlap.start <= first < self._overlap.stop
            if first < self.placement.background_end:
                noise = part[1:-1]
                noise -= part[0]
                energies = _energies(noise)
                self._noise += energies
                self._noise_within += within * energies
            self._speech_within += within * speech

    def snrs_db(self) -> list[SnrDb]:
        """The SNRs over all blocks added."""
        speech_samples = self.placement.speech_end - self.placement.speech_onset
        overlaps = self._overlap.start < self._overlap.stop
        return [
            SnrDb(
                clip=_ratio_db(self._speech * self.placement.background_end, float(noise) * speech_samples),
                overlap=_ratio_db(self._speech_within, float(noise_within)) if overlaps else None,
            )
            for noise, noise_within in zip(self._noise, self._noise_within, strict=True)
        ]


def _ratio_db(power_a: float, power_b: float) -> float:
    if power_a == 0 or power_b == 0:
        raise ValueError("one of the two signals has no energy in the mixture")
    return round(10 * math.log10(power_a / power_b), 4) + 0.0


def pcm_sha256(samples: NDArray[np.int16]) -> str:
    """SHA-256 of the samples as little-endian 16-bit PCM, in hex: independent of FLAC, Parquet and byte order."""
    return hashlib.sha256(samples.astype("<i2", copy=False).data).hexdigest()
