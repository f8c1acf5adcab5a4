"""How a stopped run resumes: what has an answer in the log is not asked again, a failure is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sseu_models.job import Key
from sseu_models.planning import PlannedClip
from sseu_models.results.log import Answer


def unanswered(clips: Sequence[PlannedClip], answers: Mapping[Key, Answer]) -> list[PlannedClip]:
    """The clips with their questions that have no answer yet.

    Args:
        clips: The plan.
        answers: The answers of the log (`log.first_success`); a question whose every request failed has none.
    """
    answered = {key for key, answer in answers.items() if answer.status == "ok"}
    left = (replace(clip, questions=tuple(key for key in clip.questions if key not in answered)) for clip in clips)
    return [clip for clip in left if clip.questions]
