"""How a run resumes: what has an answer in the log is not asked again, a failure is; after a change, what is valid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sseu_models.job import Key
from sseu_models.planning import PlannedClip, Reference, flatten
from sseu_models.results.folder import check_unchanged, refuse_outside
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import Answer, AnswerLog, first_success, read_log
from sseu_models.results.records import Result


def unanswered(clips: Sequence[PlannedClip], answers: Mapping[Key, Answer]) -> list[PlannedClip]:
    """The clips with their questions that have no answer yet.

    Args:
        clips: The plan.
        answers: The answers of the log (`log.first_success`); a question whose every request failed has none.
    """
    answered = {key for key, answer in answers.items() if answer.status == "ok"}
    left = (replace(clip, questions=tuple(key for key in clip.questions if key not in answered)) for clip in clips)
    return [clip for clip in left if clip.questions]


def still_valid(answers: Iterable[Answer], result: Result, clips: Sequence[PlannedClip]) -> list[Answer]:
    """The answers whose system, settings (seed and front end among them), prompt and samples are those of the run now.

    Args:
        answers: Of an earlier run.
        result: What the run is now.
        clips: Its plan.
    """
    samples = {key: clip.reference["pcm_sha256"] for clip in clips for key in clip.questions}
    templates = {name: one.sha256 for name, one in result.prompts.templates.items()}
    return [
        answer
        for answer in answers
        if answer.status == "ok"
        and answer.key in samples
        and answer.pcm_sha256 in (None, samples[answer.key])
        and answer.system == result.system
        and answer.settings_sha256 == result.settings_sha256
        and answer.prompt_sha256 == templates.get(f"{answer.mode}/{answer.task}")
    ]


def check_same_system(out: Path, stored: Result, system: str) -> None:
    """Refuse to restart a folder whose answers are of another system: none of them would be kept.

    Raises:
        ValueError: They are.
    """
    if stored.system != system:
        raise ValueError(
            f"{out} holds the answers of {stored.system}, not of {system}; --restart-changed is for one system that "
            "has changed. Choose another --out, or delete them with --overwrite"
        )


def check_restart(
    out: Path, references: Sequence[Reference], stored: Result, result: Result, clips: Sequence[PlannedClip]
) -> None:
    """Refuse to restart a folder that was changed, or with a smaller job: no answer is dropped for not being asked for.

    Args:
        out: The results folder.
        references: The rows of the dataset as it is now.
        stored: What the folder says.
        result: What the run is now.
        clips: Its plan.

    Raises:
        ValueError: The log is another one than `stored` describes, or holds answers that only its job asks for.
    """
    check_unchanged(out, stored)
    now, rows = {key for _, key in flatten(clips)}, {row["id"] for row in references}
    refuse_outside(
        out / ANSWERS,
        [
            key
            for key, answer in first_success(read_log(out / ANSWERS)).items()
            if answer.status == "ok"
            and key not in now
            # What the system or the dataset has no more has changed with it, and is dropped.
            and key.id in rows
            and key.task in result.modes.get(key.mode, ())
            and (key.run == 0 or not result.deterministic)
        ],
    )


def keep_valid(log: AnswerLog, path: Path, result: Result, clips: Sequence[PlannedClip]) -> str:
    """Keep what is still valid of a log after a change; returns how much that is, in words."""
    before = first_success(read_log(path))
    kept = still_valid(before.values(), result, clips)
    log.keep(kept)
    dropped = sum(answer.status == "ok" for answer in before.values()) - len(kept)
    return f"{len(kept)} answers are still valid, {dropped} are of something that has changed and were dropped"
