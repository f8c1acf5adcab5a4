"""A running server, the archive it serves, and a caller of `fetch`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_dataset.download.archives import Archive
from tests.sseu_dataset.download.server import DATA, SHA256, Caller, Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    with Server() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def archive(server: Server) -> Archive:
    """What most tests fetch: neither its exact size nor its licence matter, its checksum does."""
    return Archive(
        corpus="vctk",
        name="corpus.zip",
        url=server.url,
        target="corpus",
        source="https://records.example/1",
        licence="CC BY 4.0",
        size_bytes=len(DATA),
        unpacked_bytes=len(DATA),
        checksum=f"sha256:{SHA256}",
    )


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path)
