"""Active speech level and loudness: properties the standards state, and the voltmeter of P.56 sample by sample."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sseu_dataset.building.level_measures import (
    HANGOVER_S,
    MARGIN_DB,
    TIME_CONSTANT_S,
    active_speech_level_db,
    loudness_lufs,
)

RATE_HZ = 16_000
Signal = NDArray[np.float64]


def noise(seconds: float, rms: float = 0.05, seed: int = 0, rate_hz: int = RATE_HZ) -> Signal:
    return rms * np.random.default_rng(seed).standard_normal(int(seconds * rate_hz))


def sine(seconds: float, rate_hz: int, frequency_hz: float = 997.0) -> Signal:
    return np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * rate_hz)) / rate_hz)


def phrases(pause_s: float = 0.0, rate_hz: int = RATE_HZ) -> Signal:
    """Speech-like: six phrases of 1.5 s of noise with syllables at 4 Hz, a pause after every second one."""
    phrase = noise(1.5, rate_hz=rate_hz)
    phrase *= 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(len(phrase)) / rate_hz)
    pause = np.zeros(int(pause_s * rate_hz))
    return np.concatenate([phrase, phrase, pause] * 3)


def rms_db(signal: Signal) -> float:
    return 10 * math.log10(float(np.mean(signal**2)))


def voltmeter(signal: Signal, rate_hz: int) -> list[int]:
    """The activity counts as P.56 8.2 has them: one sample after the other, a hangover counter per threshold."""
    smoothing, hangover = math.exp(-1 / (rate_hz * 0.03)), math.floor(0.2 * rate_hz + 0.5)
    thresholds = [2.0**-power for power in range(15, 0, -1)]
    active, hanging = [0] * 15, [hangover] * 15
    p = q = 0.0
    for sample in np.abs(signal).tolist():
        p = smoothing * p + (1 - smoothing) * sample
        q = smoothing * q + (1 - smoothing) * p
        for j, threshold in enumerate(thresholds):
            if q >= threshold:
                active[j] += 1
                hanging[j] = 0
            elif hanging[j] < hangover:
                active[j] += 1
                hanging[j] += 1
    return active


def test_the_constants_are_the_standards() -> None:
    assert (TIME_CONSTANT_S, HANGOVER_S, MARGIN_DB) == (0.03, 0.2, 15.9)


@pytest.mark.parametrize("pause_s", [0.0, 0.15, 0.5])
def test_active_level_is_that_of_the_voltmeter_run_sample_by_sample(pause_s: float) -> None:
    rate_hz = 1000
    signal = phrases(pause_s, rate_hz)
    energy = float(np.sum(signal**2))
    thresholds_db = [20 * math.log10(2.0**-power) for power in range(15, 0, -1)]
    counts = voltmeter(signal, rate_hz)
    levels_db = [10 * math.log10(energy / count) for count in counts if count]
    excess_db = [level - threshold - 15.9 for level, threshold in zip(levels_db, thresholds_db, strict=False)]
    expected = np.interp(0.0, excess_db[::-1], levels_db[::-1])  # where level - threshold = margin, linear in dB
    assert min(excess_db) < 0 < max(excess_db)
    assert active_speech_level_db(signal, rate_hz) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 48_000])
def test_active_level_of_continuous_noise_is_its_rms_level(rate_hz: int) -> None:
    signal = noise(5, rate_hz=rate_hz)
    assert active_speech_level_db(signal, rate_hz) == pytest.approx(rms_db(signal), abs=0.1)


def test_active_level_of_a_full_scale_sine() -> None:
    assert active_speech_level_db(sine(5, 48_000), 48_000) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("pause_s", [1.0, 5.0, 30.0])
def test_silence_between_speech_moves_the_rms_level_only(pause_s: float) -> None:
    speech, with_pauses = phrases(), phrases(pause_s)
    assert rms_db(with_pauses) < rms_db(speech) - 1.2
    change_db = active_speech_level_db(with_pauses, RATE_HZ) - active_speech_level_db(speech, RATE_HZ)
    assert abs(change_db) < 0.5


def test_silence_before_and_after_does_not_count() -> None:
    speech = phrases()
    silence = np.zeros(20 * RATE_HZ)
    padded = np.concatenate([silence, speech, silence])
    assert active_speech_level_db(padded, RATE_HZ) == pytest.approx(active_speech_level_db(speech, RATE_HZ), abs=0.3)


def test_pauses_shorter_than_the_hangover_count_as_speech() -> None:
    clicks = noise(0.1)
    train = np.concatenate([clicks, np.zeros(int(0.1 * RATE_HZ))] * 25)
    assert active_speech_level_db(train, RATE_HZ) == pytest.approx(rms_db(train), abs=0.2)


@settings(max_examples=30, deadline=None)
@given(steps=st.integers(-4, 3))
def test_active_level_moves_with_a_gain_of_one_threshold_step(steps: int) -> None:
    signal = phrases(1.0)
    moved = active_speech_level_db(signal * 2.0**steps, RATE_HZ) - active_speech_level_db(signal, RATE_HZ)
    assert moved == pytest.approx(20 * math.log10(2.0**steps), abs=1e-9)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_loudness_of_a_full_scale_sine(rate_hz: int) -> None:
    assert loudness_lufs(sine(5, rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.005)


@pytest.mark.parametrize("gain_db", [-30.0, -6.0, 3.0])
def test_loudness_moves_with_the_gain(gain_db: float) -> None:
    loudness = loudness_lufs(phrases(), RATE_HZ)
    moved = loudness_lufs(phrases() * 10 ** (gain_db / 20), RATE_HZ)
    assert loudness is not None
    assert moved == pytest.approx(loudness + gain_db, abs=1e-6)


def test_loudness_gates_silence_away() -> None:
    padded = np.concatenate([phrases(), np.zeros(60 * RATE_HZ)])
    assert loudness_lufs(padded, RATE_HZ) == pytest.approx(loudness_lufs(phrases(), RATE_HZ), abs=0.3)


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_loudness_is_none_where_every_block_is_gated_away(level: float) -> None:
    assert loudness_lufs(level * noise(1, rms=1.0), RATE_HZ) is None


def test_int16_is_relative_to_32768() -> None:
    pcm = np.rint(phrases() * 32768).astype(np.int16)
    assert active_speech_level_db(pcm, RATE_HZ) == active_speech_level_db(pcm / 32768, RATE_HZ)
    assert loudness_lufs(pcm, RATE_HZ) == loudness_lufs(pcm / 32768, RATE_HZ)


def test_the_samples_are_left_as_they_are() -> None:
    signal = phrases()
    before = signal.copy()
    active_speech_level_db(signal, RATE_HZ)
    loudness_lufs(signal, RATE_HZ)
    np.testing.assert_array_equal(signal, before)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros(RATE_HZ), "is silent or too quiet"),
        (np.zeros(0), "is silent or too quiet"),
        (noise(1, rms=6e-5), "is silent or too quiet"),
        (np.eye(1, RATE_HZ, 100)[0], "consists of clicks"),
    ],
)
def test_silence_and_clicks_have_no_active_level(signal: Signal, message: str) -> None:
    with pytest.raises(ValueError, match=f"no active speech level: the signal {message}"):
        active_speech_level_db(signal, RATE_HZ)


def test_a_signal_shorter_than_a_block_has_no_loudness() -> None:
    with pytest.raises(ValueError, match=r"the signal lasts 0\.300 s, less than one block of 0\.4 s"):
        loudness_lufs(noise(0.3), RATE_HZ)


@pytest.mark.parametrize("measure", [active_speech_level_db, loudness_lufs])
@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros((100, 2)), r"mono samples of shape \(n,\) are needed, got shape \(100, 2\)"),
        (np.zeros(RATE_HZ, np.int32), "int16 or floating-point samples are needed, got int32"),
        (np.full(RATE_HZ, np.nan), "the samples contain NaN or infinity"),
    ],
)
def test_malformed_samples_are_refused(
    measure: Callable[[Signal, int], float | None], signal: Signal, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        measure(signal, RATE_HZ)


@pytest.mark.parametrize(("measure", "package"), [(active_speech_level_db, "scipy"), (loudness_lufs, "pyloudnorm")])
def test_a_missing_extra_is_one_clear_line(
    measure: Callable[[Signal, int], float | None], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda name: None)
    with pytest.raises(
        ImportError, match=rf"needs the package {package}; install it with: pip install '\.\[measure\]'"
    ):
        measure(noise(1), RATE_HZ)
