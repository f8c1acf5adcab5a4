"""A system whose replies a test writes, and what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sseu_models.records import Capabilities, Json, Question, Reply


def plain_reply(question: Question) -> Reply:
    """A readable answer in every mode."""
    texts = {
        "asr": "Spoken text: please call stella",
        "asc": "Scene: Home",
        "at": "Dog; Cat",
        "all": "Transcript: please call stella\nScene: Home\nEvents: Dog; Cat",
    }
    if question.mode == "likelihood":
        return Reply(scores=tuple(float(number) for number in range(6 if question.task == "asc" else 18)))
    return Reply(text=texts[question.task])


@dataclass
class ScriptedSystem:
    """Implements `records.System`; `reply` may raise."""

    reply: Callable[[Question], Reply] = plain_reply
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(rate_hz=16_000, in_flight=4))
    settings: Mapping[str, Json] = field(default_factory=dict)
    id: str = "scripted:one"
    delay_s: float = 0.0
    asked: list[Question] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    started: int = 0
    closed: int = 0
    now_in_flight: int = 0
    most_in_flight: int = 0

    async def start(self) -> None:
        """Count."""
        self.started += 1

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Ask `reply`."""
        self.batches.append(len(questions))
        self.asked.extend(questions)
        self.now_in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.now_in_flight)
        await asyncio.sleep(self.delay_s)
        self.now_in_flight -= 1
        return [self.reply(question) for question in questions]

    async def close(self) -> None:
        """Count."""
        self.closed += 1


def reference(pair: str, condition: str, **values: Any) -> dict[str, Any]:
    """A dataset row without audio."""
    has_speech, has_background = condition != "-inf", condition != "+inf"
    return {
        "id": f"{pair}_{condition}",
        "pair_id": pair,
        "condition": condition,
        "scene": 0 if has_background else None,
        "events": [4] if has_background else [],
        "transcript": "please call stella" if has_speech else "",
        "speaker_id": "p225" if has_speech else None,
        "speaker_gender": "F" if has_speech else None,
        "speaker_accent": "English" if has_speech else None,
        "background_corpus": "DESED" if has_background else None,
        "source_recording_id": pair if has_background else None,
        "pcm_sha256": "0" * 64,
    } | values
