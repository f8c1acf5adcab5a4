"""Systems that hear nothing and answer from the references: the upper bound and the floors of every table.

What they answer is `sseu_metric.controls`; here it is written as a model would write it, so that it passes through the
prompts' formats, the answer log and the parser like any other answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sseu_metric import controls
from sseu_models.records import TASKS, Capabilities, Json, Mode, Question, Reply, Task

__all__ = ["CONTROLS", "ControlSystem", "make_control"]

Rows = Sequence[Mapping[str, Any]]

CONTROLS: Mapping[str, Callable[..., list[dict[str, Any]]]] = MappingProxyType(
    {
        "ground-truth": controls.ground_truth,
        "paraphrased-truth": controls.paraphrased_truth,
        "majority": controls.majority_scene,
        "random": controls.uniform_random,
        "no-answer": controls.no_answer,
        "all-events": controls.all_events,
    }
)
"""The answers of each control, by name."""

_SETTINGS: Mapping[str, Mapping[str, int]] = {"random": {"seed": 0}}
_MODES: tuple[Mode, ...] = ("independent", "joint", "cot")


@dataclass(frozen=True, slots=True)
class ControlSystem:
    """One control; it knows its answers before it is asked (`System`).

    Attributes:
        id: `control:` and its name.
        settings: The seed of `random`, the scene of `majority`.
        answers: Transcript, scene and events by clip id.
    """

    id: str
    settings: Mapping[str, Json]
    answers: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @property
    def capabilities(self) -> Capabilities:
        """It hears nothing and always answers the same."""
        return Capabilities(
            rate_hz=None, deterministic=True, modes={mode: TASKS[mode] for mode in _MODES}, in_flight=64
        )

    async def start(self) -> None:
        """Nothing to load."""

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The known answers; an error for a clip that is not among the references."""
        return [self._reply(question) for question in questions]

    def _reply(self, question: Question) -> Reply:
        if question.mode not in _MODES:
            return Reply(error=f"{self.id} answers in words, not in mode {question.mode!r}")
        if question.clip_id not in self.answers:
            return Reply(error=f"{self.id} was made without a reference for the clip {question.clip_id!r}")
        return Reply(text=_write(self.answers[question.clip_id], question.task))

    async def close(self) -> None:
        """Nothing to give back."""


def make_control(name: str, references: Rows, **settings: Any) -> ControlSystem:
    """Make a control.

    Args:
        name: One of `CONTROLS`.
        references: Dataset rows, audio not needed: `id`, `transcript`, `scene`, `events`.
        settings: `seed` for `random` (0); the others take none.

    Raises:
        ValueError: The name or a setting is unknown, or two references have one id.
    """
    if name not in CONTROLS:
        raise ValueError(f"control:{name}: there is no such control; there are {', '.join(CONTROLS)}")
    known = _SETTINGS.get(name, {})
    for setting in settings:
        if setting not in known:
            raise ValueError(f"control:{name}: unknown setting {setting!r}; known: {', '.join(known) or 'none'}")
    used = {**known, **settings}
    if not all(type(value) is int for value in used.values()):
        raise ValueError(f"control:{name}: seed is {used['seed']!r}, a whole number is needed")
    predictions = CONTROLS[name](references, **used)
    answers = {str(row["id"]): prediction for row, prediction in zip(references, predictions, strict=True)}
    if len(answers) < len(references):
        raise ValueError(f"control:{name}: {len(references)} references, but only {len(answers)} distinct ids")
    if name == "majority" and predictions:
        used["scene"] = predictions[0]["scene"]
    return ControlSystem(f"control:{name}", MappingProxyType(used), MappingProxyType(answers))


def _write(answer: Mapping[str, Any], task: Task) -> str:
    """An answer in the form that the prompts ask for; what is empty stays empty."""
    events = "; ".join(answer["events"])
    match task:
        case "asr":
            return str(answer["transcript"])
        case "asc":
            return f"Scene: {answer['scene']}" if answer["scene"] else ""
        case "at":
            return events
    if not (answer["transcript"] or answer["scene"] or events):
        return ""
    return f"Transcript: {answer['transcript']}\nScene: {answer['scene']}\nEvents: {events}"
