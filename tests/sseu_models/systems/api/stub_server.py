"""A chat endpoint for audio in its own process: strict about requests, and unreliable on demand.

    with StubServer(delay_s=0.2) as server:
        server.url            # base URL, up to /v1
        server.set(script=["500"])
        server.stats()        # requests, most in flight, the last requests

It checks what vLLM and OpenAI check: roles, content parts, base64, the WAV header, sampling fields, model and key. The
question that `api:` asks at its start is checked like any other, but answered as `opening` says and counted apart.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from sseu_models.systems.api.system import OPENING
from tests.sseu_models.systems.api.stub_replies import FAULTS, completion, error_response, rejection
from tests.sseu_models.systems.api.stub_requests import RefusedError, check_request


@dataclass(frozen=True)
class Behaviour:
    """How the server behaves; all of it can be changed while it runs.

    Attributes:
        models: The models that it serves, and lists unless `listed` says otherwise.
        listed: The entries of its list of models.
        answering: The model that its answers name, one an answer, then the last one; by default the requested one.
        fingerprint: `system_fingerprint` of its answers, in the same way; by default none.
        version: What `/version` states; None answers 404.
        api_key: The key it requires; None accepts any.
        list_models: Whether it has `/v1/models`, instead of answering 404.
        strict: Refuse fields that OpenAI does not know.
        refused_fields: Refuse these fields too.
        known_fields: Fields that it knows beside those of vLLM, such as `chat_template_kwargs`.
        length_field: The field that must carry the maximum length of an answer, if there is one.
        audio: How `input_audio` must hold the clip: in `base64`, or as a data `url` (DashScope).
        loads_on_request: List no model before the first chat request.
        redirect: Send every request on to this base URL; "/" for the same address with a slash at its end.
        max_audio_s: Answer longer clips with 400.
        delay_s: Pause before each answer.
        repeat: Repetitions of the text `answer`.
        script: Names of `FAULTS`, one for each chat request, then `always` (`ok` is none).
        opening: The same for the question at the start.
        retry_after: Value of the `Retry-After` header of 429 and 503.
    """

    models: tuple[str, ...] = ("stub-audio",)
    listed: tuple[dict[str, Any], ...] | None = None
    answering: tuple[str, ...] = ()
    fingerprint: tuple[str, ...] = ()
    version: str | None = None
    api_key: str | None = None
    list_models: bool = True
    strict: bool = False
    refused_fields: tuple[str, ...] = ()
    known_fields: tuple[str, ...] = ()
    length_field: str = "max_tokens"
    audio: Literal["base64", "url"] = "base64"
    loads_on_request: bool = False
    redirect: str | None = None
    max_audio_s: float | None = None
    delay_s: float = 0.0
    answer: str = "Scene: Home"
    repeat: int = 1
    script: tuple[str, ...] = ()
    always: str = "ok"
    opening: str = "ok"
    retry_after: str | None = None

    def changed(self, values: Mapping[str, Any]) -> Behaviour:
        """A copy with some values changed."""
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        changed = replace(self, **{**values, **lists})
        assert {*changed.script, changed.always, changed.opening} <= set(FAULTS)
        return changed


class _Stub:
    """The running server: its behaviour and counts."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.script = deque(behaviour.script)
        self.requests = self.answered = self.in_flight = self.max_in_flight = self.models_requests = 0
        self.openings = self.completions = 0
        self.peers: set[object] = set()
        self.last: deque[dict[str, Any]] = deque(maxlen=16)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_post("/v1/chat/completions/", self.chat)
        app.router.add_get("/v1/models", self.models)
        app.router.add_get("/version", self.version)
        app.router.add_post("/control", self.control)
        app.router.add_get("/stats", self.stats)
        return app

    async def models(self, request: web.Request) -> web.Response:
        self.models_requests += 1
        if (redirect := self._redirect(request)) is not None:
            return redirect
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.behaviour.api_key is not None and key != self.behaviour.api_key:
            return error_response(401, f"Incorrect API key provided: {key}")
        if not self.behaviour.list_models:
            return error_response(404, "Not Found")
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "stub"} for name in self.behaviour.models]
        listed = data if self.behaviour.listed is None else [*self.behaviour.listed]
        if self.behaviour.loads_on_request and not self.openings:
            listed = []
        return web.json_response({"object": "list", "data": listed})

    def _redirect(self, request: web.Request) -> web.Response | None:
        to = self.behaviour.redirect
        if to is None or request.path.endswith("/") or (to == "/" and "models" in request.path):
            return None
        location = f"{request.path}/" if to == "/" else f"{to}{request.path.removeprefix('/v1')}"
        return web.Response(status=307, headers={"Location": location})

    async def version(self, request: web.Request) -> web.Response:
        stated = self.behaviour.version
        return error_response(404, "Not Found") if stated is None else web.json_response({"version": stated})

    async def control(self, request: web.Request) -> web.Response:
        self.behaviour = self.behaviour.changed(await request.json())
        self.script = deque(self.behaviour.script)
        self.requests = self.answered = self.max_in_flight = self.models_requests = 0
        self.openings = self.completions = 0
        self.last.clear()
        self.peers.clear()
        return web.json_response({})

    async def stats(self, request: web.Request) -> web.Response:
        names = ("requests", "answered", "in_flight", "max_in_flight", "models_requests", "openings")
        counts = {name: getattr(self, name) for name in names}
        return web.json_response(counts | {"connections": len(self.peers), "last": [*self.last]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self.peers.add(_connection(request).get_extra_info("peername"))
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            return await self._chat(request)
        finally:
            self.in_flight -= 1

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        raw = await request.read()
        if (redirect := self._redirect(request)) is not None:
            return redirect
        if is_opening := OPENING.user.encode() in raw:
            self.openings += 1
            fault = self.behaviour.opening
        else:
            self.requests += 1
            fault = self.script.popleft() if self.script else self.behaviour.always
        try:
            heard = check_request(
                json.loads(raw),
                key,
                models=self.behaviour.models,
                api_key=self.behaviour.api_key,
                strict=self.behaviour.strict,
                max_audio_s=self.behaviour.max_audio_s,
                refused=self.behaviour.refused_fields,
                known=self.behaviour.known_fields,
                length_field=self.behaviour.length_field,
                as_url=self.behaviour.audio == "url",
            )
        except RefusedError as refused:
            return error_response(refused.status, str(refused), refused.code)
        except ValueError:
            return error_response(400, "the body is no JSON")
        if not is_opening:
            self.last.append(asdict(heard))
        await asyncio.sleep(self.behaviour.delay_s)
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "drop":
            _connection(request).abort()
            return web.Response()
        if (rejected := rejection(fault, key, self.requests, self.behaviour.retry_after)) is not None:
            return rejected
        stated = {"model": self._next("answering", heard.model)}
        if fingerprint := self._next("fingerprint", ""):
            stated["system_fingerprint"] = fingerprint
        body = completion(heard, fault, self.behaviour.answer * self.behaviour.repeat, stated)
        self.completions += 1
        if fault == "truncate":
            return await _truncated(request, body)
        self.answered += 1
        return web.Response(body=body, content_type="text/html" if fault == "html" else "application/json")

    def _next(self, name: Literal["answering", "fingerprint"], default: str) -> str:
        """What the next answer states: the values one after another, then the last one."""
        values: tuple[str, ...] = getattr(self.behaviour, name) or (default,)
        return values[min(self.completions, len(values) - 1)]


def _connection(request: web.Request) -> asyncio.Transport:
    transport = request.transport
    assert isinstance(transport, asyncio.Transport)
    return transport


async def _truncated(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _connection(request).close()
    return response


async def serve(behaviour: Behaviour) -> None:
    """Print the port, then serve until standard input ends."""
    runner = web.AppRunner(_Stub(behaviour).app(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


class StubServer:
    """The server in its own process, from `__enter__` to `__exit__`; it ends with this process too."""

    def __init__(self, **behaviour: Any) -> None:
        """Take the values of `Behaviour`."""
        self._behaviour = Behaviour().changed(behaviour)
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> StubServer:
        root = Path(__file__).resolve().parents[4]
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, json.dumps(asdict(self._behaviour))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End the process at once; the port refuses connections then."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def set(self, **behaviour: Any) -> None:
        """Change the behaviour, restart its script and all counts."""
        self._call("/control", json.dumps(behaviour).encode())

    def reset(self, **behaviour: Any) -> None:
        """The behaviour of the beginning with some values changed."""
        self.set(**asdict(self._behaviour) | behaviour)

    def stats(self) -> dict[str, Any]:
        """Counts since the last `set`, as `_Stub.stats` names them; `last` holds up to 16 requests as `Heard`."""
        return self._call("/stats", None)

    def _call(self, path: str, data: bytes | None) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", data, timeout=10) as response:
            found: dict[str, Any] = json.load(response)
            return found


if __name__ == "__main__":
    asyncio.run(serve(Behaviour().changed(json.loads(sys.argv[1]))))
