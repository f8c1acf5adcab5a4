"""A repository as a value, the changes that make a new one of it, and the folder where repositories are stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from sseu_dataset.files import write_atomically
from sseu_hub.local.messages import HttpError


@dataclass(frozen=True)
class File:
    """A file of a commit.

    Attributes:
        oid: Id of the git blob; for a large file, of its pointer.
        sha256: SHA-256 of the content.
        size: In bytes.
        lfs: Whether it is a large file (Git LFS).
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
    """An open pull request with the branch `refs/pr/<number>`."""

    number: int
    title: str
    author: str


@dataclass(frozen=True)
class Repository:
    """Everything the server stores about a repository.

    Attributes:
        kind: `models`, `datasets` or `spaces`.
        name: `owner/name`.
        private: Invisible to outsiders.
        gated: False, or `auto` or `manual`: visible, but its files are not for outsiders.
        sdk: A Space's SDK.
        variables: A Space's variables, by key.
        branches: Commit id by branch.
        tags: Commit id by tag.
        commits: By commit id.
        pull_requests: In the order of their numbers, from 1.
    """

    kind: str
    name: str
    private: bool
    gated: bool | str = False
    sdk: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    commits: Mapping[str, Commit] = field(default_factory=dict)
    pull_requests: tuple[PullRequest, ...] = ()

    @property
    def path(self) -> str:
        """Path of its pages: a model's has no prefix."""
        return self.name if self.kind == "models" else f"{self.kind}/{self.name}"

    def branch_head(self, branch: str) -> str:
        """Return the newest commit of a branch.

        Raises:
            HttpError: 404, there is no such branch.
        """
        if branch not in self.branches:
            raise HttpError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
        return self.branches[branch]

    def resolve(self, revision: str) -> str:
        """Return the commit that a tag, a whole commit id or a branch stands for.

        Raises:
            HttpError: 404, it stands for none.
        """
        if revision in self.tags:
            return self.tags[revision]
        return revision if revision in self.commits else self.branch_head(revision)

    def files_at(self, revision: str) -> Mapping[str, File]:
        """Return every file of a revision."""
        return self.commits[self.resolve(revision)].files

    def with_commit(self, branch: str, files: Mapping[str, File], title: str, parent: str | None) -> Repository:
        """Put a commit at the head of a branch."""
        content = [(path, asdict(file)) for path, file in sorted(files.items())]
        oid = hashlib.sha1(json.dumps([parent, title, len(self.commits), content]).encode()).hexdigest()
        commits = {**self.commits, oid: Commit(files, title, parent)}
        return replace(self, commits=commits, branches={**self.branches, branch: oid})

    def with_pull_request(self, files: Mapping[str, File], title: str, parent: str, author: str) -> Repository:
        """Open a pull request whose branch has these files."""
        opened = PullRequest(len(self.pull_requests) + 1, title, author)
        changed = replace(self, pull_requests=(*self.pull_requests, opened))
        return changed.with_commit(f"refs/pr/{opened.number}", files, title, parent)

    def with_tag(self, tag: str, revision: str) -> Repository:
        """Tag a revision.

        Raises:
            HttpError: 409, the tag exists.
        """
        if tag in self.tags:
            raise HttpError(409, f"Tag {tag} exists already")
        return replace(self, tags={**self.tags, tag: self.resolve(revision)})


@dataclass(frozen=True)
class Store:
    """Repositories below a folder: `<kind>/<owner>/<name>.json`, and every content once under `objects/`."""

    root: Path

    def load(self, kind: str, name: str) -> Repository | None:
        """Read a repository; None if there is none."""
        path = self._repository_path(kind, name)
        if not path.exists():
            return None
        state = json.loads(path.read_text(encoding="utf-8"))
        state["commits"] = {
            oid: Commit(**commit | {"files": {path: File(**file) for path, file in commit["files"].items()}})
            for oid, commit in state["commits"].items()
        }
        state["pull_requests"] = tuple(PullRequest(**one) for one in state["pull_requests"])
        return Repository(**state)

    def require(self, kind: str, name: str) -> Repository:
        """Read a repository.

        Raises:
            HttpError: 404, there is none.
        """
        repository = self.load(kind, name)
        if repository is None:
            raise HttpError(404, f"{name}: no such repository among the {kind}", "RepoNotFound")
        return repository

    def files(self, kind: str, name: str, revision: str = "main") -> dict[str, bytes]:
        """Read every file of a revision.

        Raises:
            HttpError: 404, there is no such repository or revision.
        """
        return {path: self.get(file.sha256) for path, file in self.require(kind, name).files_at(revision).items()}

    def save(self, repository: Repository) -> None:
        """Write a repository."""
        _write(self._repository_path(repository.kind, repository.name), json.dumps(asdict(repository)).encode())

    def put(self, data: bytes) -> str:
        """Store a content and return its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._object_path(sha256).exists():
            _write(self._object_path(sha256), data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a stored content."""
        return self._object_path(sha256).read_bytes()

    def size(self, sha256: str) -> int | None:
        """Return the size of a stored content in bytes; None if it is not stored."""
        path = self._object_path(sha256)
        return path.stat().st_size if path.exists() else None

    def _repository_path(self, kind: str, name: str) -> Path:
        return self.root / kind / f"{name}.json"

    def _object_path(self, sha256: str) -> Path:
        return self.root / "objects" / sha256


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)
