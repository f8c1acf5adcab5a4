"""A file gets its name when it is complete, and why it cannot be written is said by the system."""

from __future__ import annotations

import errno
import resource
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sseu_dataset.standin.files import finished


def test_a_file_over_the_limit_of_sizes_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "scene" / "one.wav"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as raised, finished(path) as part:
            soundfile.write(part, np.zeros((441_000, 2), np.int16), 44_100, "PCM_16", format="WAV")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (raised.value.errno, raised.value.filename) == (errno.EFBIG, f"{path}.part")
    assert not path.exists()


def test_what_is_complete_gets_its_name(tmp_path: Path) -> None:
    with finished(tmp_path / "one.wav") as part:
        soundfile.write(part, np.zeros(4410, np.int16), 44_100, "PCM_16", format="WAV")
        assert not (tmp_path / "one.wav").exists()
    assert soundfile.info(tmp_path / "one.wav").frames == 4410
