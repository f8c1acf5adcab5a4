"""Synthesis of sound events and scene backgrounds, for the stand-ins of DESED and MAESTRO-Real.

One function per event class makes `n` samples at 44,100 Hz in which the event sounds from beginning to end; one
spectrum per scene shapes its background noise, the bed. They differ clearly in spectrum and rhythm but are not
lifelike. Every random number comes from the generator passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
LOOP_SAMPLES = 2**19
"""Period of a scene's bed: 11.9 s, longer than a clip of DESED or a window of MAESTRO."""

Signal = NDArray[np.float32]
Event = tuple[str, float, float]
"""Label, onset and offset in seconds."""

Generator = np.random.Generator
Spectrum = tuple[tuple[float, float], ...]
"""Points (frequency in Hz, level in dB), interpolated linearly over the logarithm of frequency."""

_FADE_SAMPLES = 220  # 5 ms: no click where an event starts


@lru_cache(maxsize=128)
def _gains(size: int, spectrum: Spectrum) -> Signal:
    """Gain of each of the `size // 2 + 1` bins of a real FFT."""
    hz, db = zip(*spectrum, strict=True)
    bins_hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 1.0)
    gains: NDArray[np.float64] = 10 ** (np.interp(np.log(bins_hz), np.log(hz), db) / 20)
    return gains.astype(np.float32)


def _noise(rng: Generator, n: int, *spectrum: tuple[float, float]) -> Signal:
    """Gaussian noise with the given spectrum, unit RMS; periodic where `n` is a power of two."""
    octave = max(n - 1, 8).bit_length() - 3
    size = next(k << octave for k in (4, 5, 6, 7, 8) if k << octave >= n)  # lengths whose FFT is fast
    bins = rng.standard_normal(size + 2, np.float32).view(np.complex64) * _gains(size, spectrum)
    bins[0] = bins[-1] = 0
    wave = np.fft.irfft(bins, size).astype(np.float32)
    wave /= np.sqrt(np.mean(wave**2))
    return wave[:n]


def _slow(rng: Generator, n: int, hz: float) -> Signal:
    """Uniform random values in 0..1, `hz` per second, interpolated linearly."""
    points = rng.uniform(size=int(n / RATE_HZ * hz) + 2)
    values: NDArray[np.float64] = np.interp(np.arange(n) * (hz / RATE_HZ), np.arange(len(points)), points)
    return values.astype(np.float32)


def _seconds(n: int) -> NDArray[np.float64]:
    return np.arange(n) / RATE_HZ


def _tone(n: int, hz: float | NDArray[np.float64], partials: tuple[float, ...]) -> Signal:
    """Harmonics 1, 2, ... of a constant or moving fundamental, with the given amplitudes."""
    phase = np.cumsum(np.broadcast_to(2 * np.pi / RATE_HZ * hz, n)) % (2 * np.pi)
    wave = np.zeros(n, np.float32)
    for k, amplitude in enumerate(partials, 1):
        wave += np.float32(amplitude) * np.sin((k * phase).astype(np.float32))
    return wave


def _repeat(rng: Generator, n: int, every_s: float, part: Callable[[int], Signal], part_s: float) -> Signal:
    """Insert a new `part` about every `every_s`, the first at 0, the last truncated at the end."""
    wave = np.zeros(n, np.float32)
    start = 0
    while start < n:
        piece = part(round(part_s * RATE_HZ))[: n - start]
        wave[start : start + len(piece)] += piece * np.float32(rng.uniform(0.6, 1))
        start += round(every_s * rng.uniform(0.8, 1.2) * RATE_HZ)
    return wave


def _falling(n: int, decay_s: float) -> Signal:
    return np.exp(-_seconds(n) / decay_s).astype(np.float32)


def _alarm(rng: Generator, n: int) -> Signal:
    low_hz, beat_hz = rng.uniform(700, 1400), rng.uniform(2, 5)
    return _tone(n, np.where(_seconds(n) * beat_hz % 1 < 0.5, low_hz, 1.3 * low_hz), (1, 0.4, 0.3, 0.1))


def _blender(rng: Generator, n: int) -> Signal:
    whirr_hz = rng.uniform(220, 320) * (0.8 + 0.2 * _slow(rng, n, 1.5).astype(np.float64))
    return _tone(n, whirr_hz, (1, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)) + _noise(rng, n, (300, -20), (2000, 0), (9000, -3))


def _cat(rng: Generator, n: int) -> Signal:
    bow = np.sin(np.linspace(0.15, np.pi - 0.15, n))
    miaow = _tone(n, rng.uniform(450, 650) * (1 + 0.5 * bow), (0.5, 1, 0.8, 0.4, 0.3, 0.1))
    return miaow * np.sqrt(bow).astype(np.float32)


