"""Running the local Hub: in the foreground, in the background of a shell, or in a thread of a test."""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sseu_hub.local.access import MAINTAINER
from sseu_hub.local.server import Fault, Hub

_CHECK_S = 0.5
_SETTINGS = {
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


def serve(root: str | Path, port: int = 0, *, serve_for: int | None = None) -> None:
    """Serve a local Hub until Ctrl-C; the first line on standard output is its address.

    Args:
        root: Folder of the repositories, made if missing.
        port: TCP port; 0 takes a free one.
        serve_for: Id of a process; the server ends when that process does.

    Raises:
        HubError: The port is taken, or may not be used.
        OSError: The folder cannot be made.
    """
    with Hub(Path(root), port) as hub:
        print(hub.url, flush=True)
        _serve_until(hub, serve_for)


def serve_in_background(
    root: str | Path, port: int = 0, *, serve_for: int | None = None, home: str | Path | None = None
) -> str:
    """Start a local Hub that outlives this process, and return the shell commands that point clients at it.

    The server accepts connections when this returns, so a script needs no waiting:

        eval "$(sseu hub serve --background --serve-for $$ --root hub)"

    Args:
        root: Folder of the repositories, made if missing; what goes wrong later is written to `hub.log` in it.
        port: TCP port; 0 takes a free one.
        serve_for: Id of a process; the server ends when that process does. Without it the server runs until it is
            killed; its process id is in the variable SSEU_HUB_PID.
        home: Cache of the clients (HF_HOME); by default `cache` in `root`.

    Returns:
        `export` lines for a POSIX shell, with the maintainer's token.

    Raises:
        HubError: The port is taken, or may not be used.
        OSError: The folder cannot be made.
    """
    root = Path(root).resolve()
    hub = Hub(root, port)
    log = os.open(root / "hub.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    child = os.fork()
    if child == 0:  # bound already: connections wait until it serves
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in enumerate((nothing, log, log)):  # the shell waits until nobody holds its pipe
            os.dup2(source, target)
        try:
            _serve_until(hub, serve_for)
        finally:
            os._exit(1)
    hub.socket.close()
    os.close(log)
    values = client_settings(hub.url, Path(home or root / "cache").resolve()) | {"SSEU_HUB_PID": str(child)}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def client_settings(url: str, home: Path, token: str | None = MAINTAINER) -> dict[str, str]:
    """Environment variables that point Hugging Face's clients at a local Hub."""
    return {"HF_ENDPOINT": url, "HF_HOME": str(home), **_SETTINGS, **({"HF_TOKEN": token} if token else {})}


def _serve_until(hub: Hub, process: int | None) -> None:
    """Serve until a process ends, or for ever."""
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    while process is None or _is_alive(process):
        threading.Event().wait(_CHECK_S)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:  # alive, of another user
        return True
    except ProcessLookupError:
        return False
    return True


@dataclass(frozen=True)
class RunningHub:
    """A server in a thread of this process."""

    hub: Hub

    @property
    def url(self) -> str:
        """Address of the server."""
        return self.hub.url

    def env(self, home: Path, token: str | None = MAINTAINER) -> dict[str, str]:
        """Make the environment of a client: this Hub, a cache of its own, no other setting of Hugging Face."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        return kept | client_settings(self.url, home, token)

    def arm(self, match: str, kind: int | str, *, times: int = 1) -> None:
        """Let the next `times` requests that match fail: with an HTTP status, or `cut` in mid-upload."""
        self.hub.faults += [Fault(match, kind)] * times

    def log(self) -> list[str]:
        """Return every request so far, with its status."""
        return [f"{one['request']} {one['status']}" for one in self.hub.log]

    def state(self, kind: str, repo: str) -> dict[str, Any]:
        """Return the fields of a stored `Repository` by name.

        Raises:
            HttpError: 404, there is no such repository.
        """
        return asdict(self.hub.store.require(kind, repo))

    def files(self, kind: str, repo: str, revision: str = "main") -> dict[str, bytes]:
        """Return every file of a revision.

        Raises:
            HttpError: 404, there is no such repository or revision.
        """
        return self.hub.store.files(kind, repo, revision)


@contextmanager
def running_hub(root: Path) -> Iterator[RunningHub]:
    """Run a server on a free port in a thread until the end of the block, for tests."""
    with Hub(root, 0) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield RunningHub(hub)
        finally:
            hub.shutdown()
