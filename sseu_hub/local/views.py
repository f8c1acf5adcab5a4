"""What clients are shown of a repository, in the words of the real Hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sseu_hub.local.commits import lfs_pointer
from sseu_hub.local.errors import HubError
from sseu_hub.local.repository import File, PullRequest, Repository, resolve

DATE = "2026-01-01T00:00:00.000Z"


def info_view(repository: Repository, revision: str) -> dict[str, Any]:
    """Describe a revision of a repository."""
    commit = resolve(repository, revision)
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
        "lastModified": DATE,
        "createdAt": DATE,
        "siblings": [{"rfilename": path} for path in repository.commits[commit].files],
    }
    return shown | ({"sdk": repository.sdk} if repository.sdk else {})


def tree_view(files: Mapping[str, File], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    """List a folder (empty: the root), folders first.

    Raises:
        HubError: 404, there is no such folder.
    """
    prefix = f"{folder}/" if folder else ""
    inside = {path: file for path, file in files.items() if path.startswith(prefix)}
    if folder and not inside:
        raise HubError(404, f"{folder} does not exist", "EntryNotFound")
    parents = {path.rsplit("/", depth)[0] for path in inside for depth in range(1, path.count("/") + 1)}
    folders = [
        {"type": "directory", "path": path, "oid": "0" * 40} for path in sorted(parents) if path.startswith(prefix)
    ]
    entries = folders + [_file_view(path, file) for path, file in sorted(inside.items())]
    return [entry for entry in entries if recursive or "/" not in entry["path"][len(prefix) :]]


def paths_view(files: Mapping[str, File], paths: list[str]) -> list[dict[str, Any]]:
    """List those of these files and folders that are there."""
    return [entry for entry in tree_view(files, "", recursive=True) if entry["path"] in paths]


def refs_view(repository: Repository) -> dict[str, Any]:
    """List branches, tags and pull requests."""

    def refs(names: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
        return [{"name": name, "ref": f"{prefix}{name}", "targetCommit": commit} for name, commit in names.items()]

    heads = {name: commit for name, commit in repository.branches.items() if not name.startswith("refs/")}
    pulls = {name: commit for name, commit in repository.branches.items() if name.startswith("refs/")}
    return {
        "branches": refs(heads, "refs/heads/"),
        "tags": refs(repository.tags, "refs/tags/"),
        "pullRequests": refs(pulls, ""),
        "converts": [],
    }


def history_view(repository: Repository, revision: str) -> list[dict[str, Any]]:
    """List the commits from a revision back to the first."""
    shown = []
    oid: str | None = resolve(repository, revision)
    while oid is not None:
        commit = repository.commits[oid]
        shown.append({"id": oid, "title": commit.title, "message": "", "date": DATE, "authors": []})
        oid = commit.parent
    return shown


def discussions_view(repository: Repository, query: Mapping[str, str]) -> dict[str, Any]:
    """List the discussions, all on the first page, filtered as asked by `type`, `status` and `author`."""
    found = [_pull_request_view(repository, one) for one in repository.discussions if _is_asked(one, query)]
    return {"discussions": found if query.get("p", "0") == "0" else [], "count": len(found), "start": 0}


def preupload_view(files: Mapping[str, File], path: str, *, large: bool) -> dict[str, Any]:
    """Tell how a file is to be sent, and what is there under its name."""
    known = files.get(path)
    oid = known and (known.sha256 if known.lfs else known.oid)
    return {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": oid}


def _file_view(path: str, file: File) -> dict[str, Any]:
    shown = {"type": "file", "path": path, "size": file.size, "oid": file.oid}
    if file.lfs:
        pointer = len(lfs_pointer(file.sha256, file.size))
        shown["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": pointer}
    return shown


def _is_asked(one: PullRequest, query: Mapping[str, str]) -> bool:
    status = "open" if one.status == "open" else "closed"
    return (
        query.get("type", "all") in ("all", "pull_request")
        and query.get("status", "all") in ("all", status)
        and query.get("author", one.author) == one.author
    )


def _pull_request_view(repository: Repository, one: PullRequest) -> dict[str, Any]:
    return {
        "num": one.number,
        "title": one.title,
        "status": one.status,
        "author": {"name": one.author},
        "isPullRequest": True,
        "createdAt": DATE,
        "repo": {"name": repository.name, "type": repository.kind.removesuffix("s")},
    }
