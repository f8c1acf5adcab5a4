"""Vectors kept on disk, so that no text is embedded twice: one SQLite file for all runs and processes.

A vector's key is the SHA-256 of (embedder id, revision, text) beside its dimension; the text itself is not stored.
Numbers are little-endian float32 where that loses nothing (the vectors of our own embedders), else float64: what is
read equals what was computed, bit for bit.

The cache may slow a run down, but never fails or changes one. Each row carries a checksum, and a row that does not
match it is computed again; a damaged file is moved aside to `<name>.corrupt` and replaced by an empty one; a read-only
place is read as far as possible and reported once. Connections live for one operation, so that processes, forks and
threads may share the file; writers wait for each other.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .embedder_protocol import Embedder, EmbedderError, batches_of, check_texts, check_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_BYTES = 2 * 1024**3
"""Default bound of the file: about a million vectors of the default embedder, 160,000 of text-embedding-3-large."""

_APPLICATION_ID = 0x53534555
_TOUCH_AFTER_S = 24 * 3600  # "last used" is kept to the day: reading then seldom writes
_WAIT_S = 30.0
_PER_QUERY = 500
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def default_cache_path() -> Path | None:
    """Return `$XDG_CACHE_HOME/sseu-bench/embeddings.sqlite`, else below `~/.cache`; None where there is no home."""
    for root in (os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache")):
        if os.path.isabs(root):
            return Path(root) / "sseu-bench" / "embeddings.sqlite"
    return None


class EmbeddingCache:
    """The file. Beyond `max_bytes` the least recently used entries are deleted until a tenth of it is free."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        """Name the file; it is created when first written."""
        self.path = path
        self.max_bytes = max_bytes
        self._reported = False

    def load(
        self, embedder_id: str, revision: str | None, texts: Iterable[str], dimension: int | None
    ) -> dict[str, NDArray[np.float64]]:
        """Return the stored vectors of those texts that have one.

        Where `dimension` is None, vectors are returned only if all that are found agree on it.

        Raises:
            ValueError: The file is an SQLite file of another program.
        """
        text_of = {_key(embedder_id, revision, text): text for text in texts}
        now = int(time.time())

        def read(connection: sqlite3.Connection) -> tuple[dict[str, NDArray[np.float64]], list[tuple[int, bytes]]]:
            found: dict[str, NDArray[np.float64]] = {}
            stale: list[tuple[int, bytes]] = []
            keys = list(text_of)
            for start in range(0, len(keys), _PER_QUERY):
                some = keys[start : start + _PER_QUERY]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, dimension, used, checksum, vector FROM vectors WHERE key IN ({marks})", some
                )
                for key, length, used, checksum, blob in rows:
                    vector = _decode(key, length, checksum, blob)
                    if vector is None or dimension not in (None, length):
                        continue
                    if found and dimension is None and len(next(iter(found.values()))) != length:
                        return {}, []
                    found[text_of[key]] = vector
                    if not isinstance(used, int) or used < now - _TOUCH_AFTER_S:
                        stale.append((now, key))
            return found, stale

        if not text_of or not os.path.exists(self.path):
            return {}
        found, stale = self._run(read, write=False) or ({}, [])
        if stale:
            self._run(lambda connection: connection.executemany("UPDATE vectors SET used = ? WHERE key = ?", stale))
        return found

    def store(self, embedder_id: str, revision: str | None, vectors: Mapping[str, NDArray[np.float64]]) -> None:
        """Keep the vectors (replacing what is there) and delete the least recently used if the file exceeds its bound.

        Raises:
            ValueError: The file is an SQLite file of another program.
        """
        now = int(time.time())
        rows = [_encode(_key(embedder_id, revision, text), vector, now) for text, vector in vectors.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)", rows)
            self._evict(connection)

        if rows:
            self._run(write)

    def _evict(self, connection: sqlite3.Connection) -> None:
        names = ("page_count", "freelist_count", "page_size")
        pages, free, page_bytes = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        size = (pages - free) * page_bytes
        if size > self.max_bytes:
            count = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()[0]
            surplus = min(count, 1 + int(count * (1 - 0.9 * self.max_bytes / size)))
            connection.execute(
                "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors ORDER BY used, rowid LIMIT ?)",
                (surplus,),
            )

    def _run(self, operation: Callable[[sqlite3.Connection], _T], *, write: bool = True) -> _T | None:
        """Do one operation in one transaction; None where the file cannot be used."""
        for _ in range(2):
            inode = _inode(self.path)
            try:
                if write:
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                with self._transaction(write) as connection:
                    return operation(connection) if _prepare(connection, self.path, write) else None
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                    self._report(error)
                    return None
                self._move_aside(inode, error)
            except OSError as error:
                self._report(error)
                return None
        return None

    @contextmanager
    def _transaction(self, write: bool) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # rolls back what is not committed

    def _move_aside(self, inode: int | None, error: Exception) -> None:
        """Put a damaged file out of the way, unless another process has just done so."""
        try:
            if inode is not None and inode == _inode(self.path):
                os.replace(self.path, f"{self.path}.corrupt")
                Path(f"{self.path}-journal").unlink(missing_ok=True)
                _log.warning("the embedding cache %s was damaged (%s); starting an empty one", self.path, error)
        except OSError as problem:
            self._report(problem)

    def _report(self, error: Exception) -> None:
        if not self._reported:
            _log.warning("the embedding cache %s cannot be used (%s); continuing without it", self.path, error)
            self._reported = True


class CachedEmbedder:
    """An embedder whose vectors are looked up in a cache first, and stored block by block as they are computed."""

    def __init__(self, embedder: Embedder, cache: EmbeddingCache) -> None:
        self.embedder = embedder
        self.cache = cache
        self._dimension: int | None = None

    @property
    def id(self) -> str:
        """That of the wrapped embedder."""
        return self.embedder.id

    @property
    def revision(self) -> str | None:
        """That of the wrapped embedder."""
        return self.embedder.revision

    @property
    def dimension(self) -> int | None:
        """That of the wrapped embedder, or of the vectors found."""
        return self.embedder.dimension or self._dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (texts, dimension): the vectors that the embedder gives, whether stored or new.

        Raises:
            EmbedderError: New vectors have another dimension than the stored ones of the same id and revision.
        """
        import numpy as np

        check_texts(texts)
        vectors = self.cache.load(self.id, self.revision, texts, self.dimension)
        if vectors:
            self._dimension = len(next(iter(vectors.values())))
        missing = [text for text in dict.fromkeys(texts) if text not in vectors]
        done = 0
        for block in batches_of(self.embedder, missing) if missing else ():
            rows = check_vectors(block, len(block), self.id)
            if self._dimension not in (None, rows.shape[1]):
                raise EmbedderError(
                    f"{self.id} gives {rows.shape[1]} numbers per vector, but {self.cache.path} holds vectors of "
                    f"{self._dimension} for it: another model answers to that name; remove the file or use cache=False"
                )
            fresh = dict(zip(missing[done : done + len(rows)], rows, strict=True))
            self.cache.store(self.id, self.revision, fresh)
            self._dimension = rows.shape[1]
            vectors.update(fresh)
            done += len(rows)
        if done != len(missing):
            raise EmbedderError(f"{self.id} gave {done} vectors for {len(missing)} texts")
        return np.stack([vectors[text] for text in texts]) if texts else np.empty((0, self.dimension or 0))


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _prepare(connection: sqlite3.Connection, path: Path, write: bool) -> bool:
    """Make the table in an empty file, and return whether it is there."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application == _APPLICATION_ID:
        return True
    if application or connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
        raise ValueError(f"{path} is an SQLite file of another program; name another file for the embedding cache")
    if write:
        connection.execute(
            "CREATE TABLE vectors (key BLOB NOT NULL, dimension INTEGER NOT NULL, used INTEGER NOT NULL, "
            "checksum BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (key, dimension))"
        )
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    return write


def _key(embedder_id: str, revision: str | None, text: str) -> bytes:
    return hashlib.sha256(json.dumps([embedder_id, revision, text]).encode()).digest()


def _checksum(key: bytes, blob: bytes) -> bytes:
    return hashlib.blake2b(key + blob, digest_size=8).digest()


def _encode(key: bytes, vector: NDArray[np.float64], now: int) -> tuple[bytes, int, int, bytes, bytes]:
    import numpy as np

    with np.errstate(over="ignore"):  # what float32 cannot hold stays float64
        single = vector.astype("<f4")
    blob = (single if np.array_equal(single, vector) else vector.astype("<f8")).tobytes()
    return key, len(vector), now, _checksum(key, blob), blob


def _decode(key: bytes, dimension: int, checksum: object, blob: object) -> NDArray[np.float64] | None:
    import numpy as np

    if not isinstance(blob, bytes) or checksum != _checksum(key, blob):
        return None
    if not isinstance(dimension, int) or len(blob) not in (4 * dimension, 8 * dimension):
        return None
    return np.frombuffer(blob, dtype="<f4" if len(blob) == 4 * dimension else "<f8").astype(np.float64)
