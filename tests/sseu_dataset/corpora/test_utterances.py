"""The store of decoded utterances."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.records import CorpusError
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial


def test_an_utterance_is_decoded_once_and_stays_the_same(
    pristine_corpora: TinyCorpora, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [pristine_corpora.recording(name) for name in ("p225_021", "p226_021")]
    expected = [read_clip(path) for path in paths]
    store = UtteranceCache()
    first = [store.read(path) for path in paths]
    monkeypatch.setattr("sseu_dataset.corpora.utterances.read_clip", lambda path: pytest.fail(f"{path} decoded twice"))
    for clips in (first, [store.read(path) for path in paths]):
        assert all(np.array_equal(clip, wanted) for clip, wanted in zip(clips, expected, strict=True))
    store.close()


def fails(*_: object) -> Any:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize(
    ("call", "replacement"),
    [
        ("pwrite", lambda file, data, place, write=os.pwrite: write(file, data[:1000], place)),
        ("pwrite", fails),
        ("pread", lambda *_: b""),
        ("pread", lambda *_: b"\0" * 1000),
        ("pread", fails),
    ],
)
def test_a_full_or_failing_temporary_disk_costs_time_and_no_source(
    pristine_corpora: TinyCorpora, monkeypatch: pytest.MonkeyPatch, call: str, replacement: Callable[..., Any]
) -> None:
    path = pristine_corpora.recording("p225_021")
    expected = read_clip(path)
    monkeypatch.setattr(os, call, replacement)
    store = UtteranceCache()
    for _ in range(2):
        assert np.array_equal(store.read(path), expected)
    store.close()


class FailingDisk:
    """What the cache calls of `os`, on a temporary disk that fails."""

    pwrite = pread = staticmethod(fails)


@pytest.mark.parametrize("fault", ["full", "no temporary folder"])
def test_a_partial_build_leaves_nothing_out_because_of_the_temporary_disk(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """`--allow-partial` would drop every utterance if trouble here were taken for trouble with the sources."""

    def no_folder() -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    if fault == "full":
        monkeypatch.setattr("sseu_dataset.corpora.utterances.os", FailingDisk)
    else:
        monkeypatch.setattr("sseu_dataset.corpora.utterances.tempfile.TemporaryFile", no_folder)
    build_partial(tmp_path / "out", pristine_corpora)
    for name in ("manifest.json", "excluded.tsv"):
        assert (tmp_path / "out" / name).read_bytes() == (built / name).read_bytes()


def test_beyond_its_room_it_still_checks_and_reads(corpora: TinyCorpora) -> None:
    store = UtteranceCache(max_bytes=0)
    path = corpora.recording("p225_021")
    assert np.array_equal(store.read(path), read_clip(path))
    path.write_bytes(b"")
    with pytest.raises(CorpusError, match="unreadable"):
        store.read(path)
    store.close()
