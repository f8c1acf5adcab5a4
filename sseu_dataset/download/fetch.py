"""Downloads one file over HTTP: resumable, with bounded retries, checked before it gets its name.

A file is received as `<name>.part`; after an interruption the same call continues from there. `checksums` decides
whether it is the official file.
"""

from __future__ import annotations

import http.client
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from sseu_dataset.download.archives import Archive, DownloadError
from sseu_dataset.download.checksums import ChecksumError, check_archive
from sseu_dataset.download.unpack import disk_errors
from sseu_metric.http_retries import is_retryable, retry_after_s

_TIMEOUT_S = 60.0
_MAX_BACKOFF_S = 30.0
_MAX_RETRY_AFTER_S = 600.0
_CHUNK = 1 << 16
_PROGRESS_BYTES = 1 << 20  # an attempt that receives this much resets the count of failures
_MAGIC = {".zip": b"PK", ".gz": b"\x1f\x8b"}


class _RetryableError(Exception):
    """A failure after which another attempt may succeed.

    Attributes:
        wait_s: Minimum pause in seconds before it.
        discard: Whether the part received so far is useless.
    """

    def __init__(self, reason: str, *, wait_s: float = 0.0, discard: bool = False) -> None:
        super().__init__(reason)
        self.wait_s = wait_s
        self.discard = discard


