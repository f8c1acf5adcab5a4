"""Reading source recordings: every format that may come, and everything that can be wrong with a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from sseu_dataset.corpora.audio import Header, check_clip, file_sha256, read_clip, read_header
from sseu_dataset.records import CLIP_SAMPLES, CorpusError
from tests.sseu_dataset.tiny_corpora import noise, write_audio


def write(path: Path, samples: NDArray[Any], rate_hz: int = 44_100, subtype: str = "PCM_16") -> Path:
    write_audio(path, samples, rate_hz, subtype)
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_header_equals_soundfiles(tmp_path: Path, suffix: str, rate_hz: int, channels: int) -> None:
    samples = np.stack([noise("a", 1.3, rate_hz)] * channels, 1)
    path = write(tmp_path / f"x.{suffix}", samples, rate_hz)
    info = soundfile.info(path)
    assert (
        read_header(str(path))
        == Header(info.frames, info.samplerate, info.channels)
        == Header(len(samples), rate_hz, channels)
    )


def test_16_bit_mono_passes_unchanged(tmp_path: Path) -> None:
    samples = np.array([0, 1, -1, 32767, -32768, 5], np.int16)
    assert read_clip(write(tmp_path / "x.wav", samples)).tolist() == samples.tolist()


def test_stereo_becomes_the_mean_rounded_half_to_even(tmp_path: Path) -> None:
    left = np.array([1, 2, 3, -1, -3, 32767, -32768], np.int16)
    right = np.array([0, 0, 0, 0, 0, 32767, -32768], np.int16)
    clip = read_clip(write(tmp_path / "x.wav", np.stack([left, right], 1)))
    assert clip.tolist() == [0, 1, 2, 0, -2, 32767, -32768]  # means 0.5, 1, 1.5, -0.5, -1.5


@pytest.mark.parametrize(
    ("subtype", "suffix"), [("PCM_24", "wav"), ("PCM_24", "flac"), ("FLOAT", "wav"), ("DOUBLE", "wav")]
)
def test_finer_formats_are_rounded_to_16_bits(tmp_path: Path, subtype: str, suffix: str) -> None:
    samples = np.array([0.5, 1.5, 2.5, -0.5, 1000.25, -32768.0]) / 32768
    assert read_clip(write(tmp_path / f"x.{suffix}", samples, subtype=subtype)).tolist() == [0, 2, 2, 0, 1000, -32768]


def test_float_beyond_full_scale_is_clipped_not_wrapped(tmp_path: Path) -> None:
    assert read_clip(write(tmp_path / "x.wav", np.array([1.5, -1.5]), subtype="FLOAT")).tolist() == [32767, -32768]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000, 96_000])
def test_resampling_keeps_a_sine(tmp_path: Path, rate_hz: int) -> None:
    def sine(rate: int) -> NDArray[np.float64]:
        return 0.5 * np.sin(2 * np.pi * 997 * np.arange(2 * rate) / rate)

    clip = read_clip(write(tmp_path / "x.wav", sine(rate_hz), rate_hz, "FLOAT"))
    assert len(clip) == 88_200
    inside = slice(2000, -2000)
    assert np.abs(clip[inside] - sine(44_100)[inside] * 32768).max() < 2


def test_only_ten_seconds_are_read(tmp_path: Path) -> None:
    samples = (noise("long", 25.0, 44_100) * 32767).astype(np.int16)
    path = write(tmp_path / "x.wav", samples)
    assert np.array_equal(read_clip(path, 10), samples[441_000:882_000])
    assert len(read_clip(path)) == CLIP_SAMPLES
    assert len(read_clip(path, 20)) == 220_500


def test_names_with_blanks_and_other_letters(tmp_path: Path) -> None:
    path = write(tmp_path / "ü ß 音.flac", noise("x", 0.1, 44_100))
    assert read_header(str(path)).frames == len(read_clip(path)) == 4410


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file (0 bytes); fetch it again"),
        (
            b"<!DOCTYPE html><title>503 Service Unavailable</title>" * 9,
            "it begins with '<!DOCTYPE html>'; fetch it again",
        ),
    ],
)
def test_what_is_not_audio(tmp_path: Path, suffix: str, content: bytes, message: str) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"x\.") as caught:
        read_header(str(path))
    assert message in str(caught.value)


def test_a_wav_cut_short_shows_in_its_header(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", noise("x", 1.0, 44_100))
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CorpusError, match=r"truncated, 1000 bytes of audio are missing; fetch it again"):
        read_header(str(path))


def test_a_wav_with_other_chunks_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", noise("x", 0.5, 44_100))
    data = path.read_bytes()
    path.write_bytes(data[:12] + b"LIST\x05\x00\x00\x00INFOx\x00" + data[12:])
    assert read_header(str(path)).frames == 22_050


def test_a_flac_cut_short_shows_when_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "x.flac", noise("x", 5.0, 44_100))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert read_header(str(path)).frames == 220_500
    for function in (check_clip, read_clip):
        with pytest.raises(CorpusError, match=r"x\.flac: (truncated|unreadable)"):
            function(path)


def test_a_flac_cut_within_its_header(tmp_path: Path) -> None:
    path = write(tmp_path / "x.flac", noise("x", 0.1, 44_100))
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(CorpusError, match="truncated after 30 bytes"):
        read_header(str(path))


def with_value(value: float) -> NDArray[np.float64]:
    samples = noise("x", 0.2, 44_100)
    samples[100] = value
    return samples


BELOW_16_BITS = np.full(44_100, 0.4 / 32768)
ULTRASOUND = 0.001 * np.sin(2 * np.pi * 40_000 * np.arange(96_000) / 96_000) * np.hanning(96_000)


@pytest.mark.parametrize(
    ("name", "samples", "rate_hz", "subtype", "message"),
    [
        ("nan.wav", with_value(np.nan), 44_100, "FLOAT", "contains NaN or infinite samples"),
        ("infinite.wav", with_value(np.inf), 44_100, "FLOAT", "contains NaN or infinite samples"),
        ("minus_infinite.wav", with_value(-np.inf), 44_100, "FLOAT", "contains NaN or infinite samples"),
        ("zeros.wav", np.zeros(44_100), 44_100, "PCM_16", "digital silence from 0 s on"),
        ("cancelling.wav", np.outer(noise("x", 0.2, 44_100), [1, -1]), 44_100, "PCM_16", "digital silence"),
        ("rounded.wav", BELOW_16_BITS, 44_100, "PCM_24", "digital silence"),
        ("rounded_float.wav", BELOW_16_BITS, 44_100, "FLOAT", "digital silence"),
        ("rounded.flac", BELOW_16_BITS, 44_100, "PCM_24", "digital silence"),
        ("filtered_by_resampling.wav", ULTRASOUND, 96_000, "PCM_24", "digital silence"),
    ],
)
def test_nan_infinity_and_silence_are_refused(
    tmp_path: Path, name: str, samples: NDArray[np.float64], rate_hz: int, subtype: str, message: str
) -> None:
    path = write(tmp_path / name, samples, rate_hz, subtype)
    for function in (check_clip, read_clip):
        with pytest.raises(CorpusError, match=message):
            function(path)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_one_last_sample_is_no_silence(tmp_path: Path, suffix: str, subtype: str) -> None:
    samples = np.zeros(44_100)
    samples[-1] = 0.5
    path = write(tmp_path / f"x.{suffix}", samples, subtype=subtype)
    check_clip(path)
    assert np.count_nonzero(read_clip(path)) == 1


def test_sound_after_the_window_is_silence_in_it(tmp_path: Path) -> None:
    samples = np.zeros(14 * 8000)
    samples[11 * 8000 :] = 0.5
    path = write(tmp_path / "x.wav", samples, 8000)
    check_clip(path, 3)
    with pytest.raises(CorpusError, match="digital silence from 0 s on"):
        check_clip(path)


def test_more_channels_become_their_mean(tmp_path: Path) -> None:
    frames = np.array([[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 3], [6, 6, 6, 6, 6, 6]], np.int16)
    assert read_clip(write(tmp_path / "x.wav", frames)).tolist() == [4, 0, 6]  # means 3.5, 0.5, 6


def test_a_window_after_the_end(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="ends before 10 s"):
        read_clip(write(tmp_path / "x.wav", noise("x", 9.0, 44_100)), 10)


def test_file_sha256_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert file_sha256(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
