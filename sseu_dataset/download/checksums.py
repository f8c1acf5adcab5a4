"""Compares a downloaded archive with its published checksum, or with the one recorded at its first download.

The record is `checksums.txt` beside the archives, in the format of `sha256sum`. An archive is recorded only after it
was completely unpacked, so that a damaged one is never taken as the reference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from sseu_dataset.download.archives import Archive, DownloadError
from sseu_dataset.files import write_atomically

RECORD = "checksums.txt"


class ChecksumError(DownloadError):
    """An archive is not the expected one; the message names both checksums."""


def check_archive(archive: Archive, path: Path, announce: Callable[[str], None], remedy: str) -> None:
    """Compare a complete file with its published or recorded checksum; if there is neither, nothing is compared.

    Args:
        archive: The archive that the file should be.
        path: The file; the record is beside it.
        announce: Called with a message if the checksum is a recorded one.
        remedy: End of the error's message.

    Raises:
        ChecksumError: The checksum differs.
        OSError: The file cannot be read.
    """
    record = path.with_name(RECORD)
    recorded = _recorded(archive, record)
    published = archive.checksum or recorded
    if published is None:
        return
    algorithm, _, expected = published.partition(":")
    found = _digest(path, algorithm)
    if found != expected:
        origin = "published" if archive.checksum else f"recorded on first use in {record}"
        way_out = (
            "" if archive.checksum else f" If it has changed, first delete the line of {archive.name} in {record}."
        )
        raise ChecksumError(
            f"{path}: {algorithm} expected {expected} ({origin}), found {found}. Damaged in transfer, or the "
            f"official file has changed ({archive.source}). {remedy}{way_out}"
        )
    if archive.checksum is None:
        announce(f"{archive.name}: as recorded on first use in {record}")


def record_archive(archive: Archive, path: Path, announce: Callable[[str], None]) -> None:
    """Record the SHA-256 of an archive that was unpacked without errors, unless one is published or recorded already.

    Raises:
        OSError: The file cannot be read, or the record cannot be written.
    """
    record = path.with_name(RECORD)
    if archive.checksum is not None or _recorded(archive, record) is not None:
        return
    found = _digest(path, "sha256")
    write_atomically(record, "\n".join([*_lines(record), f"{found}  {archive.name}"]) + "\n")
    announce(f"{archive.name}: recorded, not verified: no checksum is published; sha256 {found} is now in {record}")


def _lines(record: Path) -> list[str]:
    return record.read_text(encoding="utf-8").splitlines() if record.exists() else []


def _recorded(archive: Archive, record: Path) -> str | None:
    """The recorded checksum as `sha256:<hex>`; None if there is none."""
    found = [line.split()[0] for line in _lines(record) if line.split()[1:] == [archive.name]]
    return f"sha256:{found[0]}" if found else None


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with (
        path.open("rb") as file,
        tqdm(total=path.stat().st_size, desc=f"checking {path.name}", unit="B", unit_scale=True, disable=None) as bar,
    ):
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            bar.update(len(chunk))
    return digest.hexdigest()
