"""Shards of one job become one results folder, scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sseu_dataset.files import write_atomically
from sseu_metric.normalisers import normaliser_for
from sseu_models.planning import flatten
from sseu_models.results.folder import RESULT, SCORES, check_same, check_unchanged, read_result
from sseu_models.results.folder_scoring import (
    open_result_dataset,
    read_logged,
    read_plan,
    scores_json,
    with_answers,
    with_scores,
)
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import AnswerLog, first_success

if TYPE_CHECKING:
    from sseu_models.results.records import Result


def merge(
    folders: Sequence[Path],
    out: Path,
    *,
    data: str | None = None,
    embedder: str | None = None,
    normalizer: str | None = None,
    progress: bool = True,
) -> Result:
    """Put shards of one job together: one log in the order of the plan, scored like any other.

    Nothing is written before the scores are computed, so a failing embedder leaves no folder behind.

    Args:
        folders: The shards 1/N to N/N, in any order.
        out: The new results folder.
        data: Where the dataset is now; by default where it was when the shards were run.
        embedder: See `sseu_metric.make_embedder`; by default the one that the shards were scored with.
        normalizer: One of `sseu_metric.normalisers.NORMALISERS`; by default the shards' own.
        progress: Show bars on a terminal.

    Raises:
        ValueError: The folders differ in more than the shard or are not 1/N to N/N, a log is damaged, or they were
            scored in different ways and none is chosen.
        ImportError: The embedder's package is missing.
        EmbedderError: The embedder cannot answer.
    """
    from sseu_models.results.records import NO_ANSWERS

    results = [read_result(folder) for folder in folders]
    shards: list[tuple[int, ...]] = [result.job.shard or () for result in results]
    total = shards[0][1] if shards and shards[0] else 0
    if sorted(shards) != [(number, total) for number in range(1, total + 1)]:
        parts = ("/".join(map(str, shard)) or "a whole run" for shard in shards)
        given = ", ".join(f"{folder} ({part})" for folder, part in zip(folders, parts, strict=True))
        raise ValueError(f"shards 1/N to N/N are needed, each once; given: {given or 'none'}")
    whole = results[0].replace(job=replace(results[0].job, shard=None), answers=NO_ANSWERS, scoring=None, speed=None)
    for folder, result in zip(folders, results, strict=True):
        check_same(folder, result, whole)
        if replace(result.job, shard=None) != whole.job:
            raise ValueError(f"{folder} and {folders[0]} are of different jobs: {result.job} and {results[0].job}")
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out}: not empty; choose another --out")
    embedder = embedder or _common("embedder", results)
    opened = open_result_dataset(whole, data)
    normalizer = normaliser_for(opened.identity.language, normalizer or _common("normalizer", results))
    clips = read_plan(out, whole, opened)
    answers = first_success(answer for folder in folders for answer in read_logged(folder, whole, clips).values())
    for folder, result in zip(folders, results, strict=True):
        check_unchanged(folder, result)
    scores = scores_json(whole, opened, clips, answers, embedder=embedder, normalizer=normalizer, progress=progress)
    out.mkdir(parents=True, exist_ok=True)
    with AnswerLog(out / ANSWERS) as log:
        for _, key in flatten(clips):
            if (answer := answers.get(key)) is not None:
                log.append(answer)
    write_atomically(out / SCORES, scores)
    for result in results:
        whole = whole if result.speed is None else whole.replace(speed=result.speed.plus(whole.speed))
    merged = with_answers(whole, out / ANSWERS, clips, answers, opened)
    merged = with_scores(merged, scores, embedder=embedder, normalizer=normalizer)
    write_atomically(out / RESULT, merged.to_json())
    return merged


def _common(name: Literal["embedder", "normalizer"], results: Sequence[Result]) -> str | None:
    """The embedder or normaliser that the shards were scored with; None for the default, or if none was scored."""
    used: set[str | None] = {getattr(result.scoring, name) for result in results if result.scoring is not None}
    if len(used) > 1:
        named = ", ".join(sorted(str(value or "default") for value in used))
        raise ValueError(f"the shards were scored with different {name}s ({named}); choose one with --{name}")
    return used.pop() if used else None
