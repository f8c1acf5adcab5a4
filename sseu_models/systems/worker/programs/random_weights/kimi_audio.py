"""Kimi-Audio: every module of `kimia_infer` is imported; a small language model takes the place of the weights.

Upstream moves the model to CUDA as soon as it is loaded, so without a GPU the worker ends there. flash-attn cannot be
installed on such a machine, nor may torchaudio be there: then substitutes are imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CUDA_SOURCES = "alias_free_activation.cuda"  # compiled by upstream when its vocoder is first used; it never is here
FLASH = ("flash_attn_qkvpacked_func", "flash_attn_func", "flash_attn_varlen_func", "flash_attn_varlen_qkvpacked_func")
SUBSTITUTES = {
    "flash_attn": "".join(f"{name} = None\n" for name in FLASH),
    "torchaudio": "class transforms:\n    Resample = object\n",
}
"""What is imported where a machine without a GPU has no such package; nothing of it is called."""


def make_random(folder: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A folder as far as `KimiAudio` reads it before its first CUDA call."""
    for name, text in SUBSTITUTES.items():
        if importlib.util.find_spec(name) is None:
            with open(os.path.join(folder, "packages", name + ".py"), "w", encoding="utf-8") as file:
                file.write(text)
    importlib.invalidate_caches()
    sys.path.insert(0, settings["checkout"])
    infer = importlib.import_module("kimia_infer")
    for module in pkgutil.walk_packages(infer.__path__, "kimia_infer."):
        if CUDA_SOURCES not in module.name:
            importlib.import_module(module.name)
    transformers = importlib.import_module("transformers")
    config = transformers.Qwen2Config(
        vocab_size=256,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    weights = os.path.join(folder, "kimi-audio")
    transformers.Qwen2ForCausalLM(config).save_pretrained(weights)
    return {"weights": weights}
