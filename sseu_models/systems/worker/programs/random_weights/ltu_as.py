"""LTU-AS: two layers of Whisper large-v1 and of a narrow Vicuna; the audio encoder between them is whole."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGE = {"n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 1280, "n_audio_head": 20}  # Whisper large-v1
TEXT = {"n_vocab": 51865, "n_text_ctx": 448, "n_text_state": 1280, "n_text_head": 20, "n_text_layer": 32}  # not built
SENTENCES = [
    "Instruction: What does the speaker say?",
    "Response: Spoken text:",
    "the dog barks in the park",
    "0123456789",
]


def make_random(folder: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A folder as `pretrained_mdls`."""
    import torch

    peft = importlib.import_module("peft")
    transformers = importlib.import_module("transformers")
    whisper = importlib.import_module("whisper.model")
    dims = {**LARGE, **TEXT, "n_audio_layer": 2}
    state = whisper.Whisper(whisper.ModelDimensions(**dims)).state_dict()
    torch.save({"dims": dims, "model_state_dict": state}, os.path.join(folder, "large-v1.pt"))

    base = os.path.join(folder, "vicuna_ltuas")
    tokenizer = transformers.LlamaTokenizer(_sentence_piece(folder))
    tokenizer.save_pretrained(base)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
    )
    model = transformers.LlamaForCausalLM(config)
    model.save_pretrained(base)
    lora = peft.LoraConfig(
        r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.05, task_type="CAUSAL_LM"
    )
    adapter = peft.get_peft_model_state_dict(peft.get_peft_model(model, lora))
    torch.save(adapter, os.path.join(folder, "ltuas_long_noqa_a6.bin"))
    return {"weights": folder, "device": "cpu", "max_new_tokens": 24}


def _sentence_piece(folder: str) -> str:
    prefix = os.path.join(folder, "tokens")
    importlib.import_module("sentencepiece").SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_prefix=prefix,
        vocab_size=400,
        hard_vocab_limit=False,
        byte_fallback=True,
        normalization_rule_name="identity",  # keeps line ends, as Llama's does
        remove_extra_whitespaces=False,
        minloglevel=2,
    )
    return prefix + ".model"
