"""The claim `deterministic` of a system, tried on a few questions before a run: equal questions get equal answers.

Such a system is asked once and its scores are shown without a deviation, so a false claim would hide how much its
answers vary. A few questions are asked twice, the second time in the opposite order; where the results folder has their
answers already, those are compared too, which shows other weights behind an unchanged name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sseu_metric.conditions import snr_db_of
from sseu_models.job import Key
from sseu_models.planning import PlannedClip, flatten
from sseu_models.results.log import Answer
from sseu_models.running.resume import unanswered
from sseu_models.running.runner import Recorder, RunContext, ask_all

PER_TASK = 2
"""Questions of each mode and task that are asked twice."""
_SCORE_TOLERANCE = 1e-6  # cosines are rounded to this before they rank anything
_MAX_SHOWN = 60


class BrokenClaimError(ValueError):
    """A system does not do what it states of itself; the message shows where, and what to do."""


async def check_deterministic(
    context: RunContext, clips: Sequence[PlannedClip], logged: Mapping[Key, Answer], record: Recorder
) -> None:
    """Ask a few questions twice and compare the answers.

    Args:
        context: The run.
        clips: Its whole plan.
        logged: The answers that the results folder has already.
        record: Takes the first answer to a question that had none, as in the run itself.

    Raises:
        BrokenClaimError: A question got two different answers.
        SystemDownError, TooManyFailedError, ValueError: As `ask_all`.
    """
    chosen = questions_to_repeat(clips)
    first = dict(logged)

    def keep_first(answer: Answer, traceback: str) -> None:
        first[answer.key] = answer
        record(answer, traceback)

    await ask_all(context, unanswered(chosen, logged), keep_first)
    second: dict[Key, Answer] = {}
    await ask_all(context, chosen[::-1], lambda answer, _: second.__setitem__(answer.key, answer))
    for key, again in second.items():
        if not _equal(first[key], again):
            raise BrokenClaimError(_broken(context.system.id, first[key], again, was_logged=key in logged))


def questions_to_repeat(clips: Sequence[PlannedClip]) -> list[PlannedClip]:
    """`PER_TASK` questions of each mode and task, at the lowest SNRs: there a model that may sample is likeliest to."""
    taken: Counter[tuple[str, str]] = Counter()
    chosen = set()
    hardest_first = sorted(flatten(clips), key=lambda asked: snr_db_of(asked[0]["condition"]))
    for _, key in hardest_first:
        if taken[key.mode, key.task] < PER_TASK:
            taken[key.mode, key.task] += 1
            chosen.add(key)
    kept = (replace(clip, questions=tuple(key for key in clip.questions if key in chosen)) for clip in clips)
    return [clip for clip in kept if clip.questions]


def _equal(one: Answer, other: Answer) -> bool:
    """Whether two answers to one question are the same; a failure is no answer and contradicts nothing."""
    if "failed" in (one.status, other.status):
        return True
    if one.scores is None or other.scores is None:
        return one.text == other.text and one.scores == other.scores
    differences = (abs(left - right) for left, right in zip(one.scores, other.scores, strict=True))
    return max(differences, default=0.0) <= _SCORE_TOLERANCE


def _broken(system: str, first: Answer, again: Answer, *, was_logged: bool) -> str:
    where = f"{first.id}, {first.mode} {first.task}: {_shown(first)} and {_shown(again)}"
    if was_logged:
        return (
            f"{system} answers a question of this folder differently now: {where}. Its weights, packages or hardware "
            "are others than those that began the run, or it is not deterministic as it states; choose another --out"
        )
    return (
        f"{system} states that equal questions get equal answers, but one asked twice got two: {where}. Make it "
        "deterministic (temperature 0, float32, a fixed seed), or ask every question in each run, with "
        "--not-deterministic"
    )


def _shown(answer: Answer) -> str:
    text = repr(answer.text) if answer.scores is None else str([round(score, 6) for score in answer.scores])
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."
