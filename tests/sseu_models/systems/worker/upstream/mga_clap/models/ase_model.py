"""`models/ase_model.py` of MGA-CLAP: `ASE`, its codebook, and a Sparsemax whose device is "cuda" by default."""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import nn


class Sparsemax(nn.Module):
    """Makes a tensor on `device`, as upstream's does."""

    def forward(self, input: torch.Tensor, device: str = "cuda") -> torch.Tensor:  # noqa: A002
        return input * torch.ones(1, device=device)


class ModalitySharedCodebook(nn.Module):
    """Upstream's `Modality_Shared_Codebook`."""

    def __init__(self) -> None:
        super().__init__()
        self.attn_activation = Sparsemax()

    def forward(self, feats: torch.Tensor, codebook: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        weights = feats if mask is None else feats * mask.unsqueeze(-1)
        print("CALL", json.dumps({"masked": mask is not None}))
        result: torch.Tensor = self.attn_activation(weights.max(1)[0]) @ codebook
        return result


class ASE(nn.Module):
    """Frames along axis 3, word number i along axis i."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        print("CALL", json.dumps({"device": config["device"], "embed_size": config["embed_size"]}))
        self.codebook = nn.Parameter(torch.zeros(32, 32))
        self.msc = ModalitySharedCodebook()

    def encode_audio(self, audio: torch.Tensor) -> tuple[None, torch.Tensor]:
        """From (clips, samples) to (clips, frames, width)."""
        clips, samples = audio.shape
        print("CALL", json.dumps({"audio": [clips, samples, float(audio[0, 0]), float(audio[0, -1])]}))
        return None, 5 * torch.eye(32)[3].expand(clips, 4, 32)

    def encode_text(self, text: list[str]) -> tuple[None, torch.Tensor, torch.Tensor]:
        """Features, (labels, words, width), (labels, words)."""
        print("CALL", json.dumps({"text": text}))
        words = 2 * torch.eye(32)[: len(text)].unsqueeze(1).expand(-1, 3, -1)
        return None, words, torch.ones(len(text), 3)
