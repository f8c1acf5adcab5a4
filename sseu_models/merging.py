"""Shards of one job become one results folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sseu_models.answer_log import FILE_NAME as ANSWERS
from sseu_models.answer_log import AnswerLog, Key, read_log, settle
from sseu_models.evaluation import read_answers
from sseu_models.job import flatten
from sseu_models.results_folder import RESULT, Result, asked_conditions, check_log, check_same, read_result, write_file


def merge(folders: Sequence[Path], out: Path, *, data: str | None = None) -> Result:
    """Put shards of one job together: one log in the order of the plan, to be scored like any other.

    Raises:
        ValueError: The folders differ in anything but the shard, are not 1/N to N/N, or one's log is damaged.
    """
    results = [read_result(folder) for folder in folders]
    jobs = [dict(result.job) for result in results]
    shards = sorted(tuple(job["shard"] or ()) for job in jobs)
    total = shards[0][1] if shards and shards[0] else 0
    if shards != [(number, total) for number in range(1, total + 1)]:
        given = ", ".join("/".join(map(str, shard)) or "a whole run" for shard in shards)
        raise ValueError(f"shards 1/N to N/N are needed, each once; given: {given or 'none'}")
    first = replace(results[0], job={**jobs[0], "shard": None}, incomplete=["not scored"], answers={}, scoring={})
    for folder, result, job in zip(folders, results, jobs, strict=True):
        check_same(folder, result, first)
        if {**job, "shard": None} != first.job:
            raise ValueError(f"{folder}: another job than {folders[0]}: {job} instead of {jobs[0]}")
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out}: not empty; choose another --out")
    clips, _ = read_answers(out, first, data=data)
    counted = settle(answer for folder in folders for answer in read_log(folder / ANSWERS))
    asked = asked_conditions(clips)
    for folder in folders:
        check_log(folder / ANSWERS, first, settle(read_log(folder / ANSWERS)).values(), asked)
    out.mkdir(parents=True, exist_ok=True)
    with AnswerLog(out / ANSWERS) as log:
        for row, ask in flatten(clips):
            if (answer := counted.get(Key(row["id"], ask.mode, ask.task, ask.run))) is not None:
                log.append(answer)
    write_file(out / RESULT, first.to_json())
    return first
