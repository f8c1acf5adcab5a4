"""The scores of a results folder: its answers read and checked against the dataset, and `scores.json` made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.files import write_atomically
from sseu_metric.normalisers import normaliser_for
from sseu_models.job import Key
from sseu_models.planning import PlannedClip, plan
from sseu_models.results.folder import (
    RESULT,
    SCORES,
    asked_conditions,
    check_log,
    check_unchanged,
    packages,
    read_result,
    samples_identity,
    summarise_log,
    why_incomplete,
)
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import Answer, first_successes, read_lines
from sseu_models.results.opened_dataset import OpenedDataset, open_dataset, own_revision
from sseu_models.results.scoring import describe, score_answers

if TYPE_CHECKING:
    from sseu_models.results.records import Result

_SHOWN = 16
"""Characters of a version, a recipe or a hash in a message."""


def with_limits(
    result: Result, clips: Sequence[PlannedClip], answers: Mapping[Key, Answer], dataset: OpenedDataset
) -> Result:
    """The result with what it is about and what it lacks, as dataset, plan and answers say."""
    asked = asked_conditions(clips)
    unanswered = sum(key not in answers or answers[key].status != "ok" for key in asked)
    incomplete = why_incomplete(result, dataset.references, asked, unanswered)
    return result.replace(dataset=dataset.identity, incomplete=incomplete)


def scores_json(
    result: Result,
    opened: OpenedDataset,
    clips: Sequence[PlannedClip],
    answers: Mapping[Key, Answer],
    *,
    embedder: str | None,
    normalizer: str,
    progress: bool = False,
) -> bytes:
    """The content of `scores.json`.

    Raises:
        ValueError, ImportError, EmbedderError: As `score_answers`.
    """
    frontend = result.frontend.name
    scores = score_answers(
        clips, answers, embedder=embedder, normalizer=normalizer, frontend=frontend, progress=progress
    )
    described = describe(
        scores,
        clips,
        answers,
        conditions=opened.identity.conditions,
        limitations=with_limits(result, clips, answers, opened).limitations,
        normalizer=normalizer,
    )
    return described.to_json().encode()


def with_answers(
    result: Result, log: Path, clips: Sequence[PlannedClip], answers: Mapping[Key, Answer], dataset: OpenedDataset
) -> Result:
    """The result with what its log holds, and why it is incomplete if it is."""
    summary = summarise_log(log, asked_conditions(clips), answers)
    return with_limits(result, clips, answers, dataset).replace(answers=summary)


def with_scores(result: Result, scores: bytes, *, embedder: str | None, normalizer: str) -> Result:
    """The result with how its `scores.json`, given by its content, was made."""
    from sseu_models.results.records import Scoring

    scoring = Scoring(
        embedder=embedder,
        normalizer=normalizer,
        answers_sha256=result.answers.sha256,
        scores_sha256=hashlib.sha256(scores).hexdigest(),
        packages=packages(),
    )
    return result.replace(scoring=scoring)


def score_folder(
    folder: Path,
    *,
    data: str | None = None,
    embedder: str | None = None,
    normalizer: str | None = None,
    progress: bool = True,
) -> Result:
    """Score the answers of a results folder, as `evaluate` does, without its system.

    Args:
        folder: The results folder.
        data: Where the dataset is now; by default where it was when the questions were asked.
        embedder: See `sseu_metric.make_embedder`; by default the one it was scored with.
        normalizer: One of `sseu_metric.normalisers.NORMALISERS`; by default the one it was scored with, or where it was
            not that of the dataset's language.
        progress: Show bars on a terminal.

    Raises:
        ValueError: Not a results folder, its log is damaged or was changed, the dataset is another one, or the
            normaliser counts words of a language that is written without blanks.
    """
    stored = read_result(folder)
    opened = open_result_dataset(stored, data)
    clips, answers = read_answers(folder, stored, opened)
    check_unchanged(folder, stored)
    embedder = embedder or stored.embedder
    normalizer = normaliser_for(opened.identity.language, normalizer or stored.normalizer)
    scores = scores_json(stored, opened, clips, answers, embedder=embedder, normalizer=normalizer, progress=progress)
    write_atomically(folder / SCORES, scores)
    result = with_answers(stored, folder / ANSWERS, clips, answers, opened)
    result = with_scores(result, scores, embedder=embedder, normalizer=normalizer)
    write_atomically(folder / RESULT, result.to_json())
    return result


def open_result_dataset(result: Result, data: str | None = None) -> OpenedDataset:
    """Open the dataset that a result is about, where it is now (`data`) or where it was, at the result's version."""
    return open_dataset(data or result.data, own_revision(result, data))


def read_plan(folder: Path, result: Result, opened: OpenedDataset) -> list[PlannedClip]:
    """The plan of a result in a folder, from a dataset that is opened once for any number of results.

    Raises:
        ValueError: The dataset is not the one that was asked about; each difference is named.
    """
    theirs, ours = samples_identity(result.dataset), samples_identity(opened.identity)
    differing = [
        f"  {name}: {theirs[name][:_SHOWN]!r} in the result, {ours[name][:_SHOWN]!r} in {opened.place}"
        for name in theirs
        if theirs[name] != ours[name]
    ]
    if differing:
        head = f"{folder} is about another dataset than {opened.place}; give the one that was used with --data"
        raise ValueError("\n".join([head, *differing]))
    return plan(opened.references, result.job, modes=result.modes, deterministic=result.deterministic)


def read_answers(folder: Path, result: Result, opened: OpenedDataset) -> tuple[list[PlannedClip], dict[Key, Answer]]:
    """The plan of a results folder and the answers that count in it.

    Raises:
        ValueError: The log is damaged, or the dataset is not the one that was asked about.
    """
    clips = read_plan(folder, result, opened)
    return clips, read_logged(folder, result, clips)


def read_logged(folder: Path, result: Result, clips: Sequence[PlannedClip]) -> dict[Key, Answer]:
    """The answers that count in a folder's log; none where there is no log.

    Raises:
        ValueError: The log is damaged, holds answers of another result or more than is asked for, or an answer is about
            other samples than the dataset's.
    """
    return {key: answer for key, (_, answer) in read_placed(folder, result, clips).items()}


def read_placed(folder: Path, result: Result, clips: Sequence[PlannedClip]) -> dict[Key, tuple[int, Answer]]:
    """As `read_logged`, each answer with the place of its line in the log."""
    path = folder / ANSWERS
    if not path.exists():
        return {}
    placed = first_successes(read_lines(path))
    check_log(path, result, (answer for _, answer in placed.values()), clips)
    return placed
