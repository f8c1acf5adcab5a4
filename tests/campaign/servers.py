"""Servers that mean harm or fall apart: shapes, delays, cuts, redirects, floods.

Each trial starts two servers: the one that the run is pointed at, and another host that it may be sent to.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.campaign.trials import Trial, command, environment

SERVERS = "hostile servers"
_KEY = "sk-campaign-key-of-this-server"
_OTHERS = {
    "OPENAI_API_KEY": "sk-campaign-openai",
    "OPENAI_ORG_ID": "org-campaign",
    "OPENAI_PROJECT_ID": "proj-campaign",
    "HF_TOKEN": "hf_campaign",
}
_LIMIT_S = 90
_TIMEOUT_S = 3
_FLOOD_BYTES = 300_000_000
_AT_ONCE = 6


@dataclass
class Host:
    """A server in threads of this process: what it heard, and how it answers."""

    respond: Callable[[Host, socket.socket, str, bytes], None]
    heard: list[bytes] = field(default_factory=list)
    url: str = ""
    other_url: str = ""
    served: int = 0


def hostile_servers(root: Path, dataset: Path, seeds: range) -> Iterator[Trial]:
    """A short run against each server: it ends in time, in words, with its keys where they belong."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda seed: _trial(root / f"server-{seed}", dataset, seed), seeds)


def _trial(out: Path, dataset: Path, seed: int) -> Trial:
    draw = random.Random(f"server {seed}")
    name = list(SHAPES)[seed % len(SHAPES)]
    sound_answers = draw.choice((0, 1, 3)) if seed >= len(SHAPES) else 1
    at_models = draw.random() < 0.25 and seed >= len(SHAPES)

    def respond(host: Host, to: socket.socket, path: str, body: bytes) -> None:
        if path.endswith("/models") and not at_models:
            return _send_json(to, {"object": "list", "data": [{"id": "m", "object": "model"}]})
        if path.endswith("/chat/completions") and not at_models:
            host.served += 1
            if host.served <= sound_answers:
                return _send_json(to, _completion("Scene: Home"))
        return SHAPES[name](host, to)

    where = "in place of the list of models" if at_models else f"after {sound_answers} sound answers"
    begun_s = time.monotonic()
    thief = Host(lambda host, to, path, body: _send_json(to, _completion("stolen")))
    with _serving(thief, "127.0.0.2") as other, _serving(Host(respond), "127.0.0.1") as host:
        host.other_url = other.url
        words = command(
            "run", "--system", f"api:m@{host.url}/v1", "--data", dataset, "--modes", "independent", "--runs", "1",
            "--embedder", "exact", "--limit", "2", "--setting", f"timeout_s={_TIMEOUT_S}", "--setting", "retries=1",
            "--setting", "api_key_env=CAMPAIGN_KEY", "--out", out,
        )  # fmt: skip
        code, said = _run(words, out)
    faults = ["hung"] if code is None else []
    if "Traceback (most recent call last)" in said:
        faults.append("traceback")
    secrets = [secret.encode() for secret in (_KEY, *_OTHERS.values())]
    written = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    foreign = b"".join(other.heard)
    own = b"".join(host.heard)
    spilled = any(secret in foreign or secret in written + said.encode() for secret in secrets)
    if spilled or any(secret in own for secret in secrets[1:]):
        faults.append("leaked")
    shutil.rmtree(out, ignore_errors=True)
    what = f"{name}, {where}, {time.monotonic() - begun_s:.0f} s"
    return Trial(SERVERS, seed, what, code, tuple(faults), said[-1500:])


def _run(words: list[str], out: Path) -> tuple[int | None, str]:
    # 4 GiB of address space beyond what Python and its libraries take: an endless answer must not fill the memory.
    limited = ["bash", "-c", 'ulimit -v 8000000; exec "$@"', "bash", *words]
    env = environment({"CAMPAIGN_KEY": _KEY, **_OTHERS})
    try:
        done = subprocess.run(
            limited, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_LIMIT_S, cwd=out.parent
        )
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout.decode(errors="replace")


