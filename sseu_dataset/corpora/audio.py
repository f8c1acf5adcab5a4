"""Decodes source recordings to 16-bit mono at 44,100 Hz, with identical samples on every run.

Each source becomes mono (the mean of its channels) in float64, is resampled if needed (soxr VHQ, version pinned) and
rounded half-to-even to int16. From there on all arithmetic is exact or correctly rounded (`mixing`).
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.records import CLIP_S, CLIP_SAMPLES, RATE_HZ, CorpusError

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

_AUDIO_SIGNATURES = {".flac": b"fLaC", ".wav": b"RIFF"}
_INTEGER_SUBTYPES = {"PCM_U8", "PCM_16", "PCM_24", "PCM_32"}
_CHECKED_FRAMES = 4096


@dataclass(frozen=True, slots=True)
class Header:
    """Length in frames (samples per channel), sampling rate and channels, as stated by a file's header."""

    frames: int
    rate_hz: int
    channels: int


def read_header(path: str) -> Header:
    """Read the header of a FLAC or WAV file; no sample is decoded.

    Raises:
        CorpusError: The file is empty, is not audio (such as an error page saved under this name), or holds fewer bytes
            than its header declares.
    """
    # Without a file object and its buffer: 42 bytes of each of 44,000 files. A pipe, which has none, is not waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        start = os.read(descriptor, 42)
    finally:
        os.close(descriptor)
    if not start:
        raise CorpusError(f"{path}: empty file (0 bytes); fetch it again")
    suffix = os.path.splitext(path)[1].lower()
    signature = _AUDIO_SIGNATURES.get(suffix)
    if signature is None:
        raise CorpusError(f"{path}: a {suffix or 'nameless'} file, only .flac and .wav are read; convert it")
    if not start.startswith(signature):
        shown = start[:15].decode("latin-1")
        raise CorpusError(f"{path}: not a {suffix.lstrip('.')} file, it begins with {shown!r}; fetch it again")
    header = _flac_header(path, start) if signature == b"fLaC" else _wav_header(path)
    if header.frames == 0 or header.rate_hz == 0:
        raise CorpusError(f"{path}: the header declares no samples; fetch it again")
    return header


def _flac_header(path: str, start: bytes) -> Header:
    """STREAMINFO, always the first metadata block (RFC 9639 section 8.2)."""
    if len(start) < 42:
        raise CorpusError(f"{path}: truncated after {len(start)} bytes; fetch it again")
    packed = int.from_bytes(start[18:26], "big")
    return Header(frames=packed & (1 << 36) - 1, rate_hz=packed >> 44, channels=(packed >> 41 & 0b111) + 1)


def _wav_header(path: str) -> Header:
    """The header as libsndfile reads it, after a check that it omits: whether the data chunk is complete."""
    import soundfile

    size = os.path.getsize(path)
    with open(path, "rb") as file:
        position = 12
        while position + 8 <= size:
            file.seek(position)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                if position + 8 + length > size:
                    missing = position + 8 + length - size
                    raise CorpusError(f"{path}: truncated, {missing} bytes of audio are missing; fetch it again")
                break
            position += 8 + length + length % 2
    try:
        info = soundfile.info(os.fsencode(path))  # as bytes, since a name need not be valid UTF-8
    except soundfile.LibsndfileError as error:
        raise CorpusError(f"{path}: unreadable ({error.error_string}); fetch it again") from error
    return Header(info.frames, info.samplerate, info.channels)


def check_clip(path: Path, start_s: int = 0) -> None:
    """Raise what `read_clip` would raise, for a recording whose header has been read.

    A WAV file of integers can neither lack bytes unnoticed (`read_header`) nor hold NaN: one at 44,100 Hz is read up to
    the first block that is not silent as 16-bit mono. Every other file is read completely, since it may be damaged
    further on, or be silent after resampling.

    Raises:
        CorpusError: Unreadable or truncated audio, samples that are NaN or infinite, or digital silence.
    """
    with _open(path, start_s) as (file, declared):
        if file.format == "WAV" and file.subtype in _INTEGER_SUBTYPES and file.samplerate == RATE_HZ:
            blocks = file.blocks(_CHECKED_FRAMES, frames=declared, dtype=_sample_type(file), always_2d=True)
            if not any(_to_int16_mono(block, RATE_HZ).any() for block in blocks):
                raise _silence(path, start_s)
            return
    read_clip(path, start_s)


