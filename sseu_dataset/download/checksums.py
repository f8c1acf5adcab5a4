"""Is a fetched archive the official one? Against the published checksum, or the one recorded at its first download.

The record is `checksums.txt` beside the archives, in the format of `sha256sum`. An archive enters it only after it was
unpacked to its end, so that the checksum of a damaged one never stands against the good one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from sseu_dataset.download.archives import Archive, DownloadError

RECORD = "checksums.txt"


class ChecksumError(DownloadError):
    """An archive is not the expected one; the message names both checksums."""


def check_archive(archive: Archive, path: Path, announce: Callable[[str], None], remedy: str) -> None:
    """Compare a complete file with its published or recorded checksum; without either nothing is compared.

    Args:
        archive: What the file should be.
        path: The file; the record lies beside it.
        announce: Takes a message where the checksum is a recorded one.
        remedy: Ends the error's message.

    Raises:
        ChecksumError: The checksum is another.
        OSError: The file cannot be read.
    """
    book = path.with_name(RECORD)
    recorded = _recorded(archive, book)
    published = archive.checksum or recorded
    if published is None:
        return
    algorithm, _, expected = published.partition(":")
    found = _digest(path, algorithm)
    if found != expected:
        origin = "published" if archive.checksum else f"recorded on first use in {book}"
        way_out = "" if archive.checksum else f" If it has changed, first delete the line of {archive.name} in {book}."
        raise ChecksumError(
            f"{path}: {algorithm} expected {expected} ({origin}), found {found}. Damaged on the way, or the official "
            f"file has changed ({archive.source}). {remedy}{way_out}"
        )
    if archive.checksum is None:
        announce(f"{archive.name}: as recorded on first use in {book}")


def record_archive(archive: Archive, path: Path, announce: Callable[[str], None]) -> None:
    """Record the SHA-256 of an archive that unpacked without damage, unless one is published or recorded already.

    Raises:
        OSError: The file cannot be read, or the record not written.
    """
    book = path.with_name(RECORD)
    if archive.checksum is not None or _recorded(archive, book) is not None:
        return
    found = _digest(path, "sha256")
    draft = book.with_name(f"{RECORD}.part")
    draft.write_text("\n".join([*_lines(book), f"{found}  {archive.name}"]) + "\n", encoding="utf-8")
    os.replace(draft, book)
    announce(f"{archive.name}: recorded, not verified: no checksum is published; sha256 {found} is now in {book}")


def _lines(book: Path) -> list[str]:
    return book.read_text(encoding="utf-8").splitlines() if book.exists() else []


def _recorded(archive: Archive, book: Path) -> str | None:
    """The recorded checksum as `sha256:<hex>`, None where there is none."""
    found = [line.split()[0] for line in _lines(book) if line.split()[1:] == [archive.name]]
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
