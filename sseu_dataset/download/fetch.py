"""Fetch one file over HTTP: resumable, with bounded retries, checked before it takes its name.

A file arrives as `<name>.part`; what an interrupted run has received is kept, and the same call continues from there.
Whether it is the official file is for `checksums` to say.
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
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from sseu_dataset.download.archives import Archive, DownloadError
from sseu_dataset.download.checksums import ChecksumError, check_archive
from sseu_dataset.download.unpack import disk_errors

_TIMEOUT_S = 60.0
_LONGEST_BACK_OFF_S = 30.0
_LONGEST_WAIT_S = 600.0
_CHUNK = 1 << 16
_PROGRESS_BYTES = 1 << 20  # an attempt that brings this much is no failure: the count of retries starts again
_PASSING = {408, 425, 429}  # with every 5xx
_MAGIC = {".zip": b"PK", ".gz": b"\x1f\x8b"}


class _TransientError(Exception):
    """A failure that may pass. `discard` says that what has arrived is of no use."""

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
    """Fetch one archive, continuing from what an earlier attempt left in `<name>.part`.

    Args:
        archive: What to fetch.
        folder: Where it goes; made if missing.
        announce: Takes messages: a retry, a checksum that is a recorded one.
        retries: How many times in a row an attempt may bring less than 1 MiB before giving up.
        sleep: Waits the given seconds between attempts (1, 2, 4 … 30 s, or what the server asks for).

    Returns:
        The path of the complete, checked file.

    Raises:
        ChecksumError: The bytes are not the expected ones; a wrong download is deleted.
        DownloadError: The server refuses, sends something else, or keeps failing.
        OSError: The disk is full or the folder cannot be written; with path and remedy.
    """
    path = folder / archive.name
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
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
    """Size of a file in bytes, 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def _receive(
    archive: Archive,
    part: Path,
    announce: Callable[[str], None],
    retries: int,
    sleep: Callable[[float], None],
) -> None:
    """Attempt after attempt until `part` is complete."""
    furthest = size_on_disk(part)
    failures = 0
    while True:
        try:
            return _attempt(archive, part)
        except _TransientError as stop:
            failures = 1 if size_on_disk(part) >= furthest + _PROGRESS_BYTES else failures + 1
            furthest = max(furthest, size_on_disk(part))
            if stop.discard:
                _discard(part)
            if failures > retries:
                raise DownloadError(
                    f"{archive.url}: given up after {failures} attempts without progress; the last one: {stop}. What "
                    f"has arrived is kept: run the same command again later."
                ) from stop
            if stop.wait_s > _LONGEST_WAIT_S:
                raise DownloadError(
                    f"{archive.url}: {stop}, and the server asks to wait {stop.wait_s:.0f} s: run the same command "
                    f"again then; what has arrived is kept."
                ) from stop
            wait_s = max(stop.wait_s, min(_LONGEST_BACK_OFF_S, 2.0 ** (failures - 1)))
            announce(f"{archive.name}: {stop}; next attempt in {wait_s:.0f} s")
            sleep(wait_s)


def _attempt(archive: Archive, part: Path) -> None:
    """One request, its body appended to `part`; returns when the file is complete."""
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
            raise _TransientError("the server sent nothing")
        magic = _MAGIC[PurePosixPath(archive.name).suffix]
        if offset == 0 and not chunk.startswith(magic):
            raise DownloadError(
                f"{archive.url}: not {archive.name} but {response.headers.get_content_type()} beginning with "
                f"{chunk[:40]!r}. A login or error page? {_by_hand(archive, part)}"
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
                    raise _TransientError(f"the server sent more than {total} bytes", discard=True)
                chunk = _read(response)
    if total is not None and position < total:
        raise _TransientError(f"the connection broke after {position} of {total} bytes")


def _request(archive: Archive, part: Path, start: int, validator: str) -> http.client.HTTPResponse | None:
    """Ask for the file from byte `start` on; None if the server says that it has no more bytes."""
    headers = {"User-Agent": "sseu-bench"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator  # a file that has changed since is sent from its beginning
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
                raise _TransientError(f"{reason}: the server's file is shorter", discard=True) from error
            if error.code in _PASSING or error.code >= 500:
                raise _TransientError(reason, wait_s=_retry_after_s(error.headers.get("Retry-After"))) from error
            raise DownloadError(
                f"{archive.url}: {reason}. The address may have changed. {_by_hand(archive, part)}"
            ) from error
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise DownloadError(
                f"{archive.url}: the server's certificate cannot be checked ({cause.verify_message}): install the "
                f"system's certificates (Debian: apt-get install ca-certificates) and see that the clock is right."
            ) from error
        raise _TransientError(f"no connection ({cause})") from error
    return response


def _span(response: http.client.HTTPResponse, archive: Archive, start: int, validator: str) -> tuple[int, int | None]:
    """Where in the file the body starts, and how long the whole file is (None: neither known nor said)."""
    length = response.headers.get("Content-Length")
    offset, total = 0, int(length) if length and length.isdigit() else None
    if response.status == 206:
        said = response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", said.strip())
        if match is None or int(match[1]) != start:
            raise _TransientError(f"asked for the bytes from {start}, the server sends {said!r}", discard=True)
        offset, total = start, int(match[2]) if match[2].isdigit() else None
        if validator and _validator(response) not in ("", validator):
            raise _TransientError("the file on the server has changed", discard=True)
    if archive.size_is_exact:
        if total not in (None, archive.size_bytes):
            raise DownloadError(
                f"{archive.url}: the server offers {total} bytes, {archive.name} has {archive.size_bytes}. A login or "
                f"error page, or a new version? Look at {archive.source}."
            )
        total = archive.size_bytes
    if total is None and archive.checksum is None:
        raise DownloadError(
            f"{archive.url}: the server does not say how long the file is and no checksum is published, so a broken "
            f"download could not be told. Fetch it from {archive.source} in a browser."
        )
    return offset, total


def _by_hand(archive: Archive, part: Path) -> str:
    return (
        f"Look at {archive.source}, fetch {archive.name} in a browser, put it into {part.parent} and run the same "
        f"command again."
    )


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _TransientError(f"the connection broke ({error})") from error


def _validator(response: http.client.HTTPResponse) -> str:
    """What If-Range may carry for this version of the file (RFC 9110, 13.1.5): a strong ETag, else a date."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _validator_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator_path(part).unlink(missing_ok=True)


def _retry_after_s(value: str | None) -> float:
    """Seconds or an HTTP date (RFC 9110, 10.2.3) as seconds from now; 0 where the server says nothing usable."""
    if value is None:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
