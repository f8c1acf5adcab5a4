"""A tagger as a system of one's own: YAMNet, 521 classes of AudioSet (Google, Apache-2.0), by its scores.

Needs the package ai-edge-litert and a folder with `yamnet.tflite` and `yamnet_class_map.csv`. In this folder:
`sseu run --system python:yamnet:Yamnet --setting folder=DIR --data ../sseu-bench`.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sseu_models.records import Capabilities, Json, Question, Reply, SystemDownError
from sseu_models.systems.audioset import scores_from_audioset

FRAME, HOP = 15_600, 7_680  # 0.975 s, half of it apart, as in upstream's own code


class Yamnet:
    """Scenes by the mean of a clip's frames, events by their maximum: a place lasts, a sound need not."""

    id = "python:yamnet"
    capabilities = Capabilities(16_000, deterministic=True, modes={"independent": ("asc", "at")}, batch_size=2)

    def __init__(self, folder: str) -> None:
        self.settings: dict[str, Json] = {"folder": folder, "hop": HOP, "pooling": "asc mean, at max"}
        self._folder = Path(folder)
        self._model: Any = None
        self.names: list[str] = []

    async def start(self) -> None:
        """Load the model."""
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            raise SystemDownError("yamnet needs a package: pip install ai-edge-litert") from None
        try:
            with (self._folder / "yamnet_class_map.csv").open(newline="") as file:
                self.names = [row["display_name"] for row in csv.DictReader(file)]
            self._model = Interpreter(str(self._folder / "yamnet.tflite"))
        except (OSError, ValueError) as error:
            raise SystemDownError(f"yamnet: {error}; --setting folder=DIR names its folder") from error
        self.settings["ai-edge-litert"] = version("ai-edge-litert")
        self._model.allocate_tensors()

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """A score per label, in a thread."""
        return await asyncio.to_thread(lambda: [self._reply(question) for question in questions])

    async def close(self) -> None:
        """Release the model."""
        self._model = None

    def _reply(self, question: Question) -> Reply:
        assert question.audio is not None
        frames = self.frames(question.audio)
        if question.task == "asc":
            return Reply(scores=scores_from_audioset(self.names, frames.mean(axis=0).tolist())[0])
        return Reply(scores=scores_from_audioset(self.names, frames.max(axis=0).tolist())[1])

    def frames(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores of each frame, (frames, 521)."""
        (sound,), (scores,) = self._model.get_input_details(), self._model.get_output_details()
        found = []
        for start in range(0, max(len(audio) - FRAME, 0) + 1, HOP):
            frame = np.zeros(FRAME, np.float32)
            frame[: len(audio) - start] = audio[start : start + FRAME]
            self._model.set_tensor(sound["index"], frame)
            self._model.invoke()
            found.append(self._model.get_tensor(scores["index"])[0])
        return np.stack(found)
