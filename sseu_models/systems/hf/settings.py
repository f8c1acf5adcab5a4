"""Settings of `hf:`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sseu_models.systems.settings import Settings


class HfSettings(Settings):
    """What `--setting` may set for `hf:`. Of fields with `exclude=True`, results record what they resolve to.

    Attributes:
        device: `auto` (CUDA if available), `cpu` or `cuda`.
        dtype: `auto` (bfloat16 on CUDA, float32 on a CPU), `bfloat16` or `float32`.
        device_map: Passed to accelerate, such as `auto` to spread a model over several GPUs; None puts it on `device`.
        batch_size: Maximum number of questions (or labels, in the mode likelihood) per batch.
        max_new_tokens: Maximum length of an answer.
        temperature: 0 decodes greedily; above it answers are sampled.
        top_p: Keep the smallest set of tokens with this total probability; 1 keeps all.
        top_k: Keep this many tokens; 0 keeps all.
        repetition_penalty: 1 has no effect.
        order: `auto` (the order of the model's own processor), `audio-first` or `text-first`.
        likelihood: `sum` or `mean`, see `likelihood`.
        trust_remote_code: Run Python code that comes with the model.
    """

    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", exclude=True)
    dtype: Literal["auto", "bfloat16", "float32"] = Field(default="auto", exclude=True)
    device_map: str | None = Field(default=None, exclude=True)
    batch_size: int = Field(default=8, ge=1, exclude=True)
    max_new_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    repetition_penalty: float = Field(default=1.0, gt=0)
    order: Literal["auto", "audio-first", "text-first"] = Field(default="auto", exclude=True)
    likelihood: Literal["sum", "mean"] = "sum"
    trust_remote_code: bool = False

    @model_validator(mode="after")
    def _check_greedy(self) -> HfSettings:
        if self.temperature == 0 and (self.top_p != 1 or self.top_k != 0):
            raise ValueError("top_p and top_k have no effect at temperature 0; set a temperature or leave them out")
        return self
