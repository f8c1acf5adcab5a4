"""A commit as the client sends it, one JSON object a line: what is refused, and what it makes of the files before."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sseu_hub.local.errors import HubError
from sseu_hub.local.messages import check_fields, read_json
from sseu_hub.local.repository import File

MAX_OPERATIONS = 25_000
MAX_REGULAR_BYTES = 10 << 20


@dataclass(frozen=True)
class AddRegular:
    """A file whose content is in the commit."""

    path: str
    data: bytes


@dataclass(frozen=True)
class AddLarge:
    """A file whose content was uploaded before; a copy on the Hub tells no size."""

    path: str
    sha256: str
    size: int | None


@dataclass(frozen=True)
class Delete:
    """A file, or a folder with all that is in it."""

    path: str
    is_folder: bool


Operation = AddRegular | AddLarge | Delete


@dataclass(frozen=True)
class CommitRequest:
    """What a client wants committed; `parent` is the commit on which it insists."""

    title: str
    parent: str | None
    operations: tuple[Operation, ...]


def read_commit(body: bytes) -> CommitRequest:
    """Read and check a commit (lines `header`, `file`, `lfsFile`, `deletedFile`, `deletedFolder`).

    Raises:
        HubError: 400, it is malformed or too large.
    """
    lines = [read_json(line, key=str, value=dict) for line in body.split(b"\n") if line]
    if not lines or lines[0]["key"] != "header":
        raise HubError(400, "the first line of a commit must be its header")
    count = len(lines) - 1
    if count > MAX_OPERATIONS:
        raise HubError(400, f"{count} operations in one commit, at most {MAX_OPERATIONS} are possible: send several")
    header = check_fields(lines[0]["value"], summary=str)
    operations = tuple(_operation(line["key"], line["value"]) for line in lines[1:])
    return CommitRequest(header["summary"], header.get("parentCommit"), operations)


def apply_operations(
    files: Mapping[str, File], operations: Sequence[Operation], uploaded_bytes: Callable[[str], int | None]
) -> dict[str, File]:
    """Make the operations one after the other.

    Args:
        files: Before.
        operations: In their order.
        uploaded_bytes: Gives the size of an uploaded content by its SHA-256, None where it was not uploaded.

    Raises:
        HubError: 400, a large file was not uploaded or has another size; 404, there is nothing to delete.
    """
    after = dict(files)
    for operation in operations:
        if isinstance(operation, AddRegular):
            after[operation.path] = regular_file(operation.data)
        elif isinstance(operation, AddLarge):
            after[operation.path] = _large_file(operation, uploaded_bytes(operation.sha256))
        else:
            prefix = f"{operation.path}/" if operation.is_folder else None
            gone = {path for path in after if (path.startswith(prefix) if prefix else path == operation.path)}
            if not gone:
                name = "folder" if operation.is_folder else "file"
                raise HubError(404, f"A {name} with this name doesn't exist: {operation.path}", "EntryNotFound")
            after = {path: file for path, file in after.items() if path not in gone}
    return after


def regular_file(data: bytes) -> File:
    """Describe a file that git itself keeps."""
    return File(_git_oid(data), hashlib.sha256(data).hexdigest(), len(data), lfs=False)


def lfs_pointer(sha256: str, size: int) -> bytes:
    """Write what git keeps of a large file (Git LFS specification, version 1)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def check_sha256(text: str) -> str:
    """Return what must be 64 lower-case hexadecimal digits (400)."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise HubError(400, f"{text!r}: a SHA-256 is needed")
    return text


def _operation(key: str, value: dict[str, Any]) -> Operation:
    path = check_fields(value, path=str)["path"]
    if key in ("deletedFile", "deletedFolder"):
        return Delete(path.removesuffix("/"), key == "deletedFolder")
    _check_path(path)
    if key == "file":
        return AddRegular(path, _content(path, check_fields(value, content=str)))
    if key == "lfsFile":
        return AddLarge(path, check_sha256(check_fields(value, oid=str)["oid"]), value.get("size"))
    raise HubError(400, f"unknown operation {key!r}")


def _check_path(path: str) -> None:
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise HubError(400, f"Invalid path in repo: {path!r}")


def _content(path: str, value: Mapping[str, Any]) -> bytes:
    try:
        data = base64.b64decode(value["content"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise HubError(400, f"{path}: its content is not base64: {error}") from None
    if len(data) > MAX_REGULAR_BYTES:
        raise HubError(400, f"{path}: {len(data)} bytes, a file above {MAX_REGULAR_BYTES} must be sent by LFS")
    return data


def _large_file(operation: AddLarge, uploaded: int | None) -> File:
    if uploaded is None:
        raise HubError(400, f"{operation.path}: its content was not uploaded")
    if operation.size not in (None, uploaded):
        raise HubError(400, f"{operation.path}: size {operation.size} announced, {uploaded} bytes uploaded")
    return File(_git_oid(lfs_pointer(operation.sha256, uploaded)), operation.sha256, uploaded, lfs=True)


def _git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
