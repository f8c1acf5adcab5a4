"""MGA-CLAP, by the calls of `zero_shot_classification.py` (Ming-er/MGA-CLAP), whose code is never copied here."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.hub_cache import hub_commits
from sseu_models.systems.worker.protocol import (
    CLASSIFIER_MODES,
    WEIGHTS_ONLY,
    Answer,
    Hello,
    Question,
    confidences,
    label_texts,
    required,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS = {
    "checkout": None,  # folder of Ming-er/MGA-CLAP
    "weights": None,  # default: pretrained_models/models/model.pt of the checkout
    "template": "{}",
    "device": "cuda",
}
RATE_HZ, LENGTH_S = 32000, 10
POSITIONS = "text_encoder.text_encoder.embeddings.position_ids"
"""A constant that BERT stored with its weights until transformers 4.31, and so does the published file."""


class Worker:
    """Cosines of clip and label embeddings, both aggregated by the shared codebook."""

    def __init__(self, settings: Mapping[str, Any], labels: Mapping[str, Sequence[str]]) -> None:
        texts = label_texts(labels, settings["template"])
        checkout = required(settings, "checkout", "a clone of https://github.com/Ming-er/MGA-CLAP")
        weights = settings["weights"] or os.path.join(checkout, "pretrained_models", "models", "model.pt")
        if not os.path.isfile(weights):
            raise ValueError(f"{weights} is not there: MGA-CLAP's README has its Google Drive link")
        sys.path.insert(0, checkout)
        import torch

        with open(os.path.join(checkout, "settings", "inference_cls.yaml"), encoding="utf-8") as file:
            config = importlib.import_module("yaml").safe_load(file)
        self._device = config["device"] = settings["device"]
        self._model = importlib.import_module("models.ase_model").ASE(config)
        self._model.to(self._device)
        loaded = torch.load(weights, map_location="cpu", weights_only=WEIGHTS_ONLY)
        if POSITIONS not in self._model.state_dict():
            loaded["model"].pop(POSITIONS, None)
        self._model.load_state_dict(loaded["model"], strict=True)
        self._model.eval()
        # Sparsemax makes a tensor on its argument `device`, "cuda" by default, which nobody upstream passes.
        sparsemax = self._model.msc.attn_activation
        sparsemax.forward = functools.partial(sparsemax.forward, device=self._device)
        with torch.no_grad():
            self._texts = {task: self._embed_texts(names) for task, names in texts.items()}
        self.hello = Hello(
            rate_hz=RATE_HZ,
            max_audio_s=float(LENGTH_S),
            deterministic=True,
            modes=CLASSIFIER_MODES,
            facts=dict(
                versions("torch", "transformers"),
                window=f"{LENGTH_S} s, a shorter clip padded with zeros",
                hub=hub_commits("bert-base-uncased"),
            ),
        )

    def answer(self, question: Question) -> Answer:
        """Scores of the task's labels."""
        import torch

        samples = torch.from_numpy(question.samples())
        padded = torch.nn.functional.pad(samples, [0, RATE_HZ * LENGTH_S - len(samples)])
        with torch.no_grad():
            _, frames = self._model.encode_audio(padded.to(self._device).reshape(1, -1))
            embedding = torch.nn.functional.normalize(self._model.msc(frames, self._model.codebook), dim=-1)
            cosines = embedding @ self._texts[question.task].t()
        return Answer(scores=confidences(cosines[0].double().cpu().tolist(), question.task))

    def _embed_texts(self, names: list[str]) -> Any:
        import torch

        _, words, mask = self._model.encode_text(names)
        return torch.nn.functional.normalize(self._model.msc(words, self._model.codebook, mask), dim=-1)
