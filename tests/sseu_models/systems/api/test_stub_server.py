"""The stub server is as strict as a real one, and counts its requests."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_models.systems.api.wav import wav_bytes
from tests.sseu_models.systems.api.stub_server import StubServer

WAV = wav_bytes((np.random.default_rng(0).standard_normal(8000) * 0.1).astype(np.float32), 16_000)


def good(**changes: Any) -> dict[str, Any]:
    audio = {"type": "input_audio", "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"}}
    content = [audio, {"type": "text", "text": "where?"}]
    return {"model": "stub-audio", "messages": [{"role": "user", "content": content}], **changes}


def with_wav(data: bytes) -> dict[str, Any]:
    body = good()
    body["messages"][0]["content"][0]["input_audio"]["data"] = base64.b64encode(data).decode()
    return body


def post(server: StubServer, body: Any, key: str | None = "none") -> dict[str, Any]:
    """Status and decoded body of an answer."""
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"Authorization": f"Bearer {key}"})
    request = urllib.request.Request(f"{server.url}/chat/completions", json.dumps(body).encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return {"status": response.status, **json.load(response)}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "headers": dict(error.headers), **json.load(error)}


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (good(model="other"), 404, "The model `other` does not exist."),
        (good(messages=[*good()["messages"] * 2]), 400, "roles are ['user', 'user']"),
        (good(messages=[{"role": "user", "content": "where?"}]), 400, "content parts are []"),
        (good(max_tokens=1.0), 400, "max_tokens=1.0"),
        (good(max_new_tokens=5), 400, "Unrecognized request argument supplied: max_new_tokens"),
        (good(response_format={"type": "json_schema"}), 400, "Invalid schema for response_format"),
        (with_wav(b"fLaC" + WAV[4:]), 400, "not a WAV file"),
        (with_wav(WAV[:24] + (44_100).to_bytes(4, "little") + WAV[28:]), 400, "1 channels, 2 bytes, 44100 Hz"),
        (with_wav(WAV[:-2]), 400, "the header says 16000 bytes of samples, 15998 came"),
    ],
)
def test_bad_requests_are_refused(server: StubServer, body: Any, status: int, message: str) -> None:
    answer = post(server, body)
    assert answer["status"] == status
    assert message in answer["error"]["message"]
    assert server.stats()["answered"] == 0


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("wrong", 401), ("right", 200)])
def test_the_key_is_checked(server: StubServer, key: str | None, status: int) -> None:
    server.reset(api_key="right")
    assert post(server, good(), key)["status"] == status


def test_a_script_is_played_once_and_counts_begin_anew(server: StubServer) -> None:
    post(server, good())
    server.reset(script=["429", "500"], always="ok", retry_after="2")
    answers = [post(server, good()) for _ in range(3)]
    assert [answer["status"] for answer in answers] == [429, 500, 200]
    assert answers[0]["headers"]["Retry-After"] == "2"
    assert server.stats()["requests"] == 3


@pytest.mark.parametrize("behaviour", [{"scrpt": []}, {"script": ["explode"]}, {"always": "explode"}])
def test_unknown_behaviour_is_refused(server: StubServer, behaviour: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no (behaviour|fault) (scrpt|explode); there is "):
        StubServer(**behaviour)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        server.set(**behaviour)


def test_it_prints_its_port_on_the_command_line() -> None:
    command = [sys.executable, "-m", "tests.sseu_models.systems.api.stub_server", "--port", "0", "--until-stdin-closes"]
    root = Path(__file__).resolve().parents[4]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/v1/models", timeout=10) as response:
        assert [model["id"] for model in json.load(response)["data"]] == ["stub-audio"]
    process.communicate(timeout=10)  # closes its standard input, which ends it
    assert process.returncode == 0
