"""Kimi-Audio-7B-Instruct, by the calls of its README (MoonshotAI/Kimi-Audio, `kimia_infer`).

Text and audio are two user messages, the text first; there is no system role. Upstream's own limit is 7500 tokens less
the prompt, of which its loop keeps 4096; an answer that never ends would outlast `timeout_s`. Ours is lower.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.hub_cache import hub_commits
from sseu_models.systems.worker.protocol import Answer, Hello, Question, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS = {
    "checkout": None,  # folder of MoonshotAI/Kimi-Audio, where it is not installed as a package
    "weights": "moonshotai/Kimi-Audio-7B-Instruct",
    "audio_temperature": 0.8,
    "audio_top_k": 10,
    "audio_repetition_penalty": 1.0,
    "audio_repetition_window_size": 64,
    "text_temperature": 0.0,  # greedy
    "text_top_k": 5,
    "text_repetition_penalty": 1.0,
    "text_repetition_window_size": 16,
    "max_new_tokens": 1024,  # ours: five steps and the answer fit
}
TOKENIZER = "THUDM/glm-4-voice-tokenizer"  # upstream loads it by this name
BUFFER = 4096  # tokens that upstream's loop keeps; it drops later ones silently


class Worker:
    """The official class without its vocoder."""

    def __init__(self, settings: Mapping[str, Any], labels: Mapping[str, Sequence[str]]) -> None:
        self._limit = settings["max_new_tokens"]
        if not 1 <= self._limit <= BUFFER:
            raise ValueError(f"max_new_tokens={self._limit}: upstream keeps 1 to {BUFFER}")
        if settings["checkout"] is not None:
            sys.path.insert(0, settings["checkout"])
        kimia = importlib.import_module("kimia_infer.api.kimia")
        self._model = kimia.KimiAudio(model_path=settings["weights"], load_detokenizer=False)
        self._loop = self._model._generate_loop
        self._model._generate_loop = self._count_tokens
        self._tokens = 0
        self._sampling = {key: settings[key] for key in SETTINGS if key not in ("checkout", "weights")}
        self.hello = Hello(
            rate_hz=16000,
            deterministic=settings["text_temperature"] == 0,
            family="kimi-audio",
            facts=dict(
                versions("torch", "transformers"),
                order="text, then audio",
                system_message="put before the user's text",
                hub=hub_commits(settings["weights"], TOKENIZER),
            ),
        )

    def answer(self, question: Question) -> Answer:
        """The text of `generate(output_type="text")`, which does not tell whether its limit cut it."""
        with question.wav_file() as path:
            messages = [
                {"role": "user", "message_type": "text", "content": question.user_with_system()},
                {"role": "user", "message_type": "audio", "content": path},
            ]
            _, text = self._model.generate(messages, output_type="text", **self._sampling)
        return Answer(
            text=text,
            finish_reason="length" if self._tokens >= self._limit else "stop",
            output_tokens=self._tokens,
        )

    def _count_tokens(self, **inputs: Any) -> Any:
        audio, text = self._loop(**inputs)  # without the end mark
        self._tokens = len(text)
        return audio, text
