"""What the synthetic sounds are made of: noise with a spectrum, harmonics, voices, machines and repeated strokes.

Every random number comes from the generator passed in; every function returns `n` samples at 44,100 Hz.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100

Signal = NDArray[np.float32]
Curve = NDArray[np.float64]
"""A value per sample, such as a frequency that moves."""

Generator = np.random.Generator
Spectrum = tuple[tuple[float, float], ...]
"""Points (frequency in Hz, level in dB), interpolated linearly over the logarithm of frequency."""

_CONTROL_SAMPLES = 64  # 1.5 ms: how often the levels of a voice's harmonics are calculated


@lru_cache(maxsize=128)
def _gains(size: int, spectrum: Spectrum) -> Signal:
    """Gain of each of the `size // 2 + 1` bins of a real FFT."""
    hz, db = zip(*spectrum, strict=True)
    bins_hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 1.0)
    gains: NDArray[np.float64] = 10 ** (np.interp(np.log(bins_hz), np.log(hz), db) / 20)
    return gains.astype(np.float32)


def noise(rng: Generator, n: int, *spectrum: tuple[float, float]) -> Signal:
    """Gaussian noise with the given spectrum, unit RMS; periodic where `n` is a power of two."""
    octave = max(n - 1, 8).bit_length() - 3
    size = next(k << octave for k in (4, 5, 6, 7, 8) if k << octave >= n)  # lengths whose FFT is fast
    bins = rng.standard_normal(size + 2, np.float32).view(np.complex64) * _gains(size, spectrum)
    bins[0] = bins[-1] = 0
    wave = np.fft.irfft(bins, size).astype(np.float32)
    wave /= np.sqrt(np.mean(wave**2))
    return wave[:n]


def slow(rng: Generator, n: int, hz: float) -> Signal:
    """Uniform random values in 0..1, `hz` per second, interpolated linearly."""
    points = rng.uniform(size=int(n / RATE_HZ * hz) + 2)
    values: NDArray[np.float64] = np.interp(np.arange(n) * (hz / RATE_HZ), np.arange(len(points)), points)
    return values.astype(np.float32)


def seconds(n: int) -> Curve:
    """The time of each sample."""
    return np.arange(n) / RATE_HZ


def tone(n: int, hz: float | Curve, partials: tuple[float, ...]) -> Signal:
    """Harmonics 1, 2, ... of a constant or moving fundamental, with the given amplitudes."""
    phase = np.cumsum(np.broadcast_to(2 * np.pi / RATE_HZ * hz, n)) % (2 * np.pi)
    wave = np.zeros(n, np.float32)
    for k, amplitude in enumerate(partials, 1):
        wave += np.float32(amplitude) * np.sin((k * phase).astype(np.float32))
    return wave


def repeat(rng: Generator, n: int, every_s: float, part: Callable[[int], Signal], part_s: float) -> Signal:
    """Insert a new `part` about every `every_s`, the first at 0, the last truncated at the end."""
    wave = np.zeros(n, np.float32)
    start = 0
    while start < n:
        piece = part(round(part_s * RATE_HZ))[: n - start]
        wave[start : start + len(piece)] += piece * np.float32(rng.uniform(0.6, 1))
        start += round(every_s * rng.uniform(0.8, 1.2) * RATE_HZ)
    return wave


def falling(n: int, decay_s: float) -> Signal:
    """Loudness that dies away: 1 at first, 1/e after `decay_s`."""
    return np.exp(-seconds(n) / decay_s).astype(np.float32)


def around(rng: Generator, value: float) -> float:
    """A value up to 15 % off: no two animals, machines or vehicles are alike."""
    return float(value * rng.uniform(0.85, 1.15))


def wander(rng: Generator, n: int, depth: float, hz: float) -> Curve:
    """Random factors within 1 - `depth` to 1 + `depth`, `hz` new ones per second."""
    return 1 + depth * (2 * slow(rng, n, hz).astype(np.float64) - 1)


def unit(wave: Signal) -> Signal:
    """The wave at unit RMS."""
    return wave / np.float32(np.sqrt(np.mean(wave**2)) + 1e-9)


def machine(rng: Generator, n: int, hz: Curve, top_hz: float, tilt_db: float) -> Signal:
    """A motor's harmonics up to `top_hz`, falling by `tilt_db` per octave, uneven as its windings are; unit RMS."""
    harmonics = np.arange(1, int(top_hz / hz.mean()) + 1)
    levels = rng.uniform(0.3, 1, len(harmonics)) * harmonics ** (tilt_db / 6)
    return unit(tone(n, hz, tuple(levels)))


def voice(n: int, hz: Curve, formants: Sequence[tuple[float | Curve, float]], tilt_db: float) -> Signal:
    """A glottis and a throat: harmonics of a moving pitch, as strong as the formants let them through; unit RMS.

    Args:
        n: Samples.
        hz: Pitch.
        formants: Centre in Hz, constant or moving, and level of each resonance.
        tilt_db: What an octave takes from the source.
    """
    phase = np.cumsum(2 * np.pi / RATE_HZ * hz) % (2 * np.pi)
    control = np.arange(0, n, _CONTROL_SAMPLES)
    centres = [(np.broadcast_to(centre, n)[control], level) for centre, level in formants]
    wave = np.zeros(n, np.float32)
    for harmonic in range(1, int(9000 / hz.min()) + 1):
        at_hz = harmonic * hz[control]
        through = sum(level / (1 + ((at_hz - centre) / (60 + 0.12 * centre)) ** 2) ** 0.75 for centre, level in centres)
        level = through * (at_hz / 500) ** (tilt_db / 6) * (at_hz < 9000)
        loudness = np.interp(np.arange(n), control, level).astype(np.float32)
        wave += loudness * np.sin((harmonic * phase).astype(np.float32))
    return unit(wave)
