"""The scores of a results folder: its answers read and checked against the dataset, and `scores.json` made of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_models.job import ClipAsks, dataset_record, plan, read_references
from sseu_models.results.folder import (
    DATASET_KEYS,
    RESULT,
    SCORES,
    Result,
    asked_conditions,
    check_log,
    job_of,
    packages,
    read_result,
    with_answers,
    write_file,
)
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import Answer, Key, first_success, read_log
from sseu_models.results.scoring import describe, score_answers


def scores_json(
    clips: Sequence[ClipAsks],
    answers: Mapping[Key, Answer],
    *,
    embedder: str | None,
    normalizer: str,
    progress: bool = False,
) -> str:
    """The text of `scores.json`.

    Raises:
        ValueError, ImportError, EmbedderError: As `score_answers`.
    """
    scores = score_answers(clips, answers, embedder=embedder, normalizer=normalizer, progress=progress)
    described = describe(scores, clips, answers, normalizer=normalizer)
    return json.dumps(described, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def with_scores(result: Result, folder: Path, *, embedder: str | None, normalizer: str) -> Result:
    """The result with how its `scores.json`, which is in the folder, was made."""
    with (folder / SCORES).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    made = {"embedder": embedder, "normalizer": normalizer, "answers_sha256": result.answers["sha256"]}
    return replace(result, scoring={**made, "packages": packages(), "scores_sha256": sha256})


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
        data: Where the dataset is now; by default where the answers were made from.
        embedder: See `sseu_metric.make_embedder`; by default the one it was scored with.
        normalizer: One of `sseu_metric.normalisers.NORMALISERS`; by default the one it was scored with.
        progress: Show bars on a terminal.

    Raises:
        ValueError: It is no results folder, its log is damaged, or the dataset is not the one that was asked about.
    """
    stored = read_result(folder)
    clips, answers = read_answers(folder, stored, data=data)
    asked = asked_conditions(clips)
    result = with_answers(stored, folder / ANSWERS, asked, answers)
    embedder = embedder or stored.scoring.get("embedder")
    normalizer = normalizer or stored.scoring.get("normalizer") or DEFAULT_NORMALISER
    text = scores_json(clips, answers, embedder=embedder, normalizer=normalizer, progress=progress)
    write_file(folder / SCORES, text)
    result = with_scores(result, folder, embedder=embedder, normalizer=normalizer)
    write_file(folder / RESULT, result.to_json())
    return result


def read_answers(folder: Path, stored: Result, *, data: str | None = None) -> tuple[list[ClipAsks], dict[Key, Answer]]:
    """The plan of a results folder and the answers that count in it.

    Raises:
        ValueError: The log is damaged, or the dataset is not the one that was asked about.
    """
    clips = read_plan(folder, stored, data=data)
    return clips, read_logged(folder, stored, clips)


def read_plan(folder: Path, stored: Result, *, data: str | None = None) -> list[ClipAsks]:
    """What was to be asked, from the dataset that it was asked about.

    Args:
        folder: For messages.
        stored: Its result.
        data: Where the dataset is now; by default where it was.

    Raises:
        ValueError: The dataset is another one.
    """
    from sseu_dataset.loading import load, load_manifest

    place, revision = (stored.data, stored.revision) if data is None else (data, None)
    references = read_references(load(place, "all", revision))
    found = dataset_record(load_manifest(place, revision), references)
    differing = [name for name in DATASET_KEYS if stored.dataset[name] != found[name]]
    if differing:
        lines = [f"  {name}: {stored.dataset[name]!r:.40} there, {found[name]!r:.40} in {place}" for name in differing]
        raise ValueError("\n".join([f"{folder} was asked about another dataset; give it with --data", *lines]))
    return plan(references, job_of(stored), modes=stored.modes, deterministic=stored.deterministic)  # type: ignore[arg-type]


def read_logged(folder: Path, result: Result, clips: Sequence[ClipAsks]) -> dict[Key, Answer]:
    """The answers that count in a folder's log; none where there is no log.

    Raises:
        ValueError: The log is damaged, holds answers of another result or more than is asked for, or an answer is about
            other samples than the dataset's.
    """
    path = folder / ANSWERS
    if not path.exists():
        return {}
    answers = first_success(read_log(path))
    check_log(path, result, answers.values(), asked_conditions(clips))
    pcm = {clip.reference["id"]: clip.reference["pcm_sha256"] for clip in clips}
    for answer in answers.values():
        if answer.pcm_sha256 != pcm[answer.id]:
            raise ValueError(
                f"{path}: {answer.id} was heard as {answer.pcm_sha256[:12]}, the dataset has {pcm[answer.id][:12]}; "
                "give the dataset that was asked about with --data"
            )
    return answers
