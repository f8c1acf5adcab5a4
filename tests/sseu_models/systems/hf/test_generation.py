"""Batches, prompts and sampling with a tiny random Qwen2-Audio in real transformers code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sseu_models.systems.hf.generation import (
    Decoding,
    Generated,
    PromptPenalty,
    SeededNoise,
    _cut,
    conversation,
    decode,
    generate,
    model_inputs,
)
from sseu_models.systems.hf.loading import find_weights
from sseu_models.systems.hf.model import LoadedModel, load
from tests.sseu_models.systems.hf.tiny_models import ASR, LONG, save_qwen2_audio, sound

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")

PROMPTS = [ASR, LONG, ASR, LONG]
SEEDS = [11, 12, 13, 14]
GREEDY = Decoding(24)


def load_tiny(folder: Path, order: str = "auto") -> LoadedModel:
    weights = find_weights("hf", str(folder))
    return load("hf", weights, dtype="float32", device_map="cpu", order=order, trust_remote_code=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_qwen2_audio(tmp_path_factory.mktemp("models") / "tiny-qwen2-audio")


@pytest.fixture(scope="module")
def loaded(folder: Path) -> LoadedModel:
    return load_tiny(folder)


@pytest.fixture(scope="module")
def audios() -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    return [sound(length_s, 16_000, seed) for seed, length_s in enumerate((3.0, 10.0, 7.5, 0.6))]


Audios = list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]


@pytest.mark.parametrize(
    "decoding",
    [
        GREEDY,
        Decoding(24, repetition_penalty=1.3),
        Decoding(24, temperature=1.0),
        Decoding(24, temperature=0.8, top_p=0.9, top_k=40, repetition_penalty=1.1),
    ],
    ids=["greedy", "penalty", "sampled", "sampled-and-cut"],
)
def test_batch_equals_single(loaded: LoadedModel, audios: Audios, decoding: Decoding) -> None:
    batch = generate(loaded, PROMPTS, audios, SEEDS, decoding)
    single = [
        generate(loaded, [prompt], [audio], [seed], decoding)[0]
        for prompt, audio, seed in zip(PROMPTS, audios, SEEDS, strict=True)
    ]
    assert batch == single
    assert len({answer.input_tokens for answer in batch}) == 4  # the rows did have to be padded
    assert len({answer.tokens for answer in batch}) > 1


def test_greedy_is_the_largest_logit_although_the_checkpoint_samples(loaded: LoadedModel, audios: Audios) -> None:
    import torch

    inputs = model_inputs(loaded, [LONG], audios[:1])
    said: list[int] = []
    for _ in range(12):  # the definition: no cache, no checkpoint defaults (temperature, penalty, ...)
        with torch.inference_mode():
            token = loaded.model(**inputs).logits[0, -1].argmax()
        said.append(int(token))
        inputs["input_ids"] = torch.cat([inputs["input_ids"], token[None, None]], dim=1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    assert list(generate(loaded, [LONG], audios[:1], [0], Decoding(12))[0].tokens) == said
    assert list(generate(loaded, [LONG], audios[:1], [0], Decoding(12, repetition_penalty=1.1))[0].tokens) != said


def test_padding_is_not_penalised() -> None:
    import torch

    padded = torch.tensor([[0, 0, 5, 6]])
    penalise = PromptPenalty(2.0, torch.tensor([[0, 0, 1, 1]]))
    scores = penalise(torch.cat([padded, torch.tensor([[7]])], dim=1), torch.full((1, 9), 4.0))
    assert scores.tolist() == [[4, 4, 4, 4, 4, 2, 2, 2, 4]]


def test_samples_follow_the_seed_and_not_the_global_generator(loaded: LoadedModel, audios: Audios) -> None:
    import torch

    sampled = Decoding(24, temperature=1.0)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = generate(loaded, PROMPTS, audios, SEEDS, sampled)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert generate(loaded, PROMPTS, audios, SEEDS, sampled) == first
    other = generate(loaded, PROMPTS, audios, [seed + 1 for seed in SEEDS], sampled)
    assert all(one.tokens != two.tokens for one, two in zip(first, other, strict=True))


def test_noise_draws_from_the_softmax() -> None:
    import torch

    logits = torch.tensor([0.0, 1.0, 2.0, -torch.inf])
    draws = 20_000
    noise = SeededNoise(range(draws))
    chosen = noise(torch.zeros(draws, 1), logits.expand(draws, 4)).argmax(dim=1)
    shares = torch.bincount(chosen, minlength=4) / draws
    assert shares.tolist() == pytest.approx(logits.softmax(0).tolist(), abs=0.02)


def test_prompt_as_the_model_reads_it(loaded: LoadedModel) -> None:
    tokens = model_inputs(loaded, [LONG], [sound(1, 16_000)])["input_ids"][0]
    text = loaded.processor.tokenizer.decode(tokens)
    assert "You listen well." in text
    assert text.count("<|AUDIO|>") == 25  # one second
    assert text.index("<|AUDIO|>") < text.index("Say what you hear")
    assert text.endswith("assistant\n")


def test_text_first(folder: Path) -> None:
    chat = conversation(load_tiny(folder, "text-first"), ASR, sound(1, 16_000))
    assert [part["type"] for part in chat[0]["content"]] == ["text", "audio"]


def test_system_message_only_where_the_prompt_has_one(loaded: LoadedModel) -> None:
    assert [turn["role"] for turn in conversation(loaded, ASR, sound(1, 16_000))] == ["user"]
    assert [turn["role"] for turn in conversation(loaded, LONG, sound(1, 16_000))] == ["system", "user"]


def test_voxtral_gets_the_same_samples_in_a_file(loaded: LoadedModel) -> None:
    import base64
    import dataclasses
    import io

    import soundfile

    audio = sound(0.5, 16_000)
    part = conversation(dataclasses.replace(loaded, model_type="voxtral"), ASR, audio)[0]["content"][0]
    heard, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(part["base64"])), dtype="float32")
    assert rate_hz == 16_000
    assert np.array_equal(heard, audio)


def test_answer_ends_at_its_end_token() -> None:
    assert _cut([5, 6, 9, 0, 0], (8, 9), 3) == Generated((5, 6, 9), True, 3)
    assert _cut([5, 6], (8, 9), 3) == Generated((5, 6), False, 3)


def test_prompt_is_not_in_the_answer(loaded: LoadedModel, audios: Audios) -> None:
    answer = generate(loaded, [LONG], audios[:1], [0], GREEDY)[0]
    assert len(answer.tokens) <= 24
    text = decode(loaded, answer)
    assert "Say what you hear" not in text
    assert "assistant" not in text
