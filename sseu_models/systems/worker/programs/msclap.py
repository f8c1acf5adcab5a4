"""Microsoft's CLAP, versions 2022 and 2023, by the calls of `msclap` 1.3.4.

Upstream cuts a clip that is too long at a random place and reads files through torchaudio. Here the first seconds are
taken, so that the answer is always the same, and samples go to `_get_audio_embeddings` directly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.hub_cache import hub_commits
from sseu_models.systems.worker.programs.missing_torchaudio import allow_missing_torchaudio
from sseu_models.systems.worker.protocol import (
    CLASSIFIER_MODES,
    Answer,
    Hello,
    Question,
    confidences,
    label_texts,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS = {
    "version": "2023",  # set by the name: msclap-2022 or msclap-2023
    "weights": None,  # a .pth file; default: microsoft/msclap on the Hub
    "template": "{}",
    "use_cuda": False,
}
TEXT_MODELS = {"2022": "bert-base-uncased", "2023": "gpt2"}  # upstream loads them from the Hub by these names


class Worker:
    """Cosines of clip and label embeddings."""

    def __init__(self, settings: Mapping[str, Any], labels: Mapping[str, Sequence[str]]) -> None:
        texts = label_texts(labels, settings["template"])
        import torch

        allow_missing_torchaudio()
        clap = importlib.import_module("msclap").CLAP
        self._clap = clap(model_fp=settings["weights"], version=settings["version"], use_cuda=settings["use_cuda"])
        self._cuda = settings["use_cuda"] and torch.cuda.is_available()
        self._texts = {
            task: torch.nn.functional.normalize(self._clap.get_text_embeddings(names), dim=-1)
            for task, names in texts.items()
        }
        self.hello = Hello(
            rate_hz=int(self._clap.args.sampling_rate),
            deterministic=True,
            modes=CLASSIFIER_MODES,
            facts=dict(
                versions("torch", "transformers", "msclap"),
                window=f"the first {self._clap.args.duration} s, a shorter clip repeated",
                hub=hub_commits(
                    *([] if settings["weights"] else ["microsoft/msclap"]), TEXT_MODELS[settings["version"]]
                ),
            ),
        )

    def answer(self, question: Question) -> Answer:
        """Scores of the task's labels."""
        import torch

        length = int(self._clap.args.duration) * int(self._clap.args.sampling_rate)
        samples = torch.from_numpy(question.samples())
        window = samples.repeat(-(-length // len(samples)))[:length].reshape(1, 1, -1)
        embedding = self._clap._get_audio_embeddings(window.cuda() if self._cuda else window)
        cosines = torch.nn.functional.normalize(embedding, dim=-1) @ self._texts[question.task].T
        return Answer(scores=confidences(cosines[0].double().cpu().tolist(), question.task))
