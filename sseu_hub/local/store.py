"""Where repositories lie: `<kind>/<owner>/<name>.json` below a folder, and every content once under `objects/`."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from sseu_hub.local.repository import Repository, read_repository, write_repository


@dataclass(frozen=True)
class Store:
    """Repositories below a folder; each file is written whole or not at all."""

    root: Path

    def load(self, kind: str, name: str) -> Repository | None:
        """Read a repository; None where there is none."""
        path = self._repository_path(kind, name)
        return read_repository(path.read_text(encoding="utf-8")) if path.exists() else None

    def save(self, repository: Repository) -> None:
        """Write a repository."""
        _write(self._repository_path(repository.kind, repository.name), write_repository(repository).encode())

    def put(self, data: bytes) -> str:
        """Keep a content and return its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._object_path(sha256).exists():
            _write(self._object_path(sha256), data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a content, which must be there."""
        return self._object_path(sha256).read_bytes()

    def size(self, sha256: str) -> int | None:
        """Return the size of a content in bytes; None where it is not there."""
        path = self._object_path(sha256)
        return path.stat().st_size if path.exists() else None

    def _repository_path(self, kind: str, name: str) -> Path:
        return self.root / kind / f"{name}.json"

    def _object_path(self, sha256: str) -> Path:
        return self.root / "objects" / sha256


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_bytes(data)
    os.replace(path.with_suffix(".new"), path)
