"""Files as they are downloaded: the headers that the clients want, and parts of a file."""

from __future__ import annotations

import re

from sseu_hub.local.access import check_download
from sseu_hub.local.errors import HubError
from sseu_hub.local.messages import Request, Response
from sseu_hub.local.repository import Repository, resolve
from sseu_hub.local.store import Store


def download(store: Store, request: Request, repository: Repository, revision: str, path: str) -> Response:
    """Answer a file of a revision, or the part that `Range` asks for.

    Raises:
        HubError: 401 or 403, the repository is gated; 404, there is no such revision or file.
    """
    commit = resolve(repository, revision)
    check_download(request.user, repository)
    file = repository.commits[commit].files.get(path)
    if file is None:
        raise HubError(404, "Entry not found", "EntryNotFound")
    etag = f'"{file.sha256 if file.lfs else file.oid}"'
    headers = {"ETag": etag, "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
    if file.lfs:
        headers |= {"X-Linked-Etag": etag, "X-Linked-Size": str(file.size)}
    wanted = asked_bytes(request.byte_range, file.size)
    if wanted is None:
        return Response(store.get(file.sha256), 200, headers)
    if not wanted:
        return Response(b"", 416, headers | {"Content-Range": f"bytes */{file.size}"})
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{file.size}"
    return Response(store.get(file.sha256)[wanted.start : wanted.stop], 206, headers)


def asked_bytes(header: str, size: int) -> range | None:
    """Read a `Range` of one part (RFC 9110, section 14.1.2).

    Args:
        header: As `bytes=10-19`, `bytes=10-` or `bytes=-10` (the last ten).
        size: Of the file in bytes.

    Returns:
        The positions asked for that are in the file, empty where none is (416); None where the header is missing or
        is to be ignored.
    """
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header)
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        return range(max(0, size - int(match[2])), size)
    if match[2] and int(match[2]) < int(match[1]):
        return None
    return range(int(match[1]), min(int(match[2]) + 1, size) if match[2] else size)
