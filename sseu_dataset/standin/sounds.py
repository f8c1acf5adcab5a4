"""Sound of the stand-ins of DESED and MAESTRO-Real: event classes, scene backgrounds, and their mixture.

`home_events` and `outdoor_events` hold one function per event class, which makes `n` samples in which the event sounds
from beginning to end; one spectrum per scene shapes its background noise, the bed. Every random number comes from the
generator passed in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sseu_dataset.standin import home_events, outdoor_events
from sseu_dataset.standin.waves import RATE_HZ, Generator, Signal, Spectrum, noise, slow

LOOP_SAMPLES = 2**19
"""Period of a scene's bed: 11.9 s, longer than a clip of DESED or a window of MAESTRO."""

Event = tuple[str, float, float]
"""Label, onset and offset in seconds."""

_FADE_SAMPLES = 220  # 5 ms: no click where an event starts

EVENTS: dict[str, Callable[[Generator, int], Signal]] = {
    "Alarm_bell_ringing": home_events.alarm,
    "Blender": home_events.blender,
    "Cat": home_events.cat,
    "Dishes": home_events.dishes,
    "Dog": home_events.dog,
    "Electric_shaver_toothbrush": home_events.shaver,
    "Frying": home_events.frying,
    "Running_water": home_events.running_water,
    "Vacuum_cleaner": home_events.vacuum_cleaner,
    "Speech": home_events.voices(1, 95, 230),
    "birds_singing": outdoor_events.birds,
    "brakes_squeaking": outdoor_events.brakes,
    "car": outdoor_events.car,
    "children voices": outdoor_events.children,
    "cutlery and dishes": home_events.dishes,
    "footsteps": outdoor_events.footsteps,
    "large_vehicle": outdoor_events.large_vehicle,
    "metro approaching": outdoor_events.metro(approaching=True),
    "metro leaving": outdoor_events.metro(approaching=False),
    "people talking": home_events.voices(3, 95, 230),
    "wind_blowing": outdoor_events.wind,
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
    return noise(rng, LOOP_SAMPLES, *SCENES[scene])


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
    wander = gain * (0.8 + 0.4 * slow(rng, n, 1))
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
