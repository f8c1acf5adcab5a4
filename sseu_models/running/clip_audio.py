"""What is sent about a clip: decoded once, through the front end (44.1 kHz), resampled to the system's rate, hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sseu_dataset.rows.samples import full_scale_1, read_hashed_pcm, resample
from sseu_models.planning import PlannedClip
from sseu_models.records import Task

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

    from sseu_models.frontends import Frontend


@dataclass(frozen=True, slots=True)
class ClipAudio:
    """What is sent with a question, and the hashes that its answer carries (`results.log.Answer`).

    Attributes:
        samples: float32, shape (n,), full scale 1, at the system's rate; None for a system without audio input. They
            cannot be written to: every question about the clip gets the same.
        pcm_sha256: Hash of the mixture's samples as they were decoded; None where the front end is not given them.
        sent_sha256: Hash of `samples`.
    """

    samples: NDArray[np.float32] | None
    pcm_sha256: str | None
    sent_sha256: str | None


NO_AUDIO = ClipAudio(None, None, None)

AudioReader: TypeAlias = Callable[[PlannedClip], Mapping[Task, ClipAudio]]
"""The audio of a clip for each task that is asked about it; called in threads.

Raises `DatasetError` where the samples are not the row's own, and `ValueError` where the front end fails; both name
the clip.
"""


def clip_reader(rows: Dataset, frontend: Frontend, rate_hz: int) -> AudioReader:
    """The reader of a run.

    Args:
        rows: The dataset, with its audio undecoded.
        frontend: The front end.
        rate_hz: The system's rate.
    """

    def read(clip: PlannedClip) -> Mapping[Task, ClipAudio]:
        row = rows[clip.index]
        mixture, pcm_sha256 = None, None
        if frontend.hears_mixture:
            pcm, pcm_sha256 = read_hashed_pcm(row)
            mixture = full_scale_1(pcm)

        def audio_for(task: Task) -> ClipAudio:
            samples = resample(frontend(row, mixture, task), rate_hz)
            samples.flags.writeable = False
            return ClipAudio(samples, pcm_sha256, sent_sha256(samples))

        tasks = {key.task for key in clip.questions}
        return (
            {task: audio_for(task) for task in tasks} if frontend.per_task else dict.fromkeys(tasks, audio_for("all"))
        )

    return read


def sent_sha256(samples: NDArray[np.float32]) -> str:
    """SHA-256 of the samples as little-endian float32, in hex."""
    import numpy as np

    return hashlib.sha256(np.ascontiguousarray(samples, dtype="<f4").data).hexdigest()
