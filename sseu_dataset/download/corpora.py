"""Downloads and unpacks the three corpora from their official records, after stating their licences."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from sseu_dataset.download.archives import OFFICIAL, Archive
from sseu_dataset.download.checksums import record_archive
from sseu_dataset.download.fetch import fetch, size_on_disk
from sseu_dataset.download.unpack import disk_errors, is_unpacked, unpack
from sseu_dataset.files import locked

_LOCK = ".download.lock"


def download(
    folder: str | Path, *, announce: Callable[[str], None], archives: Sequence[Archive] = OFFICIAL
) -> dict[str, Path]:
    """Download and unpack the corpora; what is already there is not downloaded again.

    Args:
        folder: The folder for the archives and the unpacked corpora, created if missing.
        announce: Called with a statement of licences, sizes and sources before anything starts, then with messages.
        archives: The archives to download.

    Returns:
        The corpus roots, `{"vctk": …, "desed": …, "maestro": …}` for the official archives.

    Raises:
        DownloadError: See `fetch`.
        ArchiveError: See `unpack`.
        DatasetError: Another download into this folder is in progress.
        OSError: The disk is full or too small, or the folder is not writable; with path and remedy.
    """
    folder = Path(folder)
    announce(_statement(archives, folder))
    if _missing(archives, folder):
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        # Two writers would damage each other's files.
        with locked(folder / _LOCK, f"{folder}: another download is writing here; wait for it or give another folder"):
            missing = _missing(archives, folder)
            _check_space(missing, folder)
            for archive in sorted(missing, key=lambda archive: archive.size_bytes):  # a dead address is noticed early
                path = fetch(archive, folder, announce=announce)
                unpack(path, folder / archive.target, limit_bytes=4 * archive.unpacked_bytes)
                with disk_errors(folder):
                    record_archive(archive, path, announce)
    return {archive.corpus: folder / PurePosixPath(archive.target).parts[0] for archive in archives}


def _missing(archives: Sequence[Archive], folder: Path) -> list[Archive]:
    return [archive for archive in archives if not is_unpacked(folder / archive.target)]


def _statement(archives: Sequence[Archive], folder: Path) -> str:
    """What will be downloaded from where under which licence, one paragraph per corpus."""
    total = sum(archive.size_bytes for archive in archives)
    unpacked = sum(archive.unpacked_bytes for archive in archives)
    head = (
        f"The corpora go to {folder}: about {_gigabytes(total)} to download, {_gigabytes(total + unpacked)} on disk "
        f"with the unpacked files (the archives may be deleted afterwards). By downloading you accept their licences:"
    )
    lines = [head]
    for corpus in dict.fromkeys(archive.corpus for archive in archives):
        own = [archive for archive in archives if archive.corpus == corpus]
        names = " and ".join(archive.name for archive in own)
        size = _gigabytes(sum(archive.size_bytes for archive in own))
        lines.append(f"- {corpus}: {names} ({size}) from {own[0].source}. Licence: {own[0].licence}.")
    return "\n".join(lines)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _check_space(archives: Sequence[Archive], folder: Path) -> None:
    needed = 0
    for archive in archives:
        present = max(size_on_disk(folder / archive.name), size_on_disk(folder / f"{archive.name}.part"))
        needed += max(0, archive.size_bytes - present) + archive.unpacked_bytes
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            errno.ENOSPC,
            f"about {_gigabytes(needed)} are needed and {_gigabytes(free)} are free: free some space or choose a "
            f"folder on another disk",
            str(folder),
        )
