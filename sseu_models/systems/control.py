"""Systems that get no audio and answer from the references: the upper bound and the floors of every table.

Their predictions are those of `sseu_metric.controls`; here they are written as a model would write them, so that they
pass through the answer format, the log and the parser like any other answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import Field

from sseu_metric.controls import CONTROLS
from sseu_metric.labels import EVENTS
from sseu_metric.suggestions import did_you_mean
from sseu_models.records import TEXT_MODES, Capabilities, Json, Question, Reply, Task
from sseu_models.systems.settings import Settings, read_settings


class RandomSettings(Settings):
    """What `--setting` may set for `control:random`.

    Attributes:
        seed: Seed of the draws.
    """

    seed: int = 0


class TopSettings(Settings):
    """What `--setting` may set for `control:prevalence`, `control:corpus` and `control:scene`.

    Attributes:
        top_k: Name the commonest events alone, that many (the paper's prompts ask for three); without it scores of all.
    """

    top_k: int | None = Field(default=None, ge=1, le=len(EVENTS))


_SETTINGS: Mapping[str, type[Settings]] = {
    "random": RandomSettings,
    **dict.fromkeys(("prevalence", "corpus", "scene"), TopSettings),
}


@dataclass(frozen=True, slots=True)
class ControlSystem:
    """A control as a `System`; its answers are known beforehand.

    Attributes:
        id: `control:` and its name.
        settings: The seed of `random`, the scene of `majority`, how many events are named.
        answers: Transcript, scene and events (or a score of each) by clip id.
    """

    id: str
    settings: Mapping[str, Json]
    answers: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @property
    def capabilities(self) -> Capabilities:
        """No audio, deterministic; all text modes, or single tasks alone where events have scores."""
        scored = any("event_scores" in answer for answer in self.answers.values())
        modes = {mode: tasks for mode, tasks in TEXT_MODES.items() if mode == "independent" or not scored}
        return Capabilities(rate_hz=None, deterministic=True, modes=modes, in_flight=64)

    async def start(self) -> None:
        """Nothing to load."""

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The answers; an error for a clip without a reference."""
        return [self._reply(question) for question in questions]

    def _reply(self, question: Question) -> Reply:
        if question.clip_id not in self.answers:
            return Reply(error=f"{self.id} has no reference for the clip {question.clip_id!r}")
        answer = self.answers[question.clip_id]
        if question.task == "at" and "event_scores" in answer:
            return Reply(scores=tuple(answer["event_scores"]))
        return Reply(text=_write(answer, question.task))

    async def close(self) -> None:
        """Nothing to release."""


def make_control(name: str, references: Sequence[Mapping[str, Any]], **settings: Any) -> ControlSystem:
    """Make a control.

    Args:
        name: One of `sseu_metric.controls.CONTROLS`.
        references: Dataset rows without audio: `id`, `transcript`, `scene`, `events`.
        settings: The attributes of `RandomSettings` for `random`, of `TopSettings` for `prevalence`, `corpus` and
            `scene`; the others have none.

    Raises:
        ValueError: The name or a setting is unknown, or two references have one id.
    """
    if name not in CONTROLS:
        raise ValueError(f"unknown control {name!r}{did_you_mean(name, CONTROLS)} (there are {', '.join(CONTROLS)})")
    model = _SETTINGS.get(name, Settings)
    used: dict[str, Any] = read_settings(f"control:{name}", model, settings).model_dump()
    predictions = CONTROLS[name](references, **used)
    answers = {str(row["id"]): prediction for row, prediction in zip(references, predictions, strict=True)}
    if len(answers) < len(references):
        raise ValueError(f"control:{name}: {len(references)} references, but only {len(answers)} distinct ids")
    if name == "majority" and predictions:
        used["scene"] = predictions[0]["scene"]
    return ControlSystem(f"control:{name}", MappingProxyType(used), MappingProxyType(answers))


def _write(answer: Mapping[str, Any], task: Task) -> str:
    """An answer in the format that the prompts ask for; an empty value stays empty."""
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
