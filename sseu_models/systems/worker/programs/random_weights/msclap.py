"""Microsoft's CLAP, both versions: the whole audio encoder, a text encoder of one layer."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.programs.missing_torchaudio import allow_missing_torchaudio
from sseu_models.systems.worker.programs.random_weights.text_models import make_bert, make_gpt2

if TYPE_CHECKING:
    from collections.abc import Mapping

SAME = ("audioenc_name", "window_size", "hop_size", "mel_bins", "fmin", "fmax", "out_emb", "text_model")
"""Arguments of `CLAP` that upstream's configuration has under the same name."""


def make_random(folder: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A checkpoint as `CLAPWrapper.load_clap` reads it."""
    import torch

    allow_missing_torchaudio()
    package = os.path.dirname(str(importlib.import_module("msclap").__file__))
    make_bert(folder)
    make_gpt2(folder)
    with open(os.path.join(package, "configs", f"config_{settings['version']}.yml"), encoding="utf-8") as file:
        config = importlib.import_module("yaml").safe_load(file)
    model = importlib.import_module("msclap.models.clap").CLAP(
        sample_rate=config["sampling_rate"],
        classes_num=config["num_classes"],
        transformer_embed_dim=config["transformer_embed_dim"],
        d_proj=config["d_proj"],
        **{name: config[name] for name in SAME},
    )
    weights = os.path.join(folder, "weights.pth")
    torch.save({"model": model.state_dict()}, weights)
    return {"weights": weights}
