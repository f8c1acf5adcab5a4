"""The HTTP server: reads a request, lets an armed fault strike or carries it out, and keeps a log."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sseu_hub.client import HubError
from sseu_hub.local.messages import HttpError, Request, Response, error_response, json_response
from sseu_hub.local.repository import Store
from sseu_hub.local.routes import respond

_CUT_AFTER_BYTES = 1 << 16


@dataclass(frozen=True)
class Fault:
    """A failure of the next request that matches.

    Attributes:
        match: A regular expression found in `METHOD path?query`.
        kind: An HTTP status, or `cut`: the connection ends in the middle of what the client sends.
    """

    match: str
    kind: int | str


class Hub(ThreadingHTTPServer):
    """The server with its store, armed faults and log; the lock is held while a request is carried out."""

    daemon_threads = True

    def __init__(self, root: Path, port: int) -> None:
        """Bind the port; connections are accepted from now on, and answered by `serve_forever`.

        Raises:
            HubError: The port is taken, or may not be used.
            OSError: The folder cannot be made.
        """
        root.mkdir(parents=True, exist_ok=True)
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except (OSError, OverflowError) as error:
            raise HubError(f"the local Hub cannot listen on port {port} ({error}); --port 0 takes a free one") from None
        self.store = Store(root)
        self.lock = threading.Lock()
        self.faults: list[Fault] = []
        self.log: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        """Print nothing; `Hub.log` keeps the requests."""

    def _serve(self) -> None:
        entry: dict[str, Any] = {"request": f"{self.command} {urlsplit(self.path).path}", "status": None}
        fault = self._log_and_take_fault(entry)
        if fault is not None and fault.kind == "cut":
            entry["status"] = "cut"
            return self._cut()
        body = self._read_body()
        try:
            if fault is not None:
                raise HttpError(int(fault.kind), f"armed fault {fault.kind}")
            with self.server.lock:
                response = respond(self.server.store, self._request(body))
        except HttpError as error:
            response = error_response(error)
        except Exception as error:  # a bug of this server: the client is told, and the trace goes to stderr
            entry["status"] = 500
            self._send(json_response({"error": f"{type(error).__name__}: {error}"}, 500))
            raise
        entry["status"] = response.status
        return self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _log_and_take_fault(self, entry: dict[str, Any]) -> Fault | None:
        with self.server.lock:
            self.server.log.append(entry)
            line = f"{self.command} {self.path}"
            fault = next((one for one in self.server.faults if re.search(one.match, line)), None)
            if fault is not None:
                self.server.faults.remove(fault)
            return fault

    def _cut(self) -> None:
        self.rfile.read(min(int(self.headers.get("Content-Length", 0)) // 2, _CUT_AFTER_BYTES))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(data)

    def _request(self, body: bytes) -> Request:
        parts = urlsplit(self.path)
        return Request(
            self.command,
            parts.path,
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            body,
            self.headers.get("Authorization", "").removeprefix("Bearer "),
            f"http://{self.headers['Host']}",
            self.headers.get("Range", ""),
        )

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in {"Content-Length": str(len(response.body)), **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
