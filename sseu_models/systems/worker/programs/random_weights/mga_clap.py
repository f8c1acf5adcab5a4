"""MGA-CLAP: the whole model but for BERT's layers, stored with the buffer that the published file has."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.programs.random_weights.text_models import make_bert

if TYPE_CHECKING:
    from collections.abc import Mapping


def make_random(folder: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A checkpoint as `zero_shot_classification.py` reads it."""
    import torch

    make_bert(folder)
    sys.path.insert(0, settings["checkout"])
    with open(os.path.join(settings["checkout"], "settings", "inference_cls.yaml"), encoding="utf-8") as file:
        config = importlib.import_module("yaml").safe_load(file)
    state = importlib.import_module("models.ase_model").ASE({**config, "device": "cpu"}).state_dict()
    state["text_encoder.text_encoder.embeddings.position_ids"] = torch.arange(512).unsqueeze(0)
    weights = os.path.join(folder, "model.pt")
    torch.save({"model": state}, weights)
    return {"weights": weights, "device": "cpu"}
