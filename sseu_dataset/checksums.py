"""Is a fetched archive the official one? Against the published checksum, or the one recorded at its first download.

The record is `checksums.txt` beside the archives, in the format of `sha256sum`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from sseu_dataset.archives import Archive, DownloadError

RECORD = "checksums.txt"


class ChecksumError(DownloadError):
    """An archive is not the expected one; the message names both checksums."""


def check_archive(archive: Archive, path: Path, announce: Callable[[str], None], remedy: str) -> None:
    """Compare a complete file with its checksum, or record it where there is none yet.

    Args:
        archive: What the file should be.
        path: The file; the record lies beside it.
        announce: Takes a message where no checksum is published.
        remedy: Ends the error's message.

    Raises:
        ChecksumError: The checksum is another.
        OSError: The file cannot be read, or the record not written.
    """
    book = path.with_name(RECORD)
    lines = book.read_text(encoding="utf-8").splitlines() if book.exists() else []
    recorded = [line.split()[0] for line in lines if line.split()[1:] == [archive.name]]
    published = archive.checksum or (f"sha256:{recorded[0]}" if recorded else None)
    algorithm, _, expected = (published or "sha256:").partition(":")
    found = _digest(path, algorithm)
    if published is None:
        lines.append(f"{found}  {archive.name}")
        draft = book.with_name(f"{RECORD}.part")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.replace(draft, book)
        announce(f"{archive.name}: recorded, not verified: no checksum is published; sha256 {found} is now in {book}")
    elif found != expected:
        origin = "published" if archive.checksum else f"recorded on first use in {book}"
        raise ChecksumError(
            f"{path}: {algorithm} expected {expected} ({origin}), found {found}. Damaged on the way, or the official "
            f"file has changed ({archive.source}). {remedy}"
        )
    elif archive.checksum is None:
        announce(f"{archive.name}: as recorded on first use in {book}")


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
