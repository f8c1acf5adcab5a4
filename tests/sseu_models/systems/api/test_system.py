"""The real `openai` client against a server that checks, refuses, stalls and breaks off like the real ones."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from sseu_metric.answers import parse_answer
from sseu_models.records import Mode, Prompt, Question, Reply, System, SystemDownError, Task
from sseu_models.systems.api import system as api
from sseu_models.systems.api.messages import read_reply, request_of
from sseu_models.systems.api.settings import ApiSettings
from sseu_models.systems.api.system import ApiSystem, make_api
from sseu_models.systems.api.wav import wav_bytes
from sseu_models.systems.spec import make_system
from tests.sseu_models.systems.api.stub_server import StubServer

pytest.importorskip("openai", reason="openai is not installed (pip install 'sseu-bench[openai]')")

KEY = "sk-proj-Secret0123456789abcdef"


def noise(seconds: float = 1.0) -> NDArray[np.float32]:
    return (np.random.default_rng(0).standard_normal(round(16_000 * seconds)) * 0.1).astype(np.float32)


def question(task: Task = "asc", mode: Mode = "independent", **changes: Any) -> Question:
    prompt = Prompt(f"test/{task}", task, mode, None, "Where is it?", "project")
    return replace(Question("p1_0", noise(), task, mode, prompt, seed=7), **changes)


@pytest.fixture(scope="module")
def running() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def server(running: StubServer, monkeypatch: pytest.MonkeyPatch) -> StubServer:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "STUB_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(api, "_FIRST_WAIT_S", 0.01)
    running.reset()
    return running


async def started(server: StubServer, **settings: Any) -> ApiSystem:
    system = make_api(f"stub-audio@{server.url}", **settings)
    await system.start()
    return system


def ask(server: StubServer, *questions: Question, **settings: Any) -> list[Reply]:
    async def run() -> list[Reply]:
        system = await started(server, **settings)
        try:
            return [(await system.answer([q]))[0] for q in questions or (question(),)]
        finally:
            await system.close()

    return asyncio.run(run())


# --- what is sent ---


def test_the_request_is_explicit_and_passes_the_checks_of_a_server(server: StubServer) -> None:
    prompted = question(prompt=replace(question().prompt, system="You are an expert."))
    [reply] = ask(server, prompted)
    assert reply == Reply("Scene: Home", finish_reason="stop", input_tokens=260, output_tokens=2)
    [heard] = server.stats()["last"]
    assert heard["sampling"] == {"temperature": 0.0, "top_p": 1.0, "max_tokens": 512, "seed": 7}
    assert heard["order"] == ["input_audio", "text"]
    assert (heard["system"], heard["text"], heard["key"]) == ("You are an expert.", "Where is it?", "none")
    assert heard["audio_sha256"] == hashlib.sha256(wav_bytes(noise(), 16_000)).hexdigest()
    assert heard["response_format"] is None


def test_settings_reach_the_server(server: StubServer) -> None:
    settings: dict[str, Any] = {"temperature": 0.7, "top_p": 0.5, "top_k": 20, "repetition_penalty": 1.1, "seed": False}
    ask(server, max_new_tokens=9, order="text, audio", part="audio_url", **settings)
    [heard] = server.stats()["last"]
    del settings["seed"]
    assert heard["sampling"] == settings | {"max_tokens": 9}
    assert heard["order"] == ["text", "audio_url"]


def test_a_null_temperature_is_left_to_the_server(server: StubServer) -> None:
    ask(server, temperature=None, top_p=None)
    assert server.stats()["last"][0]["sampling"] == {"max_tokens": 512, "seed": 7}


def test_openai_refuses_what_only_others_know(server: StubServer) -> None:
    server.reset(strict=True)
    assert ask(server)[0].text == "Scene: Home"
    assert ask(server, top_k=20)[0].error == "400 (Unrecognized request argument supplied: top_k)"


@pytest.mark.parametrize(
    ("task", "mode", "answer"),
    [
        ("asr", "independent", '{"transcript": "hello there"}'),
        ("asc", "independent", '{"scene": "Home"}'),
        ("at", "independent", '{"events": ["Dog", "Cat"]}'),
        ("all", "joint", '{"transcript": "hello there", "scene": "Home", "events": ["Dog", "Cat"]}'),
        ("all", "cot", '{"steps": "1. ...", "transcript": "hello there", "scene": "Home", "events": ["Dog", "Cat"]}'),
    ],
)
def test_schema_answers_have_fields_that_the_parser_reads(
    server: StubServer, task: Task, mode: Mode, answer: str
) -> None:
    server.reset(answer=answer)
    [reply] = ask(server, question(task, mode), json_schema=True)
    schema = server.stats()["last"][0]["response_format"]["json_schema"]["schema"]
    assert schema["required"] == [*json.loads(answer)]
    assert reply.text == answer
    parsed = parse_answer(reply.text, mode if task == "all" else task)  # type: ignore[arg-type]
    assert set(parsed.status.values()) == {"json"}
    assert parsed.transcript in (None, "hello there")
    assert parsed.scene in (None, "Home")
    assert parsed.events in (None, ("Dog", "Cat"))


def test_each_question_carries_its_own_audio_even_from_one_buffer(server: StubServer) -> None:
    buffer = noise()
    hashes = []
    for level in (1.0, 0.5):
        buffer *= np.float32(level)
        ask(server, question(audio=buffer))
        hashes.append(server.stats()["last"][-1]["audio_sha256"])
    assert hashes[0] != hashes[1]


def test_wav_is_what_libsndfile_reads() -> None:
    audio = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 1.2, -1.2, 1.5 / 32768, 0.5 / 32768], dtype=np.float32)
    pcm, rate_hz = sf.read(io.BytesIO(wav_bytes(audio, 16_000)), dtype="int16")
    assert rate_hz == 16_000
    assert pcm.tolist() == [0, 16384, -16384, 32767, -32768, 32767, -32768, 2, 0]


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.array([0.1, np.nan], np.float32), "p1_0: 1 samples are not finite; no PCM value stands for them"),
        (np.array([-np.inf, np.inf], np.float32), "2 samples are not finite"),
        (np.zeros((2, 5), np.float32), r"audio of shape (2, 5) is not mono audio"),
        (np.zeros(0, np.float32), r"audio of shape (0,) is not mono audio"),
        (None, "p1_0: no audio came with the question"),
    ],
)
def test_audio_that_cannot_be_sent_is_not_sent(server: StubServer, audio: Any, message: str) -> None:
    [reply] = ask(server, question(audio=audio))
    assert message in str(reply.error)
    assert server.stats()["requests"] == 0


# --- what comes back ---


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ("length", Reply("Scene: Home", finish_reason="length")),
        ("content-filter", Reply("Scene: Home", finish_reason="content_filter")),
        ("content-filter-null", Reply("", finish_reason="content_filter")),
        ("refusal", Reply("I cannot help with that.", finish_reason="refusal")),
        ("null", Reply(error="the answer's content is NoneType, not text (finish reason stop)")),
        ("parts", Reply(error="the answer's content is list, not text (finish reason stop)")),
    ],
)
def test_unusual_answers(server: StubServer, fault: str, reply: Reply) -> None:
    server.reset(script=[fault])
    [found] = ask(server)
    assert replace(found, input_tokens=None, output_tokens=None) == reply
    assert server.stats()["requests"] == 1


def test_an_empty_text_is_an_answer(server: StubServer) -> None:
    server.reset(answer="")
    assert ask(server)[0].text == ""


def test_a_megabyte_arrives_whole(server: StubServer) -> None:
    server.reset(answer="Häuser, ", repeat=131_072)
    assert ask(server)[0].text == "Häuser, " * 131_072


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "3"}, []])
def test_token_counts_may_be_missing(usage: Any) -> None:
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    assert read_reply(body) == Reply("x")


# --- failures that pass ---


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("408", "408 (status 408 on demand"),
        ("429", "429 (status 429 on demand"),
        ("500", "500 (status 500 on demand"),
        ("502", "502 (status 502 on demand"),
        ("503", "503 (status 503 on demand"),
        ("drop", "the connection broke ("),
        ("truncate", "the connection broke (RemoteProtocolError"),
        ("invalid-json", "an answer that is not JSON"),
        ("html", "an answer that is not JSON"),
        ("error-in-200", "an answer that is no chat completion (the provider has failed)"),
        ("no-choices", "an answer that is no chat completion ()"),
        ("hang", "no answer within 0.3 s"),
    ],
)
def test_passing_failures_are_repeated_and_then_told(server: StubServer, fault: str, message: str) -> None:
    server.reset(script=[fault, fault])
    assert ask(server, retries=2, timeout_s=0.3)[0].text == "Scene: Home"
    assert server.stats()["requests"] == 3
    server.reset(always=fault)
    [reply] = ask(server, retries=1, timeout_s=0.3)
    assert str(reply.error).startswith(message)
    assert str(reply.error).endswith(" (asked 2 times)")
    assert len(str(reply.error)) < 300
    assert server.stats()["requests"] == 2


@pytest.mark.parametrize("header", ["1", "date"])
def test_retry_after_is_waited_for(server: StubServer, header: str) -> None:
    server.reset(script=["429"], retry_after=formatdate(time.time() + 2, usegmt=True) if header == "date" else header)
    begun_s = time.perf_counter()
    assert ask(server, retries=1)[0].text == "Scene: Home"
    assert 0.9 < time.perf_counter() - begun_s < 4


@pytest.mark.parametrize("header", ["nan", "soon", "-5", "0", "1e999"])
def test_a_retry_after_that_says_nothing_falls_back_to_growing_pauses(server: StubServer, header: str) -> None:
    server.reset(script=["429", "503"], retry_after=header)
    assert ask(server, retries=2)[0].text == "Scene: Home"


def test_a_very_long_retry_after_is_not_waited_for(server: StubServer) -> None:
    server.reset(always="429", retry_after="3600")
    [reply] = ask(server)
    assert str(reply.error).endswith("; the server asks to wait 3600 s")
    assert server.stats()["requests"] == 1


def test_pauses_double_to_a_limit_and_depend_on_the_question_alone() -> None:
    waits = [api._wait_s(attempt, 7, None) for attempt in range(9)]
    assert waits == [api._wait_s(attempt, 7, None) for attempt in range(9)]
    for attempt, wait_s in enumerate(waits):
        base_s = min(0.5 * 2**attempt, 30)
        assert base_s <= wait_s <= 1.25 * base_s
    assert waits[0] != api._wait_s(0, 8, None)


def test_timed_out_requests_leave_no_connection_behind(server: StubServer) -> None:
    server.reset(script=["hang"] * 6)
    replies = ask(server, *[question()] * 7, retries=0, timeout_s=0.2, in_flight=2)
    assert [reply.error for reply in replies] == ["no answer within 0.2 s"] * 6 + [None]


def test_as_many_as_allowed_are_in_flight_over_kept_connections(server: StubServer) -> None:
    server.reset(delay_s=0.1)

    async def run() -> list[Reply]:
        system = await started(server, in_flight=128)
        replies = await asyncio.gather(*(system.answer([question(seed=seed)]) for seed in range(256)))
        await system.close()
        return [reply for [reply] in replies]

    assert {reply.text for reply in asyncio.run(run())} == {"Scene: Home"}
    stats = server.stats()
    assert stats["requests"] == 256
    assert 32 < stats["max_in_flight"] <= 128
    assert stats["connections"] <= 128


# --- failures that stay ---


def test_a_refused_request_is_told_at_once(server: StubServer) -> None:
    server.reset(always="400")
    assert str(ask(server)[0].error).startswith("400 (status 400 on demand")
    assert server.stats()["requests"] == 1


def test_audio_too_long_for_the_model(server: StubServer) -> None:
    server.reset(max_audio_s=0.5)
    assert ask(server)[0].error == "400 (Audio is 1 s long; this model takes 0.5 s)"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("401", "401, the key is refused; check STUB_KEY"),
        ("403", "403, the key is refused; check STUB_KEY"),
        ("402", "top up the account"),
        ("quota", r"429 \(You exceeded your current quota\); top up the account"),
        ("404", "check the model's name and the address"),
    ],
)
def test_what_no_question_can_pass_ends_it_without_a_storm(
    server: StubServer, monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    monkeypatch.setenv("STUB_KEY", KEY)
    server.reset(always=fault, api_key=KEY)
    with pytest.raises(SystemDownError, match=message) as caught:
        ask(server, api_key_env="STUB_KEY")
    assert server.stats()["requests"] == 1
    assert server.url in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_server_that_dies_ends_it(server: StubServer) -> None:
    async def run(mortal: StubServer) -> None:
        system = await started(mortal, retries=2)
        assert (await system.answer([question()]))[0].text == "Scene: Home"
        mortal.kill()
        try:
            await system.answer([question()])
        finally:
            await system.close()

    with StubServer() as mortal, pytest.raises(SystemDownError, match=r"no connection \(.*is the server up"):
        asyncio.run(run(mortal))


# --- start ---


def test_nobody_at_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    system = make_api(f"m@{url}")
    begun_s = time.perf_counter()
    with pytest.raises(SystemDownError, match=f"api:m at {url}: no connection .*; is the server up"):
        asyncio.run(system.start())
    assert time.perf_counter() - begun_s < 5


def test_an_unknown_model_is_told_with_those_served(server: StubServer) -> None:
    server.reset(models=["a/one", "b/two"])
    with pytest.raises(SystemDownError, match=r"api:stub-audio: .* does not serve it; it serves a/one, b/two"):
        ask(server)


@pytest.mark.parametrize("models", [["models/stub-audio", "stub-audio"], ["*", "stub-audio"]])
def test_other_spellings_of_the_list_are_understood(server: StubServer, models: list[str]) -> None:
    server.reset(models=models)
    assert ask(server)[0].text == "Scene: Home"


def test_a_server_without_a_list_of_models_is_taken(server: StubServer) -> None:
    server.reset(list_models=False)
    assert ask(server)[0].text == "Scene: Home"


def test_a_wrong_path_is_told_at_the_first_question(server: StubServer) -> None:
    wrong = server.url.removesuffix("/v1")

    async def run() -> None:
        system = make_api(f"stub-audio@{wrong}")
        await system.start()
        try:
            await system.answer([question()])
        finally:
            await system.close()

    with pytest.raises(SystemDownError, match=r"404 .*the address, which mostly ends in /v1"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"401, the key is refused; name the variable that holds the key: api_key_env=NAME"),
        ({"api_key_env": "STUB_KEY"}, r"401, the key is refused; check STUB_KEY"),
    ],
)
def test_a_wrong_key_is_told_at_the_start_and_never_shown(
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
def test_a_missing_key_is_told_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, spec: str, variable: str
) -> None:
    monkeypatch.delenv(variable, raising=False)
    system = make_api(spec, **({} if variable == "OPENAI_API_KEY" else {"api_key_env": variable}))
    with pytest.raises(SystemDownError, match=f"needs a key: set the environment variable {variable}"):
        asyncio.run(system.start())


def test_without_the_client_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "find_spec", lambda name: None)
    with pytest.raises(SystemDownError, match=r"api:m needs: pip install 'sseu-bench\[openai\]'"):
        asyncio.run(make_api("m@http://localhost:1/v1").start())


def test_closing_is_possible_before_and_after_everything(server: StubServer) -> None:
    async def run() -> None:
        system = make_api(f"stub-audio@{server.url}")
        await system.close()
        with pytest.raises(SystemDownError, match="was asked before it was started"):
            await system.answer([question()])
        await system.start()
        await system.close()
        await system.close()

    asyncio.run(run())


# --- spec and settings ---


def test_what_it_states_about_itself() -> None:
    system = make_api("Qwen/Qwen2-Audio-7B-Instruct@http://127.0.0.1:8000/v1/", family="qwen2-audio", in_flight=8)
    assert isinstance(system, System)
    assert system.id == "api:Qwen/Qwen2-Audio-7B-Instruct"
    assert system.settings == {
        "temperature": 0.0,
        "top_p": 1.0,
        "top_k": None,
        "repetition_penalty": None,
        "max_new_tokens": 512,
        "seed": True,
        "order": "audio, text",
        "part": "input_audio",
        "json_schema": False,
        "server": "localhost",
        "audio": "WAV, 16-bit PCM, mono, 16000 Hz",
    }
    capabilities = system.capabilities
    assert (capabilities.rate_hz, capabilities.deterministic, capabilities.batch_size, capabilities.in_flight) == (
        16_000,
        False,
        1,
        8,
    )
    assert (capabilities.family, set(capabilities.modes)) == ("qwen2-audio", {"independent", "joint", "cot"})


def test_what_cannot_change_an_answer_is_not_recorded() -> None:
    one = make_api("m@http://gpu1:8000/v1", timeout_s=5, retries=1, in_flight=2, temperature=0, server="vllm 0.33.0")
    two = make_api("m@http://gpu2:9000/v1", server="vllm 0.33.0")
    assert one.settings == two.settings
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
        ("m@http://host/v1?key=secret", {}, "the base URL at host must hold no user name, password or query"),
        ("m", {"temprature": 1, "a": 1}, "api: has no setting a, temprature; it has temperature, top_p, top_k"),
        ("m", {"temperature": "hot"}, "temperature='hot' is not a number or null"),
        ("m", {"temperature": True}, "temperature=True is not a number"),
        ("m", {"temperature": float("nan")}, "temperature=nan is not within 0 to 2"),
        ("m", {"top_p": 0}, "top_p=0.0 is not within 1e-06 to 1"),
        ("m", {"max_new_tokens": 1.5}, "max_new_tokens=1.5 is not a whole number"),
        ("m", {"max_new_tokens": None}, "max_new_tokens=None is not a whole number"),
        ("m", {"in_flight": 0}, "in_flight=0 is not within 1 to 4096"),
        ("m", {"seed": 1}, "seed=1 is not true or false"),
        ("m", {"order": "audio"}, "order='audio'; it is one of 'audio, text', 'text, audio'"),
        ("m", {"part": "audio"}, "part='audio'; it is one of 'input_audio', 'audio_url'"),
        ("m", {"server": ""}, "server='' is not a text or null"),
        ("m", {"api_key_env": KEY}, "api_key_env is the name of an environment variable in capitals, never the key"),
    ],
)
def test_specs_and_settings_that_cannot_be(spec: str, settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")) as caught:
        make_api(spec, **settings)
    assert "secret" not in str(caught.value).lower()


def test_requests_are_made_without_a_server() -> None:
    request = request_of(question(), "m", ApiSettings(temperature=None, seed=False))
    assert [*request] == ["model", "messages", "max_tokens", "top_p"]


# --- docs/systems/your-own.md ---


def example(kind: str) -> str:
    page = (Path(__file__).resolve().parents[4] / "docs/systems/your-own.md").read_text(encoding="utf-8")
    block = page.split(f"<!-- {kind} -->\n```python\n")[1].split("```")[0]
    assert block.count("\n") < 100
    return block


def level(power_db: float) -> Question:
    return question(audio=np.full(16_000, 10 ** (power_db / 20), np.float32))


def answers_of(system: System) -> list[Reply]:
    async def run() -> list[Reply]:
        await system.start()
        try:
            return [(await system.answer([level(db)]))[0] for db in (-20, -40)]
        finally:
            await system.close()

    return asyncio.run(run())


def test_the_worker_of_the_docs_answers(tmp_path: Path) -> None:
    file = tmp_path / "my_system.py"
    file.write_text(example("worker"), encoding="utf-8")
    for threshold_db, loud in ((-25.0, 1), (-50.0, 2)):
        replies = answers_of(make_system(f"worker:{file}", {"threshold_db": threshold_db}, []))
        scenes = [parse_answer(reply.text, "asc").scene for reply in replies]
        assert scenes == ["Metro Station"] * loud + ["Home"] * (2 - loud)


def test_the_class_of_the_docs_answers() -> None:
    module: dict[str, Any] = {}
    exec(compile(example("system"), "your-own.md", "exec"), module)
    system = module["LevelSystem"]()
    assert isinstance(system, System)
    assert [reply.text for reply in answers_of(system)] == ["Scene: Metro Station", "Scene: Home"]
