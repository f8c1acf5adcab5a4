"""A strict server of two models: `whisper` transcribes uploads and has no chat, `text` chats and hears nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.sseu_models.systems.api.stub_requests import RefusedError, check_wav


class PlainServer(ThreadingHTTPServer):
    """What it heard, and what it answers with: a text, or the whole body of a transcription."""

    answer: Any = " The cat sat. "
    refused_fields: frozenset[str] = frozenset()
    heard: list[dict[str, Any]]

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def plain_server() -> Iterator[PlainServer]:
    """A running server."""
    server = PlainServer(("127.0.0.1", 0), _Handler)
    server.heard = []
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: PlainServer

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        """The list of models."""
        if self.path != "/v1/models":
            self._send(404, {"error": {"message": "Not Found"}})
        else:
            self._send(200, {"object": "list", "data": [{"id": "whisper"}, {"id": "text"}]})

    def do_POST(self) -> None:
        """A chat completion or a transcription."""
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            answer = {"/v1/chat/completions": self._chat, "/v1/audio/transcriptions": self._transcribe}[self.path](raw)
        except RefusedError as refused:
            self._send(refused.status, {"error": {"message": str(refused)}})
        else:
            self._send(200, answer)

    def _chat(self, raw: bytes) -> dict[str, Any]:
        body = json.loads(raw)
        if body["model"] != "text":
            raise RefusedError(400, "The model does not support Chat Completions API")
        [*_, user] = body["messages"]
        if [part["type"] for part in user["content"]] != ["text"]:
            raise RefusedError(400, "this model takes text alone")
        self.server.heard.append(body)
        message = {"role": "assistant", "content": "Scene: Home"}
        return {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}

    def _transcribe(self, raw: bytes) -> dict[str, Any]:
        if not self.headers["Content-Type"].startswith("multipart/form-data; boundary="):
            raise RefusedError(415, "multipart/form-data is needed")
        head = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n"
        parts = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + raw).iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            parts[name] = (part.get_filename(), content)
        for name in parts.keys() - {"model", "file", "language", "response_format", "temperature"}:
            raise RefusedError(422, f"Unexpected field {name}")
        for name in parts.keys() & self.server.refused_fields:
            raise RefusedError(422, f"Unexpected field {name}")
        if parts["model"][1] != b"whisper":
            raise RefusedError(404, "The model does not transcribe")
        filename, wav = parts.pop("file")
        if not (filename or "").endswith(".wav"):
            raise RefusedError(400, f"Invalid file format: {filename}")
        fields: dict[str, Any] = {name: content.decode() for name, (_, content) in parts.items()}
        self.server.heard.append(fields | {"audio_s": check_wav(wav), "wav": wav})
        answer = self.server.answer
        return {"text": answer, "usage": {"type": "duration", "seconds": 10}} if isinstance(answer, str) else answer

    def _send(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
