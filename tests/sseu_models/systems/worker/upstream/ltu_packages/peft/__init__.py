"""`peft` 0.3: what LTU-AS calls."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class LoraConfig:
    """Fields of upstream's that LTU-AS sets."""

    r: int = 8
    target_modules: list[str] | None = None
    lora_alpha: int = 1
    lora_dropout: float = 0.0
    bias: str = "none"
    task_type: str | None = None


def get_peft_model(model: Any, peft_config: LoraConfig) -> Any:
    """The same model."""
    print("CALL", json.dumps({"lora": asdict(peft_config)}))
    return model
