"""Levels, SNRs, peaks and exactness of the mixer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sseu_dataset.mixing import PEAK_LIMIT, Placement, amplitude_ratio, energy, measure_snrs_db, mix, pcm_sha256
from sseu_dataset.records import CLIP_SAMPLES

SNRS_DB = (10.0, 5.0, 0.0, -5.0, -10.0)


def signal(seed: int, samples: int, scale: float = 1000.0) -> NDArray[np.int16]:
    values = np.random.default_rng(seed).standard_normal(samples) * scale
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def rms(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def test_amplitude_ratio_is_the_tabulated_constant() -> None:
    table = {  # from arithmetic with 60 decimal digits
        -10: 0.31622776601683794,
        -5: 0.5623413251903491,
        0: 1.0,
        5: 1.7782794100389228,
        10: 3.1622776601683795,
        -26: 0.05011872336272723,
        -1: 0.8912509381337456,
    }
    assert {level: amplitude_ratio(level) for level in table} == table


def test_peak_limit_is_the_largest_integer_at_minus_1_dbfs() -> None:
    assert math.floor(32768 * amplitude_ratio(-1)) == PEAK_LIMIT


def test_energy_is_exact_for_the_loudest_signal() -> None:
    loudest = np.full(CLIP_SAMPLES, -32768, np.int16)
    assert energy(loudest) == CLIP_SAMPLES * 32768**2


@given(st.lists(st.integers(-32768, 32767), max_size=400))
def test_energy_equals_python_integers(values: list[int]) -> None:
    assert energy(np.array(values, np.int16)) == sum(value * value for value in values)


def test_speech_is_at_minus_26_dbfs_and_snr_is_by_own_samples() -> None:
    speech, background = signal(1, 360_000), signal(2, 220_500, 77)
    mixtures = mix(speech, background, 50_000, SNRS_DB)
    assert mixtures.attenuation == 1.0
    assert 20 * math.log10(rms(mixtures.pcm[0][50_000:410_000]) / 32768) == pytest.approx(-26, abs=0.001)
    assert 20 * math.log10(rms(mixtures.pcm[-1][:220_500]) / 32768) == pytest.approx(-26, abs=0.001)
    assert [measured.clip for measured in mixtures.snrs_db] == pytest.approx(SNRS_DB, abs=0.002)
    assert mixtures.placement == Placement(50_000, 410_000, 220_500)
    assert measure_snrs_db(mixtures.pcm, mixtures.placement) == mixtures.snrs_db


def test_overlap_is_none_when_the_background_ends_before_the_speech() -> None:
    speech, background = signal(1, 360_000), signal(2, 20_000)
    (measured,) = mix(speech, background, 50_000, (0.0,)).snrs_db
    assert measured.overlap is None
    assert measured.clip == pytest.approx(0, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(
    speech_samples=st.integers(1, CLIP_SAMPLES), background_samples=st.integers(1, CLIP_SAMPLES), place=st.floats(0, 1)
)
def test_measured_snrs_equal_plain_sums(speech_samples: int, background_samples: int, place: float) -> None:
    speech, background = signal(5, speech_samples), signal(6, background_samples)
    speech[0], background[0] = 900, 1100
    onset = int(place * (CLIP_SAMPLES - speech_samples))
    mixtures = mix(speech, background, onset, (3.0,))
    voice = mixtures.pcm[0].astype(np.int64)
    noise = mixtures.pcm[1].astype(np.int64) - voice
    own = (voice**2).sum() / speech_samples / ((noise[:background_samples] ** 2).sum() / background_samples)
    assert mixtures.snrs_db[0].clip == pytest.approx(10 * math.log10(own), abs=1e-4)
    both = slice(onset, min(onset + speech_samples, background_samples))
    if both.start >= both.stop:
        assert mixtures.snrs_db[0].overlap is None
    else:
        ratio = (voice[both] ** 2).sum() / (noise[both] ** 2).sum()
        assert mixtures.snrs_db[0].overlap == pytest.approx(10 * math.log10(ratio), abs=1e-4)


def test_one_attenuation_for_all_conditions_and_only_as_much_as_needed() -> None:
    speech, background = signal(1, 360_000), signal(2, 441_000, 10)
    background[1000] = 3000  # a click: crest factor of 50 dB
    mixtures = mix(speech, background, 0, SNRS_DB)
    assert mixtures.attenuation < 0.2
    assert mixtures.gain_db == pytest.approx(20 * math.log10(mixtures.attenuation), abs=1e-6)
    assert int(np.abs(mixtures.pcm.astype(int)).max()) == PEAK_LIMIT
    speech_level_db = 20 * math.log10(rms(mixtures.pcm[0][:360_000]) / 32768)
    assert speech_level_db == pytest.approx(-26 + mixtures.gain_db, abs=0.001)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    speech_samples=st.integers(1, CLIP_SAMPLES),
    background_samples=st.integers(1, CLIP_SAMPLES),
    place=st.floats(0, 1),
    click=st.integers(0, 32767),
)
def test_stems_sum_to_the_mixture_and_nothing_clips(
    seed: int, speech_samples: int, background_samples: int, place: float, click: int
) -> None:
    speech, background = signal(seed, speech_samples), signal(seed + 1, background_samples)
    speech[0], background[0] = 7, max(click, 1)
    onset = int(place * (CLIP_SAMPLES - speech_samples))
    pcm = mix(speech, background, onset, SNRS_DB).pcm
    assert int(np.abs(pcm.astype(int)).max()) <= PEAK_LIMIT
    for snr_db, mixture in zip(SNRS_DB, pcm[1:-1], strict=True):
        ratio = amplitude_ratio(-snr_db)
        error = np.abs(pcm[0] + ratio * pcm[-1].astype(float) - mixture)
        assert error.max() <= 1 + ratio / 2
    assert not pcm[0][:onset].any()
    assert not pcm[0][onset + speech_samples :].any()
    assert not pcm[-1][background_samples:].any()


def test_gains_equal_those_of_lhotse() -> None:
    """The mixer of lhotse takes mean powers over whole tracks, which for two 10-s signals is the `clip` definition."""
    AudioMixer = pytest.importorskip("lhotse.audio.mixer", reason="lhotse is not installed").AudioMixer  # noqa: N806
    energy_of = pytest.importorskip("lhotse.audio.mixer").audio_energy
    speech, background = signal(3, CLIP_SAMPLES, 900), signal(4, CLIP_SAMPLES, 2500)
    ours = mix(speech, background, 0, SNRS_DB).pcm.astype(np.float64)
    for number, snr_db in enumerate(SNRS_DB, start=1):
        voice, noise = ours[0][None] / 32768, background[None] / 32768
        mixer = AudioMixer(voice, sampling_rate=44_100, reference_energy=energy_of(voice))
        mixer.add_to_mix(noise, snr=snr_db)
        theirs = mixer.mixed_audio[0] * 32768
        assert np.abs(theirs - ours[number]).max() < 1.01


def test_digital_silence_is_an_error() -> None:
    silence = np.zeros(1000, np.int16)
    for speech, background in ((silence, signal(1, 1000)), (signal(1, 1000), silence)):
        with pytest.raises(ValueError, match="digital silence has no level"):
            mix(speech, background, 0, SNRS_DB)


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        mix(signal(1, CLIP_SAMPLES), signal(2, 10), 1, SNRS_DB)


def test_hash_is_over_little_endian_samples() -> None:
    samples = np.array([1, -2, 300], np.int16)
    assert pcm_sha256(samples) == pcm_sha256(samples.astype(">i2").astype(np.int16))
    # The sum that the command sha256sum gives for the bytes 01 00 fe ff 2c 01.
    assert pcm_sha256(samples) == "449c6a1f60e95b7c5cbc273adb0b1500608f742c10489e5cc45e6cdf549cf45b"
