"""Sounds of streets, stations and gardens: MAESTRO-Real's classes, as `home_events` has DESED's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sseu_dataset.standin.waves import (
    RATE_HZ,
    Generator,
    Signal,
    around,
    falling,
    noise,
    repeat,
    seconds,
    slow,
    tone,
    unit,
    voice,
    wander,
)

_VOWELS_HZ = ((850, 1600), (500, 2700), (450, 1100), (600, 2300), (1000, 1500))
"""First and second formant of a grown-up's vowels; a child's throat is a fifth shorter."""


def birds(rng: Generator, n: int) -> Signal:
    """Chirps that glide."""

    def chirp(m: int) -> Signal:
        from_hz, to_hz = rng.uniform(2500, 6500, 2)
        return tone(m, np.linspace(from_hz, to_hz, m), (1, 0.2)) * np.hanning(m).astype(np.float32)

    return repeat(rng, n, 0.14, chirp, 0.12)


def brakes(rng: Generator, n: int) -> Signal:
    """Two close squeals whose pitch sinks as they stick and slip, over rolling tyres."""
    sinking = np.interp(np.linspace(0, 2, n), range(3), (1, 0.765, 0.88))
    hz = around(rng, 1222) * sinking * wander(rng, n, 0.14, 146)
    squeal = unit(tone(n, hz, tuple(0.47**k for k in range(6)))) + 0.87 * unit(tone(n, 1.05 * hz, (1, 0.5)))
    scraping = noise(rng, n, (325, -25), (1626, 0), (4880, -15))
    slipping = 0.15 + 1.69 * slow(rng, n, 11.4)
    tyres = noise(rng, n, (40, -6), (150, 0), (1000, -12), (5000, -30))
    wave: Signal = (squeal + 0.55 * scraping) * slipping + 0.75 * tyres
    return wave


def car(rng: Generator, n: int) -> Signal:
    """A car that passes: engine and tyres swell, and the pitch falls as it goes by."""
    time = np.linspace(-1, 1, n) / 0.26
    engine = unit(tone(n, around(rng, 114) * (1 - 0.15 * np.tanh(time)), tuple(0.7**k for k in range(24))))
    tyres = noise(rng, n, (40, -14), (150, -7), (1067, 0), (3200, -25), (12000, -50))
    return (tyres + 1.93 * engine) * (0.4 + 0.6 / (1 + time**2)).astype(np.float32)


def children(rng: Generator, n: int) -> Signal:
    """Two high voices that call in syllables, from vowel to vowel, each with a pitch that rises and falls."""
    wave = np.zeros(n, np.float32)
    for _ in range(2):
        pitch_hz, start = rng.uniform(300, 425), round(rng.uniform(0, 0.15) * RATE_HZ)
        while start < n:
            m = round(rng.uniform(0.22, 0.43) * RATE_HZ)
            rise, fall = rng.uniform(0.9, 1.24), rng.uniform(0.75, 1)
            moving = np.interp(np.arange(m), np.linspace(0, m, 4), (1, rise, (rise + fall) / 2, fall))
            hz = pitch_hz * moving * wander(rng, m, 0.044, 60)
            (first_a, second_a), (first_b, second_b) = rng.choice(_VOWELS_HZ, 2)
            first, second = 1.2 * np.linspace(first_a, first_b, m), 1.2 * np.linspace(second_a, second_b, m)
            swell = np.sin(np.linspace(0, np.pi, m)).astype(np.float32) ** 0.66
            breath = noise(rng, m, (1000, -20), (4000, 0), (10000, -6))
            called = voice(m, hz, [(first, 1), (second, 0.37), (4400, 0.2)], -2.85) + 0.28 * breath
            wave[start : start + m] += (called * swell * np.float32(rng.uniform(0.5, 1)))[: n - start]
            start += m + round(0.06 * RATE_HZ)
    return wave


def footsteps(rng: Generator, n: int) -> Signal:
    """Steps on a hard floor: the heel's thump, then the sole, which scuffs."""

    def strike(m: int) -> Signal:
        thump = np.sin(2 * np.pi * 90 * seconds(m)).astype(np.float32) * falling(m, 0.03)
        return noise(rng, m, (60, -12), (1500, 0), (6000, -24), (12000, -39)) * falling(m, 0.028) + 1.9 * thump

    def step(m: int) -> Signal:
        wave, sole = strike(m), m - round(0.058 * RATE_HZ)
        scuff = noise(rng, sole, (1000, -20), (3500, 0), (10000, -5)) * falling(sole, 0.06)
        wave[-sole:] += 0.89 * strike(sole) + 0.12 * scuff
        return wave

    return repeat(rng, n, 0.57, step, 0.3)


def large_vehicle(rng: Generator, n: int) -> Signal:
    """A lorry that backs up: a diesel that knocks with every stroke, air let off, and reversing beeps."""
    revving = np.interp(np.linspace(0, 3, n), range(4), (0, 1, 0.7, 0.9))
    hz = around(rng, 75) * (1 + 0.25 * revving + 0.03 * slow(rng, n, 4))
    stroke = np.cumsum(hz / RATE_HZ) % 1
    firing = (np.exp(-2 * stroke) - np.exp(-6 * stroke)).astype(np.float32)
    knocks = unit(noise(rng, n, (100, -20), (1587, 0), (6350, -15)) * firing)
    engine = unit(tone(n, hz, tuple(0.61**k * (1.0 if k % 2 else 0.6) for k in range(30))))
    rumble = noise(rng, n, (30, -3), (80, 0), (300, -9), (2000, -25), (10000, -50))
    let_off = np.exp(-(((np.linspace(0, 1, n) - 0.75) / 0.08) ** 2)).astype(np.float32)
    air = noise(rng, n, (500, -20), (3000, 0), (12000, -6)) * let_off
    on = (seconds(n) % 0.78 < 0.39).astype(np.float32)
    beeps = unit(tone(n, rng.uniform(1200, 1360), (1, 0, 0.3, 0, 0.1))) * on
    wave: Signal = engine + 0.98 * knocks + 1.91 * rumble + 0.27 * air + 1.15 * beeps
    return wave


def metro(approaching: bool) -> Callable[[Generator, int], Signal]:
    """A train in a tunnel: rumble and air, the motors' whine and squealing wheels, nearer or further with time."""

    def train(rng: Generator, n: int) -> Signal:
        near = np.linspace(0.15, 1, n) if approaching else np.linspace(1, 0.15, n)
        rumble = noise(rng, n, (25, -6), (384, 0), (1540, -11), (6000, -36))
        whine = unit(tone(n, around(rng, 775) * (0.6 + 0.4 * near), (1, 0.5, 0.3, 0.2)))
        squeal = unit(tone(n, around(rng, 4500) * wander(rng, n, 0.04, 8), (1, 0.5, 0.3))) * slow(rng, n, 3) ** 2
        air = noise(rng, n, (300, -15), (1500, 0), (5000, -10), (12000, -25)) * (0.6 + 0.4 * slow(rng, n, 12))
        wave: Signal = (rumble + 0.41 * whine + 0.36 * squeal + 0.38 * air) * near.astype(np.float32) ** 1.15
        return wave

    return train


def wind(rng: Generator, n: int) -> Signal:
    """Gusts of low noise."""
    return noise(rng, n, (20, -3), (50, 0), (200, -8), (800, -25), (5000, -55)) * (0.2 + slow(rng, n, 1.5) ** 2)
