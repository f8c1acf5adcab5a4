"""Answers that failed, could not be read, or were never asked for: three different numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sseu_models.records import Question, Reply
from sseu_report.findings.response_rates import find_answer_rates
from tests.sseu_models.scripted import plain_reply


def test_rates_tell_failed_from_unread_and_from_never_asked(make_scored: Any) -> None:
    def reply(question: Question) -> Reply:
        number = int(question.seed) % 3
        if question.task == "asc" and number == 0:
            return Reply(error="server error 500")
        if question.task == "asc" and number == 1:
            return Reply(text="I'm sorry, but I cannot help with that.")
        return plain_reply(question)

    scored = make_scored("flaky", reply)
    rates = {(one.mode, one.task, one.condition): one for one in find_answer_rates(scored)}
    scenes = rates["independent", "asc", None]
    failed = sum(answer.status == "failed" for answer in scored.answers.values())
    assert failed > 0
    assert scenes.failed == scenes.statuses["missing"] == failed
    assert scenes.statuses["refused"] > 0
    assert scenes.read == pytest.approx(100 - scenes.share("missing") - scenes.share("refused"))
    assert f"({failed} failed requests)" in next(scenes.lines())
    assert rates["independent", "asr", None].read == 100
    parts = [one for (_, task, condition), one in rates.items() if task == "asc" and condition is not None]
    assert sum(part.asked for part in parts) == scenes.asked
    assert sum(part.failed for part in parts) == failed
    # The same answers with the failed ones taken out of the log: missing, but nobody failed.
    unasked = replace(scored, answers={k: a for k, a in scored.answers.items() if a.status == "ok"})
    assert next(one.failed for one in find_answer_rates(unasked) if one.task == "asc") == 0


def test_failures_of_joint_answers_are_found_under_all(make_scored: Any) -> None:
    scored = make_scored("down", lambda _: Reply(error="no route"), modes=("joint",))
    assert all(one.failed == one.asked == one.statuses["missing"] for one in find_answer_rates(scored))
