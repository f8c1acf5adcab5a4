"""A server on this machine that breaks off, stalls, refuses and lies; and a caller that keeps what `fetch` says."""

from __future__ import annotations

import hashlib
import random
import socket
import struct
import time
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sseu_dataset.download.archives import Archive
from sseu_dataset.download.fetch import fetch

DATA = b"PK\x03\x04" + random.Random(1).randbytes(200_000)
NEWER = b"PK\x03\x04" + random.Random(2).randbytes(150_000)
SHA256 = hashlib.sha256(DATA).hexdigest()

Reply = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers with its replies in order; the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.requests: list[Message] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/corpus.zip?download=1"

    def ranges(self) -> list[str | None]:
        return [headers["Range"] for headers in self.requests]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    """Keeps every request and gives the server's next reply."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.requests.append(self.headers)
        replies = self.server.replies
        (replies.pop(0) if len(replies) > 1 else replies[0])(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def send(
    payload: bytes = DATA,
    *,
    ranges: bool = True,
    stop_after: int | None = None,
    reset: bool = False,
    stall_s: float = 0.0,
    etag: str | None = None,
    modified: str | None = None,
    obeys_if_range: bool = True,
    content_range: str | None = None,
    with_length: bool = True,
    content_type: str = "application/octet-stream",
) -> Reply:
    """The file, or the range asked for; broken off after `stop_after` bytes."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        asked, held = handler.headers["Range"], handler.headers["If-Range"]
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and ranges else 0
        if held and obeys_if_range and held not in (etag, modified):
            start = 0
        if start >= len(payload):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(payload)}")
            handler.end_headers()
            return
        handler.send_response(206 if start else 200)
        if start:
            default = f"bytes {start}-{len(payload) - 1}/{len(payload)}"
            handler.send_header("Content-Range", default if content_range is None else content_range)
        if with_length:
            handler.send_header("Content-Length", str(len(payload) - start))
        handler.send_header("Content-Type", content_type)
        if etag:
            handler.send_header("ETag", etag)
        if modified:
            handler.send_header("Last-Modified", modified)
        handler.end_headers()
        handler.wfile.write(payload[start:][:stop_after])
        handler.wfile.flush()
        if stall_s:
            time.sleep(stall_s)
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return reply


def refuse(status: int, retry_after: str | None = None) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if retry_after is not None:
            handler.send_header("Retry-After", retry_after)
        handler.end_headers()

    return reply


class Caller:
    """Calls fetch and keeps what it said and how long it waited."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.messages: list[str] = []
        self.waits: list[float] = []

    def __call__(self, archive: Archive, retries: int = 8) -> Path:
        return fetch(archive, self.folder, announce=self.messages.append, retries=retries, sleep=self.waits.append)

    @property
    def part(self) -> Path:
        return self.folder / "corpus.zip.part"

    def leave_part(self, content: bytes, version: str = "") -> None:
        self.part.write_bytes(content)
        (self.folder / "corpus.zip.part.version").write_text(version)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())
