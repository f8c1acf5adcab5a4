"""What is asked of a system: which pairs, in which conditions, in which modes, how often. Pure functions of the rows.

Pairs stand in one order for everything: drawn by SHA-256 within each scene, and the scenes spread evenly. So the first
N pairs are a stratified sample, a larger limit continues a smaller one, and shards are alike.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_metric.conditions import CONDITIONS
from sseu_metric.labels import SCENES
from sseu_models.records import TASKS, Mode, Task

if TYPE_CHECKING:
    from datasets import Dataset

    from sseu_dataset.manifest import Manifest

Reference = Mapping[str, Any]
FINITE = tuple(condition for condition in CONDITIONS if not condition.endswith("inf"))
_WITHOUT = {"asr": "-inf", "asc": "+inf", "at": "+inf"}
_COLUMNS = (
    "id",
    "pair_id",
    "snr",
    "scene",
    "events",
    "transcript",
    "speaker_id",
    "speaker_gender",
    "speaker_accent",
    "background_corpus",
    "source_recording_id",
    "pcm_sha256",
)


@dataclass(frozen=True)
class Job:
    """What to ask (paper sections 2 and 4; DESIGN section 3).

    Attributes:
        modes: Of `independent`, `joint`, `cot`, `likelihood`.
        conditions: Only these; None asks what the paper asks: each single task on its six conditions, joint and cot on
            the five finite ones. All seven add `+inf` and `-inf` to joint and cot.
        runs: How often each question is asked; a deterministic system is asked once.
        limit: The first so many pairs only.
        shard: (i, n): the i-th of n equal parts of the pairs, 1 <= i <= n.
        probe_noise: Ask for the words in `-inf` too, where nobody speaks (independent mode; outside WER).
        seed: Of every draw.
    """

    modes: tuple[Mode, ...] = ("independent",)
    conditions: tuple[str, ...] | None = None
    runs: int = 3
    limit: int | None = None
    shard: tuple[int, int] | None = None
    probe_noise: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        _check_names("mode", self.modes, tuple(TASKS))
        if self.conditions is not None:
            _check_names("condition", self.conditions, CONDITIONS)
        for name, value in (("runs", self.runs), ("limit", self.limit)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; at least 1 is needed")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            raise ValueError(f"shard {self.shard[0]}/{self.shard[1]}; I/N with 1 <= I <= N is needed")
        if self.probe_noise and "independent" not in self.modes:
            raise ValueError("the noise probe asks for ASR alone: it needs the mode independent")


@dataclass(frozen=True)
class Ask:
    """One question of the job, without its audio."""

    mode: Mode
    task: Task
    run: int


@dataclass(frozen=True)
class ClipAsks:
    """A clip and all that is asked of it: it is decoded and resampled once for them.

    Attributes:
        index: Of the row in the dataset.
        reference: The row without its audio; `snr` is the condition's name.
        asks: In the order of modes, tasks and runs.
    """

    index: int
    reference: Reference
    asks: tuple[Ask, ...]


def _check_names(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown or not given or len(set(given)) < len(given):
        raise ValueError(f"{what} {', '.join(unknown or given) or '(none)'}: give each once, of {', '.join(known)}")


def read_references(rows: Dataset) -> list[Reference]:
    """The rows of a dataset without audio, in their order; `snr` is the condition's name.

    Raises:
        ValueError: A column is missing: it is no SSEU-Bench dataset.
    """
    missing = [name for name in _COLUMNS if name not in rows.column_names]
    if missing:
        raise ValueError(f"the dataset lacks the columns {', '.join(missing)}; build it with build_dataset.py")
    table = rows.select_columns(list(_COLUMNS)).with_format("arrow")[:]
    conditions: list[str] = rows.features["snr"].names
    return [row | {"snr": conditions[row["snr"]]} for row in table.to_pylist()]


def references_sha256(references: Sequence[Reference]) -> str:
    """SHA-256 of what answers are scored against: the hash of samples does not see a changed label or transcript."""
    names = ("id", "transcript", "scene", "events", "speaker_id", "source_recording_id")
    lines = sorted(json.dumps([row[name] for name in names]) for row in references)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def dataset_record(manifest: Manifest, references: Sequence[Reference]) -> dict[str, Any]:
    """Which dataset is asked about, as `result.json` says it."""
    return {
        "version": manifest.version,
        "recipe": manifest.recipe,
        "fingerprint": manifest.fingerprints["all"],
        "pairs": manifest.pairs,
        "references_sha256": references_sha256(references),
    }


def order_pairs(references: Sequence[Reference]) -> list[str]:
    """All pair ids in the order in which they are asked; see the module's docstring."""
    scene_of: dict[str, str] = {}
    for row in references:
        scene = row["scene"]
        if scene is not None:
            scene_of[row["pair_id"]] = SCENES[scene] if isinstance(scene, int) else scene
        scene_of.setdefault(row["pair_id"], "")
    by_scene: defaultdict[str, list[str]] = defaultdict(list)
    for pair in sorted(scene_of, key=_draw):
        by_scene[scene_of[pair]].append(pair)
    places = {
        pair: ((number + 0.5) / len(pairs), scene)
        for scene, pairs in by_scene.items()
        for number, pair in enumerate(pairs)
    }
    return sorted(places, key=lambda pair: places[pair])


