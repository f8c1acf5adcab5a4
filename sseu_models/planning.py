"""The plan of a job: which clips a system hears, in which order, and what it is asked about each.

Pairs have one order everywhere: SHA-256 order within each scene, the pairs of each scene spread evenly over the whole.
So the first N pairs hold each scene in proportion to its size, a larger limit continues a smaller one, and shards are
alike. Pure functions of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sseu_dataset.pairing import draw
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, counts_for, is_finite
from sseu_metric.labels import SCENES
from sseu_metric.references import REFERENCE_COLUMNS
from sseu_models.job import Job, Key, check_conditions
from sseu_models.lite_design import Probabilities, choose_questions
from sseu_models.records import Mode, Task

if TYPE_CHECKING:
    from datasets import Dataset

Reference = Mapping[str, Any]
EMPTY_CONDITIONS: Mapping[str, str] = {"asr": BACKGROUND_ALONE, "at": SPEECH_ALONE}
"""Where there is nothing of what a task asks for: what is named there is invented (`Job.probe_noise`)."""

_COLUMNS = (*REFERENCE_COLUMNS, "pcm_sha256")


@dataclass(frozen=True)
class PlannedClip:
    """A clip and all questions about it, for which it is decoded and resampled once.

    Attributes:
        index: Position of the row in the dataset.
        reference: The row without its audio.
        questions: In the order of modes, tasks and runs.
        probabilities: Of a lite run, for each question's task the probability with which it was to be asked.
    """

    index: int
    reference: Reference
    questions: tuple[Key, ...]
    probabilities: Mapping[Task, float] = field(default_factory=dict)


def read_references(rows: Dataset) -> list[Reference]:
    """The rows of a dataset without audio, in their order.

    Raises:
        ValueError: A column is missing: it is no SSEU-Bench dataset.
    """
    missing = [name for name in _COLUMNS if name not in rows.column_names]
    if missing:
        raise ValueError(f"the dataset lacks the columns {', '.join(missing)}; build one with: sseu build")
    references: list[Reference] = rows.select_columns(list(_COLUMNS)).with_format("arrow")[:].to_pylist()
    return references


def order_pairs(references: Sequence[Reference]) -> list[str]:
    """All pair ids in the order in which they are asked; see the module's docstring."""
    scene_of: dict[str, str] = {}
    for row in references:
        scene_of.setdefault(row["pair_id"], "")
        if row["scene"] is not None:
            scene_of[row["pair_id"]] = SCENES[row["scene"]]
    by_scene: defaultdict[str, list[str]] = defaultdict(list)
    for pair in sorted(scene_of, key=lambda pair: draw(0, "order", pair)):
        by_scene[scene_of[pair]].append(pair)
    places = {
        pair: ((number + 0.5) / len(pairs), scene)
        for scene, pairs in by_scene.items()
        for number, pair in enumerate(pairs)
    }
    return sorted(places, key=lambda pair: places[pair])


def _questions(
    row: Reference, job: Job, modes: Mapping[Mode, tuple[Task, ...]], runs: int, chosen: Probabilities | None
) -> tuple[Key, ...]:
    """What the job asks about a clip; of a lite run only what was `chosen`."""
    condition = row["condition"]
    if job.named_conditions and condition not in job.named_conditions:
        return ()

    def asked(mode: Mode, task: Task) -> bool:
        if chosen is not None:
            return (row["id"], task) in chosen
        if task == "all":
            return is_finite(condition) or job.conditions is not None
        probed = job.probe_noise and mode == "independent" and condition == EMPTY_CONDITIONS.get(task)
        return probed or counts_for(task, condition)

    return tuple(
        Key(row["id"], mode, task, run)
        for mode in job.modes
        for task in modes.get(mode, ())
        if asked(mode, task)
        for run in range(runs)
    )


def _probabilities(questions: Sequence[Key], chosen: Probabilities) -> dict[Task, float]:
    """The probability of each question that was chosen, by task."""
    return {key.task: chosen[key.id, key.task] for key in questions if (key.id, key.task) in chosen}


def plan(
    references: Sequence[Reference], job: Job, *, modes: Mapping[Mode, tuple[Task, ...]], deterministic: bool
) -> list[PlannedClip]:
    """Every clip of which the job asks anything, pair by pair.

    Args:
        references: From `read_references`.
        job: What to ask.
        modes: What the system can answer (`Capabilities.modes`).
        deterministic: One run is enough.

    Raises:
        ValueError: The system answers none of the modes, the dataset lacks a condition, or nothing is left to ask.
    """
    unable = [mode for mode in job.modes if not modes.get(mode)]
    if unable:
        raise ValueError(f"the system does not answer in the mode {', '.join(unable)}; it does in {', '.join(modes)}")
    check_conditions(job, [row["condition"] for row in references])
    pairs = order_pairs(references)[: job.limit]
    if job.shard is not None:
        if job.shard[1] > len(pairs):
            raise ValueError(
                f"shard {job.shard[0]}/{job.shard[1]}: there are only {len(pairs)} pairs to ask about, fewer than "
                f"shards; make at most {len(pairs)} shards"
            )
        pairs = pairs[job.shard[0] - 1 :: job.shard[1]]
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(references):
        rows_of[row["pair_id"]].append(index)
    chosen = None if job.lite is None else choose_questions(references, job.lite)
    runs = 1 if deterministic or chosen is not None else job.runs
    planned = [
        PlannedClip(index, references[index], questions, _probabilities(questions, chosen or {}))
        for pair in pairs
        for index in rows_of[pair]
        if (questions := _questions(references[index], job, modes, runs, chosen))
    ]
    if not planned:
        only = f" in the conditions {', '.join(job.named_conditions)}" if job.named_conditions else ""
        raise ValueError(f"nothing to ask: no clip of the dataset counts in the modes {', '.join(job.modes)}{only}")
    return planned


def flatten(clips: Sequence[PlannedClip]) -> Iterator[tuple[Reference, Key]]:
    """Every question with its clip."""
    for clip in clips:
        for key in clip.questions:
            yield clip.reference, key


def seed_of(job: Job, key: Key) -> int:
    """The seed of a question, 0 to 2**31 - 1: the same on any machine, in any order and batch."""
    return draw(job.seed, "answer", *map(str, key)) >> 33
