"""Analyses of results kept on disk, so that a report computes only what is new: one file for each part of a result.

The name of a file is the hash of all that its content follows from (`analysis_key`), so nothing that is read is out of
date: a change of the answers, of the dataset, of the embedder or of the code gives another name. A file that is damaged
or foreign is made again; a folder that cannot be used is reported once. The cache may slow a report down, but never
fails or changes one.

The content is a pickle, of which only dataclasses of this project and arrays are read, and only from a folder that no
other user can write to.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import logging
import os
import pickle
import platform
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sseu_metric.embedding_cache import default_cache_path
from sseu_models.results.folder import packages

if TYPE_CHECKING:
    from sseu_models.results.records import DatasetIdentity, Result

MAX_BYTES = 2 * 1024**3
"""Bound of the folder: about 400 results of the whole benchmark. Beyond it the least recently used are deleted."""

_ENDING, _HEAD = ".analysis", b"sseu-bench analysis 1\n"
_CODE = ("sseu_dataset", "sseu_metric", "sseu_models", "sseu_report")
_LIBRARIES = ("numpy", "scipy", "scikit-learn")
_NUMPY = {
    *((f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
    *(("numpy", name) for name in ("ndarray", "dtype")),
}
_DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, ImportError, EOFError, pickle.UnpicklingError)
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True)
class ResultCache:
    """The place of one result in the cache; without a key or a folder nothing is kept.

    Attributes:
        key: From `analysis_key`.
        folder: The folder of the cache.
    """

    key: str | None = None
    folder: Path | None = None

    def get(self, part: str, kind: type[_T], make: Callable[[], _T]) -> _T:
        """A part of the analysis: as it is stored, else made and stored.

        Args:
            part: Its name.
            kind: A dataclass.
            make: Computes it.
        """
        if self.key is None or self.folder is None or not _is_private(self.folder):
            return make()
        path = self.folder / f"{self.key}.{part}{_ENDING}"
        found = _read(path)
        if not isinstance(found, kind):
            found = make()
            _write(path, found)
        return found


def default_folder() -> Path | None:
    """`sseu-bench/analyses` in the user's cache folder (`$XDG_CACHE_HOME`, else `~/.cache`); None without a home."""
    beside = default_cache_path()
    return None if beside is None else beside.with_name("analyses")


def analysis_key(result: Result, answers_sha256: str, dataset: DatasetIdentity) -> str | None:
    """The hash of all that the analysis of a result follows from; None where that is not known.

    Args:
        result: The result, whose every field counts; its embedder and its normaliser by what they are today.
        answers_sha256: Hash of its log as it is now.
        dataset: The dataset at hand.
    """
    from sseu_metric.embedder_protocol import EmbedderError
    from sseu_metric.embedders import make_embedder
    from sseu_metric.normalisers import normaliser_version

    try:
        made = make_embedder(result.embedder)
        code, normaliser = _code_sha256(), normaliser_version(result.normalizer)
    except (ImportError, EmbedderError, ValueError, OSError):  # whoever needs the embedder says what is wrong with it
        return None
    values = [
        *(result.json_values(), answers_sha256, dataset.json_values(), made.id, made.revision, normaliser, code),
        *(packages(), {name: _version(name) for name in _LIBRARIES}, platform.python_version()),
    ]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


@cache
def _code_sha256() -> str:
    """The hash of every source file of the packages that an analysis runs through."""
    digest = hashlib.sha256()
    for name in _CODE:
        root = Path(str(import_module(name).__file__)).parent
        for path in sorted(root.rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{name}/{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache  # one warning for each folder
def _is_private(folder: Path) -> bool:
    """Whether the folder is there, or could be made, and nobody else can write to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        _log.warning("the cache of analyses %s cannot be used (%s); continuing without it", folder, error)
        return False
    others = stat.S_IWGRP | stat.S_IWOTH
    if stat.S_ISDIR(status.st_mode) and not status.st_mode & others and status.st_uid == os.getuid():
        return True
    _log.warning(
        "the cache of analyses %s can be written to by others, and is not used; make it private with: chmod 700 %s",
        *(folder, folder),
    )
    return False


def _read(path: Path) -> object:
    """The content of a file; None where there is none that can be used."""
    try:
        content = path.read_bytes()
        head, digest, packed = content[: len(_HEAD)], content[len(_HEAD) :][:32], content[len(_HEAD) + 32 :]
        if head != _HEAD or digest != _digest(path, packed):
            return None
        found: object = _Reader(io.BytesIO(zlib.decompress(packed))).load()
    except (*_DAMAGE, zlib.error):
        return None
    with contextlib.suppress(OSError):  # when it was last used
        os.utime(path)
    return found


def _digest(path: Path, packed: bytes) -> bytes:
    """Of the content and the name, so that no file stands for another."""
    return hashlib.sha256(path.name.encode() + packed).digest()


class _Reader(pickle.Unpickler):
    """Reads dataclasses of this project and arrays, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.partition(".")[0] in (*_CODE, "numpy") else None
        if (module, name) in _NUMPY or (isinstance(found, type) and dataclasses.is_dataclass(found)):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an analysis")


def _write(path: Path, value: object) -> None:
    """Store a value under a name that appears when it is complete; not where the disk is full or read-only."""
    packed = zlib.compress(pickle.dumps(value, protocol=5), level=1)
    try:
        with _temporary(path.parent) as unfinished:
            unfinished.write_bytes(_HEAD + _digest(path, packed) + packed)
            unfinished.replace(path)
        _delete_oldest(path.parent)
    except OSError as error:
        _report_once(path.parent, str(error.strerror))


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(_ENDING, "unfinished-", folder)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@cache
def _report_once(folder: Path, why: str) -> None:
    _log.warning("nothing can be stored in the cache of analyses %s (%s); continuing without it", folder, why)


def _delete_oldest(folder: Path) -> None:
    """Delete the least recently used files until a tenth of `MAX_BYTES` is free, where they exceed it."""
    files = []
    for path in folder.glob(f"*{_ENDING}"):
        with contextlib.suppress(FileNotFoundError):  # another process has just finished or deleted it
            status = path.stat()
            files.append((status.st_mtime, status.st_size, path))
    files.sort()
    surplus = sum(size for _, size, _ in files) - MAX_BYTES
    if surplus > 0:
        surplus += MAX_BYTES // 10
        for _, size, path in files:
            if surplus <= 0:
                return
            path.unlink(missing_ok=True)
            surplus -= size