def _draw(pair_id: str) -> bytes:
    return hashlib.sha256(f"0|order|{pair_id}".encode()).digest()


def asks_of(condition: str, job: Job, *, modes: Mapping[Mode, tuple[Task, ...]], runs: int) -> tuple[Ask, ...]:
    """What the job asks of a clip in a condition, of a system that can answer `modes`."""
    if job.conditions is not None and condition not in job.conditions:
        return ()
    asks = []
    for mode in job.modes:
        for task in modes.get(mode, ()):
            if task == "all":
                asked = condition in FINITE or job.conditions is not None
            else:
                asked = condition != _WITHOUT[task] or (task == "asr" and mode == "independent" and job.probe_noise)
            if asked:
                asks += [Ask(mode, task, run) for run in range(runs)]
    return tuple(asks)


def plan(
    references: Sequence[Reference], job: Job, *, modes: Mapping[Mode, tuple[Task, ...]], deterministic: bool
) -> list[ClipAsks]:
    """Every clip of which the job asks anything, pair by pair.

    Args:
        references: From `read_references`.
        job: What to ask.
        modes: What the system can answer (`Capabilities.modes`).
        deterministic: One run is enough.

    Raises:
        ValueError: The system answers none of the modes, or no row has a condition asked for.
    """
    unable = [mode for mode in job.modes if not modes.get(mode)]
    if unable:
        raise ValueError(f"the system does not answer in the mode {', '.join(unable)}; it does in {', '.join(modes)}")
    pairs = order_pairs(references)[: job.limit]
    if job.shard is not None:
        pairs = pairs[job.shard[0] - 1 :: job.shard[1]]
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(references):
        rows_of[row["pair_id"]].append(index)
    runs = 1 if deterministic else job.runs
    planned = [
        ClipAsks(index, references[index], asks)
        for pair in pairs
        for index in rows_of[pair]
        if (asks := asks_of(references[index]["snr"], job, modes=modes, runs=runs))
    ]
    if not planned:
        raise ValueError(
            "nothing to ask: no clip of the dataset is in a condition asked for "
            f"({', '.join(job.conditions) if job.conditions else 'the usual ones'}; modes {', '.join(job.modes)})"
        )
    return planned


def flatten(clips: Sequence[ClipAsks]) -> Iterator[tuple[Reference, Ask]]:
    """Every question with its clip."""
    for clip in clips:
        for ask in clip.asks:
            yield clip.reference, ask


def seed_of(job: Job, clip_id: str, ask: Ask) -> int:
    """The seed of a question, 0 to 2**31 - 1: the same on any machine, in any order and batch."""
    text = f"{job.seed}|answer|{clip_id}|{ask.mode}|{ask.task}|{ask.run}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
