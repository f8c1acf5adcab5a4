"""Hazards: a worker reads the user's keys; a file of weights runs code."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.worker import environments
from sseu_models.systems.worker.environments import set_up
from sseu_models.systems.worker.system import make_worker
from tests.sseu_models.systems.worker.scripts import answers, ask, written

SECRETS = {
    name: f"secret-{name}"
    for name in (
        *(
            "OPENAI_API_KEY",
            "OPENAI_ORG_ID",
            "HF_TOKEN",
            "HUGGING_FACE_HUB_TOKEN",
            "NVIDIA_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
        ),
        *("GITHUB_TOKEN", "HTTPS_PROXY", "PIP_INDEX_URL", "MY_PASSWORD", "WANDB_API_KEY"),
    )
}
NEEDED = {
    "CUDA_VISIBLE_DEVICES": "1",
    "OMP_NUM_THREADS": "2",
    "HF_HOME": "/models",
    "LC_ALL": "C.UTF-8",
    "HOME": "/root",
}


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (SECRETS | NEEDED).items():
        monkeypatch.setenv(name, value)


def environment_of_worker(tmp_path: Path, **settings: Any) -> dict[str, str]:
    system = make_worker(written(tmp_path, "import json; return Answer(text=json.dumps(dict(os.environ)))"), **settings)
    [reply] = answers(system, [ask()])
    found: dict[str, str] = json.loads(reply.text or "")
    assert not {*found.values()} & {str(value) for value in system.settings.values()}
    return found


def test_a_worker_gets_what_a_model_needs_and_no_secret(tmp_path: Path) -> None:
    found = environment_of_worker(tmp_path)
    assert not SECRETS.keys() & found.keys()
    assert not any("secret-" in value for value in found.values())
    assert found.items() >= NEEDED.items()
    assert found["PATH"] == os.environ["PATH"]


def test_a_worker_gets_what_is_named_for_it_and_the_name_is_recorded(tmp_path: Path) -> None:
    found = environment_of_worker(tmp_path, env="HF_TOKEN,HTTPS_PROXY")
    assert SECRETS.keys() & found.keys() == {"HF_TOKEN", "HTTPS_PROXY"}
    system = make_worker(written(tmp_path, "return Answer(text='')"), env="HF_TOKEN")
    assert system.settings["env"] == "HF_TOKEN"
    assert "env" not in make_worker(written(tmp_path, "return Answer(text='')")).settings


def test_a_value_in_place_of_a_name_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="setting env: string should match pattern") as caught:
        make_worker(written(tmp_path, "return Answer(text='')"), env="HF_TOKEN=hf_abc")
    assert "hf_abc" not in str(caught.value)
    with pytest.raises(SystemDownError, match="--setting env names NOT_THERE, which is not set"):
        environment_of_worker(tmp_path, env="HF_TOKEN,NOT_THERE")


def test_setting_up_has_proxies_and_the_index_but_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "environment.json"
    step = [sys.executable, "-c", f"import json, os; json.dump(dict(os.environ), open({str(out)!r}, 'w'))"]
    monkeypatch.setattr(environments, "_plan", lambda *_: [step])
    monkeypatch.setattr(environments, "find_python", lambda *_: sys.executable)
    set_up("msclap", folder=tmp_path / "env", announce=lambda line: None)
    assert SECRETS.keys() & json.loads(out.read_text()).keys() == {"HTTPS_PROXY", "PIP_INDEX_URL"}


# --- weights ---


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


LOADING = """
from sseu_models.systems.worker.protocol import WEIGHTS_ONLY, Answer, Hello, Question

SETTINGS = {"weights": ""}

class Worker:
    def __init__(self, settings, labels):
        import torch
        loaded = torch.load(settings["weights"]OPTIONS)
        self.hello = Hello(rate_hz=16000, deterministic=True, facts={"keys": sorted(map(str, loaded))})

    def answer(self, question):
        return Answer(text="loaded")
"""
OPTIONS = {"ours": ", weights_only=WEIGHTS_ONLY", "upstream's": "", "upstream's, unsafe": ", weights_only=False"}


def loading(tmp_path: Path, content: object, options: str) -> tuple[str, str]:
    """The file of a worker that loads the content, and the file of that."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.save(content, tmp_path / "weights.pt")
    (tmp_path / "loading.py").write_text(LOADING.replace("OPTIONS", options))
    return str(tmp_path / "loading.py"), str(tmp_path / "weights.pt")


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_weights_that_run_code_do_not_run_it(tmp_path: Path, options: str) -> None:
    marker = tmp_path / "ran"
    file, weights = loading(tmp_path, {"model": Malicious(marker)}, options)
    message = r"its file of weights holds more than weights \(posix.mkdir\), and .* --setting allow_pickle=true"
    with pytest.raises(SystemDownError, match=message):
        answers(make_worker(file, weights=weights), [ask()])
    assert not marker.exists()


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_checkpoint_with_its_arguments_needs_the_setting(tmp_path: Path, options: str) -> None:
    content = {"args": argparse.Namespace(lr=0.1), "best": np.float64(0.5), "model": {}}
    file, weights = loading(tmp_path, content, options)
    with pytest.raises(SystemDownError, match=r"holds more than weights \((argparse.Namespace|numpy.*)\)"):
        answers(make_worker(file, weights=weights), [ask()])
    system = make_worker(file, weights=weights, allow_pickle=True)
    assert answers(system, [ask()])[0].text == "loaded"


def test_a_plain_checkpoint_needs_nothing(tmp_path: Path) -> None:
    import torch

    file, weights = loading(tmp_path, {"epoch": 3, "model": {"w": torch.eye(2)}}, "")
    assert answers(make_worker(file, weights=weights), [ask()])[0].text == "loaded"
