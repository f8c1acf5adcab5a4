"""The system `api:`: its start, its keys, what it states about itself."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any

import pytest

from sseu_models.records import TEXT_MODES, Capabilities, System, SystemDownError
from sseu_models.systems.api import system as api
from sseu_models.systems.api.system import make_api
from tests.sseu_models.systems.api.asking import KEY, ask, question, started
from tests.sseu_models.systems.api.stub_server import StubServer


def test_nothing_listens_at_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    system = make_api(f"m@{url}")
    with pytest.raises(SystemDownError, match=f"api:m at {url}: no connection .*; is the server up"):
        asyncio.run(system.start())


def test_an_unknown_model_is_reported_with_those_served(server: StubServer) -> None:
    server.reset(models=["a/one", "b/two"])
    with pytest.raises(SystemDownError, match=r"api:stub-audio: .* does not serve it; it serves a/one, b/two"):
        ask(server)


@pytest.mark.parametrize(
    "behaviour",
    [
        {"listed": [{"id": "models/stub-audio"}]},
        {"listed": [{"id": "*"}]},
        {"listed": []},  # a server that loads models on request
        {"listed": [{"id": "another", "status": {"value": "loaded"}}]},  # the same, which has loaded one
        {"list_models": False},
    ],
)
def test_other_lists_of_models_and_none_are_understood(server: StubServer, behaviour: Any) -> None:
    server.reset(**behaviour)
    assert ask(server)[0].text == "Scene: Home"


def test_a_wrong_path_is_reported_at_the_start(server: StubServer) -> None:
    system = make_api(f"stub-audio@{server.url.removesuffix('/v1')}")
    with pytest.raises(SystemDownError, match=r"404 .*the address, which mostly ends in /v1"):
        asyncio.run(system.start())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"401, the key is refused; name the environment variable that holds the key"),
        ({"api_key_env": "STUB_KEY"}, r"401, the key is refused; check STUB_KEY"),
    ],
)
def test_a_wrong_key_is_reported_at_the_start_and_never_shown(
    server: StubServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any, message: str
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("STUB_KEY", KEY)
    server.reset(api_key="another")
    with pytest.raises(SystemDownError, match=message) as caught:
        ask(server, **settings)
    assert server.stats()["models_requests"] == 1
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in repr(error)
        error = error.__cause__ or error.__context__
    assert KEY not in caplog.text


def test_the_key_stays_out_of_errors_settings_and_repr(server: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_KEY", KEY)
    server.reset(api_key=KEY, always="500")  # its message repeats the key
    [reply] = ask(server, api_key_env="STUB_KEY", retries=0)
    assert "Authorization: ***" in str(reply.error)
    assert KEY not in str(reply.error)
    system = make_api("m@http://localhost:1/v1", api_key_env="STUB_KEY")
    assert KEY not in f"{system!r} {system.settings} {system.id} {system.capabilities}"


def test_openais_key_is_not_sent_to_others(server: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ask(server)
    assert server.stats()["last"][0]["key"] == "none"
    ask(server, api_key_env="OPENAI_API_KEY")
    assert server.stats()["last"][-1]["key"] == KEY


@pytest.mark.parametrize(("spec", "variable"), [("gpt-audio", "OPENAI_API_KEY"), ("m@http://localhost:1/v1", "MY_KEY")])
def test_a_missing_key_is_reported_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, spec: str, variable: str
) -> None:
    monkeypatch.delenv(variable, raising=False)
    named: dict[str, Any] = {} if variable == "OPENAI_API_KEY" else {"api_key_env": variable}
    system = make_api(spec, **named)
    with pytest.raises(SystemDownError, match=f"needs a key: set the environment variable {variable}"):
        asyncio.run(system.start())


def test_without_the_client_the_command_that_installs_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "find_spec", lambda name: None)
    with pytest.raises(SystemDownError, match=r"api:m needs the package openai; .*pip install '\.\[openai\]'"):
        asyncio.run(make_api("m@http://localhost:1/v1").start())


def test_closing_is_possible_before_and_after_everything(server: StubServer) -> None:
    async def run() -> None:
        system = make_api(f"stub-audio@{server.url}")
        await system.close()
        with pytest.raises(SystemDownError, match="is not started; call start"):
            await system.answer([question()])
        await system.start()
        await system.close()
        await system.close()

    asyncio.run(run())


# --- redirects ---


def test_a_redirect_to_another_server_is_not_followed(server: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_KEY", KEY)
    with StubServer() as other:
        server.reset(redirect=other.url)
        message = f"http://127.0.0.1:{server.port} redirects to http://127.0.0.1:{other.port}, which is not followed"
        with pytest.raises(SystemDownError, match=message):
            ask(server, api_key_env="STUB_KEY")

        async def run() -> None:
            server.reset()
            system = await started(server, api_key_env="STUB_KEY")
            server.set(redirect=f"http://me:secret@127.0.0.1:{other.port}/v1")
            try:
                await system.answer([question()])
            finally:
                await system.close()

        with pytest.raises(SystemDownError, match=message) as caught:
            asyncio.run(run())
        assert "secret" not in str(caught.value)
        assert other.stats()["models_requests"] == other.stats()["openings"] == other.stats()["connections"] == 0


def test_a_redirect_within_a_server_is_followed(server: StubServer) -> None:
    server.reset(redirect="/")
    assert ask(server)[0].text == "Scene: Home"
    assert server.stats()["last"][0]["audio_s"] == 1


# --- spec and settings ---


def test_what_it_states_about_itself() -> None:
    system = make_api("Qwen/Qwen2-Audio-7B-Instruct@http://127.0.0.1:8000/v1/", family="qwen2-audio", in_flight=8)
    assert isinstance(system, System)
    assert system.id == "api:Qwen/Qwen2-Audio-7B-Instruct"
    assert system.settings == {
        "temperature": 0.0,
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "top_k": "server default",
        "min_p": "server default",
        "repetition_penalty": "server default",
        "max_new_tokens": 512,
        "extra_body": {},
        "seed": True,
        "order": "audio, text",
        "part": "input_audio",
        "json_schema": False,
        "server": "localhost",
        "audio": "WAV, 16-bit PCM, mono, 16000 Hz",
    }
    assert system.capabilities == Capabilities(16_000, modes=TEXT_MODES, family="qwen2-audio", in_flight=8)


def test_what_cannot_change_an_answer_is_not_recorded() -> None:
    one = make_api("m@http://gpu1:8000/v1", timeout_s=5, retries=1, in_flight=2, temperature=0, server="vllm 0.33.0")
    two = make_api("m@http://gpu2:9000/v1", server="vllm 0.33.0")
    assert repr(one.settings) == repr(two.settings)
    assert make_api("m@http://gpu1:8000/v1").settings["server"] == "gpu1"
    assert make_api("gpt-audio").settings["server"] == "api.openai.com"


@pytest.mark.parametrize(
    ("spec", "settings", "message"),
    [
        ("", {}, "api:: expected <model>@<base-url>"),
        ("@http://localhost/v1", {}, "expected <model>@<base-url>"),
        ("m@localhost:8000", {}, "api:m@localhost:8000: expected <model>@<base-url>"),
        ("m@http://", {}, "must look like http://localhost:8000/v1"),
        ("m@http://me:secret@host/v1", {}, "the base URL at host must hold no user name, password or query"),
        ("m", {"temprature": 1}, "api: no setting 'temprature'; did you mean 'temperature'?"),
        ("m", {"top_p": 0}, "api: setting top_p=0: it should be greater than 0"),
        ("m", {"order": "audio"}, "api: setting order='audio': it should be 'audio, text' or 'text, audio'"),
        ("m", {"api_key_env": KEY}, "api: setting api_key_env: string should match pattern"),
    ],
)
def test_invalid_specs_and_settings(spec: str, settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        make_api(spec, **settings)
    assert "secret" not in str(caught.value).lower()