def fetch(
    archive: Archive,
    folder: Path,
    *,
    announce: Callable[[str], None],
    retries: int = 8,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Download one archive, continuing from what an earlier attempt left in `<name>.part`.

    Args:
        archive: The archive to download.
        folder: The folder for the file.
        announce: Called with messages about retries and recorded checksums.
        retries: How many times in a row an attempt may receive less than 1 MiB before giving up.
        sleep: Waits the given seconds between attempts (1, 2, 4 … 30 s, or what the server asks for).

    Returns:
        The path of the complete, checked file.

    Raises:
        ChecksumError: The file is not the expected one; a wrong download is deleted.
        DownloadError: The server refuses, sends something else, or keeps failing.
        OSError: The disk is full or the folder not writable; with path and remedy.
    """
    path = folder / archive.name
    with disk_errors(folder):
        if path.exists():
            check_archive(archive, path, announce, "Delete it and run the same command again.")
            return path
        part = folder / f"{archive.name}.part"
        _receive(archive, part, announce, retries, sleep)
        try:
            check_archive(archive, part, announce, "It has been deleted: run the same command again.")
        except ChecksumError:
            _discard(part)
            raise
        os.replace(part, path)
        _discard(part)
    return path


def size_on_disk(path: Path) -> int:
    """Size of a file in bytes; 0 if it does not exist."""
    return path.stat().st_size if path.exists() else 0


def _receive(
    archive: Archive, part: Path, announce: Callable[[str], None], retries: int, sleep: Callable[[float], None]
) -> None:
    """Repeat attempts until `part` is complete."""
    furthest = size_on_disk(part)
    failures = 0
    while True:
        try:
            return _attempt(archive, part)
        except _RetryableError as failure:
            failures = 1 if size_on_disk(part) >= furthest + _PROGRESS_BYTES else failures + 1
            furthest = max(furthest, size_on_disk(part))
            if failure.discard:
                _discard(part)
            if failures > retries:
                raise DownloadError(
                    f"{archive.url}: given up after {failures} attempts without progress; the last one: {failure}. "
                    f"The part received is kept: run the same command again later."
                ) from failure
            if failure.wait_s > _MAX_RETRY_AFTER_S:
                raise DownloadError(
                    f"{archive.url}: {failure}, and the server asks to wait {failure.wait_s:.0f} s: run the same "
                    f"command again then; the part received is kept."
                ) from failure
            wait_s = max(failure.wait_s, min(_MAX_BACKOFF_S, 2.0 ** (failures - 1)))
            announce(f"{archive.name}: {failure}; next attempt in {wait_s:.0f} s")
            sleep(wait_s)


def _attempt(archive: Archive, part: Path) -> None:
    """Make one request and append its body to `part`; returns when the file is complete."""
    start = size_on_disk(part)
    if archive.size_is_exact and start == archive.size_bytes:
        return
    validator = _validator_path(part).read_text(encoding="utf-8") if start and _validator_path(part).exists() else ""
    response = _request(archive, part, start, validator)
    if response is None:
        return
    with response:
        offset, total = _span(response, archive, start, validator)
        chunk = _read(response)
        if not chunk:
            raise _RetryableError("the server sent nothing")
        magic = _MAGIC[PurePosixPath(archive.name).suffix]
        if offset == 0 and not chunk.startswith(magic):
            raise DownloadError(
                f"{archive.url}: not {archive.name} but {response.headers.get_content_type()} beginning with "
                f"{chunk[:40]!r}. A login or error page? {_manual_download(archive, part)}"
            )
        with (
            part.open("ab" if offset else "wb") as file,
            tqdm(total=total, initial=offset, desc=archive.name, unit="B", unit_scale=True, disable=None) as bar,
        ):
            if offset == 0:
                _validator_path(part).write_text(_validator(response), encoding="utf-8")
            position = offset
            while chunk:
                file.write(chunk)
                bar.update(len(chunk))
                position += len(chunk)
                if total is not None and position > total:
                    raise _RetryableError(f"the server sent more than {total} bytes", discard=True)
                chunk = _read(response)
    if total is not None and position < total:
        raise _RetryableError(f"the connection broke after {position} of {total} bytes")


def _request(archive: Archive, part: Path, start: int, validator: str) -> http.client.HTTPResponse | None:
    """Request the file from byte `start` on; None if the server says that there are no more bytes."""
    headers = {"User-Agent": "sseu-bench"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator  # if the file has changed since, it is sent from its beginning
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(
            urllib.request.Request(archive.url, headers=headers), timeout=_TIMEOUT_S
        )
    except urllib.error.HTTPError as error:
        with error:
            reason = f"HTTP {error.code} {error.reason}"
            if error.code == 416 and start:
                if error.headers.get("Content-Range", "").strip() == f"bytes */{start}":
                    return None
                raise _RetryableError(f"{reason}: the server's file is shorter", discard=True) from error
            if is_retryable(error.code):
                headers = {name.lower(): value for name, value in error.headers.items()}
                raise _RetryableError(reason, wait_s=retry_after_s(headers) or 0.0) from error
            raise DownloadError(
                f"{archive.url}: {reason}. The address may have changed. {_manual_download(archive, part)}"
            ) from error
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise DownloadError(
                f"{archive.url}: the server's certificate cannot be verified ({cause.verify_message}): install the "
                f"system's certificates (Debian: apt-get install ca-certificates) and check the clock."
            ) from error
        raise _RetryableError(f"no connection ({cause})") from error
    return response


def _span(response: http.client.HTTPResponse, archive: Archive, start: int, validator: str) -> tuple[int, int | None]:
    """The position in the file at which the body starts, and the length of the whole file (None if unknown)."""
    length = response.headers.get("Content-Length")
    offset, total = 0, int(length) if length and length.isdigit() else None
    if response.status == 206:
        stated = response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", stated.strip())
        if match is None or int(match[1]) != start:
            raise _RetryableError(f"asked for the bytes from {start}, the server sends {stated!r}", discard=True)
        offset, total = start, int(match[2]) if match[2].isdigit() else None
        if validator and _validator(response) not in ("", validator):
            raise _RetryableError("the file on the server has changed", discard=True)
    if archive.size_is_exact:
        if total not in (None, archive.size_bytes):
            raise DownloadError(
                f"{archive.url}: the server offers {total} bytes, {archive.name} has {archive.size_bytes}. A login or "
                f"error page, or a new version? Look at {archive.source}."
            )
        total = archive.size_bytes
    if total is None and archive.checksum is None:
        raise DownloadError(
            f"{archive.url}: the server does not state the file's length and no checksum is published, so a broken "
            f"download would go unnoticed. Fetch it from {archive.source} in a browser."
        )
    return offset, total


def _manual_download(archive: Archive, part: Path) -> str:
    return (
        f"Download {archive.name} from {archive.source} in a browser, put it into {part.parent} and run the same "
        f"command again."
    )


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _RetryableError(f"the connection broke ({error})") from error


def _validator(response: http.client.HTTPResponse) -> str:
    """The value of If-Range for this version of the file (RFC 9110, 13.1.5): a strong ETag, else a date."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _validator_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator_path(part).unlink(missing_ok=True)
