"""Clips that most systems fail: who counts, ties, order."""

from __future__ import annotations

from typing import Any

import numpy as np

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.records import Reply
from sseu_report.findings.hard_cases import find_hard_cases, hits_events
from tests.sseu_models.scripted import plain_reply
from tests.sseu_report.made_report import says


def test_a_true_event_counts_only_within_the_first_k() -> None:
    truth = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    confidences = np.array([[0.9, 0.1, 0.1], [0.1, 0.9, 0.1], [0.5, 0.5, 0.1], [0.1, 0.6, 0.9], [0.9, 0.1, 0.1]])
    assert hits_events(truth, confidences).tolist() == [True, False, False, True, False]
    assert not hits_events(truth[:1], np.zeros((1, 3)))[0]  # an answer without events ties everywhere


def test_hard_cases_are_those_most_systems_fail(make_scored: Any) -> None:
    deaf = make_scored("deaf", says("", "Home", "Dog"))
    mute = make_scored("mute", lambda q: Reply(error="gone") if q.task == "asr" else plain_reply(q))
    silent = make_scored("control", says("", "", ""), frontend="silence")
    cases = find_hard_cases([deaf, mute, silent], "independent")
    words = [case for case in cases if case.task == "asr"]
    # One system answered and lost every word, the other never answered and the control does not count.
    assert {case.answered for case in words} == {1}
    assert {case.failed for case in words} == {("scripted:deaf",)}
    scenes = [case for case in cases if case.task == "asc"]
    assert {case.answered for case in scenes} == {2}
    assert all(case.reference != "Home" and len(case.failed) == 2 for case in scenes)
    assert scenes
    events = [case for case in cases if case.task == "at"]
    assert events
    assert all("Dog" not in case.reference.split(", ") for case in events)
    assert len(find_hard_cases([deaf], "independent", max_cases=1)) == 3
    assert find_hard_cases([deaf], "cot") == ()


def test_hard_cases_are_sorted_by_their_share(make_scored: Any) -> None:
    systems = [make_scored(f"s{n}", says("", SCENES[n], EVENTS[0])) for n in range(3)]
    shares = [len(c.failed) / c.answered for c in find_hard_cases(systems, "independent") if c.task == "asc"]
    assert shares == sorted(shares, reverse=True)
    assert min(shares) > 0.5
