"""Step-Audio 2 mini, by the calls of `stepaudio2.py` (stepfun-ai/Step-Audio2).

Roles are system, human and assistant; content None opens the answer. The text comes before the audio. Upstream reads
files with torchaudio, which needs torchcodec and FFmpeg since 2.9; here its reader is handed the samples.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.hub_cache import hub_commits
from sseu_models.systems.worker.programs.missing_torchaudio import allow_missing_torchaudio
from sseu_models.systems.worker.protocol import Answer, Hello, Question, required, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS = {
    "checkout": None,  # folder of stepfun-ai/Step-Audio2
    "weights": "stepfun-ai/Step-Audio-2-mini",
    "system_message": "You are a helpful assistant.",  # upstream's, if the prompt has none
    "do_sample": True,
    "temperature": 0.7,
    "top_p": 0.9,
    "repetition_penalty": 1.05,
    "max_new_tokens": 256,
    "max_new_tokens_cot": 1024,  # ours: five steps and the answer do not fit into 256
}


class Worker:
    """The official wrapper."""

    def __init__(self, settings: Mapping[str, Any], labels: Mapping[str, Sequence[str]]) -> None:
        sys.path.insert(0, required(settings, "checkout", "a clone of https://github.com/stepfun-ai/Step-Audio2"))
        self._settings = settings
        import torch

        allow_missing_torchaudio()
        upstream = importlib.import_module("stepaudio2")
        upstream.__dict__["load_audio"] = torch.from_numpy
        self._model = upstream.StepAudio2(settings["weights"])
        self.hello = Hello(
            rate_hz=16000,
            deterministic=not settings["do_sample"],
            family="step-audio-2",
            facts=dict(
                versions("torch", "transformers"), order="text, then audio", hub=hub_commits(settings["weights"])
            ),
        )

    def answer(self, question: Question) -> Answer:
        """The wrapper's text: it drops the last token, which is the end mark unless the answer was cut."""
        settings = self._settings
        limit = settings["max_new_tokens_cot" if question.mode == "cot" else "max_new_tokens"]
        sampling = {key: settings[key] for key in ("do_sample", "temperature", "top_p", "repetition_penalty")}
        system = settings["system_message"] if question.system is None else question.system
        content = [{"type": "text", "text": question.user}, {"type": "audio", "audio": question.samples()}]
        messages = [
            {"role": "system", "content": system},
            {"role": "human", "content": content},
            {"role": "assistant", "content": None},
        ]
        tokens, text, _ = self._model(messages, max_new_tokens=limit, **sampling)
        generated = len(tokens) + 1
        return Answer(text=text, finish_reason="length" if generated >= limit else "stop", output_tokens=generated)
