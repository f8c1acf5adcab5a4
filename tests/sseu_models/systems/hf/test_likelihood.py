"""Scores of label names against plain forward passes."""

from __future__ import annotations

import numpy as np
import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.records import Prompt
from sseu_models.systems.hf.generation import model_inputs
from sseu_models.systems.hf.likelihood import label_scores
from sseu_models.systems.hf.model import LoadedModel
from tests.sseu_models.systems.hf.tiny_models import EVENT, SCENE, sound

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


def one_by_one(loaded: LoadedModel, prompt: Prompt, audio: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[float]:
    """The definition: prompt and label in one pass each, without a cache."""
    import torch

    scores = []
    for label in SCENES if prompt is SCENE else EVENTS:
        inputs = model_inputs(loaded, [prompt], [audio])
        length = inputs["input_ids"].shape[1]
        name = torch.tensor([loaded.processor.tokenizer(label)["input_ids"]])
        inputs["input_ids"] = torch.cat([inputs["input_ids"], name], dim=1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
        with torch.inference_mode():
            chances = loaded.model(**inputs).logits[0].log_softmax(dim=-1)
        places = range(name.shape[1])
        scores.append(sum(chances[length - 1 + place, name[0, place]].item() for place in places))
    return scores


@pytest.mark.parametrize("prompt", [SCENE, EVENT], ids=["asc", "at"])
@pytest.mark.parametrize("batch_size", [1, 4, 18])
def test_equals_plain_forward_passes(loaded: LoadedModel, prompt: Prompt, batch_size: int) -> None:
    audio = sound(10, 16_000, 5)
    labels = SCENES if prompt is SCENE else EVENTS
    scores = label_scores(loaded, prompt, audio, labels, batch_size=batch_size)
    assert scores == pytest.approx(one_by_one(loaded, prompt, audio), rel=1e-5)
    assert len(set(scores)) == len(labels)
    assert max(scores) < 0


def test_mean_is_per_token(loaded: LoadedModel) -> None:
    audio = sound(10, 16_000, 5)
    sums, means = (label_scores(loaded, EVENT, audio, EVENTS, of) for of in ("sum", "mean"))
    lengths = [len(name.encode()) for name in EVENTS]  # the tokenizer's tokens are bytes
    assert means == pytest.approx([total / length for total, length in zip(sums, lengths, strict=True)])


def test_audio_matters(loaded: LoadedModel) -> None:
    first = label_scores(loaded, SCENE, sound(10, 16_000, 1), SCENES)
    assert label_scores(loaded, SCENE, np.zeros(160_000, np.float32), SCENES) != first
