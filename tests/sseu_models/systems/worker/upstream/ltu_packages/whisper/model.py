"""The changed `whisper` of LTU-AS: an encoder that gives all its layers."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn


@dataclass
class ModelDimensions:
    """Upstream's fields."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int


class Whisper(nn.Module):
    """10 s are 500 frames."""

    def __init__(self, dims: ModelDimensions, label_dim: int = 1) -> None:
        super().__init__()
        self.dims = dims
        print("Now using modified audio whisper model")

    def transcribe_audio(
        self, audio: str | NDArray[np.float32] | torch.Tensor, *, verbose: bool | None = None
    ) -> tuple[None, torch.Tensor]:
        """The mel and (1, frames, width, layers + 1)."""
        assert isinstance(audio, np.ndarray)
        print("CALL", json.dumps({"audio": [*audio.shape, str(audio.dtype)]}))
        return None, torch.ones(1, 500, self.dims.n_audio_state, self.dims.n_audio_layer + 1)
