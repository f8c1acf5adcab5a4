"""The stub server, fresh for each test; pauses before retries are skipped and recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sseu_models.systems.api import system as api
from tests.sseu_models.systems.api.stub_server import StubServer


@pytest.fixture(scope="session")
def running() -> Iterator[StubServer]:
    """One process for all tests."""
    pytest.importorskip("openai", reason="the extra `openai` is not installed")
    with StubServer() as server:
        yield server


@pytest.fixture
def asked_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The pause that the server asked for before each retry, None where it asked for none."""
    asked: list[float | None] = []

    def pause_s(attempt: int, *, seed: int, asked_s: float | None) -> float:
        asked.append(asked_s)
        return 0.0

    monkeypatch.setattr(api, "pause_s", pause_s)
    return asked


@pytest.fixture
def server(running: StubServer, monkeypatch: pytest.MonkeyPatch, asked_pauses: list[float | None]) -> StubServer:
    """The server at its defaults; no key in the environment."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "STUB_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.reset()
    return running
