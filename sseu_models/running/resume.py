"""How a stopped run resumes: what has an answer in the log is not asked again, a failure is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sseu_models.job import Key
from sseu_models.planning import PlannedClip
from sseu_models.results.log import Answer
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
