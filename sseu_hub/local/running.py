"""A server in its own process, as tests use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sseu_hub.local.access import MAINTAINER
from sseu_hub.local.errors import HubError
from sseu_hub.local.repository import Repository, files_at
from sseu_hub.local.store import Store


@dataclass(frozen=True)
class RunningHub:
    """Where a server is, and where it keeps its repositories."""

    url: str
    root: Path

    def env(self, home: Path, token: str | None = MAINTAINER) -> dict[str, str]:
        """Make the environment of a client: this Hub, an own cache, no other setting of Hugging Face."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        own = {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        return kept | own | ({"HF_TOKEN": token} if token else {})

    def arm(self, match: str, kind: int | str, *, times: int = 1, code: str | None = None) -> None:
        """Let the next `times` requests that match fail: with an HTTP status, or `cut` in mid-upload."""
        fault = {"match": match, "kind": kind, "times": times, "code": code}
        request = urllib.request.Request(f"{self.url}/_fault", json.dumps(fault).encode(), method="POST")
        urllib.request.urlopen(request).close()

    def log(self) -> list[str]:
        """Return every request so far, with its status."""
        with urllib.request.urlopen(f"{self.url}/_log") as answer:
            return [f"{one['request']} {one['status']}" for one in json.loads(answer.read())]

    def state(self, kind: str, repo: str) -> dict[str, Any]:
        """Return all that is stored of a repository, the fields of `Repository` by name.

        Raises:
            HubError: 404, there is no such repository.
        """
        return asdict(self._load(kind, repo))

    def files(self, kind: str, repo: str, revision: str = "main") -> dict[str, bytes]:
        """Return every file of a revision.

        Raises:
            HubError: 404, there is no such repository or revision.
        """
        found = files_at(self._load(kind, repo), revision)
        return {path: Store(self.root).get(file.sha256) for path, file in found.items()}

    def _load(self, kind: str, repo: str) -> Repository:
        repository = Store(self.root).load(kind, repo)
        if repository is None:
            raise HubError(404, f"{repo}: no such repository among the {kind}", "RepoNotFound")
        return repository


@contextmanager
def running_hub(root: Path) -> Iterator[RunningHub]:
    """Run a server until the end of the block."""
    command = [sys.executable, "-m", "sseu_hub.local", "--root", str(root), "--serve-for", str(os.getpid())]
    place = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=place) as process:
        try:
            assert process.stdout is not None
            yield RunningHub(process.stdout.readline().strip(), root)
        finally:
            process.terminate()