@contextmanager
def _serving(host: Host, address: str) -> Iterator[Host]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):  # the client has gone
                _converse(host, self.request)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads, request_queue_size = True, True, 64

    with Server((address, 0), Handler) as server:
        host.url = f"http://{address}:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield host
        server.shutdown()


def _converse(host: Host, to: socket.socket) -> None:
    """One request of a connection after another."""
    to.settimeout(30)
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            if not (more := to.recv(65536)):
                return
            data += more
        head, _, data = data.partition(b"\r\n\r\n")
        host.heard.append(head)
        fields = dict(line.lower().split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:] if ": " in line)
        size = int(fields.get("content-length", 0))
        while len(data) < size:
            if not (more := to.recv(1 << 20)):
                return
            data += more
        body, data = data[:size], data[size:]
        host.respond(host, to, head.split(b" ")[1].decode(), body)


def _completion(content: Any, **choice: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    one = {"index": 0, "finish_reason": "stop", "message": message} | choice
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [one]}


def _send(to: socket.socket, body: bytes, status: str = "200 OK", *fields: str) -> None:
    names = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    to.sendall("\r\n".join(names).encode() + b"\r\n\r\n" + body)


def _send_json(to: socket.socket, document: Any, status: str = "200 OK", *fields: str) -> None:
    _send(to, json.dumps(document).encode(), status, *fields)


def _error(status: str, message: str, *fields: str, **more: Any) -> Callable[[Host, socket.socket], None]:
    return lambda host, to: _send_json(to, {"error": {"message": message, **more}}, status, *fields)


def _answer(content: Any, **choice: Any) -> Callable[[Host, socket.socket], None]:
    return lambda host, to: _send_json(to, _completion(content, **choice))


def _whole(document: Any) -> Callable[[Host, socket.socket], None]:
    return lambda host, to: _send_json(to, document)


def _raw(data: bytes) -> Callable[[Host, socket.socket], None]:
    def send(host: Host, to: socket.socket) -> None:
        to.sendall(data)
        to.shutdown(socket.SHUT_RDWR)

    return send


def _redirect(status: str, *, away: bool = True) -> Callable[[Host, socket.socket], None]:
    def send(host: Host, to: socket.socket) -> None:
        place = host.other_url if away else host.url
        _send(to, b"", status, f"Location: {place}/v1/chat/completions")

    return send


