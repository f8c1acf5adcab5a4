"""What clients are shown of a repository, in the JSON of the real Hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sseu_hub.local.commits import lfs_pointer
from sseu_hub.local.repository import File, Repository

_DATE = "2026-01-01T00:00:00.000Z"


def info_view(repository: Repository, revision: str) -> dict[str, Any]:
    """Describe a revision of a repository."""
    commit = repository.resolve(revision)
    shown = {
        "_id": "0",
        "id": repository.name,
        "author": repository.name.split("/")[0],
        "sha": commit,
        "private": repository.private,
        "gated": repository.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "lastModified": _DATE,
        "createdAt": _DATE,
        "siblings": [{"rfilename": path} for path in repository.commits[commit].files],
    }
    return shown | ({"sdk": repository.sdk} if repository.sdk else {})


def tree_view(files: Mapping[str, File], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    """List a folder (empty: the root), folders first."""
    prefix = f"{folder}/" if folder else ""
    inside = {path: file for path, file in files.items() if path.startswith(prefix)}
    parents = {path.rsplit("/", depth)[0] for path in inside for depth in range(1, path.count("/") + 1)}
    folders = [
        {"type": "directory", "path": path, "oid": "0" * 40} for path in sorted(parents) if path.startswith(prefix)
    ]
    entries = folders + [_file_view(path, file) for path, file in sorted(inside.items())]
    return [entry for entry in entries if recursive or "/" not in entry["path"][len(prefix) :]]


def refs_view(repository: Repository) -> dict[str, Any]:
    """List branches and tags."""

    def refs(names: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
        return [{"name": name, "ref": f"{prefix}{name}", "targetCommit": commit} for name, commit in names.items()]

    heads = {name: commit for name, commit in repository.branches.items() if not name.startswith("refs/")}
    return {"branches": refs(heads, "refs/heads/"), "tags": refs(repository.tags, "refs/tags/"), "converts": []}


def discussions_view(repository: Repository) -> dict[str, Any]:
    """List the pull requests, all of them on one page."""
    owner = {"name": repository.name, "type": repository.kind.removesuffix("s")}
    found = [
        {
            "num": one.number,
            "title": one.title,
            "status": "open",
            "author": {"name": one.author},
            "isPullRequest": True,
            "createdAt": _DATE,
            "repo": owner,
        }
        for one in repository.pull_requests
    ]
    return {"discussions": found, "count": len(found), "start": 0}


def _file_view(path: str, file: File) -> dict[str, Any]:
    shown = {"type": "file", "path": path, "size": file.size, "oid": file.oid}
    if file.lfs:
        pointer = len(lfs_pointer(file.sha256, file.size))
        shown["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": pointer}
    return shown
