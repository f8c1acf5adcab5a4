"""What local weights are: the SHA-256 of their content, whatever they are called and wherever they lie.

Sizes or samples would not distinguish a fine-tuned copy from its original, so files are read completely, once: their
hashes are cached by resolved path, size and times. The cache is a convenience: if it is corrupt, unreachable or not
writable, it is ignored or recreated.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sseu_dataset.corpora.headers import default_cache
from sseu_models.private_paths import without_paths
from sseu_models.records import Json

_TABLE = (
    "CREATE TABLE IF NOT EXISTS content_1 "
    "(path TEXT PRIMARY KEY, size INT, mtime_ns INT, ctime_ns INT, sha256 TEXT) WITHOUT ROWID"
)
_SETTLED_NS = 2 * 10**9
"""A file changed this recently may change again within one tick of its times, so its hash is not cached."""
_CHUNK_BYTES = 2**20
_WITHOUT_EFFECT = re.compile(
    r"\..*|__pycache__|.*\.(egg-info|md|rst|log|lock|pyc)|(README|LICEN[CS]E|NOTICE|CITATION)(\..*)?"
)
"""Names of files and folders that change no answer: hidden ones (`.git`), documentation, what is left by running."""


def content_sha256(path: str | Path) -> str:
    """The SHA-256 of a file; of a folder, that of the sorted lines `<sha256 of the file>  <relative name>`.

    A folder counts with everything below it; symbolic links are followed. Names that change no answer (hidden ones,
    READMEs, licences, logs, byte code) do not count. Shows a bar where reading takes more than two seconds.

    Raises:
        ValueError: There is no such file or folder, or a file cannot be read.
    """
    place = Path(path)
    if not (place.is_file() or place.is_dir()):
        raise ValueError(f"{place}: there is no such file or folder")
    names = [""] if place.is_file() else sorted(_names_below(str(place)), key=os.fsencode)
    try:
        hashes = _hash_files([os.path.realpath(place / name) for name in names], place.name)
    except OSError as error:
        raise ValueError(
            f"{error.filename}: cannot be read ({error.strerror}); its content is part of what {place.name} is"
        ) from None
    if place.is_file():
        return hashes[0]
    lines = (sha256.encode() + b"  " + os.fsencode(name) + b"\n" for sha256, name in zip(hashes, names, strict=True))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def public_value(value: Json) -> Json:
    """A setting or fact as it is recorded: an existing absolute path as its base name and the hash of its content.

    The commit of a Git checkout stands beside them. Of a path to nothing the base name stays, and in any other text the
    folders of this machine are cut to their names.

    Raises:
        ValueError: A file cannot be read.
    """
    if isinstance(value, Mapping):
        return {key: public_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [public_value(item) for item in value]
    if not isinstance(value, str):
        return value
    path = Path(value)
    if path.is_absolute() and path.name and (path.is_file() or path.is_dir()):
        return {"name": path.name, "sha256": content_sha256(path), **_commit(path)}
    return path.name if path.is_absolute() and len(path.parts) > 2 else without_paths(value)


def _commit(folder: Path) -> dict[str, Json]:
    """The commit of a Git checkout, without running Git; its files count by content, changed or not."""
    with contextlib.suppress(OSError):
        head = (folder / ".git" / "HEAD").read_text().strip()
        commit = (folder / ".git" / head[5:]).read_text().strip() if head.startswith("ref: ") else head
        return {"commit": commit}
    return {}


def _names_below(folder: str, inside: str = "", above: frozenset[str] = frozenset()) -> Iterator[str]:
    """Relative names of the regular files of a folder; a link to a folder above ends there."""
    real = os.path.realpath(os.path.join(folder, inside))
    if real in above:
        return
    try:
        entries = list(os.scandir(os.path.join(folder, inside)))
    except OSError as error:
        raise ValueError(f"{error.filename}: cannot be read ({error.strerror})") from None
    for entry in entries:
        name = f"{inside}/{entry.name}" if inside else entry.name
        if _WITHOUT_EFFECT.fullmatch(entry.name):
            continue
        if entry.is_dir():
            yield from _names_below(folder, name, above | {real})
        elif entry.is_file():
            yield name


# ---- hashes of single files, cached

_Key = tuple[str, int, int, int]
_SHA256 = re.compile("[0-9a-f]{64}")


def _hash_files(paths: Sequence[str], what: str) -> list[str]:
    from tqdm import tqdm

    keys = [_key(path) for path in paths]
    cache = default_cache().with_name("content.sqlite")
    hashes = _load(cache, keys)
    left = {key for key in keys if key not in hashes}
    fresh = []
    options: dict[str, Any] = {"unit": "B", "unit_scale": True, "delay": 2.0, "leave": False, "disable": None}
    with tqdm(total=sum(key[1] for key in left), desc=f"hashing {what}", **options) as bar:
        for key in sorted(left):
            hashes[key] = _hash_file(key[0], bar)
            if _key(key[0]) == key and max(key[2:]) < time.time_ns() - _SETTLED_NS:
                fresh.append((*key, hashes[key]))
    if fresh:
        _store(cache, fresh)
    return [hashes[key] for key in keys]


def _key(path: str) -> _Key:
    status = os.stat(path)
    return path, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _hash_file(path: str, bar: Any) -> str:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            bar.update(len(chunk))
    return digest.hexdigest()


def _load(cache: Path, keys: Sequence[_Key]) -> dict[_Key, str]:
    found: dict[_Key, str] = {}
    if not cache.is_file():
        return found
    select = "SELECT sha256 FROM content_1 WHERE path = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?"
    try:
        with contextlib.closing(sqlite3.connect(cache)) as connection:
            for key in filter(_is_text, keys):
                row = connection.execute(select, key).fetchone()
                if row and isinstance(row[0], str) and _SHA256.fullmatch(row[0]):
                    found[key] = row[0]
    except sqlite3.OperationalError:  # locked, not readable, without the table
        pass
    except sqlite3.DatabaseError:  # damaged
        with contextlib.suppress(OSError):
            cache.unlink()
    return found


def _store(cache: Path, rows: Sequence[tuple[str, int, int, int, str]]) -> None:
    with contextlib.suppress(OSError, sqlite3.DatabaseError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(cache, timeout=30)) as connection, connection:
            connection.execute(_TABLE)
            connection.executemany(
                "INSERT OR REPLACE INTO content_1 VALUES (?, ?, ?, ?, ?)", [row for row in rows if _is_text(row)]
            )


def _is_text(row: Sequence[Any]) -> bool:
    """Whether SQLite can store the path: a file name may contain bytes that are not UTF-8."""
    try:
        row[0].encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
