"""`api:`, any OpenAI-compatible chat end point that hears audio: vLLM, SGLang, OpenAI, gateways (docs/systems/api.md).

Every question is one request that carries its own clip as a WAV file of 16 kHz, mono, 16 bit, so that the resampler is
ours. The `openai` client sends it; its own repetitions are switched off, since they leave out answers that cannot be
read: one budget of `retries` stands for every kind of passing failure.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Awaitable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sseu_metric.extras import install_command
from sseu_models.records import TEXT_MODES, Capabilities, Json, Question, Reply, SystemDownError
from sseu_models.systems.api.messages import RATE_HZ, Failure, clean, model_ids, read_reply, request_of, status_failure
from sseu_models.systems.api.settings import ApiSettings
from sseu_models.systems.settings import read_settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"

_FIRST_WAIT_S, _LONGEST_BACKOFF_S = 0.5, 30.0
_START_TIMEOUT_S = 20.0


def make_api(spec: str, **settings: Json) -> ApiSystem:
    """The system behind an end point; nothing is sent before `start`.

    Args:
        spec: `<model>@<base-url>`, such as `Qwen/Qwen2-Audio-7B-Instruct@http://localhost:8000/v1`, or `<model>` alone
            for OpenAI itself.
        settings: Of `ApiSettings`, by name.

    Raises:
        ValueError: The spec or a setting cannot be; the message says what can.
    """
    model, at, url = spec.partition("@http")
    base_url = _checked_url("http" + url) if at else OPENAI_URL
    if not model or (not at and "@" in model):
        raise ValueError(f"api:{spec}: expected <model>@<base-url>, such as my-model@http://localhost:8000/v1")
    return ApiSystem(model, base_url, read_settings("api", ApiSettings, settings))


class ApiSystem:
    """A model behind an OpenAI-compatible end point."""

    def __init__(self, model: str, base_url: str, settings: ApiSettings) -> None:
        """See `make_api`."""
        self.id = f"api:{model}"
        host = urlsplit(base_url).hostname or ""
        recorded: dict[str, Json] = settings.model_dump()
        recorded["server"] = settings.server or ("localhost" if host in ("127.0.0.1", "::1") else host)
        self.settings: Mapping[str, Json] = recorded | {"audio": "WAV, 16-bit PCM, mono, 16000 Hz"}
        self.capabilities = Capabilities(
            rate_hz=RATE_HZ,
            modes=TEXT_MODES,
            family=settings.family,
            in_flight=settings.in_flight,
        )
        self._model, self._base_url, self._settings = model, base_url, settings
        self._key = ""
        self._client: AsyncOpenAI | None = None

    async def start(self) -> None:
        """Check address, key and model with one request for the list of models, where the server has one.

        Raises:
            SystemDownError: No client, no key, a refused key, no server there, or one that serves other models.
        """
        if find_spec("openai") is None:
            raise SystemDownError(f"{self.id} needs the package openai; install it with: {install_command('openai')}")
        import openai

        self._key = self._read_key()
        most = self._settings.in_flight
        # The default keeps 100 connections; more in flight would connect anew for every request.
        limits = type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=most, max_keepalive_connections=most)
        client = self._client = openai.AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._key or "none",  # the client insists on one
            max_retries=0,
            timeout=None,  # `_send` bounds the whole exchange, the client only each read
            http_client=openai.DefaultAsyncHttpxClient(limits=limits),
        )
        found = await self._send(client.models.with_raw_response.list(), _START_TIMEOUT_S)
        if isinstance(found, Failure):
            if found.status is None or found.status in (401, 402, 403) or (found.status >= 500 and found.status != 501):
                raise SystemDownError(self._say(found))
            return  # a server without a list of models
        served = model_ids(found)
        if served is None:
            raise SystemDownError(
                f"{self.id}: {self._base_url} is no OpenAI-compatible end point: its /models is no list of models; "
                "check the address, it mostly ends in /v1"
            )
        if not {self._model, f"models/{self._model}"} & set(served) and not any("*" in name for name in served):
            shown = ", ".join(served[:10]) + (f", ... ({len(served)} in all)" if len(served) > 10 else "")
            raise SystemDownError(f"{self.id}: {self._base_url} does not serve it; it serves {shown or 'no model'}")

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Ask one after another; `capabilities.in_flight` calls may run at a time.

        Raises:
            SystemDownError: The key or the model is refused, or nobody listens at the address any more.
        """
        return [await self._ask(question) for question in questions]

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _ask(self, question: Question) -> Reply:
        if self._client is None:
            raise SystemDownError(f"{self.id} was asked before it was started")
        try:
            request = request_of(question, self._model, self._settings)
        except ValueError as error:
            return Reply(error=f"{question.clip_id}: {error}")
        create = self._client.chat.completions.with_raw_response.create
        for attempt in range(self._settings.retries + 1):
            found = await self._send(create(**request), self._settings.timeout_s)
            if isinstance(found, Failure):
                failure = found
            elif isinstance(read := read_reply(found), Reply):
                return read
            else:
                failure = read
            if not failure.passing or attempt == self._settings.retries:
                break
            await asyncio.sleep(_wait_s(attempt, question.seed, failure.wait_s))
        if failure.down:
            raise SystemDownError(self._say(failure))
        return Reply(error=f"{failure.problem} (asked {attempt + 1} times)" if attempt else failure.problem)

    async def _send(self, call: Awaitable[Any], timeout_s: float) -> object:
        """Send a request; return the decoded body of its answer or why there is none."""
        import openai

        try:
            async with asyncio.timeout(timeout_s):
                raw = await call
            return json.loads(raw.content) or {}
        except TimeoutError:
            return Failure(f"no answer within {timeout_s:g} s")
        except openai.APIStatusError as error:
            return status_failure(error, self._key)
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            words = clean(f"{type(cause).__name__}: {cause}", self._key)
            # By name, since the client's HTTP library changes between its versions.
            nobody = type(cause).__name__ == "ConnectError"
            return Failure(f"no connection ({words})" if nobody else f"the connection broke ({words})", down=nobody)
        except (ValueError, RecursionError):
            return Failure("an answer that is not JSON")

    def _say(self, failure: Failure) -> str:
        variable = self._key_variable()
        if failure.status in (401, 403):
            remedy = f"check {variable}" if variable else "name the variable that holds the key: api_key_env=NAME"
        elif failure.status in (402, 429):
            remedy = "top up the account"
        elif failure.status == 404:
            remedy = "check the model's name and the address, which mostly ends in /v1"
        else:
            remedy = "is the server up, and the address right?"
        return f"{self.id} at {self._base_url}: {failure.problem}; {remedy}"

    def _key_variable(self) -> str | None:
        """Where the key stands. OpenAI's key goes to OpenAI alone unless it is named for another server."""
        return self._settings.api_key_env or ("OPENAI_API_KEY" if self._base_url == OPENAI_URL else None)

    def _read_key(self) -> str:
        """The key, or "" where none is needed."""
        variable = self._key_variable()
        if variable is None:
            return ""
        key = os.environ.get(variable, "").strip()
        if not key:
            raise SystemDownError(f"{self.id} at {self._base_url} needs a key: set the environment variable {variable}")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise SystemDownError(f"{variable} holds blanks or characters that no key has; set it again")
        return key


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the base URL of api: must look like http://localhost:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            f"the base URL at {parts.hostname} must hold no user name, password or query; "
            "a key goes into an environment variable (setting api_key_env)"
        )
    return url.rstrip("/")


def _wait_s(attempt: int, seed: int, asked_s: float | None) -> float:
    """What the server asks for, or 0.5 s doubling to 30 s; up to a quarter more, so that not all come back at once."""
    wait_s = asked_s or min(_FIRST_WAIT_S * 2.0**attempt, _LONGEST_BACKOFF_S)
    return wait_s * (1 + 0.25 * random.Random(seed + attempt).random())
