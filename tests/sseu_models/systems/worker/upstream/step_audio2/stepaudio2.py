"""`stepaudio2.py` of Step-Audio2: the call and its three results."""

from __future__ import annotations

import json
from typing import Any

GENERATION = {"max_new_tokens", "temperature", "repetition_penalty", "top_p", "do_sample"}


def load_audio(file_path: str) -> Any:
    """Upstream's, under torchaudio 2.9 and later."""
    raise ImportError(f"TorchCodec is required to read {file_path}")


class StepAudio2:
    """The official wrapper."""

    def __init__(self, model_path: str) -> None:
        print("CALL", json.dumps({"model_path": model_path}))

    def __call__(self, messages: list[dict[str, Any]], **kwargs: Any) -> tuple[list[int], str, list[int]]:
        """Token ids without the last, their text, the audio tokens."""
        if unknown := set(kwargs) - GENERATION:  # what transformers' GenerationConfig and generate would say
            raise TypeError(f"unexpected {unknown}")
        [text, audio] = messages[1]["content"]
        samples = load_audio(audio["audio"])
        shape = [(m["role"], type(m["content"]).__name__) for m in messages]
        order = [item["type"] for item in messages[1]["content"]]
        said = {"messages": shape, "order": order, "system": messages[0]["content"]}
        print("CALL", json.dumps({**said, "kwargs": kwargs, "heard": samples.shape[0]}))
        length = kwargs["max_new_tokens"] - 1 if text["text"] == "ramble" else 4
        return [1] * length, f"answer to {text['text']}", []
