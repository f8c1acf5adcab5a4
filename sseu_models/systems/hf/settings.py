"""Settings of `hf:`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sseu_models.systems.settings import Settings


class HfSettings(Settings):
    """What `--setting` may set for `hf:`.

    Attributes:
        device: `auto` (CUDA if available), `cpu` or `cuda`.
        dtype: `auto` (bfloat16 on CUDA, float32 on a CPU), `bfloat16` or `float32`.
        device_map: Passed to accelerate, such as `auto` to spread a model over several GPUs; None puts it on `device`.
        batch_size: Maximum number of questions (or labels, in the mode likelihood) per batch.
        max_new_tokens: Maximum length of an answer.
        temperature: 0 decodes greedily; above it answers are sampled.
        top_p: See `Decoding`.
        top_k: See `Decoding`.
        repetition_penalty: See `Decoding`.
        order: `auto` (the order of the model's own processor), `audio-first` or `text-first`.
        likelihood: `sum` or `mean`, see `likelihood`.
        trust_remote_code: Run Python code that comes with the model.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    device_map: str | None = None
    batch_size: int = Field(default=8, ge=1)
    max_new_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    repetition_penalty: float = Field(default=1.0, gt=0)
    order: Literal["auto", "audio-first", "text-first"] = "auto"
    likelihood: Literal["sum", "mean"] = "sum"
    trust_remote_code: bool = False

    @model_validator(mode="after")
    def _check_greedy(self) -> HfSettings:
        if self.temperature == 0 and (self.top_p != 1 or self.top_k != 0):
            raise ValueError("top_p and top_k have no effect at temperature 0; set a temperature or leave them out")
        return self