def _dishes(rng: Generator, n: int) -> Signal:
    def clink(m: int) -> Signal:
        hz = rng.uniform(1800, 9000, 5)
        ringing: NDArray[np.float64] = np.sin(np.outer(2 * np.pi * hz, _seconds(m))).sum(0)
        return ringing.astype(np.float32) * _falling(m, 0.04)

    return _repeat(rng, n, 0.15, clink, 0.2)


def _dog(rng: Generator, n: int) -> Signal:
    hz = rng.uniform(350, 600)

    def bark(m: int) -> Signal:
        voiced = _tone(m, hz * (0.6 + 0.4 * _falling(m, 0.1).astype(np.float64)), (1, 0.9, 0.7, 0.5, 0.4, 0.2))
        return (voiced + 0.4 * _noise(rng, m, (300, -10), (1500, 0), (6000, -20))) * _falling(m, 0.08)

    return _repeat(rng, n, 0.3, bark, 0.25)


def _shaver(rng: Generator, n: int) -> Signal:
    return _tone(n, rng.uniform(95, 125), (0.3,) * 24) + 0.3 * _noise(rng, n, (2500, -30), (5000, 0), (9000, -10))


def _frying(rng: Generator, n: int) -> Signal:
    sizzle = _noise(rng, n, (800, -30), (4000, 0), (16000, -3))
    return sizzle * (0.3 + 2 * _slow(rng, n, 60) ** 6)


def _running_water(rng: Generator, n: int) -> Signal:
    return _noise(rng, n, (150, -25), (900, 0), (5000, -3), (15000, -15)) * (0.7 + 0.3 * _slow(rng, n, 12))


def _vacuum_cleaner(rng: Generator, n: int) -> Signal:
    motor = _tone(n, rng.uniform(140, 210), (1, 0.5, 0.6, 0.3, 0.2, 0.3))
    return motor + 1.2 * _noise(rng, n, (80, -10), (400, 0), (3000, -6), (14000, -25))


def _voices(talkers: int, low_hz: float, high_hz: float) -> Callable[[Generator, int], Signal]:
    """Babble without words: each talker hums at a varying pitch, opening and closing some four times a second."""

    def babble(rng: Generator, n: int) -> Signal:
        wave = np.zeros(n, np.float32)
        for _ in range(talkers):
            pitch_hz = rng.uniform(low_hz, high_hz) * (0.85 + 0.3 * _slow(rng, n, 3).astype(np.float64))
            vowel = _tone(n, pitch_hz, (0.6, 0.8, 1, 0.9, 0.5, 0.3, 0.3, 0.4, 0.3, 0.2, 0.1, 0.1))
            wave += vowel * (0.1 + _slow(rng, n, 8)) ** 2
        return wave + 0.1 * _noise(rng, n, (2000, -20), (5000, 0), (9000, -10))

    return babble


def _birds(rng: Generator, n: int) -> Signal:
    def chirp(m: int) -> Signal:
        from_hz, to_hz = rng.uniform(2500, 6500, 2)
        return _tone(m, np.linspace(from_hz, to_hz, m), (1, 0.2)) * np.hanning(m).astype(np.float32)

    return _repeat(rng, n, 0.14, chirp, 0.12)


def _brakes(rng: Generator, n: int) -> Signal:
    return _tone(n, rng.uniform(1900, 3200) * (0.97 + 0.06 * _slow(rng, n, 9).astype(np.float64)), (1, 0.6, 0.3))


def _car(rng: Generator, n: int) -> Signal:
    passing = 0.3 + 0.7 * np.sin(np.linspace(0, np.pi, n)).astype(np.float32)
    return _noise(rng, n, (40, -6), (120, 0), (900, -6), (2500, -18), (10000, -45)) * passing


def _footsteps(rng: Generator, n: int) -> Signal:
    def step(m: int) -> Signal:
        return _noise(rng, m, (60, -6), (200, 0), (1200, -3), (5000, -15)) * _falling(m, 0.025)

    return _repeat(rng, n, 0.5, step, 0.12)


def _large_vehicle(rng: Generator, n: int) -> Signal:
    engine = _tone(n, rng.uniform(24, 36), (0.2, 1, 0.7, 1, 0.5, 0.7, 0.4, 0.5, 0.3, 0.3, 0.2, 0.2))
    return engine + _noise(rng, n, (30, -3), (80, 0), (300, -9), (2000, -30), (10000, -50))


