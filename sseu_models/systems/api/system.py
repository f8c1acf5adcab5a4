"""`api:`, any OpenAI-compatible chat endpoint that accepts audio: vLLM, SGLang, OpenAI, gateways (docs/systems/api.md).

Every question is one request that carries its own clip as a WAV file of 16 kHz, mono, 16 bit, so that the resampler is
ours. What keys, addresses and failures have in common with the embedder is in `sseu_metric.openai_client`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sseu_metric.extras import install_command
from sseu_metric.http_retries import pause_s
from sseu_metric.openai_client import (
    OPENAI_URL,
    Failure,
    checked_url,
    failure_of,
    key_variable,
    open_async_client,
    read_key,
    remedy,
)
from sseu_models.records import TEXT_MODES, Capabilities, Json, Question, Reply, SystemDownError
from sseu_models.systems.api.messages import RATE_HZ, ApiSettings, model_ids, read_reply, request_of
from sseu_models.systems.settings import read_settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

START_TIMEOUT_S = 20.0


def make_api(spec: str, **settings: Json) -> ApiSystem:
    """The system behind an endpoint; nothing is sent before `start`.

    Args:
        spec: `<model>@<base-url>`, such as `Qwen/Qwen2-Audio-7B-Instruct@http://localhost:8000/v1`, or `<model>` alone
            for OpenAI itself.
        settings: The attributes of `ApiSettings`.

    Raises:
        ValueError: The spec or a setting is invalid; the message says what is valid.
    """
    model, at, url = spec.partition("@http")
    base_url = checked_url("http" + url) if at else OPENAI_URL
    if not model or (not at and "@" in model):
        raise ValueError(f"api:{spec}: expected <model>@<base-url>, such as my-model@http://localhost:8000/v1")
    return ApiSystem(model, base_url, read_settings("api", ApiSettings, settings))


class ApiSystem:
    """A model behind an OpenAI-compatible endpoint."""

    def __init__(self, model: str, base_url: str, settings: ApiSettings) -> None:
        """See `make_api`."""
        self.id = f"api:{model}"
        host = urlsplit(base_url).hostname or ""
        recorded: dict[str, Json] = settings.model_dump()
        recorded["server"] = settings.server or ("localhost" if host in ("127.0.0.1", "::1") else host)
        self.settings: Mapping[str, Json] = recorded | {"audio": "WAV, 16-bit PCM, mono, 16000 Hz"}
        self.capabilities = Capabilities(
            rate_hz=RATE_HZ, modes=TEXT_MODES, family=settings.family, in_flight=settings.in_flight
        )
        self._model, self._base_url, self._settings = model, base_url, settings
        self._key = ""
        self._client: AsyncOpenAI | None = None

    async def start(self) -> None:
        """Check address, key and model with one request for the list of models, if the server has one.

        Raises:
            SystemDownError: The client library or the key is missing, the key is refused, nothing listens at the
                address, or the server does not serve the model.
        """
        if find_spec("openai") is None:
            raise SystemDownError(f"{self.id} needs the package openai; install it with: {install_command('openai')}")
        try:
            self._key = read_key(self._base_url, self._settings.api_key_env)
        except ValueError as error:
            raise SystemDownError(f"{self.id}: {error}") from None
        client = open_async_client(self._base_url, self._key, connections=self._settings.in_flight)
        self._client = client
        listed = await self._send(client.models.with_raw_response.list(), START_TIMEOUT_S)
        if isinstance(listed, Failure):
            status = listed.status
            if status is None or status in (401, 402, 403) or (status >= 500 and status != 501):
                raise SystemDownError(self._describe(listed))
            return  # a server without a list of models
        served = model_ids(listed)
        if served is None:
            raise SystemDownError(
                f"{self.id}: {self._base_url} is not an OpenAI-compatible endpoint: its /models is not a list of "
                "models; check the address, which usually ends in /v1"
            )
        if not {self._model, f"models/{self._model}"} & set(served) and not any("*" in name for name in served):
            shown = ", ".join(served[:10]) + (f", ... ({len(served)} in all)" if len(served) > 10 else "")
            raise SystemDownError(f"{self.id}: {self._base_url} does not serve it; it serves {shown or 'no model'}")

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Ask one after another; `capabilities.in_flight` calls may run concurrently.

        Raises:
            SystemDownError: The key or the model is refused, or nothing listens at the address any more.
        """
        return [await self._ask(question) for question in questions]

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _ask(self, question: Question) -> Reply:
        """The reply to a question; one budget of `retries` covers every kind of retryable failure."""
        if self._client is None:
            raise SystemDownError(f"{self.id} is not started; call start() first")
        request = request_of(question, self._model, self._settings)
        create = self._client.chat.completions.with_raw_response.create
        for attempt in range(self._settings.retries + 1):
            answered = await self._send(create(**request), self._settings.timeout_s)
            read = answered if isinstance(answered, Failure) else read_reply(answered)
            if isinstance(read, Reply):
                return read
            failure = read
            if not failure.retryable or attempt == self._settings.retries:
                break
            await asyncio.sleep(pause_s(attempt, seed=question.seed, asked_s=failure.wait_s))
        if failure.fatal:
            raise SystemDownError(self._describe(failure))
        return Reply(error=f"{failure.problem} (after {attempt + 1} attempts)" if attempt else failure.problem)

    async def _send(self, call: Awaitable[Any], timeout_s: float) -> object:
        """Send a request; return the decoded body of its answer, or why there is none."""
        from openai import OpenAIError

        try:
            async with asyncio.timeout(timeout_s):  # of the whole exchange; the client would bound each read alone
                raw = await call
            return json.loads(raw.content) or {}
        except TimeoutError:
            return Failure(f"no answer within {timeout_s:g} s")
        except OpenAIError as error:
            return failure_of(error, self._key)
        except (ValueError, RecursionError):
            return Failure("an answer that is not JSON")

    def _describe(self, failure: Failure) -> str:
        what = remedy(failure, key_variable(self._base_url, self._settings.api_key_env))
        return f"{self.id} at {self._base_url}: {failure.problem}; {what}"
