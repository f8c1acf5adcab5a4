"""Sounds of the home: DESED's ten classes, one function each, in which the event sounds from beginning to end.

They are synthetic and not lifelike, but built as the real ones are: a voice from a glottis and a throat, a motor from
its harmonics and its air. `benchmarks/heard_events.py` asks a tagger what it takes them for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sseu_dataset.standin.waves import (
    RATE_HZ,
    Generator,
    Signal,
    around,
    falling,
    machine,
    noise,
    repeat,
    seconds,
    slow,
    tone,
    voice,
    wander,
)


def alarm(rng: Generator, n: int) -> Signal:
    """Two tones in turn."""
    low_hz, beat_hz = rng.uniform(700, 1400), rng.uniform(2, 5)
    return tone(n, np.where(seconds(n) * beat_hz % 1 < 0.5, low_hz, 1.3 * low_hz), (1, 0.4, 0.3, 0.1))


def blender(rng: Generator, n: int) -> Signal:
    """A whirring motor that what is in the jar slows down, and splashing."""
    slowed = (1 - 0.13 * slow(rng, n, 7)) * (1 - 0.145 * np.exp(-seconds(n) / 0.3))
    splashing = noise(rng, n, (100, -25), (2212, 0), (8850, -13)) * (0.56 + 0.88 * slow(rng, n, 37.5))
    return 0.87 * machine(rng, n, around(rng, 443) * slowed, 5800, -4.9) + splashing


def cat(rng: Generator, n: int) -> Signal:
    """A miaow: pitch and mouth open and close."""
    bow = np.sin(np.linspace(0.15, np.pi - 0.15, n))
    miaow = tone(n, rng.uniform(450, 650) * (1 + 0.5 * bow), (0.5, 1, 0.8, 0.4, 0.3, 0.1))
    return miaow * np.sqrt(bow).astype(np.float32)


def dishes(rng: Generator, n: int) -> Signal:
    """Clinks: five modes that belong to no harmonic series."""

    def clink(m: int) -> Signal:
        hz = rng.uniform(1800, 9000, 5)
        ringing: NDArray[np.float64] = np.sin(np.outer(2 * np.pi * hz, seconds(m))).sum(0)
        return ringing.astype(np.float32) * falling(m, 0.04)

    return repeat(rng, n, 0.15, clink, 0.2)


def dog(rng: Generator, n: int) -> Signal:
    """Barks: a rough voice of a quarter of a second whose pitch rises and falls."""
    pitch_hz, bark_s = around(rng, 865), 0.25

    def bark(m: int) -> Signal:
        part = np.minimum(seconds(m) / bark_s, 1)
        hz = pitch_hz * (0.85 + 0.15 * np.sin(np.pi * part) ** 0.7) * wander(rng, m, 0.086, 150)
        voiced = voice(m, hz, [(853, 1), (1546, 0.3), (3940, 0.25)], -1.3)
        rough = 1 + 0.28 * np.sign(np.sin(np.cumsum(np.pi / RATE_HZ * hz)))  # every other pulse is weaker
        breath = noise(rng, m, (200, -20), (853, 0), (1546, -3), (6000, -25))
        swell = np.minimum(seconds(m) / 0.012, 1) * np.exp(-np.maximum(part - 0.4, 0) / 0.25)
        return (voiced * rough + 0.05 * breath).astype(np.float32) * swell.astype(np.float32)

    return repeat(rng, n, 0.49, bark, 1.6 * bark_s)


def shaver(rng: Generator, n: int) -> Signal:
    """An armature at twice the mains' frequency and more, and foils that hiss in its time."""
    hz = around(rng, 239) * wander(rng, n, 0.025, 6)
    turns = np.cumsum(2 * np.pi / RATE_HZ * hz)
    buzz = machine(rng, n, hz, 9500, 3) * (1 + 0.23 * np.sin(turns / 2))
    hiss = noise(rng, n, (1000, -30), (4000, 0), (12000, -5)) * (1 + 0.87 * np.sin(turns))
    return (buzz + hiss).astype(np.float32)


def frying(rng: Generator, n: int) -> Signal:
    """Hiss whose loudness crackles."""
    sizzle = noise(rng, n, (800, -30), (4000, 0), (16000, -3))
    return sizzle * (0.3 + 2 * slow(rng, n, 60) ** 6)


def running_water(rng: Generator, n: int) -> Signal:
    """Broad noise that ripples."""
    return noise(rng, n, (150, -25), (900, 0), (5000, -3), (15000, -15)) * (0.7 + 0.3 * slow(rng, n, 12))


def vacuum_cleaner(rng: Generator, n: int) -> Signal:
    """A fan's whine at a steady pitch within a stream of air."""
    whine = machine(rng, n, around(rng, 665) * wander(rng, n, 0.046, 2.6), 5000, -2.3)
    return 0.5 * whine + noise(rng, n, (100, -25), (3250, 0), (13000, -23))


def voices(talkers: int, low_hz: float, high_hz: float) -> Callable[[Generator, int], Signal]:
    """Babble without words: each talker hums at a varying pitch, opening and closing some four times a second."""

    def babble(rng: Generator, n: int) -> Signal:
        wave = np.zeros(n, np.float32)
        for _ in range(talkers):
            pitch_hz = rng.uniform(low_hz, high_hz) * (0.85 + 0.3 * slow(rng, n, 3).astype(np.float64))
            vowel = tone(n, pitch_hz, (0.6, 0.8, 1, 0.9, 0.5, 0.3, 0.3, 0.4, 0.3, 0.2, 0.1, 0.1))
            wave += vowel * (0.1 + slow(rng, n, 8)) ** 2
        return wave + 0.1 * noise(rng, n, (2000, -20), (5000, 0), (9000, -10))

    return babble
