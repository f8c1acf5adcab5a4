"""Replies of scripted systems."""

from __future__ import annotations

from collections.abc import Callable

from sseu_models.records import Question, Reply


def says(transcript: str, scene: str, events: str) -> Callable[[Question], Reply]:
    """The same to every clip."""
    answers = {"asr": transcript, "asc": scene, "at": events}

    def reply(question: Question) -> Reply:
        text = answers.get(question.task, f"Transcript: {transcript}\nScene: {scene}\nEvents: {events}")
        return Reply(text=text)

    return reply
