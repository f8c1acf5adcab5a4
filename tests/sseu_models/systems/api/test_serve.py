"""One model behind `hf:` and behind a real `transformers serve`: the same texts, once both are set alike.

Twenty questions in all modes about four pairs at 0 dB, greedy, float32. The model is a tiny random Qwen2-Audio whose
checkpoint, like the official one, samples and has a repetition penalty of 1.1. Run by `make serve`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_models.job import Job, Key
from sseu_models.records import SystemDownError
from sseu_models.results.folder import read_result
from sseu_models.results.log import FILE_NAME, read_log
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.systems.hf.tiny_models import save_qwen2_audio

pytestmark = pytest.mark.serve

JOB = Job(modes=("independent", "joint", "cot"), conditions=("0",), runs=1, limit=4)
QUESTIONS = 20
LONGEST = {"max_new_tokens": 24}
START_S = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")
    return save_qwen2_audio(tmp_path_factory.mktemp("models") / "tiny-qwen2-audio")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server that has loaded nothing yet and knows of no model."""
    for name in ("fastapi", "uvicorn", "openai"):
        pytest.importorskip(name, reason=f"{name} is not installed: `transformers serve` needs it")
    home = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("transformers")
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [program, "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        )
        try:
            base = f"http://127.0.0.1:{port}/v1"
            assert _listed(base, server, home / "log") == []
            yield base
        finally:
            server.kill()
            server.wait()


def _listed(base: str, server: subprocess.Popen[bytes], log: Path) -> list[Any]:
    """The server's list of models, once it listens."""
    until = time.monotonic() + START_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < until and server.poll() is None:
        try:
            with opener.open(f"{base}/models", timeout=10) as response:
                models: list[Any] = json.load(response)["data"]
                return models
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text()[-2000:]}")


def texts(system: str, data: Path, out: Path, limit: int = 4, **settings: Any) -> dict[Key, str | None]:
    """The text of every answer of a run."""
    job = replace(JOB, limit=limit)
    result = evaluate(Request(system, str(data), out, settings=settings, job=job, score=False), progress=False)
    assert result.answers.failed == 0
    return {answer.key: answer.text for answer in read_log(out / FILE_NAME)}


def by_api(url: str, folder: Path, data: Path, out: Path, **settings: Any) -> dict[Key, str | None]:
    return texts(f"api:{folder}@{url}", data, out, family="qwen2-audio", **LONGEST, **settings)


def by_hf(folder: Path, data: Path, out: Path, **settings: Any) -> dict[Key, str | None]:
    return texts(f"hf:{folder}", data, out, device="cpu", dtype="float32", **LONGEST, **settings)


def equal(one: dict[Key, str | None], other: dict[Key, str | None], what: str) -> int:
    """How many texts are equal; the share is printed under the name of what was compared."""
    assert one.keys() == other.keys()
    assert len(one) == QUESTIONS
    count = sum(one[key] == other[key] for key in one)
    print(f"{what}: {count} of {QUESTIONS} texts equal")
    return count


def test_the_defaults_of_both_give_equal_texts(url: str, folder: Path, built: Path, tmp_path: Path) -> None:
    served, here = by_api(url, folder, built, tmp_path / "api"), by_hf(folder, built, tmp_path / "hf")
    assert len(set(here.values())) > QUESTIONS / 2  # the model does not say the same to everything
    assert equal(served, here, "defaults") == QUESTIONS
    assert (
        len(by_api(url, folder, built, tmp_path / "api", limit=5)) > QUESTIONS
    )  # continued, now that the server lists the model
    settings = read_result(tmp_path / "api").settings
    assert settings["reported_owned_by"] == "local"
    assert settings["reported_model"] == folder.name
    assert settings["repetition_penalty"] == settings["top_k"] == "server default"
    assert str(folder.parent) not in (tmp_path / "api" / FILE_NAME).read_text() + str(settings)


def test_what_is_left_to_the_server_comes_from_the_checkpoint(
    url: str, folder: Path, built: Path, tmp_path: Path
) -> None:
    left = by_api(url, folder, built, tmp_path / "api", omit="presence_penalty,frequency_penalty")
    neutral = by_hf(folder, built, tmp_path / "hf")
    alike = by_hf(folder, built, tmp_path / "alike", repetition_penalty=1.1)
    assert (
        equal(left, neutral, "penalties left to the server (repetition_penalty 1.1), hf: at its defaults") < QUESTIONS
    )
    assert equal(left, alike, "the same, hf: with repetition_penalty=1.1") == QUESTIONS


def test_what_no_request_can_set_is_taken_out_of_a_copy_of_the_checkpoint(
    url: str, folder: Path, built: Path, tmp_path: Path
) -> None:
    """Keep of generation_config.json the tokens that end and pad; `hf:` does the same by itself."""
    given, bare = tmp_path / "given", tmp_path / "bare"
    for copy, changes in ((given, {"no_repeat_ngram_size": 2}), (bare, {})):
        shutil.copytree(folder, copy)
        config = json.loads((copy / "generation_config.json").read_text())
        kept = config if changes else {name: value for name, value in config.items() if name.endswith("token_id")}
        (copy / "generation_config.json").write_text(json.dumps(kept | changes))
    here = by_hf(folder, built, tmp_path / "hf")
    served = by_api(url, given, built, tmp_path / "given-api")
    assert equal(served, here, "no_repeat_ngram_size 2 in the checkpoint") < QUESTIONS
    assert equal(by_api(url, bare, built, tmp_path / "bare-api"), here, "a copy without it") == QUESTIONS


def test_a_field_that_the_server_refuses_stops_the_run_at_the_start(
    url: str, folder: Path, built: Path, tmp_path: Path
) -> None:
    message = r"422 \(Unexpected fields in the request: \{'repetition_penalty'\}\); .* with --setting omit=NAME,NAME"
    with pytest.raises(SystemDownError, match=message):
        by_api(url, folder, built, tmp_path / "out", repetition_penalty=1.0)
    assert (tmp_path / "out" / FILE_NAME).read_bytes() == b""


def test_that_the_server_ignores_a_schema_is_noticed(url: str, folder: Path, built: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemDownError, match="json_schema=true, but the server ignored the schema"):
        by_api(url, folder, built, tmp_path / "out", json_schema=True)
    assert (tmp_path / "out" / FILE_NAME).read_bytes() == b""
