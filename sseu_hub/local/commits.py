"""A commit as clients send it, one JSON object a line, and the files it makes of those before."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sseu_hub.local.messages import HttpError, check_fields, read_json
from sseu_hub.local.repository import File

MAX_REGULAR_BYTES = 10 << 20


@dataclass(frozen=True)
class AddRegular:
    """A file whose content is in the commit."""

    path: str
    data: bytes


@dataclass(frozen=True)
class AddLarge:
    """A file whose content was uploaded before (Git LFS)."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Delete:
    """A file that goes."""

    path: str


Operation = AddRegular | AddLarge | Delete


@dataclass(frozen=True)
class CommitRequest:
    """A commit to make; `parent` is the commit it must follow, if given."""

    title: str
    parent: str | None
    operations: tuple[Operation, ...]


def read_commit(body: bytes) -> CommitRequest:
    """Read and check a commit (lines `header`, `file`, `lfsFile`, `deletedFile`).

    Raises:
        HttpError: 400, it is malformed or a file is too large for git.
    """
    lines = [read_json(line, key=str, value=dict) for line in body.split(b"\n") if line]
    if not lines or lines[0]["key"] != "header":
        raise HttpError(400, "the first line of a commit must be its header")
    header = check_fields(lines[0]["value"], summary=str)
    operations = tuple(_operation(line["key"], line["value"]) for line in lines[1:])
    return CommitRequest(header["summary"], header.get("parentCommit"), operations)


def apply_operations(
    files: Mapping[str, File], operations: Sequence[Operation], uploaded_bytes: Callable[[str], int | None]
) -> dict[str, File]:
    """Apply the operations one after the other.

    Args:
        files: The files before.
        operations: In their order.
        uploaded_bytes: Size of an uploaded content by its SHA-256, None if it was not uploaded.

    Raises:
        HttpError: 400, a large file was not uploaded or has another size; 404, there is nothing to delete.
    """
    after = dict(files)
    for operation in operations:
        if isinstance(operation, AddRegular):
            after[operation.path] = regular_file(operation.data)
        elif isinstance(operation, AddLarge):
            after[operation.path] = _large_file(operation, uploaded_bytes(operation.sha256))
        elif after.pop(operation.path, None) is None:
            raise HttpError(404, f"A file with this name doesn't exist: {operation.path}", "EntryNotFound")
    return after


def regular_file(data: bytes) -> File:
    """Describe a file that git itself stores."""
    return File(_git_oid(data), hashlib.sha256(data).hexdigest(), len(data), lfs=False)


def lfs_pointer(sha256: str, size: int) -> bytes:
    """The text that git stores for a large file (Git LFS specification, version 1)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def check_sha256(text: str) -> str:
    """Return a SHA-256 unchanged.

    Raises:
        HttpError: 400, it is not 64 lower-case hexadecimal digits.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise HttpError(400, f"{text!r}: a SHA-256 is needed")
    return text


def _operation(key: str, value: dict[str, Any]) -> Operation:
    path = check_fields(value, path=str)["path"]
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
        raise HttpError(400, f"Invalid path in repo: {path!r}")
    if key == "deletedFile":
        return Delete(path)
    if key == "file":
        return AddRegular(path, _content(path, check_fields(value, content=str)["content"]))
    if key == "lfsFile":
        check_fields(value, oid=str, size=int)
        return AddLarge(path, check_sha256(value["oid"]), value["size"])
    raise HttpError(400, f"unknown operation {key!r}")


def _content(path: str, text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise HttpError(400, f"{path}: its content is not base64: {error}") from None
    if len(data) > MAX_REGULAR_BYTES:
        raise HttpError(400, f"{path}: {len(data)} bytes, a file above {MAX_REGULAR_BYTES} must be sent by LFS")
    return data


def _large_file(operation: AddLarge, uploaded: int | None) -> File:
    if uploaded is None or uploaded != operation.size:
        raise HttpError(400, f"{operation.path}: size {operation.size} announced, {uploaded or 0} bytes uploaded")
    return File(_git_oid(lfs_pointer(operation.sha256, uploaded)), operation.sha256, uploaded, lfs=True)


def _git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
