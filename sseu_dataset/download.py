"""Fetch and unpack the three corpora from their official records, licences first."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from sseu_dataset.fetch import Archive, fetch, size_on_disk
from sseu_dataset.unpack import disk_errors, is_unpacked, unpack

_MAESTRO_SOURCE = "https://zenodo.org/records/7244360"
_MAESTRO_LICENCE = (
    "two statements are in circulation, CC BY 4.0 and an academic licence of Tampere University (experimental and "
    "non-commercial use only, copyright notice kept); treat it as non-commercial and do not pass the audio on"
)

OFFICIAL: tuple[Archive, ...] = (
    Archive(
        corpus="vctk",
        name="VCTK-Corpus-0.92.zip",
        url="https://datashare.ed.ac.uk/bitstream/handle/10283/3443/VCTK-Corpus-0.92.zip",
        target="VCTK-Corpus-0.92",
        source="https://doi.org/10.7488/ds/2645",
        licence="CC BY 4.0; may be passed on with attribution",
        size_bytes=11_747_302_977,
        size_is_exact=True,
        unpacked_bytes=12_500_000_000,
        checksum="sha256:f96258be9fdc2cbff6559541aae7ea4f59df3fcaf5cf963aae5ca647357e359c",
    ),
    Archive(
        corpus="desed",
        name="DESED_public_eval.tar.gz",
        url="https://zenodo.org/records/4560759/files/DESED_public_eval.tar.gz?download=1",
        target="DESED",
        source="https://zenodo.org/records/4560759",
        licence="clips from YouTube, each under the licence its uploader gave; do not pass the audio on",
        size_bytes=890_000_000,
        unpacked_bytes=1_300_000_000,
    ),
    Archive(
        corpus="maestro",
        name="development_audio.zip",
        url="https://zenodo.org/records/7244360/files/development_audio.zip?download=1",
        target="MAESTRO_Real_development/development_audio",
        source=_MAESTRO_SOURCE,
        licence=_MAESTRO_LICENCE,
        size_bytes=2_610_000_000,
        unpacked_bytes=3_200_000_000,
        checksum="md5:3de7cb4f92a115a6f5cc077a41ca07b3",
    ),
    Archive(
        corpus="maestro",
        name="development_annotation.zip",
        url="https://zenodo.org/records/7244360/files/development_annotation.zip?download=1",
        target="MAESTRO_Real_development/development_annotation",
        source=_MAESTRO_SOURCE,
        licence=_MAESTRO_LICENCE,
        size_bytes=1_000_000,
        unpacked_bytes=20_000_000,
        checksum="md5:e6a3f84f8020725d559b38ccb494ef3d",
    ),
)
"""The files the benchmark needs. Checksums as in torchaudio and TFDS (VCTK) and soundata (MAESTRO); for DESED none was
found. The size of VCTK is exact, the others are rounded from public reports."""


def download(
    folder: Path,
    *,
    announce: Callable[[str], None],
    archives: Sequence[Archive] = OFFICIAL,
    retries: int = 8,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Path]:
    """Fetch and unpack the corpora; what is already there is not fetched again.

    Args:
        folder: Where the archives and the unpacked corpora go; made if missing.
        announce: Takes the statement of licences, sizes and sources before anything starts, then single messages.
        archives: What to fetch.
        retries: See `fetch`.
        sleep: See `fetch`.

    Returns:
        The corpus roots, `{"vctk": …, "desed": …, "maestro": …}` for the official archives.

    Raises:
        DownloadError: See `fetch`.
        ArchiveError: See `unpack`.
        OSError: The disk is full or would become so, or the folder cannot be written; with path and remedy.
    """
    announce(_statement(archives, folder))
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    missing = [archive for archive in archives if not is_unpacked(folder / archive.target)]
    _check_space(missing, folder)
    for archive in sorted(missing, key=lambda archive: archive.size_bytes):  # a dead address shows soonest
        path = fetch(archive, folder, announce=announce, retries=retries, sleep=sleep)
        unpack(path, folder / archive.target, limit_bytes=4 * archive.unpacked_bytes)
    return {archive.corpus: folder / PurePosixPath(archive.target).parts[0] for archive in archives}


def _statement(archives: Sequence[Archive], folder: Path) -> str:
    """What will be fetched from where under which licence, one paragraph per corpus."""
    total = sum(archive.size_bytes for archive in archives)
    unpacked = sum(archive.unpacked_bytes for archive in archives)
    head = (
        f"The corpora go to {folder}: about {_gigabytes(total)} to fetch, {_gigabytes(total + unpacked)} of disk with "
        f"the unpacked files (the archives may be deleted afterwards). By downloading you accept their licences:"
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
        here = max(size_on_disk(folder / archive.name), size_on_disk(folder / f"{archive.name}.part"))
        needed += max(0, archive.size_bytes - here) + archive.unpacked_bytes
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            errno.ENOSPC,
            f"about {_gigabytes(needed)} are needed and {_gigabytes(free)} are free: free some space or choose a "
            f"folder on another disk",
            str(folder),
        )
