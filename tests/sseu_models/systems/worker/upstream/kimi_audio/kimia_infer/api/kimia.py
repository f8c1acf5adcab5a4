"""`kimia_infer.api.kimia`: the constructor and `generate`, which reads the audio from a path."""

from __future__ import annotations

import json

import soundfile


class KimiAudio:
    """The official class."""

    def __init__(self, model_path: str, load_detokenizer: bool = True) -> None:
        print("CALL", json.dumps({"model_path": model_path, "load_detokenizer": load_detokenizer}))

    def generate(
        self,
        chats: list[dict[str, str]],
        output_type: str = "text",
        audio_temperature: float = 0.0,
        audio_top_k: int = 5,
        text_temperature: float = 0.0,
        text_top_k: int = 5,
        audio_repetition_penalty: float = 1.0,
        audio_repetition_window_size: int = 64,
        text_repetition_penalty: float = 1.0,
        text_repetition_window_size: int = 16,
        max_new_tokens: int = -1,
    ) -> tuple[None, str]:
        """The waveform, None without a detokenizer, and the text."""
        assert output_type in ["text", "both"]
        sampling = {key: value for key, value in locals().items() if key not in ("self", "chats")}
        assert all(chat["role"] in ("user", "assistant") for chat in chats)
        samples, rate_hz = soundfile.read(chats[1]["content"], dtype="float32")
        kinds = [(chat["role"], chat["message_type"]) for chat in chats]
        print("CALL", json.dumps({"kinds": kinds, "sampling": sampling, "heard": [len(samples), rate_hz]}))
        self._generate_loop(max_new_tokens=max_new_tokens if chats[0]["content"] == "ramble" else 4)
        return None, f"answer to {chats[0]['content']}"

    def _generate_loop(self, max_new_tokens: int) -> tuple[list[int], list[int]]:
        """Audio tokens; text tokens without the end mark."""
        return [], [1] * max_new_tokens
