"""What can be set of `hf:`, checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HfSettings:
    """What `--setting` may set for `hf:`.

    Attributes:
        device: `auto` (CUDA where there is one), `cpu` or `cuda`.
        dtype: `auto` (bfloat16 on CUDA, float32 on a CPU), `bfloat16` or `float32`.
        device_map: Of accelerate, such as `auto` to spread a model over several GPUs; None puts it on `device`.
        batch_size: Most questions (or labels, in the mode likelihood) at once.
        max_new_tokens: Longest answer.
        temperature: 0 is greedy; above it answers are sampled.
        top_p: See `Decoding`.
        top_k: See `Decoding`.
        repetition_penalty: See `Decoding`.
        order: `auto` (as the model's own processor does it), `audio-first` or `text-first`.
        likelihood: `sum` or `mean`, see `likelihood`.
        trust_remote_code: Run Python code that comes with the model.
    """

    device: str = "auto"
    dtype: str = "auto"
    device_map: str | None = None
    batch_size: int = 8
    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    order: str = "auto"
    likelihood: str = "sum"
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        choices = {
            "device": ("auto", "cpu", "cuda"),
            "dtype": ("auto", "bfloat16", "float32"),
            "order": ("auto", "audio-first", "text-first"),
            "likelihood": ("sum", "mean"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"hf: setting {name} is {getattr(self, name)!r}; it must be {' or '.join(allowed)}")
        ranges = {
            "batch_size": (self.batch_size >= 1, "at least 1"),
            "max_new_tokens": (self.max_new_tokens >= 1, "at least 1"),
            "temperature": (self.temperature >= 0, "0 (greedy) or more"),
            "top_p": (0 < self.top_p <= 1, "over 0 and at most 1"),
            "top_k": (self.top_k >= 0, "0 (all tokens) or more"),
            "repetition_penalty": (self.repetition_penalty > 0, "over 0"),
        }
        for name, (is_good, rule) in ranges.items():
            if not is_good:
                raise ValueError(f"hf: setting {name} is {getattr(self, name)}; it must be {rule}")
        if self.temperature == 0 and (self.top_p != 1 or self.top_k != 0):
            raise ValueError("hf: top_p and top_k change nothing at temperature 0; set a temperature or leave them out")
