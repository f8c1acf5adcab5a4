"""Each ready worker calls its upstream package as upstream's own scripts do: stand-ins with the real signatures."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.records import Json, Mode, Prompt, Question, Reply, SystemDownError, Task
from sseu_models.systems.worker.system import WorkerSystem, make_worker
from tests.sseu_models.systems.worker.scripts import answers

UPSTREAM = Path(__file__).parent / "upstream"


def ask(
    user: str = "What do you hear?",
    task: Task = "asr",
    mode: Mode = "independent",
    rate_hz: int = 16000,
    seconds: float = 10,
    system: str | None = None,
) -> Question:
    ramp = np.linspace(-0.5, 0.5, round(rate_hz * seconds), dtype=np.float32)
    return Question("clip", ramp, task, mode, Prompt("test/1", task, mode, system, user, "project"), 1)


def make(name: str, **settings: Any) -> WorkerSystem:
    return make_worker(name, python=sys.executable, **settings)


def session(system: WorkerSystem, *questions: Question) -> tuple[list[Reply], list[dict[str, Any]]]:
    """The replies, and what the stand-in was called with."""
    replies = answers(system, questions)
    assert system.stderr_log is not None
    lines = system.stderr_log.read_text().splitlines()
    return replies, [json.loads(line.removeprefix("CALL ")) for line in lines if line.startswith("CALL ")]


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> Any:
    def add(*folders: str) -> None:
        monkeypatch.setenv("PYTHONPATH", ":".join(str(UPSTREAM / folder) for folder in folders))

    return add


def expected(task: Task, hit: int = 3) -> list[float]:
    """Scores where the sound's embedding is the label's at `hit` and orthogonal to the others."""
    count = len(SCENES if task == "asc" else EVENTS)
    if task == "at":
        return [1 / (1 + math.exp(-(i == hit))) for i in range(count)]
    return [math.exp(i == hit) / (math.e + count - 1) for i in range(count)]


@pytest.mark.parametrize(("name", "seconds"), [("msclap-2022", 5), ("msclap-2023", 7)])
def test_msclap(path: Any, name: str, seconds: int) -> None:
    path("msclap_package")
    system = make(name, template="the sound of {}")
    (scene, events, short), calls = session(
        system,
        ask(task="asc", rate_hz=44100),
        ask(task="at", rate_hz=44100),
        ask(task="at", rate_hz=44100, seconds=3),
    )
    assert scene.scores == pytest.approx(expected("asc"))
    assert events.scores == short.scores == pytest.approx(expected("at"))
    assert calls[0] == {"model_fp": None, "version": name[-4:], "use_cuda": False}
    assert calls[1]["class_labels"] == [f"the sound of {label}" for label in SCENES]
    assert calls[2]["class_labels"] == [f"the sound of {label}" for label in EVENTS]
    ramp = ask(rate_hz=44100).audio
    assert ramp is not None
    samples = seconds * 44100
    assert calls[3]["audio"] == [samples, float(ramp[0]), float(ramp[samples - 1])]
    three = ask(rate_hz=44100, seconds=3).audio
    assert three is not None
    assert calls[5]["audio"] == [samples, float(three[0]), float(three[(samples - 1) % len(three)])]
    assert system.capabilities.rate_hz == 44100
    assert system.capabilities.deterministic
    assert dict(system.capabilities.modes) == {"independent": ("asc", "at")}


def test_kimi_audio(path: Any) -> None:
    path("kimi_audio")
    system = make("kimi-audio", text_temperature=0.7)
    (plain, led, cut), calls = session(
        system, ask("Transcribe."), ask("Transcribe.", system="Be brief."), ask("ramble")
    )
    assert plain == Reply(text="answer to Transcribe.", finish_reason="stop", output_tokens=4)
    assert led == Reply(text="answer to Be brief.\n\nTranscribe.", finish_reason="stop", output_tokens=4)
    assert cut == Reply(text="answer to ramble", finish_reason="length", output_tokens=1024)
    assert calls[0] == {"model_path": "moonshotai/Kimi-Audio-7B-Instruct", "load_detokenizer": False}
    assert calls[1]["kinds"] == [["user", "text"], ["user", "audio"]]
    assert calls[1]["heard"] == [160000, 16000]
    assert calls[1]["sampling"] == {
        "output_type": "text",
        "audio_temperature": 0.8,
        "audio_top_k": 10,
        "text_temperature": 0.7,
        "text_top_k": 5,
        "audio_repetition_penalty": 1.0,
        "audio_repetition_window_size": 64,
        "text_repetition_penalty": 1.0,
        "text_repetition_window_size": 16,
        "max_new_tokens": 1024,
    }
    assert not system.capabilities.deterministic


def test_kimi_audio_is_greedy_by_default_and_installed_from_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "models--THUDM--glm-4-voice-tokenizer" / "snapshots" / "c0ffee").mkdir(parents=True)
    system = make("kimi-audio", checkout=str(UPSTREAM / "kimi_audio"))
    session(system)
    assert system.capabilities.deterministic
    checkout, worker = (cast("dict[str, Json]", system.settings[name]) for name in ("checkout", "worker"))
    assert checkout["name"] == "kimi_audio"
    assert worker["hub"] == {"moonshotai/Kimi-Audio-7B-Instruct": None, "THUDM/glm-4-voice-tokenizer": "c0ffee"}


def test_step_audio_2() -> None:
    system = make("step-audio-2-mini", checkout=str(UPSTREAM / "step_audio2"))
    (plain, cut, steps), calls = session(
        system, ask("Name the scene.", task="asc"), ask("ramble"), ask("Think.", task="all", mode="cot", system="S")
    )
    assert plain == Reply(text="answer to Name the scene.", finish_reason="stop", output_tokens=5)
    assert (cut.finish_reason, cut.output_tokens) == ("length", 256)
    assert steps.text == "answer to Think."
    assert calls[0] == {"model_path": "stepfun-ai/Step-Audio-2-mini"}
    assert calls[1] == {
        "messages": [["system", "str"], ["human", "list"], ["assistant", "NoneType"]],
        "order": ["text", "audio"],
        "system": "You are a helpful assistant.",
        "kwargs": {
            "max_new_tokens": 256,
            "temperature": 0.7,
            "repetition_penalty": 1.05,
            "top_p": 0.9,
            "do_sample": True,
        },
        "heard": 160000,
    }
    assert calls[3]["kwargs"]["max_new_tokens"] == 1024
    assert calls[3]["system"] == "S"


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("msclap-2022", {"template": "sound"}, r"template 'sound' must hold \{\} once"),
        ("kimi-audio", {"max_new_tokens": 9000}, "max_new_tokens=9000: upstream keeps 1 to 4096"),
        ("step-audio-2-mini", {}, "checkout is not set: --setting checkout=PATH, a clone of https://"),
        ("ltu-as", {"checkout": "/no/folder"}, "checkout=/no/folder does not exist"),
        ("ltu-as", {"checkout": "ltu", "weights": "/"}, r"vicuna_ltuas is not in .*: src/ltu_as/inference.sh has its"),
        ("mga-clap", {"checkout": "mga_clap"}, r"model.pt is not there: MGA-CLAP's README has its Google Drive link"),
    ],
)
def test_what_a_worker_needs_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, settings: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(UPSTREAM)
    with pytest.raises(SystemDownError, match=message):
        session(make(name, **settings))


def test_mga_clap(tmp_path: Path) -> None:
    import torch

    weights = tmp_path / "model.pt"
    # As published: with a buffer that transformers stores no more.
    positions = "text_encoder.text_encoder.embeddings.position_ids"
    torch.save({"model": {"codebook": torch.eye(32), positions: torch.arange(512)}}, weights)
    system = make("mga-clap", checkout=str(UPSTREAM / "mga_clap"), weights=str(weights), device="cpu")
    (scene, events), calls = session(system, ask(task="asc", rate_hz=32000), ask(task="at", rate_hz=32000, seconds=4))
    assert scene.scores == pytest.approx(expected("asc"))
    assert events.scores == pytest.approx(expected("at"))
    assert calls[0] == {"device": "cpu", "embed_size": 1024}
    assert calls[1] == {"text": list(SCENES)}
    assert [call["masked"] for call in calls if "masked" in call] == [True, True, False, False]
    heard = [call["audio"] for call in calls if "audio" in call]
    assert heard == [[1, 320000, -0.5, 0.5], [1, 320000, -0.5, 0.0]]
    assert system.capabilities.max_audio_s == 10.0
    torch.save({"model": {"codebook": torch.eye(32), "other.position_ids": torch.arange(512)}}, weights)
    with pytest.raises(SystemDownError, match=r'Unexpected key\(s\) in state_dict: "other.position_ids"'):
        session(make("mga-clap", checkout=str(UPSTREAM / "mga_clap"), weights=str(weights), device="cpu"))


def test_ltu_as(path: Any, tmp_path: Path) -> None:
    import torch

    path("ltu_packages")
    (tmp_path / "vicuna_ltuas").mkdir()
    names = "n_mels n_audio_ctx n_audio_state n_audio_head n_audio_layer n_vocab n_text_ctx n_text_state n_text_head"
    dims = dict.fromkeys(f"{names} n_text_layer".split(), 4)
    torch.save({"dims": dims, "model_state_dict": {}}, tmp_path / "large-v1.pt")
    torch.save({}, tmp_path / "ltuas_long_noqa_a6.bin")
    given = {"checkout": str(UPSTREAM / "ltu"), "weights": str(tmp_path), "device": "cpu"}
    system = make("ltu-as", **given)
    [reply], calls = session(system, ask("What is said?"))
    prompt = "### Instruction:\nWhat is said?\n\n### Response:\n"
    assert reply == Reply(text="Spoken text: hi", finish_reason="stop", input_tokens=len(prompt) + 1, output_tokens=16)
    by_name = {key: call[key] for call in calls for key in call}
    assert by_name["prompt"] == prompt
    assert by_name["audio"] == [160000, "float32"]
    assert by_name["audio_input"] == [1, 4, 25, 4]
    assert by_name["lora"]["target_modules"] == ["q_proj", "v_proj"]
    assert by_name["generation"] == {
        "do_sample": True,
        "temperature": 0.1,
        "top_p": 0.95,
        "top_k": 500,
        "repetition_penalty": 1.1,
        "max_new_tokens": 500,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "num_return_sequences": 1,
    }
    assert system.capabilities.max_audio_s == 10.0
    [reply], _ = session(make("ltu-as", **given, max_new_tokens=11), ask())
    assert (reply.text, reply.finish_reason) == ("Spoken text", "length")