def read_clip(path: Path, start_s: int = 0) -> NDArray[np.int16]:
    """Read at most 10 s of a recording from `start_s` on, as int16 mono at 44,100 Hz.

    Returns:
        Array of shape (n,), 0 < n <= 441,000; a recording that ends earlier gives fewer samples.

    Raises:
        CorpusError: Unreadable or truncated audio, samples that are NaN or infinite, or digital silence.
    """
    clip = _to_int16_mono(*_read_frames(path, start_s))
    if not clip.any():
        raise _silence(path, start_s)
    return clip


def _to_int16_mono(frames: NDArray[np.int16] | NDArray[np.float64], rate_hz: int) -> NDArray[np.int16]:
    """The rounded mean of the channels at 44,100 Hz, at most 10 s, of frames from `_read_frames`."""
    import numpy as np

    if frames.dtype == np.int16 and rate_hz == RATE_HZ and frames.shape[1] == 1:
        return frames[:, 0].astype(np.int16, copy=False)
    channels = frames.shape[1]
    if frames.dtype == np.int16 and rate_hz == RATE_HZ and channels == 2 and frames.flags.c_contiguous:
        both = frames.view(np.int32)[:, 0]
        total = (both << 16 >> 16) + (both >> 16)  # of the two channels
        total += total >> 1 & 1  # the mean is rounded half to even
        return (total >> 1).astype(np.int16)
    mono = frames[:, 0].astype(np.float64)
    if channels > 1:
        for channel in range(1, channels):
            mono += frames[:, channel]
        mono /= channels
    if frames.dtype != np.int16:
        mono *= 32768.0
    if rate_hz != RATE_HZ:
        import soxr

        mono = soxr.resample(mono, rate_hz, RATE_HZ, quality="VHQ")[:CLIP_SAMPLES]
    np.rint(mono, out=mono)
    np.clip(mono, -32768, 32767, out=mono)  # a resampled full-scale wave overshoots
    return mono.astype(np.int16)


def _read_frames(path: Path, start_s: int) -> tuple[NDArray[np.int16] | NDArray[np.float64], int]:
    """At most 10 s as stored, shape (n, channels), and the rate: int16 for 16-bit files, else float64, full scale 1."""
    import numpy as np

    with _open(path, start_s) as (file, declared):
        rate_hz = file.samplerate
        frames = file.read(declared, dtype=_sample_type(file), always_2d=True)
    if len(frames) < declared:
        raise CorpusError(f"{path}: truncated, {declared - len(frames)} of its samples are missing; fetch it again")
    if frames.dtype != np.int16 and not np.isfinite(frames).all():
        raise CorpusError(f"{path}: contains NaN or infinite samples; fetch it again")
    return frames, rate_hz


def _sample_type(file: soundfile.SoundFile) -> str:
    return "int16" if file.subtype == "PCM_16" else "float64"


@contextmanager
def _open(path: Path, start_s: int) -> Iterator[tuple[soundfile.SoundFile, int]]:
    """The file at `start_s` and the number of frames of the clip it declares; libsndfile's errors are CorpusErrors."""
    import soundfile

    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:
            declared = min(file.frames - start_s * file.samplerate, CLIP_S * file.samplerate)
            if declared <= 0:
                raise CorpusError(f"{path}: ends before {start_s} s; fetch it again")
            file.seek(start_s * file.samplerate)
            yield file, declared
    except soundfile.LibsndfileError as error:
        raise CorpusError(f"{path}: unreadable ({error.error_string}); fetch it again") from error


def _silence(path: Path, start_s: int) -> CorpusError:
    return CorpusError(f"{path}: digital silence from {start_s} s on; it has no level from which to set an SNR")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
