"""`text-only:hf:`: a language model, with or without ears, is asked everything and hears nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import sseu_models
from sseu_models.kinds import kind_of
from sseu_models.records import Capabilities, SystemDownError
from sseu_models.systems.hf.generation import model_inputs
from sseu_models.systems.hf.loading import find_weights
from sseu_models.systems.hf.model import LoadedModel, load
from sseu_models.systems.hf.system import make_hf
from sseu_models.systems.spec import make_system
from tests.sseu_models.systems.hf.tiny_models import ASR, LONG, question, sound
from tests.sseu_models.systems.hf.tiny_specialists import RECOGNISERS, save_language_model

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


@pytest.fixture(scope="module", params=["qwen2", "llama", "qwen2_audio"])
def model(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "qwen2_audio":
        return folder
    return save_language_model(tmp_path_factory.mktemp("models") / request.param, request.param)


def test_all_modes_are_answered_from_the_prompt_alone(model: Path, built: Path) -> None:
    run = sseu_models.run(
        f"text-only:hf:{model}",
        built,
        modes=("independent", "joint", "cot", "likelihood"),
        limit=2,
        settings={"device": "cpu", "max_new_tokens": 6},
        embedder="exact",
    )
    answers = run.answers()
    assert {answer.error for answer in answers} == {None}
    said: dict[tuple[str, str], set[object]] = {}
    for answer in answers:
        said.setdefault((answer.mode, answer.task), set()).add(answer.scores or answer.text)
    assert len(said) == 3 + 1 + 1 + 2
    assert {len(replies) for replies in said.values()} == {1}  # whatever the clip
    assert run.result.system == f"text-only:hf:{model.name}"
    assert kind_of(run.result.system) == "baseline"
    assert run.result.settings["audio"] == "none"
    assert "order" not in run.result.settings


def test_the_model_reads_the_chat_and_nothing_of_a_clip(model: Path) -> None:
    loaded = load(find_weights("hf", str(model)), dtype="float32", device_map="cpu", hears=False)
    assert isinstance(loaded, LoadedModel)
    inputs = model_inputs(loaded, [ASR, LONG], [None, None])
    assert set(inputs) <= {"input_ids", "attention_mask", "token_type_ids"}
    short, long = (loaded.tokenizer.decode(row) for row in inputs["input_ids"])
    assert f"<|im_start|>user\n{ASR.user}<|im_end|>\n<|im_start|>assistant\n" in short
    assert f"<|im_start|>system\n{LONG.system}<|im_end|>\n<|im_start|>user\n{LONG.user}<|im_end|>" in long
    assert "audio" not in (short + long).lower()
    assert inputs["attention_mask"][0, 0] == 0  # padded on the left


def test_a_batch_is_as_good_as_single_questions(model: Path) -> None:
    system = make_hf(str(model), hears=False, device="cpu", max_new_tokens=8)
    asyncio.run(system.start())
    assert system.capabilities == Capabilities(
        None, deterministic=True, family=system.capabilities.family, batch_size=8
    )
    asked = [question(prompt, None, seed=seed) for seed, prompt in enumerate((ASR, LONG, ASR))]
    batch = asyncio.run(system.answer(asked))
    assert batch == [asyncio.run(system.answer([one]))[0] for one in asked]
    # A clip that comes all the same is not heard.
    assert asyncio.run(system.answer([question(ASR, sound(2, 16_000))]))[0] == batch[0]


def test_without_the_prefix_a_model_for_text_alone_is_refused(tmp_path: Path) -> None:
    model = save_language_model(tmp_path / "tiny-qwen2")
    with pytest.raises(SystemDownError, match=r"'qwen2' is a language model for text alone; .*as text-only:hf:"):
        asyncio.run(make_hf(str(model), device="cpu").start())


def test_what_is_no_language_model_or_has_no_template(tmp_path: Path) -> None:
    whisper = RECOGNISERS["moonshine"](tmp_path / "moonshine")
    with pytest.raises(SystemDownError, match="'moonshine' is a recogniser, which follows no prompts; name a language"):
        asyncio.run(make_hf(str(whisper), hears=False, device="cpu").start())
    base = save_language_model(tmp_path / "base")
    (base / "chat_template.jinja").unlink()
    with pytest.raises(SystemDownError, match=r"has no chat template.*name an instruction-tuned model"):
        asyncio.run(make_hf(str(base), hears=False, device="cpu").start())


def test_names_and_settings() -> None:
    with pytest.raises(ValueError, match="text-only:hf:m: setting order has no effect without audio"):
        make_system("text-only:hf:m", {"order": "audio-first"}, [])
    for spec in ("text-only:hf:", "text-only:clap:m"):
        with pytest.raises(ValueError, match=r"it must be text-only:hf:<model> or text-only:api:"):
            make_system(spec, {}, [])
