"""FLAC of one clip after another, on one thread and on several."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from sseu_dataset.rows.flac import encode_flac

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

        def refused(name: str) -> int:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr("os.memfd_create", refused, raising=False)
    with ThreadPoolExecutor(1) as fresh_thread:
        assert list(fresh_thread.map(encode_flac, CLIPS)) == [with_the_library(clip) for clip in CLIPS]


def test_threads_do_not_share_a_file() -> None:
    clips = [LOUD[: 1000 * number] for number in range(1, 60)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(encode_flac, clips))
    for clip, data in zip(clips, found, strict=True):
        assert np.array_equal(soundfile.read(io.BytesIO(data), dtype="int16")[0], clip)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has files in memory, which a limit on file size cuts")
@pytest.mark.parametrize("missing_bytes", [1, 10, 4_000, 100_000])
def test_a_clip_that_is_not_whole_is_an_error_and_spoils_no_other(missing_bytes: int) -> None:
    """Libsndfile leaves out the last frame without a word where there is no room for it."""
    code = f"""
import resource, signal
import numpy as np
from sseu_dataset.rows.flac import encode_flac
loud = (np.random.default_rng(0).normal(size=441_000) * 3000).astype(np.int16)
whole = encode_flac(loud)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) - {missing_bytes}, hard))
try:
    encode_flac(loud)
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(encode_flac(loud) == whole)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said, again = done.stdout.splitlines()
    assert "a clip could not be encoded" in said
    assert again == "True"
