"""Spectrograms of known signals beside scipy's, and media that others can decode."""

from __future__ import annotations

import io

import numpy as np
import pytest
import scipy.signal
import soundfile
from PIL import Image

from sseu_report.page.clips.spectrogram import (
    BANDS,
    FRAMES_PER_S,
    RATE_HZ,
    band_levels_db,
    draw_spectrogram,
    encode_audio,
)

SECONDS = 10
TIMES_S = np.arange(SECONDS * RATE_HZ) / RATE_HZ


def sine(frequency_hz: float, amplitude: float = 1.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * frequency_hz * TIMES_S)).astype(np.float32)


@pytest.mark.parametrize("frequency_hz", [117.1875, 1007.8125, 6000.0])
def test_a_sine_stands_in_its_band(frequency_hz: float) -> None:
    band = int(band_levels_db(sine(frequency_hz)).mean(axis=1).argmax())
    centre_mel = (band + 1) * 2595 * np.log10(1 + RATE_HZ / 2 / 700) / (BANDS + 1)  # O'Shaughnessy (1987)
    centre_hz = 700 * (10 ** (centre_mel / 2595) - 1)
    assert abs(frequency_hz - centre_hz) <= max(RATE_HZ / 1024, 0.03 * frequency_hz)


def test_levels_follow_the_amplitude() -> None:
    # 117.1875 Hz is bin 5: the two triangles around it share its power and that of its neighbours.
    assert band_levels_db(sine(117.1875)).max() == pytest.approx(0, abs=3)
    loud, quiet = (band_levels_db(sine(1007.8125, amplitude)).max() for amplitude in (1.0, 0.01))
    assert loud - quiet == pytest.approx(40, abs=0.01)


def test_noise_has_the_power_that_scipy_finds() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, len(TIMES_S)).astype(np.float32)
    ours = 10 * np.log10((10 ** (band_levels_db(noise) / 10)).mean(axis=1)[-10:].mean())
    _, spectrum = scipy.signal.welch(noise, RATE_HZ, "hann", nperseg=1024, scaling="spectrum", detrend=False)
    # A sine of full scale has 0 dB here and a power of one half there.
    assert ours == pytest.approx(10 * np.log10(2 * spectrum[300:500].mean()), abs=0.2)


def test_silence_is_no_level_and_draws_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    silence = np.zeros(len(TIMES_S), dtype=np.float32)
    assert np.isneginf(band_levels_db(silence)).all()
    assert draw_spectrogram(silence)
    assert not recwarn.list


def test_the_picture_is_small_the_same_each_time_and_low_at_the_bottom() -> None:
    png = draw_spectrogram(sine(200.0))
    assert png == draw_spectrogram(sine(200.0))
    image = Image.open(io.BytesIO(png))
    assert image.height == BANDS
    assert abs(image.width - SECONDS * FRAMES_PER_S) <= 2
    brightness = np.asarray(image.convert("L")).mean(axis=1)
    assert brightness.argmax() > BANDS * 0.75  # row 0 is the top
    noise = np.random.default_rng(0).normal(0, 0.1, len(TIMES_S)).astype(np.float32)
    assert len(draw_spectrogram(noise)) < 25_000


def test_the_audio_is_small_and_decodes_to_what_went_in() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, len(TIMES_S)).astype(np.float32)
    assert len(encode_audio(noise)) < 120_000
    data = encode_audio(sine(440.0, 0.5))
    assert len(data) < 80_000
    samples, rate_hz = soundfile.read(io.BytesIO(data))
    assert rate_hz == RATE_HZ
    assert len(samples) / rate_hz == pytest.approx(SECONDS, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[RATE_HZ : 2 * RATE_HZ]))
    assert spectrum.argmax() == 440
    assert np.sqrt(np.mean(samples[RATE_HZ:-RATE_HZ] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
