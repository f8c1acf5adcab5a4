"""The store of decoded utterances."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from sseu_dataset.rendering import UtteranceStore
from sseu_dataset.source_audio import read_clip
from tests.sseu_dataset.tiny_corpora import TinyCorpora


def test_an_utterance_is_decoded_once_and_stays_the_same(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [pristine_corpora.recording(name) for name in ("p225_021", "p226_021")]
    expected = [read_clip(path) for path in paths]
    store = UtteranceStore(tmp_path)
    first = [store.read(path) for path in paths]
    monkeypatch.setattr("sseu_dataset.rendering.read_clip", lambda path: pytest.fail(f"{path} decoded twice"))
    for clips in (first, [store.read(path) for path in paths]):
        assert all(np.array_equal(clip, wanted) for clip, wanted in zip(clips, expected, strict=True))
    store.close()


def test_a_part_taken_by_a_full_disk_is_not_trusted(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, place: write(file, data[:1000], place))
    store = UtteranceStore(tmp_path)
    path = pristine_corpora.recording("p225_021")
    for _ in range(2):
        assert np.array_equal(store.read(path), read_clip(path))
    store.close()
