"""Recognisers answer ASR in their own way, taggers scenes and events by scores; neither is asked anything else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from sseu_metric.match_table import names_of
from sseu_models.records import Prompt, Question, System, SystemDownError
from sseu_models.systems.audioset import scores_from_audioset
from sseu_models.systems.hf.system import make_hf
from tests.sseu_models.systems.hf.tiny_models import ASR, question, sound
from tests.sseu_models.systems.hf.tiny_specialists import RECOGNISERS, save_ast

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")

CLASSES = [name for name, _ in names_of("at") if name[0].isupper() and name.isascii()] + ["Blender", "Vacuum cleaner"]


@pytest.fixture(scope="module", params=RECOGNISERS)
def recogniser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> System:
    import torch

    torch.manual_seed(1)  # of the weights
    folder = RECOGNISERS[request.param](tmp_path_factory.mktemp("models") / request.param)
    system = make_hf(str(folder), device="cpu", max_new_tokens=12)
    asyncio.run(system.start())
    return system


def test_a_recogniser_transcribes_and_a_batch_is_as_good_as_single_clips(recogniser: System) -> None:
    assert recogniser.capabilities.modes == {"independent": ("asr",)}
    assert recogniser.capabilities.deterministic
    asked = [question(ASR, sound(length_s, 16_000, seed), seed=seed) for seed, length_s in enumerate((3, 4, 3, 4))]
    batch = asyncio.run(recogniser.answer(asked))
    single = [asyncio.run(recogniser.answer([one]))[0] for one in asked]
    assert batch == single
    assert all(reply.error is None for reply in batch)
    # Random weights of a Whisper say the same to all noise.
    assert len({reply.text for reply in batch}) > (0 if recogniser.id == "hf:whisper" else 1)
    other = Prompt("test/asr-2", "asr", "independent", "Sing.", "Whatever is said here is not read.", "project")
    again = asyncio.run(recogniser.answer([question(other, sound(3, 16_000, 0))]))[0]
    assert again.text == batch[0].text


def test_nothing_of_a_prompt_or_frame_stands_in_a_transcript(recogniser: System) -> None:
    text = asyncio.run(recogniser.answer([question(ASR, sound(3, 16_000))]))[0].text or ""
    assert not any(mark in text for mark in ("<|", "language English", "<asr_text>", "Transcribe", "<pad>"))


def test_a_recogniser_follows_no_sampling(tmp_path: Path) -> None:
    folder = RECOGNISERS["moonshine"](tmp_path / "moonshine")
    with pytest.raises(
        SystemDownError, match=r"no language model and follows no prompts, so --setting temperature=0.7"
    ):
        asyncio.run(make_hf(str(folder), device="cpu", temperature=0.7).start())


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> System:
    system = make_hf(str(save_ast(tmp_path_factory.mktemp("models") / "ast", CLASSES)), device="cpu")
    asyncio.run(system.start())
    return system


def test_a_tagger_answers_scenes_and_events_by_its_own_scores(tagger: System) -> None:
    import transformers

    assert tagger.capabilities.modes == {"independent": ("asc", "at")}
    assert tagger.capabilities.max_audio_s == pytest.approx(10.24)
    clip = sound(5, 16_000)
    asked = [Question("clip", clip, task, "independent", ASR, 0) for task in ("asc", "at")]
    scene, event = asyncio.run(tagger.answer(asked))
    loaded = tagger._loaded  # type: ignore[attr-defined]
    features = transformers.ASTFeatureExtractor(num_mel_bins=32)(clip, sampling_rate=16_000, return_tensors="pt")
    logits = loaded.model(**features).logits[0].detach().double().numpy()
    wanted = scores_from_audioset(CLASSES, (1 / (1 + np.exp(-logits))).tolist())
    assert scene.scores == pytest.approx(wanted[0])
    assert event.scores == pytest.approx(wanted[1])
    assert len(set(event.scores or ())) > 10


def test_a_tagger_with_other_classes_is_refused_by_name(tmp_path: Path) -> None:
    folder = save_ast(tmp_path / "commands", ["Dog", "yes", "no"])
    with pytest.raises(
        SystemDownError, match=r"^hf:commands: it classifies audio, but 2 of 3 classes are none of AudioSet.*'yes'"
    ):
        asyncio.run(make_hf(str(folder), device="cpu").start())
