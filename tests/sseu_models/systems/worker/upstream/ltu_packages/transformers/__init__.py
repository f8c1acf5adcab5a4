"""The changed `transformers` 4.28 of LTU-AS: `generate` takes `audio_input`."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn


class GenerationConfig:
    """Refuses what LTU-AS does not set."""

    def __init__(
        self,
        *,
        do_sample: bool,
        temperature: float,
        top_p: float,
        top_k: int,
        repetition_penalty: float,
        max_new_tokens: int,
        bos_token_id: int,
        eos_token_id: int,
        pad_token_id: int,
        num_return_sequences: int,
    ) -> None:
        self.values = {key: value for key, value in locals().items() if key != "self"}


class LlamaTokenizer:
    """One token a character."""

    pad_token_id = None

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str) -> LlamaTokenizer:
        """The path is not read."""
        return cls()

    def __call__(self, text: str, return_tensors: str | None = None) -> dict[str, torch.Tensor]:
        print("CALL", json.dumps({"prompt": text}))
        return {"input_ids": torch.tensor([[1, *(ord(character) for character in text)]])}

    def decode(self, token_ids: torch.Tensor) -> str:
        """With the special tokens."""
        return "".join({1: "<s> ", 2: "</s>"}.get(int(token), chr(int(token))) for token in token_ids)


class LlamaForCausalLM(nn.Module):
    """Answers with a fixed sentence, cut at `max_new_tokens`."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(pad_token_id=None, bos_token_id=None, eos_token_id=None)

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str, device_map: str | None = None, torch_dtype: Any = None
    ) -> LlamaForCausalLM:
        """The path is not read."""
        return cls()

    def generate(
        self,
        input_ids: torch.Tensor,
        audio_input: torch.Tensor,
        generation_config: GenerationConfig,
        return_dict_in_generate: bool,
        output_scores: bool,
        max_new_tokens: int,
    ) -> SimpleNamespace:
        """Prompt and answer, as transformers returns them."""
        print("CALL", json.dumps({"audio_input": list(audio_input.shape), "generation": generation_config.values}))
        answer = [ord(character) for character in "Spoken text: hi"] + [2]
        tokens = torch.tensor(answer[:max_new_tokens])
        return SimpleNamespace(sequences=torch.cat([input_ids, tokens.unsqueeze(0)], dim=1))
