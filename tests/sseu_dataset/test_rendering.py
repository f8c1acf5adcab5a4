"""FLAC of one clip after another, on one thread and on several."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from sseu_dataset.rendering import encode_flac

RNG = np.random.default_rng(0)
LOUD = (RNG.normal(size=441_000) * 3000).astype(np.int16)
CLIPS = [LOUD, np.zeros(441_000, np.int16), LOUD[:100_000], LOUD[::-1].copy(), np.array([1], np.int16), LOUD]


def with_the_library(pcm: NDArray[np.int16]) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, pcm, 44_100, format="FLAC", subtype="PCM_16", compression_level=3 / 8)
    return buffer.getvalue()


@pytest.mark.parametrize("in_memory", [True, False])
def test_each_clip_is_whole_whatever_came_before(in_memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not in_memory:
        monkeypatch.delattr("os.memfd_create", raising=False)
    with ThreadPoolExecutor(1) as fresh_thread:
        assert list(fresh_thread.map(encode_flac, CLIPS)) == [with_the_library(clip) for clip in CLIPS]


def test_threads_do_not_share_a_file() -> None:
    clips = [LOUD[: 1000 * number] for number in range(1, 60)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(encode_flac, clips))
    for clip, data in zip(clips, found, strict=True):
        assert np.array_equal(soundfile.read(io.BytesIO(data), dtype="int16")[0], clip)