def _drip(host: Host, to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(300):
        to.sendall(b" ")
        time.sleep(0.1)


def _silence(host: Host, to: socket.socket) -> None:
    time.sleep(30)


def _flood(host: Host, to: socket.socket) -> None:
    to.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {_FLOOD_BYTES}\r\n\r\n".encode())
    block = b'{"choices": [' + b" " * (1 << 20)
    for _ in range(_FLOOD_BYTES // len(block)):
        to.sendall(block)


def _header_flood(host: Host, to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        to.sendall(b"X-%d: %s\r\n" % (number, b"y" * 200))


def _early_hints(host: Host, to: socket.socket) -> None:
    for _ in range(20_000):
        to.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def _zip_bomb(host: Host, to: socket.socket) -> None:
    _send(to, gzip.compress(b" " * _FLOOD_BYTES, 9), "200 OK", "Content-Encoding: gzip")


def _cut(host: Host, to: socket.socket) -> None:
    data = json.dumps(_completion("Scene: Home")).encode()
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data[: len(data) // 2])
    to.shutdown(socket.SHUT_RDWR)


def _stream(host: Host, to: socket.socket) -> None:
    chunk = json.dumps({"object": "chat.completion.chunk", "choices": [{"delta": {"content": "Home"}}]})
    _send(to, f"data: {chunk}\n\ndata: [DONE]\n\n".encode())


_DEEP = "[" * 100_000 + "]" * 100_000

SHAPES: dict[str, Callable[[Host, socket.socket], None]] = {
    "301 to another host": _redirect("301 Moved Permanently"),
    "302 to another host": _redirect("302 Found"),
    "307 to another host": _redirect("307 Temporary Redirect"),
    "308 to another host": _redirect("308 Permanent Redirect"),
    "a redirect to itself": _redirect("307 Temporary Redirect", away=False),
    "a drip": _drip,
    "silence": _silence,
    "a flood": _flood,
    "a flood of headers": _header_flood,
    "a flood of early hints": _early_hints,
    "a compressed flood": _zip_bomb,
    "half an answer": _cut,
    "a stream of events": _stream,
    "no HTTP": _raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not HTTP at all"),
    "nothing, and closed": _raw(b""),
    "two lengths": _raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 500\r\n\r\n{}"),
    "a negative length": _raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"),
    "bad chunks": _raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"),
    "status 999": _raw(b"HTTP/1.1 999 What\r\nContent-Length: 2\r\n\r\n{}"),
    "204": _raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "an empty body": lambda host, to: _send(to, b""),
    "bad UTF-8": lambda host, to: _send(to, b'{"choices": [{"message": {"content": "\xff\xfe\x80"}}]}'),
    "a lone surrogate": lambda host, to: _send(to, b'{"choices": [{"message": {"content": "Scene: \\ud800 Home"}}]}'),
    "NaN": lambda host, to: _send(to, b'{"choices": [{"message": {"content": NaN}, "finish_reason": Infinity}]}'),
    "deep brackets": lambda host, to: _send(to, _DEEP.encode()),
    "a number": _whole(7),
    "a list": _whole([_completion("Scene: Home")]),
    "null": _whole(None),
    "no choices": _whole({"choices": []}),
    "choices as text": _whole({"choices": "Scene: Home"}),
    "no message": _whole({"choices": [{"index": 0}]}),
    "null content": _answer(None),
    "null content, cut off": _answer(None, finish_reason="length"),
    "parts": _answer([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Scene: Home"}]),
    "parts of nothing": _answer([None, 7, {"type": "text"}, {"text": ["a"]}]),
    "a number as content": _answer(17),
    "an object as content": _answer({"scene": "Home"}),
    "10 MB of content": _answer("Scene: Home " * 900_000),
    "control characters": _answer("Scene: \x1b[2J\x1b]0;title\x07Home\x00\u202e"),
    "strange reasons and counts": lambda host, to: _send_json(
        to, _completion("Scene: Home", finish_reason=["stop"]) | {"usage": {"prompt_tokens": -(10**30)}}
    ),
    "another model": lambda host, to: _send_json(to, _completion("Scene: Home") | {"model": "somebody-else"}),
    "the key in the answer": _answer(f"Scene: {_KEY}"),
    "401 with the key": _error("401 Unauthorized", f"Incorrect API key provided: {_KEY}"),
    "400 with the key": _error("400 Bad Request", f"bad request by Bearer {_KEY}"),
    "400 for everything": _error("400 Bad Request", "audio is not supported"),
    "422 for everything": _error("422 Unprocessable Entity", "Unexpected fields: seed"),
    "a content filter": _error("400 Bad Request", "filtered", code="content_filter"),
    "another name of max_tokens": _error(
        "400 Bad Request",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        code="unsupported_parameter",
        param="max_tokens",
    ),
    "402": _error("402 Payment Required", "no credit"),
    "404": _error("404 Not Found", "The model `m` does not exist"),
    "429 for ever": _error("429 Too Many Requests", "slow down"),
    "429, wait a year": _error("429 Too Many Requests", "slow down", "Retry-After: 31536000"),
    "429, wait minus one": _error("429 Too Many Requests", "slow down", "Retry-After: -1"),
    "429, wait nan": _error("429 Too Many Requests", "slow down", "Retry-After: nan"),
    "500": _error("500 Internal Server Error", "x" * 100_000),
    "503 in HTML": lambda host, to: _send(to, b"<html><script>alert(1)</script>", "503 Service Unavailable"),
    "an error in a 200": _whole({"error": {"message": ["a", {"b": 1}], "code": {"c": 2}}}),
    "an error that is a list": lambda host, to: _send_json(to, {"error": ["a", None]}, "400 Bad Request"),
    "a cookie": lambda host, to: _send_json(to, _completion("Home"), "200 OK", "Set-Cookie: a=" + "b" * 4000),
}
