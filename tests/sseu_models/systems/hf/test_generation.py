"""Batches, prompts and sampling with a tiny random Qwen2-Audio in real transformers code."""

from __future__ import annotations

import base64
import dataclasses
import io
from typing import Any

import numpy as np
import pytest

from sseu_models.systems.hf.generation import (
    Generated,
    PromptPenalty,
    SeededNoise,
    _cut,
    conversation,
    generate,
    model_inputs,
)
from sseu_models.systems.hf.model import LoadedModel
from sseu_models.systems.hf.settings import HfSettings
from tests.sseu_models.systems.hf.tiny_models import ASR, LONG, sound

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")

PROMPTS = [ASR, LONG, ASR, LONG]
SEEDS = [11, 12, 13, 14]
Audios = list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]


@pytest.fixture(scope="module")
def audios() -> Audios:
    return [sound(length_s, 16_000, seed) for seed, length_s in enumerate((3.0, 10.0, 7.5, 0.6))]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"repetition_penalty": 1.3},
        {"temperature": 1.0},
        {"temperature": 0.8, "top_p": 0.9, "top_k": 40, "repetition_penalty": 1.1},
    ],
    ids=["greedy", "penalty", "sampled", "sampled-and-cut"],
)
def test_batch_equals_single(loaded: LoadedModel, audios: Audios, given: dict[str, Any]) -> None:
    settings = HfSettings(max_new_tokens=24, **given)
    batch = generate(loaded, PROMPTS, audios, SEEDS, settings)
    single = [
        generate(loaded, [prompt], [audio], [seed], settings)[0]
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
    for penalty, is_same in ((1.0, True), (1.1, False)):
        settings = HfSettings(max_new_tokens=12, repetition_penalty=penalty)
        assert (list(generate(loaded, [LONG], audios[:1], [0], settings)[0].tokens) == said) == is_same


def test_padding_is_not_penalised() -> None:
    import torch

    padded = torch.tensor([[0, 0, 5, 6]])
    penalise = PromptPenalty(2.0, torch.tensor([[0, 0, 1, 1]]))
    scores = penalise(torch.cat([padded, torch.tensor([[7]])], dim=1), torch.full((1, 9), 4.0))
    assert scores.tolist() == [[4, 4, 4, 4, 4, 2, 2, 2, 4]]


def test_samples_follow_the_seed_and_not_the_global_generator(loaded: LoadedModel, audios: Audios) -> None:
    import torch

    sampled = HfSettings(max_new_tokens=24, temperature=1.0)
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


@pytest.mark.parametrize("order", ["audio-first", "text-first"])
def test_the_turns_of_a_conversation(loaded: LoadedModel, order: str) -> None:
    ordered = dataclasses.replace(loaded, order=order)
    [user] = conversation(ordered, ASR, sound(1, 16_000))
    assert f"{user['content'][0]['type']}-first" == order
    assert [turn["role"] for turn in conversation(ordered, LONG, sound(1, 16_000))] == ["system", "user"]


def test_voxtral_gets_the_same_samples_in_a_file_and_no_system_message(loaded: LoadedModel) -> None:
    import soundfile

    audio = sound(0.5, 16_000)
    [user] = conversation(dataclasses.replace(loaded, model_type="voxtral"), LONG, audio)
    assert user["content"][1]["text"] == f"{LONG.system}\n\n{LONG.user}"
    part = user["content"][0]
    heard, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(part["base64"])), dtype="float32")
    assert rate_hz == 16_000
    assert np.array_equal(heard, audio)


def test_answer_ends_at_its_end_token() -> None:
    assert _cut([5, 6, 9, 0, 0], (8, 9), 3) == Generated((5, 6, 9), True, 3)
    assert _cut([5, 6], (8, 9), 3) == Generated((5, 6), False, 3)