def _metro(swelling: bool) -> Callable[[Generator, int], Signal]:
    def train(rng: Generator, n: int) -> Signal:
        near = np.linspace(0, 1, n) if swelling else np.linspace(1, 0, n)
        whine = _tone(n, rng.uniform(350, 500) * (0.6 + 0.4 * near), (0.3, 0.2, 0.2))
        rumble = _noise(rng, n, (25, -3), (60, 0), (250, -4), (1500, -15), (10000, -40))
        return (rumble + whine) * (0.2 + 0.8 * near**2).astype(np.float32)

    return train


def _wind(rng: Generator, n: int) -> Signal:
    return _noise(rng, n, (20, -3), (50, 0), (200, -8), (800, -25), (5000, -55)) * (0.2 + _slow(rng, n, 1.5) ** 2)


EVENTS: dict[str, Callable[[Generator, int], Signal]] = {
    "Alarm_bell_ringing": _alarm,
    "Blender": _blender,
    "Cat": _cat,
    "Dishes": _dishes,
    "Dog": _dog,
    "Electric_shaver_toothbrush": _shaver,
    "Frying": _frying,
    "Running_water": _running_water,
    "Vacuum_cleaner": _vacuum_cleaner,
    "Speech": _voices(1, 95, 230),
    "birds_singing": _birds,
    "brakes_squeaking": _brakes,
    "car": _car,
    "children voices": _voices(2, 280, 430),
    "cutlery and dishes": _dishes,
    "footsteps": _footsteps,
    "large_vehicle": _large_vehicle,
    "metro approaching": _metro(swelling=True),
    "metro leaving": _metro(swelling=False),
    "people talking": _voices(3, 95, 230),
    "wind_blowing": _wind,
}
"""Event generators by the corpora's own labels (DESED's ten, MAESTRO's eleven)."""

SCENES: dict[str, Spectrum] = {
    "home": ((50, 0), (200, -12), (1000, -24), (6000, -36), (20000, -42)),
    "cafe_restaurant": ((60, -9), (300, 0), (700, 0), (3000, -14), (9000, -28), (20000, -40)),
    "city_center": ((40, 0), (120, -2), (600, -10), (2000, -17), (8000, -32), (20000, -44)),
    "grocery_store": ((50, 0), (100, -3), (400, -4), (1500, -8), (6000, -22), (20000, -36)),
    "metro_station": ((30, 0), (90, -3), (500, -6), (1200, -18), (5000, -34), (20000, -46)),
    "residential_area": ((30, 0), (200, -10), (1000, -16), (4000, -18), (12000, -26), (20000, -34)),
}
"""Spectrum of each scene's bed."""


def bed_loop(rng: Generator, scene: str) -> Signal:
    """`LOOP_SAMPLES` samples of a scene's noise at unit RMS, which can be looped seamlessly."""
    return _noise(rng, LOOP_SAMPLES, *SCENES[scene])


def mix(
    rng: Generator, loop: Signal, start: int, shape: tuple[int, int], events: list[Event], level_db: float
) -> Signal:
    """Add events to a stretch of a scene's bed.

    Args:
        rng: Draws the events' sounds, levels (peaks 22 to 34 dB above the bed's RMS) and positions in the stereo image.
        loop: The bed from `bed_loop`; each channel gets another part of it, with slowly varying loudness.
        start: First sample of the stretch within its recording.
        shape: Samples and channels.
        events: Label, onset and offset in seconds from the start of the stretch.
        level_db: RMS level of the bed in dBFS.

    Returns:
        Samples of the given shape; full scale is 1, and short peaks may exceed it (see `to_pcm`).
    """
    n, channels = shape
    gain = np.float32(10 ** (level_db / 20))
    out = np.empty(shape, np.float32)
    wander = gain * (0.8 + 0.4 * _slow(rng, n, 1))
    for channel in range(channels):
        first = (start + channel * LOOP_SAMPLES // 3) % LOOP_SAMPLES
        out[:, channel] = wander * np.take(loop, np.arange(first, first + n), mode="wrap")
    for label, onset_s, offset_s in events:
        first, last = round(onset_s * RATE_HZ), min(round(offset_s * RATE_HZ), n)
        sound = EVENTS[label](rng, last - first)
        ramp = np.linspace(0, 1, min(_FADE_SAMPLES, len(sound) // 2), dtype=np.float32)
        sound[: len(ramp)] *= ramp
        sound[len(sound) - len(ramp) :] *= ramp[::-1]
        sound *= gain * np.float32(10 ** (rng.uniform(22, 34) / 20)) / np.abs(sound).max()
        for channel in range(channels):
            out[first:last, channel] += sound * np.float32(rng.uniform(0.5, 1) if channels > 1 else 1)
    return out


def to_pcm(signal: Signal) -> NDArray[np.int16]:
    """Round to 16 bits through a tanh, which leaves low levels unchanged and cannot clip."""
    return np.rint(np.tanh(signal) * np.float32(32766)).astype(np.int16)
