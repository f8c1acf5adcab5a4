"""Step-Audio 2 mini: upstream's wrapper around a small Qwen2, in place of the model's code and weights from the Hub."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.programs.random_weights.text_models import byte_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

SPECIAL = ["<|BOT|>", "<|EOT|>", "<audio_start>", "<audio_patch>", "<audio_end>"]
CODE = '''
"""A language model with the arguments of the Hub's `StepAudio2ForCausalLM.forward`; each patch is the audio's mean."""

from transformers import Qwen2ForCausalLM


class StandIn(Qwen2ForCausalLM):
    def forward(self, input_ids=None, wavs=None, wav_lens=None, attention_mask=None, **kwargs):
        hidden = self.model.embed_tokens(input_ids)
        patches = input_ids == self.config.patch_id
        if wavs is not None and patches.any():
            expected = ((wav_lens.sum() + 1) // 2 // 2 - 1) // 2 + 1
            if wavs.shape[:2] != (len(wav_lens), 128) or patches.sum() != expected:
                raise ValueError(f"{patches.sum()} patches for mels of {tuple(wavs.shape)}, {expected} expected")
            hidden = hidden + patches.unsqueeze(-1) * wavs.mean().to(hidden.dtype)
        kwargs.pop("inputs_embeds", None)
        return super().forward(inputs_embeds=hidden, attention_mask=attention_mask, **kwargs)
'''


def make_random(folder: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A folder as `stepfun-ai/Step-Audio-2-mini`, with code that `trust_remote_code` runs."""
    transformers = importlib.import_module("transformers")
    weights = os.path.join(folder, "step-audio-2")
    tokenizer = transformers.Qwen2Tokenizer(*byte_tokens(folder))
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL})
    tokenizer.save_pretrained(weights)
    config = transformers.Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        patch_id=tokenizer.convert_tokens_to_ids("<audio_patch>"),
        auto_map={"AutoModelForCausalLM": "modeling_stand_in.StandIn"},
    )
    transformers.Qwen2ForCausalLM(config).save_pretrained(weights)
    with open(os.path.join(weights, "modeling_stand_in.py"), "w", encoding="utf-8") as file:
        file.write(CODE)
    return {"weights": weights, "max_new_tokens": 24, "max_new_tokens_cot": 24}
