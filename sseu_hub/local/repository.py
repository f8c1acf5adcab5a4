"""A repository as a value, and the changes that make a new one of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sseu_hub.local.errors import HubError


@dataclass(frozen=True)
class File:
    """A file of a commit.

    Attributes:
        oid: Of the git blob; for a large file, of its pointer.
        sha256: Of the content.
        size: In bytes.
        lfs: Whether it is a large file.
    """

    oid: str
    sha256: str
    size: int
    lfs: bool


@dataclass(frozen=True)
class Commit:
    """Every file by its path."""

    files: Mapping[str, File]
    title: str
    parent: str | None


@dataclass(frozen=True)
class PullRequest:
    """A discussion with the branch `refs/pr/<number>`, which began at the commit `base`."""

    number: int
    title: str
    author: str
    base: str
    status: str = "open"


@dataclass(frozen=True)
class Repository:
    """All that the server knows of one.

    Attributes:
        kind: `models`, `datasets` or `spaces`.
        name: As `owner/name`.
        private: Not there for others.
        gated: False, or `auto` or `manual`: there, but its files are not for others.
        sdk: Of a Space.
        variables: Of a Space, each with `value` and perhaps `description`.
        branches: Commit by name.
        tags: Commit by name.
        commits: By their ids.
        discussions: The pull requests in the order of their numbers, from 1.
    """

    kind: str
    name: str
    private: bool
    gated: bool | str = False
    sdk: str | None = None
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    commits: Mapping[str, Commit] = field(default_factory=dict)
    discussions: tuple[PullRequest, ...] = ()

    @property
    def path(self) -> str:
        """Where its pages are: a model's have no prefix."""
        return self.name if self.kind == "models" else f"{self.kind}/{self.name}"


def write_repository(repository: Repository) -> str:
    """Write it as JSON."""
    return json.dumps(asdict(repository))


def read_repository(text: str) -> Repository:
    """Read what `write_repository` wrote."""
    state = json.loads(text)
    state["commits"] = {
        oid: Commit(**commit | {"files": {path: File(**file) for path, file in commit["files"].items()}})
        for oid, commit in state["commits"].items()
    }
    state["discussions"] = tuple(PullRequest(**one) for one in state["discussions"])
    return Repository(**state)


def branch_head(repository: Repository, branch: str) -> str:
    """Return the commit at the end of a branch.

    Raises:
        HubError: 404, there is no such branch.
    """
    if branch not in repository.branches:
        raise HubError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
    return repository.branches[branch]


def resolve(repository: Repository, revision: str) -> str:
    """Return the commit that a branch, a tag or the beginning of a commit's id (at least 7 digits) means.

    Raises:
        HubError: 404, it means none.
    """
    if revision in repository.tags:
        return repository.tags[revision]
    found = [oid for oid in repository.commits if len(revision) >= 7 and oid.startswith(revision)]
    return found[0] if found else branch_head(repository, revision)


def files_at(repository: Repository, revision: str) -> Mapping[str, File]:
    """Return every file of a revision."""
    return repository.commits[resolve(repository, revision)].files


def with_commit(
    repository: Repository, branch: str, files: Mapping[str, File], title: str, parent: str | None
) -> Repository:
    """Put a commit at the end of a branch."""
    content = [(path, asdict(file)) for path, file in sorted(files.items())]
    oid = hashlib.sha1(json.dumps([parent, title, len(repository.commits), content]).encode()).hexdigest()
    return replace(
        repository,
        commits={**repository.commits, oid: Commit(files, title, parent)},
        branches={**repository.branches, branch: oid},
    )


def with_pull_request(
    repository: Repository, files: Mapping[str, File], title: str, base: str, author: str
) -> Repository:
    """Open a pull request that makes these files of those at the commit `base`."""
    opened = PullRequest(len(repository.discussions) + 1, title, author, base)
    repository = replace(repository, discussions=(*repository.discussions, opened))
    return with_commit(repository, f"refs/pr/{opened.number}", files, title, base)


def merged(repository: Repository, number: str) -> Repository:
    """Make the changes of a pull request on `main`.

    Raises:
        HubError: 404 or 409, there is none of this number that is open.
    """
    request = next((one for one in repository.discussions if str(one.number) == number), None)
    if request is None:
        raise HubError(404, f"no discussion {number} in {repository.name}")
    if request.status != "open":
        raise HubError(409, f"pull request {number} is {request.status}")
    before = repository.commits[request.base].files
    after = files_at(repository, f"refs/pr/{number}")
    main = branch_head(repository, "main")
    files = {path: file for path, file in files_at(repository, "main").items() if path in after or path not in before}
    files |= {path: file for path, file in after.items() if before.get(path) != file}
    closed = tuple(replace(one, status="merged") if one == request else one for one in repository.discussions)
    repository = replace(repository, discussions=closed)
    return with_commit(repository, "main", files, f"{request.title} (#{number})", main)


def with_tag(repository: Repository, tag: str, revision: str) -> Repository:
    """Tag a revision; a tag that is there stays (409)."""
    if tag in repository.tags:
        raise HubError(409, f"Tag {tag} exists already")
    return replace(repository, tags={**repository.tags, tag: resolve(repository, revision)})


def without_tag(repository: Repository, tag: str) -> Repository:
    """Remove a tag, which must be there (404)."""
    if tag not in repository.tags:
        raise HubError(404, f"Invalid rev id: {tag}", "RevisionNotFound")
    return replace(repository, tags={name: oid for name, oid in repository.tags.items() if name != tag})


def asked_private(asked: Mapping[str, Any]) -> bool:
    """Whether `visibility`, or `private` as clients before 2.0 say it, asks for a private repository.

    Raises:
        HubError: 400, another visibility than `public` and `private`.
    """
    visibility = asked.get("visibility", "private" if asked.get("private") else "public")
    if visibility not in ("public", "private"):
        raise HubError(400, f"visibility {visibility!r}: public or private is needed")
    return bool(visibility == "private")


def with_settings(repository: Repository, asked: Mapping[str, Any]) -> Repository:
    """Change who sees the repository, who gets its files, or both.

    Raises:
        HubError: 400, an unknown setting or value.
    """
    if unknown := asked.keys() - {"gated", "visibility", "private"}:
        raise HubError(400, f"settings not served here: {sorted(unknown)}")
    gated = asked.get("gated", repository.gated)
    if gated not in ("auto", "manual", False):
        raise HubError(400, f"gated {gated!r}: auto, manual or false is needed")
    seen = asked.keys() & {"visibility", "private"}
    return replace(repository, gated=gated, private=asked_private(asked) if seen else repository.private)


def with_variable(repository: Repository, asked: Mapping[str, str]) -> Repository:
    """Set a variable of a Space: `key`, `value` and perhaps `description`.

    Raises:
        HubError: 400, the key cannot be the name of an environment variable.
    """
    key = asked["key"]
    if not re.fullmatch(r"[A-Za-z]\w*", key, re.ASCII):
        raise HubError(400, f"variable {key!r}: letters, digits and _ are needed, a letter first")
    variable = {name: asked[name] for name in ("value", "description") if name in asked}
    return replace(repository, variables={**repository.variables, key: variable})


def without_variable(repository: Repository, key: str) -> Repository:
    """Remove a variable of a Space, which must be there (404)."""
    if key not in repository.variables:
        raise HubError(404, f"no variable {key}")
    return replace(repository, variables={name: one for name, one in repository.variables.items() if name != key})
