"""Headers of audio files, read once: 44,000 VCTK files need not be opened again while they do not change.

A header is kept under the file's absolute path, size and modification time. The cache is a convenience: a broken or
unwritable one is left aside or started anew, and never changes a result.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sseu_dataset.records import CorpusError
from sseu_dataset.source_audio import Header, read_header

_TABLE = (
    "CREATE TABLE IF NOT EXISTS header "
    "(path TEXT PRIMARY KEY, size INT, mtime_ns INT, frames INT, rate_hz INT, channels INT)"
)


def default_cache() -> Path:
    """`sseu-bench/headers.sqlite` in the user's cache folder (`$XDG_CACHE_HOME`, else `~/.cache`)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sseu-bench" / "headers.sqlite"


def read_headers(paths: Iterable[str], cache: Path) -> dict[str, Header | CorpusError]:
    """The header of each file, or the error that reading it raised."""
    known, here = _load(cache), os.getcwd()
    headers: dict[str, Header | CorpusError] = {}
    fresh: list[tuple[str, int, int, int, int, int]] = []
    for path in paths:
        try:
            status = os.stat(path)
            key = (os.path.join(here, path), status.st_size, status.st_mtime_ns)
            header = known.get(key)
            if header is None:
                header = read_header(path)
                fresh.append((*key, header.frames, header.rate_hz, header.channels))
            headers[path] = header
        except OSError as error:
            headers[path] = CorpusError(
                f"{path}: cannot be read ({error.strerror}); check the file and its permissions"
            )
        except CorpusError as error:
            headers[path] = error
    if fresh:
        _store(cache, fresh)
    return headers


def _load(cache: Path) -> dict[tuple[str, int, int], Header]:
    if not cache.exists():
        return {}
    try:
        with contextlib.closing(sqlite3.connect(cache)) as connection:
            rows = connection.execute("SELECT path, size, mtime_ns, frames, rate_hz, channels FROM header").fetchall()
        return {(row[0], row[1], row[2]): Header(row[3], row[4], row[5]) for row in rows}
    except sqlite3.DatabaseError:
        with contextlib.suppress(OSError):
            cache.unlink()
        return {}


def _store(cache: Path, rows: list[tuple[str, int, int, int, int, int]]) -> None:
    with contextlib.suppress(OSError, sqlite3.DatabaseError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(cache, timeout=30)) as connection, connection:
            connection.execute(_TABLE)
            connection.executemany("INSERT OR REPLACE INTO header VALUES (?, ?, ?, ?, ?, ?)", rows)
