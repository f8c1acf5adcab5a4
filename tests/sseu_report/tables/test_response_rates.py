"""Responses that failed, could not be parsed, or were never asked for: three different numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sseu_models.records import Question, Reply
from sseu_report.tables.response_rates import find_response_rates, stored_rates
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
    rates = {(one.mode, one.task, one.condition): one for one in find_response_rates(scored)}
    scenes = rates["independent", "asc", None]
    failed = sum(answer.status == "failed" for answer in scored.answers.values())
    assert failed > 0
    assert scenes.failed == scenes.statuses["missing"] == failed
    assert scenes.statuses["refused"] > 0
    assert sum(scenes.statuses.values()) == scenes.asked
    assert not {"missing", "refused"} & set(rates["independent", "asr", None].statuses)
    parts = [one for (_, task, condition), one in rates.items() if task == "asc" and condition is not None]
    assert sum(part.asked for part in parts) == scenes.asked
    assert sum(part.failed or 0 for part in parts) == failed
    # The same answers with the failed ones taken out of the log: missing, but nobody failed.
    unasked = replace(scored, answers={k: a for k, a in scored.answers.items() if a.status == "ok"})
    assert next(one.failed for one in find_response_rates(unasked) if one.task == "asc") == 0
    # What scores.json counts is the same, without the reason of what is missing.
    whole = [replace(one, failed=None) for one in rates.values() if one.condition is None]
    assert list(stored_rates(scored.entry)) == whole


def test_failures_of_joint_answers_are_found_under_all(make_scored: Any) -> None:
    scored = make_scored("down", lambda _: Reply(error="no route"), modes=("joint",))
    assert all(one.failed == one.asked == one.statuses["missing"] for one in find_response_rates(scored))
