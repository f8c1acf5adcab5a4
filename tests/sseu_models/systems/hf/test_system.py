"""The system `hf:` from its settings to its replies, with a tiny random Qwen2-Audio."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.records import Capabilities, Json, Question, Reply, System, SystemDownError
from sseu_models.systems.hf import generation as hf_generation
from sseu_models.systems.hf import likelihood
from sseu_models.systems.hf import system as hf
from sseu_models.systems.hf.model import LoadedModel
from sseu_models.systems.hf.settings import HfSettings
from sseu_models.systems.hf.system import HfSystem, make_hf
from tests.sseu_models.systems.hf.tiny_models import ASR, EVENT, LONG, SCENE, question, sound

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


def started(folder: Path, **settings: Json) -> System:
    given: dict[str, Any] = {"device": "cpu", "max_new_tokens": 8, **settings}
    system = make_hf(str(folder), **given)
    asyncio.run(system.start())
    return system


def ask(system: System, questions: Sequence[Question]) -> list[Reply]:
    return asyncio.run(system.answer(questions))


@pytest.fixture(scope="module")
def system(folder: Path) -> System:
    return started(folder)


@pytest.fixture
def questions() -> list[Question]:
    """Four to be answered in text, about clips of one length."""
    prompts = [ASR, LONG, LONG, ASR]
    return [question(prompt, sound(2, 16_000, n), seed=n) for n, prompt in enumerate(prompts)]


def test_id_and_settings_say_which_weights_and_hold_no_path(system: System, folder: Path) -> None:
    assert isinstance(system, System)
    assert system.id == "hf:tiny-qwen2-audio"
    assert len(str(system.settings["weights_sha256"])) == 64
    assert {"torch", "transformers", "dtype", "order", "temperature"} <= set(system.settings)
    assert str(folder.parent) not in str(dict(system.settings))


def test_capabilities(system: System) -> None:
    assert system.capabilities == Capabilities(16_000, 30.0, deterministic=True, family="qwen2-audio", batch_size=8)


def test_the_batch_size_is_recorded_in_bfloat16_only_and_sampling_is_not_deterministic(
    system: System, folder: Path
) -> None:
    assert "batch_size" not in system.settings
    other = started(folder, dtype="bfloat16", batch_size=2, temperature=0.7, top_p=0.5, top_k=20)
    assert other.settings["batch_size"] == 2
    assert not other.capabilities.deterministic


def test_before_start() -> None:
    system = make_hf("Qwen/Qwen2-Audio-7B-Instruct@main")
    assert system.id == "hf:Qwen/Qwen2-Audio-7B-Instruct"
    assert system.settings["max_new_tokens"] == 512
    with pytest.raises(RuntimeError, match="is not started"):
        _ = system.capabilities


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"device": "tpu"}, "hf: setting device='tpu': it should be 'auto', 'cpu' or 'cuda'"),
        ({"top_p": 0.5}, "hf: top_p and top_k have no effect at temperature 0"),
        ({"model": "x"}, "hf: no setting 'model'"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_hf("Qwen/Qwen2-Audio-7B-Instruct", **settings)


def test_replies_keep_their_places(system: System, questions: list[Question]) -> None:
    mixed = [
        question(SCENE, sound(4, 16_000, 1)),
        questions[0],
        question(ASR, None),
        questions[1],
        question(EVENT, sound(4, 16_000, 1)),
    ]
    replies = ask(system, mixed)
    assert len(replies[0].scores or ()) == len(SCENES)
    assert len(replies[4].scores or ()) == len(EVENTS)
    assert replies[2].error == "clip clip0 has no audio; this system needs it"
    assert [replies[1], replies[3]] == [ask(system, [one])[0] for one in questions[:2]]


def test_the_end_of_an_answer_is_reported(
    folder: Path, questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = started(folder)
    assert isinstance(system, HfSystem)
    loaded, audio = system._loaded, questions[0].audio
    assert isinstance(loaded, LoadedModel)
    assert audio is not None
    reply = ask(system, questions[:1])[0]
    assert (reply.finish_reason, reply.output_tokens) == ("length", 8)
    assert (reply.input_tokens or 0) > 50  # two seconds alone are 50 tokens
    first = hf_generation.generate(loaded, [ASR], [audio], [0], HfSettings())[0].tokens[0]
    monkeypatch.setattr(system, "_loaded", dataclasses.replace(loaded, end_ids=(first,)))
    reply = ask(system, questions[:1])[0]
    assert (reply.finish_reason, reply.output_tokens) == ("stop", 1)


def test_long_audio_is_refused_and_not_cut(system: System) -> None:
    reply = ask(system, [question(ASR, sound(30.5, 16_000))])[0]
    assert reply.error == "clip clip0 is 30.50 s long; this system takes at most 30 s"


def limited(largest: int, seen: list[int], real: Callable[..., Any]) -> Callable[..., Any]:
    """`generate` on a GPU with room for `largest` questions."""
    import torch

    def generate(loaded: Any, prompts: Sequence[Any], *rest: Any) -> Any:
        seen.append(len(prompts))
        if len(prompts) > largest:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(loaded, prompts, *rest)

    return generate


def test_clips_of_one_length_make_a_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = [question(ASR, sound(length_s, 16_000, n), seed=n) for n, length_s in enumerate((2, 3, 2, 3, 2))]
    system = started(folder, batch_size=2)
    wanted = [ask(system, [one])[0] for one in mixed]
    seen: list[int] = []
    monkeypatch.setattr(hf_generation, "generate", limited(9, seen, hf_generation.generate))
    assert ask(system, mixed) == wanted
    assert seen == [2, 2, 1]


def test_out_of_memory_halves_the_batch_once_and_for_all(
    folder: Path, system: System, questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ask(system, questions)
    seen: list[int] = []
    monkeypatch.setattr(hf_generation, "generate", limited(2, seen, hf_generation.generate))
    halving = started(folder, batch_size=4)
    assert ask(halving, questions) == wanted
    assert seen == [4, 2, 2]
    assert ask(halving, questions) == wanted
    assert seen == [4, 2, 2, 2, 2]  # the size that failed is not tried again


@pytest.mark.parametrize(
    ("largest", "asked", "seen", "message"),
    [
        (1, 4, [4, 2, 2], "at batch size 2 (halved from 4); set --setting batch_size=1"),
        (0, 1, [1], "at batch size 1; set a smaller max_new_tokens or a larger GPU"),
    ],
)
def test_out_of_memory_that_remains_names_the_setting(
    folder: Path,
    questions: list[Question],
    monkeypatch: pytest.MonkeyPatch,
    largest: int,
    asked: int,
    seen: list[int],
    message: str,
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(hf_generation, "generate", limited(largest, tried, hf_generation.generate))
    replies = ask(started(folder, batch_size=4), questions[:asked])
    assert [reply.error for reply in replies] == [f"out of memory on the GPU {message}"] * asked
    assert tried == seen


def test_out_of_memory_in_likelihood(folder: Path, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    asked = [question(EVENT, sound(3, 16_000))]
    wanted = ask(system, asked)[0].scores
    real, seen = likelihood.label_scores, []

    def label_scores(*args: Any, batch_size: int, **rest: Any) -> tuple[float, ...]:
        seen.append(batch_size)
        if batch_size > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(*args, batch_size=batch_size, **rest)

    monkeypatch.setattr(hf, "label_scores", label_scores)
    assert ask(started(folder), asked)[0].scores == pytest.approx(wanted, rel=1e-5)
    assert seen == [8, 4]


def test_weights_too_large_for_the_gpu(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def load(*args: Any, **rest: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(hf, "load", load)
    with pytest.raises(SystemDownError, match=r"weights in float32 do not fit on this GPU.*device_map=auto"):
        started(folder)


def test_folder_without_a_processor(folder: Path, tmp_path: Path) -> None:
    half = shutil.copytree(folder, tmp_path / "half")
    (half / "model.safetensors").unlink()
    with pytest.raises(SystemDownError, match=r"hf:half cannot be loaded .*the folder must hold a whole model"):
        started(half)


def test_close_releases_the_model(folder: Path) -> None:
    system = started(folder)
    asyncio.run(system.close())
    with pytest.raises(RuntimeError, match="is not started"):
        ask(system, [])
