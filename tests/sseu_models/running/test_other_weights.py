"""A results folder notices other weights: one changed byte, before anything is asked or loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sseu_models.job import Job
from sseu_models.records import Json, SystemDownError
from sseu_models.results.records import Result
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_models.systems.function import function_system
from tests.sseu_models.systems.hf.tiny_models import save_clap, save_qwen2_audio

WORKER = """
import os
from sseu_models.systems.worker.protocol import Answer, Hello

SETTINGS = {"model": None, "log": None}


class Worker:
    def __init__(self, settings, labels):
        self.model = open(settings["model"] + "/model.bin").read()
        self.settings = settings
        open(settings["log"], "a").write("started ")
        self.hello = Hello(rate_hz=16000, deterministic=True, facts={"torch": os.environ["TORCH"]})

    def answer(self, question):
        if question.task == os.environ["FAIL"]:
            raise FileNotFoundError(2, "No such file or directory", os.path.expanduser("~/private/") + question.task)
        return Answer(text="Scene: Home")
"""

Ask = Callable[..., Result]


@pytest.fixture
def ask(built: Path, tmp_path: Path) -> Ask:
    def ask(system: str, settings: dict[str, Json], **job: Any) -> Result:
        request = Request(
            system, str(built), tmp_path / "out", settings=settings, job=Job(**{"limit": 1, **job}), embedder="exact"
        )
        return evaluate(request, progress=False)

    return ask


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Json]]:
    monkeypatch.setenv("TORCH", "2.8")
    monkeypatch.setenv("FAIL", "none")
    (tmp_path / "mine.py").write_text(WORKER)
    (tmp_path / "a" / "weights").mkdir(parents=True)
    (tmp_path / "a" / "weights" / "model.bin").write_bytes(b"tiny model")
    settings: dict[str, Json] = {
        "model": str(tmp_path / "a" / "weights"),
        "log": str(tmp_path / "starts"),
        "env": "TORCH,FAIL",
    }
    return f"worker:{tmp_path / 'mine.py'}", settings


def flip(path: Path) -> None:
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)


def test_a_worker_of_other_weights_is_refused_in_a_finished_folder_without_a_start(
    ask: Ask, worker: tuple[str, dict[str, Json]], tmp_path: Path
) -> None:
    system, settings = worker
    first = ask(system, settings)
    assert ask(system, settings) == first
    assert (tmp_path / "starts").read_text() == "started "
    other = tmp_path / "b" / "weights"  # the same name, other weights
    other.mkdir(parents=True)
    (other / "model.bin").write_bytes(b"tiny modem")
    with pytest.raises(ValueError, match=r"setting model sha256: \w{64} in the folder, \w{64} requested"):
        ask(system, {**settings, "model": str(other)})
    (other / "model.bin").write_bytes(b"tiny model")
    assert ask(system, {**settings, "model": str(other)}) == first  # the same content elsewhere
    flip(tmp_path / "a" / "weights" / "model.bin")
    with pytest.raises(ValueError, match="setting model sha256: "):
        ask(system, settings)
    with pytest.raises(ValueError, match="setting model sha256: "):
        ask(system, settings, limit=2)  # half finished
    assert (tmp_path / "starts").read_text() == "started "


def test_a_worker_that_reports_other_versions_is_refused_when_the_run_is_resumed(
    ask: Ask, worker: tuple[str, dict[str, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(*worker)
    monkeypatch.setenv("TORCH", "2.9")
    with pytest.raises(ValueError, match=r"setting worker torch: 2\.8 in the folder, 2\.9 requested"):
        ask(*worker, limit=2)


def test_a_finished_folder_is_finished_where_its_hub_weights_are_gone(
    ask: Ask, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")
    folder = save_clap(tmp_path / "tiny-clap")
    first = ask(f"clap:{folder}", {"device": "cpu"})
    path = tmp_path / "out" / "result.json"
    stored = json.loads(path.read_text())
    stored["settings"]["revision"] = "0" * 40  # as if they had come from the Hub
    del stored["settings"]["weights_sha256"]
    stored["system"] = "clap:nobody/no-such-clap"
    sha256 = Result.model_validate_json(json.dumps(stored)).settings_sha256
    log = tmp_path / "out" / "answers.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    changed = {"system": stored["system"], "settings_sha256": sha256}
    log.write_text("".join(json.dumps({**line, **changed}) + "\n" for line in lines))
    stored["answers"]["sha256"] = hashlib.sha256(log.read_bytes()).hexdigest()
    path.write_text(json.dumps(stored))
    again = ask("clap:nobody/no-such-clap", {"device": "cpu"})
    assert again.answers.ok == first.answers.ok
    with pytest.raises(ValueError, match=f"setting revision: 0{{40}} in the folder, {'1' * 40} requested"):
        ask(f"clap:nobody/no-such-clap@{'1' * 40}", {"device": "cpu"})
    with pytest.raises(SystemDownError, match=r"clap:nobody/no-such-clap cannot be loaded"):
        ask("clap:nobody/no-such-clap", {"device": "cpu"}, limit=2)


@pytest.mark.parametrize("kind", ["clap", "hf"])
def test_one_byte_of_a_weights_folder_is_named(ask: Ask, kind: str, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")
    folder = {"clap": save_clap, "hf": save_qwen2_audio}[kind](tmp_path / "tiny")
    settings: dict[str, Json] = {"device": "cpu", **({"max_new_tokens": 2} if kind == "hf" else {})}
    first = ask(f"{kind}:{folder}", settings, conditions=("0",))
    assert ask(f"{kind}:{folder}", settings, conditions=("0",)) == first
    flip(folder / "model.safetensors")
    for limit in (1, 2):
        with pytest.raises(ValueError, match=r"setting weights_sha256: \w{64} in the folder, \w{64} requested"):
            ask(f"{kind}:{folder}", settings, conditions=("0",), limit=limit)


def test_no_path_of_the_machine_is_in_what_is_published(
    ask: Ask, worker: tuple[str, dict[str, Json]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "somebody"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("FAIL", "asc")
    ask(*worker)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    del result["data"]  # where the dataset was read, by design
    log = (tmp_path / "out" / "answers.jsonl").read_text()
    assert "'~/private/asc'" in log
    assert f"'{home}/private/asc'" in (tmp_path / "out" / "errors.log").read_text()
    published = json.dumps(result) + log + (tmp_path / "out" / "scores.json").read_text()
    assert not [part for part in (str(tmp_path), "somebody") if part in published]


CLASS = """
from sseu_models.records import Capabilities, Reply


class Mine:
    id, settings = "mine", {}
    capabilities = Capabilities(rate_hz=None, deterministic=True, modes={"independent": ("asc",)})

    async def start(self): pass
    async def close(self): pass

    async def answer(self, questions):
        return [Reply(text="Scene: Home") for question in questions]
"""


def test_an_object_of_an_edited_class_and_an_edited_function_are_refused(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(source: str, name: str) -> Result:
        space: dict[str, Any] = {"__name__": "__main__"}
        exec(source, space)
        system = space["Mine"]() if name == "Mine" else function_system(space[name], deterministic=True)
        return evaluate(
            Request(system, str(built), tmp_path / name, job=Job(limit=1), embedder="exact"), progress=False
        )

    function = "def answer(samples, rate_hz, prompt): return 'Scene: Home'"
    for source, name in ((CLASS, "Mine"), (function, "answer")):
        first = ask(source, name)
        assert ask(source, name) == first
        with pytest.raises(ValueError, match=r"setting source_sha256: \w{64} in the folder, \w{64} requested"):
            ask(source.replace("Home", "Restaurant"), name)
