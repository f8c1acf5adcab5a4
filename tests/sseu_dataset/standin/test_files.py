"""A file gets its name when it is complete, and why it cannot be written is said by the system."""

from __future__ import annotations

import errno
import resource
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sseu_dataset.standin.files import finished, link_once


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


def test_a_second_name_costs_nothing_where_the_disk_has_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, linked, copied = (tmp_path / name for name in ("one.flac", "p1/two.flac", "p1/three.flac"))
    first.write_bytes(b"fLaC")
    link_once(first, linked)
    assert linked.samefile(first)

    def no_links(source: Path, path: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted", str(path))

    monkeypatch.setattr("os.link", no_links)
    link_once(first, copied)
    assert (copied.read_bytes(), copied.samefile(first)) == (b"fLaC", False)
    link_once(tmp_path / "missing", copied)  # it is there already
