"""The scores of a results folder computed from its log, as a report keeps them in the user's cache."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.job import Key
from sseu_models.planning import flatten
from sseu_models.results.folder import log_sha256
from sseu_models.results.folder_scoring import read_placed, read_plan, with_limits
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.logged_answers import ABSENT
from sseu_models.results.scoring import describe, score_answers
from sseu_report.caching import result_cache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sseu_metric.scores import Scores
    from sseu_models.planning import PlannedClip
    from sseu_models.results.opened_dataset import OpenedDataset
    from sseu_models.results.records import Result


@dataclass(frozen=True)
class Plan:
    """The questions of a job, one object for all results that were asked the same, and the number of each."""

    clips: Sequence[PlannedClip]
    numbers: Mapping[Key, int]


@dataclass(frozen=True)
class AnswerScores:
    """What is computed from the answers of a result.

    Attributes:
        scores: By mode, a record per answer.
        described: The text of `scores.json`.
        incomplete: Why the result does not answer its whole dataset.
        places: Where the answer to each question of the plan stands in the log (`LoggedAnswers`).
    """

    scores: Mapping[str, Scores]
    described: str
    incomplete: tuple[str, ...]
    places: NDArray[np.int64]


def plan_of(folder: Path, result: Result, dataset: OpenedDataset, known: dict[str, Plan]) -> Plan:
    """The plan of a result, which is added to those `known` unless another one was asked the same.

    Raises:
        ValueError: The dataset is not the one that was asked about.
    """
    asked = result.model_dump(mode="json", include={"job", "modes", "deterministic", "dataset"})
    name = json.dumps([dataset.place, asked])
    if name not in known:
        clips = read_plan(folder, result, dataset)
        known[name] = Plan(clips, {key: number for number, (_, key) in enumerate(flatten(clips))})
    return known[name]


def cache_of(folder: Path, result: Result, dataset: OpenedDataset) -> result_cache.ResultCache:
    """The place of a result in the user's cache."""
    key = result_cache.analysis_key(result, log_sha256(folder / ANSWERS), dataset.identity)
    return result_cache.ResultCache(key, result_cache.default_folder())


def score_log(folder: Path, result: Result, dataset: OpenedDataset, plan: Plan, progress: bool) -> AnswerScores:
    """Read, check and score the log of a result, with its own embedder and normaliser.

    Raises:
        ValueError: The log is damaged.
        ImportError, EmbedderError: As `score_answers`.
    """
    import numpy as np

    placed = read_placed(folder, result, plan.clips)
    answers = {key: answer for key, (_, answer) in placed.items()}
    normalizer = result.normalizer
    scores = score_answers(
        plan.clips,
        answers,
        embedder=result.embedder,
        normalizer=normalizer,
        frontend=result.frontend.name,
        progress=progress,
    )
    limited = with_limits(result, plan.clips, answers, dataset)
    described = describe(
        scores,
        plan.clips,
        answers,
        conditions=dataset.identity.conditions,
        limitations=limited.limitations,
        normalizer=normalizer,
    )
    places = np.full(len(plan.numbers), ABSENT, dtype=np.int64)
    for key, (place, _) in placed.items():
        places[plan.numbers[key]] = place
    return AnswerScores(scores, described.to_json(), limited.incomplete, places)
