"""The file of vectors: the same bits, bounded, shared, and never the reason for a failure."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from sseu_metric import embedding_cache
from sseu_metric.embedder_protocol import Embedder, EmbedderError, unit_rows
from sseu_metric.embedding_cache import CachedEmbedder, EmbeddingCache, default_cache_path

Array = NDArray[np.float64]


class Counting:
    """Random but fixed vectors; remembers what it was asked, and can work in blocks."""

    def __init__(self, dimension: int = 8, revision: str | None = None, *, known: bool = True) -> None:
        self.id = "counting"
        self.revision = revision
        self.dimension = dimension if known else None
        self._size = dimension
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Array:
        self.asked += texts
        seeds = [[*text.encode(), self._size] for text in texts]
        return unit_rows(np.array([np.random.default_rng(seed).standard_normal(self._size) for seed in seeds]), self.id)


class Blocks(Counting):
    """Fails on the third block."""

    def batches(self, texts: Sequence[str]) -> Iterator[Array]:
        for start in range(0, len(texts), 2):
            if start == 4:
                raise KeyboardInterrupt
            yield self.embed(texts[start : start + 2])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "below" / "vectors.sqlite"


def count(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        found: int = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()[0]
    connection.close()
    return found


def cached(path: Path, embedder: Embedder | None = None) -> CachedEmbedder:
    return CachedEmbedder(embedder or Counting(), EmbeddingCache(path))


# --- the same vectors ---


def test_stored_vectors_are_the_computed_ones_bit_for_bit(path: Path) -> None:
    texts = ["dog", "cat", "dog", "a train"]
    plain = Counting().embed(texts)
    first, second = Counting(), Counting()
    assert cached(path, first).embed(texts).tobytes() == plain.tobytes()
    assert cached(path, second).embed(texts[::-1]).tobytes() == plain[::-1].tobytes()
    assert first.asked == ["dog", "cat", "a train"]  # once each
    assert second.asked == []


def test_only_what_is_missing_is_computed(path: Path) -> None:
    cached(path).embed(["dog", "cat"])
    inner = Counting()
    assert np.array_equal(cached(path, inner).embed(["bird", "dog"]), Counting().embed(["bird", "dog"]))
    assert inner.asked == ["bird"]


doubles = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=30)
@given(hnp.arrays(np.float64, st.tuples(st.just(3), st.integers(1, 9)), elements=doubles))
def test_any_float64_comes_back(vectors: Array) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = EmbeddingCache(Path(folder) / "v.sqlite")
        cache.store("id", None, dict(zip("abc", vectors, strict=True)))
        found = cache.load("id", None, "abc", vectors.shape[1])
    assert np.stack([found[text] for text in "abc"]).tobytes() == vectors.tobytes()


def test_numbers_that_fit_float32_take_four_bytes(path: Path) -> None:
    EmbeddingCache(path).store("id", None, {"a": np.full(10, 0.5), "b": np.full(10, 0.1)})
    with sqlite3.connect(path) as connection:
        blobs = dict(connection.execute("SELECT length(vector), vector FROM vectors").fetchall())
    connection.close()
    assert blobs[40] == np.full(10, 0.5, dtype="<f4").tobytes()
    assert blobs[80] == np.full(10, 0.1, dtype="<f8").tobytes()


@pytest.mark.parametrize(
    ("other_id", "other_revision", "other_text"),
    [("id2", None, "a"), ("id", "r", "a"), ("id", None, "b"), ("id", None, "A"), ("id", None, "a ")],
)
def test_id_revision_and_text_are_the_key(
    path: Path, other_id: str, other_revision: str | None, other_text: str
) -> None:
    cache = EmbeddingCache(path)
    cache.store("id", None, {"a": np.ones(4)})
    assert list(cache.load("id", None, ["a"], 4)) == ["a"]
    assert cache.load(other_id, other_revision, [other_text], 4) == {}


def test_two_dimensions_live_beside_each_other(path: Path) -> None:
    cache = EmbeddingCache(path)
    cache.store("id", None, {"a": np.ones(4)})
    cache.store("id", None, {"a": np.ones(8)})
    assert len(cache.load("id", None, ["a"], 4)["a"]) == 4
    assert len(cache.load("id", None, ["a"], 8)["a"]) == 8
    assert cache.load("id", None, ["a"], 5) == {}
    assert cache.load("id", None, ["a"], None) == {}  # which one is meant is not known


def test_the_dimension_is_known_after_the_first_call(path: Path) -> None:
    embedder = cached(path, Counting(known=False))
    assert embedder.dimension is None
    embedder.embed(["dog"])
    assert embedder.dimension == 8
    warm = cached(path, Counting(known=False))
    warm.embed(["dog"])
    assert warm.dimension == 8


def test_another_model_under_the_same_name_is_noticed(path: Path) -> None:
    cached(path, Counting(8, known=False)).embed(["dog"])
    with pytest.raises(EmbedderError, match=r"counting gives 5 numbers per vector, but .* holds vectors of 8 for it"):
        cached(path, Counting(5, known=False)).embed(["dog", "cat"])


def test_an_interrupted_run_keeps_its_finished_blocks(path: Path) -> None:
    texts = ["a", "b", "c", "d", "e"]
    with pytest.raises(KeyboardInterrupt):
        cached(path, Blocks()).embed(texts)
    inner = Counting()
    cached(path, inner).embed(texts)
    assert inner.asked == ["e"]


def test_bad_answers_are_not_stored(path: Path) -> None:
    class Bad(Counting):
        def embed(self, texts: Sequence[str]) -> Array:
            return np.full((len(texts), 8), np.nan)

    class Short(Counting):
        def embed(self, texts: Sequence[str]) -> Array:
            return np.ones((1, 8))

    with pytest.raises(EmbedderError, match="counting: the vector of text 0 holds NaN"):
        cached(path, Bad()).embed(["dog"])
    assert not path.exists()
    with pytest.raises(EmbedderError, match="counting gave 1 vectors for 2 texts"):
        cached(path, Short()).embed(["dog", "cat"])


def test_blank_texts_and_no_texts(path: Path) -> None:
    with pytest.raises(ValueError, match="text 1 is blank"):
        cached(path).embed(["a", ""])
    assert cached(path).embed([]).shape == (0, 8)
    assert not path.exists()


# --- the bound ---


def test_the_oldest_used_entries_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    cache = EmbeddingCache(path, max_bytes=200_000)
    names = [f"t{i}" for i in range(40)]
    for name in names:
        cache.store("id", None, {name: np.full(500, 0.5)})  # 2 kB each
        now += 10
    now += 2 * 24 * 3600
    cache.load("id", None, names[:5], 500)  # used again, so the next ones are now the oldest
    now += 10
    new = [f"n{i}" for i in range(20)]
    for name in new:
        cache.store("id", None, {name: np.full(500, 0.5)})
    kept = set(cache.load("id", None, names + new, 500))
    others = [name for name in names[5:] if name in kept]
    assert kept == {*names[:5], *others, *new}
    assert 0 < len(others) < 30
    assert others == names[-len(others) :]  # the youngest
    assert path.stat().st_size < 1.1 * 200_000


def test_reading_does_not_write_within_a_day(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.time()
    cached(path).embed(["dog"])
    before = path.read_bytes()
    monkeypatch.setattr(time, "time", lambda: start + 23 * 3600)
    cached(path).embed(["dog"])
    assert path.read_bytes() == before
    monkeypatch.setattr(time, "time", lambda: start + 25 * 3600)
    cached(path).embed(["dog"])
    assert path.read_bytes() != before


# --- damage ---


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to look like a file of some kind" * 50, b"SQLite format 3\0"]
)
def test_a_damaged_file_is_replaced_and_kept_aside(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    inner = Counting()
    assert np.array_equal(cached(path, inner).embed(["dog"]), Counting().embed(["dog"]))
    assert inner.asked == ["dog"]
    assert "was damaged" in caplog.text
    assert Path(f"{path}.corrupt").read_bytes() == content
    inner.asked.clear()
    cached(path, inner).embed(["dog"])
    assert inner.asked == []


def test_a_file_with_overwritten_pages_never_gives_a_wrong_vector(path: Path) -> None:
    texts = [f"text {i}" for i in range(400)]
    plain = Counting(64).embed(texts)
    cached(path, Counting(64)).embed(texts)
    pristine = path.read_bytes()
    for seed in range(12):
        damaged = bytearray(pristine)
        random = np.random.default_rng(seed)
        for place in random.integers(100, len(damaged) - 50, 20):
            damaged[place : place + 40] = random.bytes(40)
        path.write_bytes(damaged)
        assert np.array_equal(cached(path, Counting(64)).embed(texts), plain)
        assert np.array_equal(cached(path, Counting(64)).embed(texts), plain)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vectors SET vector = zeroblob(32)",
        "UPDATE vectors SET vector = 'text'",
        "UPDATE vectors SET checksum = zeroblob(8)",
        "UPDATE vectors SET dimension = 4",
        "UPDATE vectors SET (vector, checksum) = (SELECT vector, checksum FROM vectors ORDER BY rowid DESC LIMIT 1)",
        "UPDATE vectors SET dimension = 'x'",
    ],
)
def test_a_row_that_does_not_match_its_checksum_is_computed_again(path: Path, change: str) -> None:
    cached(path).embed(["dog", "cat"])
    with sqlite3.connect(path) as connection:
        connection.execute(change)
    connection.close()
    inner = Counting()
    assert np.array_equal(cached(path, inner).embed(["dog"]), Counting().embed(["dog"]))
    assert inner.asked == ["dog"]
    inner.asked.clear()
    cached(path, inner).embed(["dog"])
    assert inner.asked == []


def test_an_empty_file_is_filled(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.touch()
    cached(path).embed(["dog"])
    assert count(path) == 1
    assert not caplog.records


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is an SQLite file of another program; name another file"):
        cached(path).embed(["dog"])
    assert path.read_bytes() == before


def test_a_file_that_another_process_has_renewed_is_not_moved(path: Path) -> None:
    cached(path).embed(["dog"])
    cache = EmbeddingCache(path)
    cache._move_aside(inode=1, error=sqlite3.DatabaseError("malformed"))
    assert count(path) == 1


# --- places that cannot be written ---


@pytest.mark.parametrize("place", ["file/vectors.sqlite", "."])
def test_a_place_that_holds_no_file_means_no_caching(
    tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    embedder = cached(tmp_path / place)
    for _ in range(3):
        assert np.array_equal(embedder.embed(["dog"]), Counting().embed(["dog"]))
    assert len(caplog.records) == 1  # reported once
    assert "cannot be used" in caplog.text
    assert "continuing without it" in caplog.text


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """A folder with a cache that the process may read and not write (root gives its rights up for it)."""
    if os.name != "posix":
        pytest.skip("needs POSIX rights")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cached(folder / "v.sqlite").embed(["dog"])
        (folder / "v.sqlite").chmod(0o444)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(stat.S_IRWXU)


def test_a_read_only_cache_is_read_and_not_an_error(read_only_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    inner = Counting()
    embedder = cached(read_only_folder / "v.sqlite", inner)
    assert np.array_equal(embedder.embed(["dog", "cat"]), Counting().embed(["dog", "cat"]))
    assert inner.asked == ["cat"]
    assert "cannot be used" in caplog.text
    assert np.array_equal(cached(read_only_folder / "new.sqlite").embed(["cat"]), Counting().embed(["cat"]))
    assert np.array_equal(cached(read_only_folder / "sub" / "new.sqlite").embed(["cat"]), Counting().embed(["cat"]))


def test_a_locked_file_is_passed_by(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedding_cache, "_WAIT_S", 0.05)
    cached(path).embed(["dog"])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert np.array_equal(cached(path).embed(["dog", "cat"]), Counting().embed(["dog", "cat"]))
    assert "database is locked" in caplog.text
    holder.close()
    assert count(path) == 1


@pytest.mark.parametrize(
    ("xdg", "home", "expected"),
    [
        ("/cache", "/home/me", "/cache/sseu-bench/embeddings.sqlite"),
        ("", "/home/me", "/home/me/.cache/sseu-bench/embeddings.sqlite"),
        ("relative", "/home/me", "/home/me/.cache/sseu-bench/embeddings.sqlite"),
    ],
)
def test_where_the_file_lies(xdg: str, home: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    monkeypatch.setenv("HOME", home)
    assert str(default_cache_path()) == expected


def test_without_a_home_nothing_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert default_cache_path() is None


# --- several processes ---


def work(path: Path, number: int) -> bool:
    plain, embedder = Counting(), cached(path)
    ok = True
    for round_ in range(40):
        texts = [f"shared {round_}", f"own {number} {round_}", f"shared {round_ // 2}"]
        ok &= bool(np.array_equal(embedder.embed(texts), plain.embed(texts)))
    return ok and not embedder.cache._reported


def test_processes_share_the_file(path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert pool.starmap(work, [(path, number) for number in range(3)]) == [True] * 3
    assert count(path) == 40 + 3 * 40
