"""Unpacks a zip or tar.gz archive without trusting its content.

An archive is unpacked into the folder `<target>.unpacking`, which is renamed when it is complete. So a target that
holds the marker file is complete, and an interrupted unpacking starts again.
"""

from __future__ import annotations

import gzip
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, BinaryIO

from tqdm import tqdm

from sseu_dataset.records import CorpusError

MARKER = ".unpacked-from"
"""A file of this name in a folder names the archive that was completely unpacked there."""

_CHUNK = 1 << 20
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # zipfile: a format version it does not know
    UnicodeDecodeError,
)
_CLASHES = (FileExistsError, NotADirectoryError)
_Member = tuple[str, int, IO[bytes] | None]  # name, declared bytes, content (None: a folder)


class ArchiveError(CorpusError):
    """An archive is damaged or unsafe to unpack; the message names it and the remedy."""


def unpack(archive: Path, target: Path, *, limit_bytes: int) -> Path:
    """Unpack an archive into a folder, unless that has been done already.

    Leading folders of a member that repeat the end of `target` are dropped, so that `audio/x.wav` ends up in
    `…/audio/x.wav` whether or not the archive has the top folder `audio`. Files added by macOS (`__MACOSX/`, `._name`)
    are left out.

    Args:
        archive: A zip (stored or deflated) or a gzipped tar, distinguished by its first bytes.
        target: The folder to create; it may exist if it is empty.
        limit_bytes: Maximum unpacked size in bytes.

    Returns:
        `target`.

    Raises:
        ArchiveError: The archive is damaged, is of another kind, leads out of the target, holds a link or a device,
            names a file twice, or unpacks to more than the limit or than it declares; or the target holds something
            that was not unpacked by this function.
        OSError: The disk is full or the folder not writable; with the path.
    """
    if is_unpacked(target):
        return target
    staging = target.with_name(f"{target.name}.unpacking")
    with disk_errors(target):
        if staging.exists():
            shutil.rmtree(staging)
        staging.mkdir(parents=True)
        try:
            with _damage_errors(archive):
                _write_members(archive, staging, target, limit_bytes)
                with (staging / MARKER).open("x", encoding="utf-8") as marker:
                    marker.write(f"{archive.name}\n")
            staging.rename(target)
        except Exception:  # not Ctrl-C, which must end at once: the next start cleans up
            shutil.rmtree(staging, ignore_errors=True)
            raise
    return target


def is_unpacked(target: Path) -> bool:
    """Whether `target` was unpacked completely; False for a missing or empty folder.

    Raises:
        ArchiveError: The folder holds something else.
    """
    if (target / MARKER).is_file():
        return True
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ArchiveError(
            f"{target} exists, but it was not unpacked there by this command: move it away, or, if it holds the "
            f"corpus, give its path instead of downloading"
        )
    return False


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raise every OSError of the block again, with a path; `sseu_cli.errors` knows the remedies."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(error.filename or path)) from error


@contextmanager
def _damage_errors(archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveError(
            f"{archive} is damaged ({error}): delete it and run the same command to download it again"
        ) from error
    except _CLASHES as error:
        raise ArchiveError(f"{archive} names {error.filename} twice; it is not the official archive") from error


def _write_members(archive: Path, staging: Path, target: Path, limit_bytes: int) -> None:
    """Write every member below `staging`, with the bytes read of the archive as progress."""
    with (
        archive.open("rb") as file,
        tqdm(
            total=archive.stat().st_size, desc=f"unpacking {archive.name}", unit="B", unit_scale=True, disable=None
        ) as bar,
    ):
        unpacked = 0
        for name, size, content in _members(archive, file, limit_bytes):
            parts = _parts_below(archive, name, target)
            unpacked += size
            if unpacked > limit_bytes:
                raise ArchiveError(
                    f"{archive} unpacks to more than {limit_bytes} bytes (at {name}); it is not the official archive"
                )
            if not parts or parts[0] == "__MACOSX" or parts[-1].startswith("._"):
                continue
            path = staging.joinpath(*parts)
            if content is None:
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            written = 0
            with path.open("xb") as out:
                while (chunk := content.read(_CHUNK)) and written <= size:
                    written += out.write(chunk)
                    bar.update(max(0, file.tell() - int(bar.n)))
            if written != size:
                raise ArchiveError(
                    f"{archive} is damaged ({name} holds {written} bytes or more and declares {size}): delete it and "
                    f"run the same command to download it again"
                )


def _members(archive: Path, file: BinaryIO, limit_bytes: int) -> Iterator[_Member]:
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"PK"):
        return _zip_members(archive, file)
    if start.startswith(b"\x1f\x8b"):
        return _tar_members(archive, file, limit_bytes)
    raise ArchiveError(
        f"{archive} is neither a zip nor a tar.gz (it begins with {start!r}): delete it and run the same command again"
    )


def _zip_members(archive: Path, file: BinaryIO) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as bundle:
        for info in sorted(bundle.infolist(), key=lambda info: info.header_offset):
            if info.header_offset < 0 or not info.filename:
                raise zipfile.BadZipFile(f"no name or position in the table for {info.filename!r}")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _not_a_file(archive, info.filename)
            if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ArchiveError(
                    f"{archive} holds {info.filename} encrypted or compressed in an unusual way; it is not the "
                    f"official archive"
                )
            if info.is_dir():
                yield info.filename, 0, None
            else:
                with bundle.open(info) as content:
                    yield info.filename, info.file_size, content


def _tar_members(archive: Path, file: BinaryIO, limit_bytes: int) -> Iterator[_Member]:
    with gzip.GzipFile(fileobj=file) as plain:
        with tarfile.open(fileobj=plain, mode="r|") as bundle:
            for member in bundle:
                if not (member.isdir() or member.isreg()):
                    raise _not_a_file(archive, member.name)
                if member.isdir():
                    yield member.name, 0, None
                else:
                    yield member.name, member.size, bundle.extractfile(member)
        rest = 0
        while chunk := plain.read(_CHUNK):  # to the end, because there gzip compares its checksum
            rest += len(chunk)
            if rest > limit_bytes:
                raise ArchiveError(f"{archive} continues endlessly after its last file; it is not the official archive")


def _not_a_file(archive: Path, name: str) -> ArchiveError:
    return ArchiveError(f"{archive} holds {name}, a link or device and not a file; it is not the official archive")


def _parts_below(archive: Path, name: str, target: Path) -> tuple[str, ...]:
    """The path of a member below the target, without leading folders that repeat the end of the target's path."""
    path = PurePosixPath(name)
    if (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or any(sign in name for sign in "\\\0")
        or PureWindowsPath(name).drive
    ):
        raise ArchiveError(
            f"{archive} holds {name!r}, a name that leads out of its folder; it is not the official archive"
        )
    for depth in range(min(len(path.parts), len(target.parts)), 0, -1):
        if path.parts[:depth] == target.parts[-depth:]:
            return path.parts[depth:]
    return path.parts
