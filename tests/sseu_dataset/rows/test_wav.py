"""Hazard: a WAV file that another program reads otherwise, or not."""

from __future__ import annotations

import io
import wave

import numpy as np
import soundfile

from sseu_dataset.rows.wav import encode_wav


def test_it_is_what_the_standard_library_writes_and_libsndfile_reads() -> None:
    pcm = np.random.default_rng(0).integers(-32768, 32768, 44_101).astype(np.int16)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", "not compressed"))
        file.writeframes(pcm.tobytes())
    assert encode_wav(pcm) == buffer.getvalue()
    samples, rate_hz = soundfile.read(io.BytesIO(encode_wav(pcm)), dtype="int16")
    assert rate_hz == 44_100
    assert np.array_equal(samples, pcm)
    assert encode_wav(pcm[::2]) == encode_wav(pcm[::2].copy())
