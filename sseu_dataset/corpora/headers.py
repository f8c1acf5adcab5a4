"""A cache of audio file headers: VCTK's 44,000 files are not opened again unless they change.

A header is stored under the file's absolute path, size and modification time. The cache is a convenience: if it is
corrupt, unreachable or not writable, it is ignored or recreated, and never changes or stops a build.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path

from sseu_dataset.corpora.audio import Header, read_header
from sseu_dataset.records import CorpusError

_TABLE = (
    "CREATE TABLE IF NOT EXISTS header "
    "(path TEXT PRIMARY KEY, size INT, mtime_ns INT, frames INT, rate_hz INT, channels INT)"
)
_BELOW = "SELECT path, size, mtime_ns, frames, rate_hz, channels FROM header WHERE path >= ? AND path < ?"


def default_cache() -> Path:
    """`sseu-bench/headers.sqlite` in the user's cache folder (`$XDG_CACHE_HOME`, else `~/.cache`).

    For a user without a home folder it is a path at which nothing can be stored.
    """
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        folder = Path(os.devnull)
    return folder / "sseu-bench" / "headers.sqlite"


def read_headers(paths: Iterable[str], cache: Path, *, progress: bool = True) -> dict[str, Header | CorpusError]:
    """The header of each file, or the error raised when reading it.

    Args:
        paths: The audio files.
        cache: The cache's file, created if missing.
        progress: Show a progress bar on standard error, if that is a terminal.
    """
    from tqdm import tqdm

    here = os.getcwd()
    absolute = {path: os.path.join(here, path) for path in paths}
    known = _load(cache, absolute.values())
    headers: dict[str, Header | CorpusError] = {}
    fresh: list[tuple[str, int, int, int, int, int]] = []
    disable = None if progress else True
    for path, location in tqdm(
        absolute.items(), desc="reading headers", unit="file", disable=disable, leave=False, delay=1.0
    ):
        try:
            status = os.stat(path)
            key = (location, status.st_size, status.st_mtime_ns)
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


def _load(cache: Path, absolute: Collection[str]) -> dict[tuple[str, int, int], Header]:
    """Cached headers of the files below the common folder of the given absolute paths."""
    root = os.path.commonprefix(list(absolute)).rpartition("/")[0]  # noqa: RUF071 (commonpath drops `./` and `//`)
    if not _is_text(root) or not os.path.exists(cache):
        return {}
    try:
        with contextlib.closing(sqlite3.connect(cache)) as connection:
            rows = connection.execute(_BELOW, (f"{root}/", f"{root}0")).fetchall()  # "0" follows "/"
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
            connection.executemany(
                "INSERT OR REPLACE INTO header VALUES (?, ?, ?, ?, ?, ?)", (row for row in rows if _is_text(row[0]))
            )


def _is_text(path: str) -> bool:
    """Whether SQLite can store the path: a file name may contain bytes that are not UTF-8."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
