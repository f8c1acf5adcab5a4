"""The cache of headers: never wrong, and never the end of a build."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset.corpora import headers as header_cache
from sseu_dataset.corpora.audio import Header, read_clip
from sseu_dataset.corpora.headers import default_cache, read_headers
from tests.sseu_dataset.tiny_corpora import noise, write_audio


def make(path: Path) -> str:
    write_audio(path, noise("x", 0.1, 44_100), 44_100)
    return str(path)


def test_only_what_lies_below_the_corpus_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "headers.sqlite"
    corpus = [make(tmp_path / "a" / "p1" / "x.wav"), make(tmp_path / "a" / "p2" / "x.wav")]
    neighbours = [make(tmp_path / "a-b.wav"), make(tmp_path / "ab" / "x.wav")]
    before = read_headers([*corpus, *neighbours], cache)
    assert {key[0] for key in header_cache._load(cache, corpus)} == set(corpus)
    monkeypatch.setattr(header_cache, "read_header", lambda path: pytest.fail(f"{path} read again"))
    for paths in (corpus, neighbours, corpus[:1], [*corpus, *neighbours]):
        assert read_headers(paths, cache) == {path: before[path] for path in paths}
    assert read_headers([], cache) == {}


def test_a_name_that_is_not_utf8_is_read_and_left_out_of_the_cache(tmp_path: Path) -> None:
    cache = tmp_path / "headers.sqlite"
    usual, other = make(tmp_path / "usual.wav"), make(tmp_path / "x.wav")
    odd = os.path.join(tmp_path, os.fsdecode(b"\xff"), "odd.wav")
    Path(odd).parent.mkdir()
    os.rename(other, odd)
    for paths in ([usual, odd], [odd]):
        assert read_headers(paths, cache)[odd] == Header(4410, 44_100, 1)
    assert len(read_clip(Path(odd))) == 4410
    with closing(sqlite3.connect(cache)) as connection:
        assert connection.execute("SELECT path FROM header").fetchall() == [(usual,)]


def test_a_cache_out_of_reach_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, home, stat = make(tmp_path / "x.wav"), str(tmp_path / "home"), os.stat

    def refuse(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if os.fsdecode(path).startswith(home):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return stat(path, *args, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert read_headers([path], Path(home) / "headers.sqlite") == {path: Header(4410, 44_100, 1)}


def test_a_user_without_home_has_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    path = make(tmp_path / "x.wav")
    assert read_headers([path], default_cache()) == {path: Header(4410, 44_100, 1)}
    assert Path(os.devnull).is_char_device()
