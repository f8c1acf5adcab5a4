"""What a server says about itself goes into the settings, and must stay so during the run and when it is resumed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sseu_models.job import Job
from sseu_models.records import SystemDownError
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_models.systems.api.reported import about_model, about_origin, origin_of, public_name, version_in
from sseu_models.systems.api.system import make_api
from tests.sseu_models.systems.api.asking import KEY, ask, question, started
from tests.sseu_models.systems.api.stub_server import StubServer


def reported(server: StubServer, **settings: Any) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        system = await started(server, **settings)
        await system.close()
        return {name: value for name, value in system.settings.items() if name.startswith("reported_")}

    return asyncio.run(run())


def test_what_a_server_reports_is_recorded(server: StubServer) -> None:
    assert reported(server) == {"reported_owned_by": "stub", "reported_model": "stub-audio"}
    server.reset(loads_on_request=True)
    assert reported(server) == {"reported_owned_by": "stub", "reported_model": "stub-audio"}
    entry = {"id": "stub-audio", "owned_by": "vllm", "root": "org/audio", "max_model_len": 8192, "created": 17}
    server.reset(listed=[entry], version="0.33.0", fingerprint=["vllm-0.33.0-1a2b3c4d"], answering=["audio-2026"])
    assert reported(server) == {
        "reported_owned_by": "vllm",
        "reported_root": "org/audio",
        "reported_max_model_len": 8192,
        "reported_version": "0.33.0",
        "reported_model": "audio-2026",
        "reported_system_fingerprint": "vllm-0.33.0-1a2b3c4d",
    }
    assert server.stats()["openings"] == 1
    assert server.stats()["requests"] == 0


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("Qwen/Qwen2-Audio-7B-Instruct", "Qwen/Qwen2-Audio-7B-Instruct"),
        ("accounts/org/models/audio", "accounts/org/models/audio"),
        ("/home/me/models/tiny/", "tiny"),
        ("~/tiny", "tiny"),
        ("./models/tiny", "tiny"),
        ("C:\\models\\tiny", "tiny"),
        ("/", "/"),
    ],
)
def test_a_path_of_a_machine_is_cut_to_the_folders_name(name: str, public: str) -> None:
    assert public_name(name) == public


def test_no_path_is_recorded(server: StubServer) -> None:
    path = "/home/me/tiny"
    entry = {"id": path, "owned_by": "local", "root": path, "max_model_len": True}
    server.reset(models=[path], listed=[entry], answering=[path], script=["500"])

    async def run() -> str:
        system = make_api(f"{path}@{server.url}", retries=0)
        await system.start()
        [reply] = await system.answer([question()])
        await system.close()
        return f"{system.id} {json.dumps(dict(system.settings), default=str)} {reply}"

    said = asyncio.run(run())
    assert "api:tiny" in said
    assert '"reported_model": "tiny"' in said
    assert "status 500 on demand" in said
    assert "/home/me" not in said


@pytest.mark.parametrize("odd", [None, 3, "", [], {"version": "1"}])
def test_odd_statements_are_left_out(odd: Any) -> None:
    assert about_model({"owned_by": odd, "root": odd, "max_model_len": odd}, "") in ({}, {"reported_max_model_len": 3})
    assert about_origin(origin_of({"model": odd, "system_fingerprint": odd}, "")) == {}
    assert version_in({"version": odd}, "") in (None, "")
    assert version_in(odd, "") in (None, "1")


def test_statements_are_short_and_hold_no_key() -> None:
    origin = origin_of({"model": f"m {KEY}", "system_fingerprint": "x" * 10_000}, KEY)
    assert origin == {"model": "m ***", "system_fingerprint": "x" * 200}


# --- a server that changes ---


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ({"answering": ["a", "a", "b"]}, "model of the first answer of this run is 'a', now it is 'b'"),
        ({"answering": ["a", "a", ""]}, "model of the first answer of this run is 'a', now it is not stated"),
        (
            {"fingerprint": ["vllm-0.33.0-1a", "vllm-0.33.0-1a", "vllm-0.33.0-2b"]},
            "system_fingerprint of the first answer of this run is 'vllm-0.33.0-1a', now it is 'vllm-0.33.0-2b'",
        ),
    ],
)
def test_a_server_that_changes_its_model_stops_the_run(server: StubServer, behaviour: Any, message: str) -> None:
    server.reset(**behaviour)
    with pytest.raises(SystemDownError, match=f"api:stub-audio at {server.url}: the server has changed: {message}"):
        ask(server, question(), question(), question())
    assert server.stats()["requests"] == 2


def test_openais_fingerprints_may_change(server: StubServer) -> None:
    server.reset(fingerprint=["fp_1", "fp_2", "fp_3"])
    assert [reply.text for reply in ask(server, question(), question())] == ["Scene: Home"] * 2
    assert "reported_system_fingerprint" not in reported(server)


def test_a_server_that_never_names_its_model_changes_nothing(server: StubServer) -> None:
    server.reset(answering=["", "", ""])
    assert len(ask(server, question(), question())) == 2


def test_a_run_is_resumed_only_against_the_same_model_and_version(
    server: StubServer, built: Path, tmp_path: Path
) -> None:
    def run(limit: int) -> None:
        job = Job(modes=("independent",), runs=1, limit=limit)
        system = f"api:stub-audio@{server.url}"
        evaluate(Request(system, str(built), tmp_path / "out", job=job, score=False), progress=False)

    server.reset(answering=["audio-2026-01"], version="0.33.0")
    run(1)
    server.reset(answering=["audio-2026-02"], version="0.34.0")
    with pytest.raises(ValueError, match="differs from the requested one") as caught:
        run(2)
    assert "setting reported_model: audio-2026-01 in the folder, audio-2026-02 requested" in str(caught.value)
    assert "setting reported_version: 0.33.0 in the folder, 0.34.0 requested" in str(caught.value)
    assert server.stats()["requests"] == 0
    server.reset(answering=["audio-2026-01"], version="0.33.0")
    run(2)


# --- the question at the start ---


@pytest.mark.parametrize(
    ("opening", "message"),
    [
        ("400", "400 (status 400 on demand"),
        ("503", "503 (status 503 on demand"),
        ("html", "an answer that is not JSON (after 2 attempts); is the server up, and the address right?"),
        ("no-choices", "an answer without a choice (after 2 attempts)"),
    ],
)
def test_a_server_that_does_not_answer_stops_the_run_at_the_start(
    server: StubServer, opening: str, message: str
) -> None:
    server.reset(opening=opening)
    with pytest.raises(SystemDownError) as caught:
        ask(server, retries=1)
    assert str(caught.value).startswith(f"api:stub-audio at {server.url}: {message}")
    assert server.stats()["requests"] == 0


def test_the_question_at_the_start_is_as_long_as_a_clip(server: StubServer) -> None:
    server.reset(max_audio_s=9.9)
    with pytest.raises(SystemDownError, match=r"400 \(Audio is 10 s long; this model takes 9.9 s\)"):
        ask(server)


@pytest.mark.parametrize("opening", ["null", "null-length", "length", "refusal", "content-filter-null", "filter-azure"])
def test_any_answer_will_do_at_the_start(server: StubServer, opening: str) -> None:
    server.reset(opening=opening)
    assert ask(server)[0].text == "Scene: Home"
