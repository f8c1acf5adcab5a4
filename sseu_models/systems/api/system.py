"""`api:`, any OpenAI-compatible chat endpoint that accepts audio: vLLM, SGLang, OpenAI, gateways (docs/systems/api.md).

Every question is one request that carries its own clip as a WAV file of 16 kHz, mono, 16 bit, so that the resampler is
ours. `start` asks one question about noise: whether the server takes such requests, and which model answers them. What
keys, addresses and failures have in common with the embedder is in `sseu_metric.openai_client`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sseu_dataset.records import CLIP_S
from sseu_metric.http_retries import pause_s
from sseu_metric.openai_client import (
    OPENAI_URL,
    Failure,
    checked_url,
    failure_of,
    is_openai,
    key_variable,
    open_async_client,
    read_key,
    remedy,
)
from sseu_models.kinds import TEXT_ONLY_PREFIX
from sseu_models.records import TEXT_MODES, Capabilities, Json, Prompt, Question, RejectedError, Reply, SystemDownError
from sseu_models.systems.api import transcriptions
from sseu_models.systems.api.messages import (
    RATE_HZ,
    ApiSettings,
    keeps_schema,
    read_reply,
    remedy_of_rejection,
    request_of,
    schema_keys,
    wants_other_length,
    words_of,
)
from sseu_models.systems.api.reported import (
    VERSION_PATHS,
    about_model,
    about_origin,
    model_entries,
    origin_of,
    public_name,
    shown,
    version_in,
)
from sseu_models.systems.packages import missing_package
from sseu_models.systems.settings import read_settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

START_TIMEOUT_S = 20.0
VERSION_TIMEOUT_S = 5.0
OPENING = Prompt("opening", "asc", "independent", None, "What do you hear?", "project")
"""The prompt of the question about noise at the start."""
OPENING_TOKENS, SCHEMA_CHECKS = 16, 4
_WAV = "WAV, 16-bit PCM, mono, 16000 Hz"
"""Length of its answer; and so many first answers must keep the schema of `json_schema`."""


def make_api(spec: str, *, hears: bool = True, **settings: Json) -> ApiSystem:
    """The system behind an endpoint; nothing is sent before `start`.

    Args:
        spec: `<model>@<base-url>`, such as `Qwen/Qwen2-Audio-7B-Instruct@http://localhost:8000/v1`, or `<model>` alone
            for OpenAI itself.
        hears: False sends prompts alone, under the name `text-only:api:...`.
        settings: The attributes of `ApiSettings`.

    Raises:
        ValueError: The spec or a setting is invalid; the message says what is valid.
    """
    model, at, url = spec.partition("@http")
    base_url = checked_url("http" + url) if at else OPENAI_URL
    if not model or (not at and "@" in model):
        raise ValueError(f"api:{spec}: expected <model>@<base-url>, such as my-model@http://localhost:8000/v1")
    read = read_settings("api", ApiSettings, settings)
    if not hears and read.endpoint == "transcriptions":
        raise ValueError(f"{TEXT_ONLY_PREFIX}api:{model}: endpoint=transcriptions is for speech; leave it out")
    return ApiSystem(model, base_url, read, hears=hears)


class ApiSystem:
    """A model behind an OpenAI-compatible endpoint."""

    def __init__(self, model: str, base_url: str, settings: ApiSettings, *, hears: bool = True) -> None:
        """See `make_api`."""
        self.id = f"api:{public_name(model)}" if hears else f"{TEXT_ONLY_PREFIX}api:{public_name(model)}"
        self._transcribes = settings.endpoint == "transcriptions"
        host = urlsplit(base_url).hostname or ""
        recorded = transcriptions.recorded(settings) if self._transcribes else settings.recorded()
        recorded["server"] = settings.server or ("localhost" if host in ("127.0.0.1", "::1") else host)
        self.settings: Mapping[str, Json] = recorded | {"audio": _WAV if hears else "none"}
        self.capabilities = Capabilities(
            rate_hz=RATE_HZ if hears else None,
            modes={"independent": ("asr",)} if self._transcribes else TEXT_MODES,
            family=settings.family,
            in_flight=settings.in_flight,
        )
        self._model, self._base_url, self._settings = model, base_url, settings
        self._key = ""
        self._origin: dict[str, str] = {}  # of the first answer
        self._schema_checks = SCHEMA_CHECKS if settings.json_schema else 0
        self._client: AsyncOpenAI | None = None

    async def start(self) -> None:
        """Check address, key and model, and find out who answers.

        Asked for are the list of models, if the server has one, its version, and one answer about noise.

        Raises:
            SystemDownError: The client library or the key is missing, the key is refused, nothing listens at the
                address, or the server does not serve the model or does not take the request.
        """
        if find_spec("openai") is None:
            raise missing_package(self.id, "openai", "openai")
        try:
            self._key = read_key(self._base_url, self._settings.api_key_env)
        except ValueError as error:
            raise SystemDownError(f"{self.id}: {error}") from None
        if self._key and any(self._key in word for word in words_of(self._settings.extra_body)):
            raise SystemDownError(f"{self.id}: extra_body holds the key, and it is recorded; take the key out")
        self._client = open_async_client(self._base_url, self._key, connections=self._settings.in_flight)
        entry = await self._find_model(self._client)
        self._origin = await self._open()
        if entry is None:  # a server that loads models on request lists it now
            entry = await self._find_model(self._client)
        reported = about_model(entry or {}, self._key) | about_origin(self._origin)
        if not self._transcribes and "max_tokens" not in self._settings.omitted:
            reported["length_field"] = self._settings.length_field or "max_tokens"
        if not is_openai(self._base_url) and (version := await self._find_version(self._client)):
            reported["reported_version"] = version
        self.settings = {**self.settings, **reported}

    async def _find_model(self, client: AsyncOpenAI) -> Mapping[str, Any] | None:
        """The model's entry in the list of models; None from a server that has none, or loads models on request."""
        listed = await self._send(client.models.with_raw_response.list(), START_TIMEOUT_S)
        if isinstance(listed, Failure):
            status = listed.status
            if status is None or status in (401, 402, 403) or (status >= 500 and status != 501):
                raise self._down(listed)
            return None
        served = model_entries(listed)
        if served is None:
            raise SystemDownError(
                f"{self.id}: {self._base_url} is not an OpenAI-compatible endpoint: its /models is not a list of "
                "models; check the address, which usually ends in /v1"
            )
        found = served.get(self._model) or served.get(f"models/{self._model}")
        loads_on_request = any("*" in name or "status" in entry for name, entry in served.items())
        if found is None and served and not loads_on_request:
            raise SystemDownError(f"{self.id}: {self._base_url} does not serve it; it serves {shown([*served])}")
        return found

    async def _find_version(self, client: AsyncOpenAI) -> str | None:
        """The version that the server states; None, whatever it answers, if it states none."""
        from openai import OpenAIError

        beside = client.with_options(base_url=self._base_url.removesuffix("/v1"))
        for path in VERSION_PATHS:
            try:
                async with asyncio.timeout(VERSION_TIMEOUT_S):
                    body = await beside.get(path, cast_to=object)
            except (TimeoutError, OpenAIError, ValueError, RecursionError):
                continue
            if version := version_in(body, self._key):
                return version
        return None

    async def _open(self) -> dict[str, str]:
        """Ask about noise, as long as a clip; return what the answer states about its origin."""
        import numpy as np

        noise = np.random.default_rng(0).uniform(-0.01, 0.01, round(CLIP_S * RATE_HZ)).astype(np.float32)
        heard = noise if self.capabilities.rate_hz is not None else None
        question = Question("opening", heard, OPENING.task, OPENING.mode, OPENING, seed=0)

        async def ask() -> tuple[Mapping[str, Any], Reply] | Failure:
            tokens = min(self._settings.max_new_tokens, OPENING_TOKENS)
            return await self._exchange(question, self._settings.model_copy(update={"max_new_tokens": tokens}))

        answered = await ask()
        if isinstance(answered, Failure) and self._settings.length_field is None and wants_other_length(answered):
            self._settings = self._settings.model_copy(update={"length_field": "max_completion_tokens"})
            answered = await ask()
        if isinstance(answered, Failure):
            if (
                answered.rejected
                and heard is not None
                and not self._transcribes
                and await self._can_transcribe(question)
            ):
                raise RejectedError(
                    f"{self.id} at {self._base_url}: {answered.problem}; it does transcribe: add --setting "
                    "endpoint=transcriptions"
                )
            raise self._down(answered)
        return origin_of(answered[0], self._key)

    async def _can_transcribe(self, question: Question) -> bool:
        """Whether a server that refuses the chat takes the same noise as a speech recogniser."""
        assert self._client is not None  # a chat was refused by it
        request = transcriptions.request_of(question, self._model, self._settings)
        create = self._client.audio.transcriptions.with_raw_response.create
        body = await self._send(create(**request), self._settings.timeout_s)
        return not isinstance(body, Failure) and isinstance(transcriptions.read_transcription(body), Reply)

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
        """The reply to a question, once its origin and its form are what the run was started with."""
        answered = await self._exchange(question, self._settings)
        if isinstance(answered, Failure):
            if answered.fatal:
                raise self._down(answered)
            return Reply(error=answered.problem.replace(self._model, public_name(self._model)))
        body, reply = answered
        if body:  # a filter that refuses the request says nothing about the model
            self._check_origin(origin_of(body, self._key))
        self._check_schema(question, reply)
        return reply

    def _check_origin(self, origin: Mapping[str, str]) -> None:
        for name in self._origin.keys() | origin.keys():
            now = repr(origin[name]) if name in origin else "not stated"
            first = self._origin.setdefault(name, origin.get(name, ""))
            if now != repr(first):
                raise SystemDownError(
                    f"{self.id} at {self._base_url}: the server has changed: {name} of the first answer of this run is "
                    f"{first!r}, now it is {now}. Answers of two models are never mixed: serve the first one again "
                    "and run the same command, or choose another --out"
                )

    def _check_schema(self, question: Question, reply: Reply) -> None:
        """Whether one of the first answers keeps the schema; one that was cut off says little and does not count."""
        if not self._schema_checks or reply.text is None or reply.finish_reason == "refusal":
            return
        cut_off = reply.finish_reason in ("length", "content_filter")
        if not keeps_schema(reply.text, question, cut_off=cut_off):
            raise SystemDownError(
                f"{self.id} at {self._base_url}: json_schema=true, but the server ignored the schema: the answer about "
                f"{question.clip_id} is no JSON object with the keys {', '.join(schema_keys(question))}: "
                f"{reply.text!r:.80}. Leave json_schema out, or serve the model with structured output (vLLM, SGLang)"
            )
        if not cut_off:
            self._schema_checks -= 1

    async def _exchange(self, question: Question, settings: ApiSettings) -> tuple[Mapping[str, Any], Reply] | Failure:
        """A decoded answer and the reply in it; one budget of `retries` covers every kind of retryable failure.

        The answer is empty where a filter refused the request.
        """
        if self._client is None:
            raise SystemDownError(f"{self.id} is not started; call start() first")
        create: Any = self._client.chat.completions.with_raw_response.create
        make_request, read_body = request_of, read_reply
        if self._transcribes:
            create = self._client.audio.transcriptions.with_raw_response.create
            make_request, read_body = transcriptions.request_of, transcriptions.read_transcription
        request = make_request(question, self._model, settings)
        for attempt in range(self._settings.retries + 1):
            body = await self._send(create(**request), self._settings.timeout_s)
            read = body if isinstance(body, Failure) else read_body(body)
            if isinstance(read, Reply):
                assert isinstance(body, dict)  # `read_body` has seen to it
                if self._key and read.text:  # a server may say the key; it must not get into the log
                    read = replace(read, text=read.text.replace(self._key, "***"))
                return body, read
            failure = read
            if failure.filtered:  # final, like a filter that speaks in an answer
                return {}, Reply("", finish_reason="content_filter")
            if not failure.retryable or attempt == self._settings.retries:
                break
            await asyncio.sleep(pause_s(attempt, seed=question.seed, asked_s=failure.wait_s))
        return replace(failure, problem=f"{failure.problem} (after {attempt + 1} attempts)") if attempt else failure

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

    def _down(self, failure: Failure) -> SystemDownError:
        """The error that ends the run after a failure that is not one of a single question."""
        if failure.status in (400, 422):
            what = remedy_of_rejection(failure.problem, hears=self.capabilities.rate_hz is not None)
        else:
            what = remedy(failure, key_variable(self._base_url, self._settings.api_key_env))
        kind = RejectedError if failure.rejected else SystemDownError
        return kind(f"{self.id} at {self._base_url}: {failure.problem}; {what}")
