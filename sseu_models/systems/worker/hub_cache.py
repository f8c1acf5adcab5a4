"""Which weights a worker's libraries loaded from the Hub, found in their local cache.

As `protocol`, it runs in the worker's environment: the standard library alone, Python 3.8 and later.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def hub_commits(*repositories: str) -> dict[str, str | None]:
    """The commit of each Hub repository, as the local Hub cache has it once it was loaded; None where it has none.

    A local path is left out: the settings identify it by its content.

    Args:
        repositories: Ids such as `openai/whisper-tiny`.
    """
    local = {name for name in repositories if os.path.isabs(name) or os.path.exists(name)}
    return {name: _hub_commit(name) for name in repositories if name not in local}


def _hub_commit(repository: str) -> str | None:
    for cache in _hub_caches():
        folder = os.path.join(cache, "models--" + repository.replace("/", "--"))
        try:
            with open(os.path.join(folder, "refs", "main"), encoding="ascii") as file:
                return file.read().strip()
        except OSError:
            with contextlib.suppress(OSError):
                commits = os.listdir(os.path.join(folder, "snapshots"))
                # Without a reference only a single snapshot is certainly the one that was loaded.
                return commits[0] if len(commits) == 1 else None
    return None


def _hub_caches() -> Iterator[str]:
    """Where the libraries of the Hub keep what they fetch."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE"):
        if os.environ.get(name):
            yield os.path.expanduser(os.environ[name])
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    yield os.path.expanduser(os.path.join(os.environ.get("HF_HOME") or os.path.join(caches, "huggingface"), "hub"))
