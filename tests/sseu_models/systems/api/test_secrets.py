"""Hazard: a key, an organisation or a header for OpenAI reaches another server, from a system or from an embedder.

A real server writes down every header of every request. As 127.0.0.1 it stands for OpenAI, as localhost for another.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sseu_metric import openai_client
from sseu_metric.embedder_protocol import EmbedderError
from sseu_metric.openai_embedder import OpenAIEmbedder
from sseu_models.records import SystemDownError
from sseu_models.systems.api.system import make_api

pytest.importorskip("openai", reason="the extra `openai` is not installed")

SECRETS = {
    "OPENAI_API_KEY": "sk-openai",
    "OPENAI_ADMIN_KEY": "sk-admin",
    "OPENAI_ORG_ID": "org-secret",
    "OPENAI_PROJECT_ID": "proj-secret",
    "OPENAI_WEBHOOK_SECRET": "whsec-secret",
    "OPENAI_CUSTOM_HEADERS": "X-Gateway-Key: custom-secret\nAuthorization: Bearer custom-bearer",
    "HF_TOKEN": "hf-secret",
    "GATEWAY_KEY": "sk-gateway",
}
VALUES = {*SECRETS.values(), "custom-secret", "custom-bearer"}


class Handler(BaseHTTPRequestHandler):
    """An endpoint with one model and an embedder."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.send({"object": "list", "data": [{"id": "m"}]} if self.path.endswith("/models") else {"version": "1"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/embeddings"):
            self.send({"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [1.0, 2.0]}]})
        else:
            message = {"role": "assistant", "content": "Home"}
            self.send({"model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def send(self, body: object) -> None:
        self.server.heard.append((self.path, str(self.headers)))
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Keeps the path and all headers of each request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[tuple[str, str]] = []

    def url(self, host: str) -> str:
        return f"http://{host}:{self.server_port}/v1"

    def secrets(self) -> set[str]:
        """The secrets that were in any header of any request."""
        assert self.heard
        return {value for value in VALUES if any(value in headers for _, headers in self.heard)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with Server() as found:
        monkeypatch.setattr(openai_client, "OPENAI_URL", found.url("127.0.0.1"))
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask_system(url: str, **settings: Any) -> None:
    async def started() -> None:
        system = make_api(f"m@{url}", **settings)
        try:
            await system.start()
        finally:
            await system.close()

    asyncio.run(started())


def ask_embedder(url: str, **settings: Any) -> None:
    OpenAIEmbedder("m", base_url=url, max_retries=0, **settings).embed(["dog"])


both = pytest.mark.parametrize("ask", [ask_system, ask_embedder])


@both
def test_another_server_gets_nothing(server: Server, ask: Callable[..., None]) -> None:
    ask(server.url("localhost"))
    assert server.secrets() == set()
    assert not any("openai-organization" in headers.lower() for _, headers in server.heard)
    assert {"Authorization: Bearer none" in headers for path, headers in server.heard if "/v1/" in path} == {True}


@both
def test_another_server_gets_the_key_that_is_named_for_it_and_no_more(server: Server, ask: Callable[..., None]) -> None:
    ask(server.url("localhost"), api_key_env="GATEWAY_KEY")
    assert server.secrets() == {"sk-gateway"}


@both
def test_a_proxy_does_not_stand_before_this_machine(
    server: Server, ask: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over plain http it would read the key; a server at a proxy's address hears whole addresses in requests."""
    with Server() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.delenv("NO_PROXY")
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        ask(server.url("localhost"), api_key_env="GATEWAY_KEY")
        proxy.shutdown()
        thread.join()
    assert proxy.heard == []
    assert server.secrets() == {"sk-gateway"}


@both
def test_openai_gets_its_own(server: Server, ask: Callable[..., None]) -> None:
    ask(server.url("127.0.0.1"))
    assert server.secrets() >= {"sk-openai", "org-secret", "proj-secret"}
    assert not server.secrets() & {"sk-admin", "whsec-secret", "hf-secret", "sk-gateway"}


@pytest.mark.parametrize(("ask", "error"), [(ask_system, SystemDownError), (ask_embedder, EmbedderError)])
def test_no_key_goes_to_another_machine_unencrypted(
    server: Server, ask: Callable[..., None], error: type[Exception]
) -> None:
    message = r"the key in GATEWAY_KEY is not sent to http://gpu.invalid:8000/v1 unencrypted: use an https address, or"
    with pytest.raises(error, match=message):
        ask("http://gpu.invalid:8000/v1", api_key_env="GATEWAY_KEY")
    assert server.heard == []
