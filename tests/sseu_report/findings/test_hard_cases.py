"""Clips that most systems fail: who counts, ties, order."""

from __future__ import annotations

from typing import Any

import numpy as np

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.records import Reply
from sseu_report.findings.collect import collect_findings
from sseu_report.findings.hard_cases import find_hard_cases, hits_events
from sseu_report.page.sections.chapters import finding_tables
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
    # One system answered and lost every word, the other never answered and the control does not count.
    assert not any(case.task == "asr" for case in cases)
    twins = [deaf, make_scored("deaf-too", says("", "Home", "Dog"))]
    words = [case for case in find_hard_cases(twins, "independent") if case.task == "asr"]
    assert {(case.missed_by, case.answered) for case in words} == {(("scripted:deaf", "scripted:deaf-too"), 2)}
    scenes = [case for case in cases if case.task == "asc"]
    assert {case.answered for case in scenes} == {2}
    assert all(case.reference != "Home" and len(case.missed_by) == 2 for case in scenes)
    assert scenes
    events = [case for case in cases if case.task == "at"]
    assert events
    assert all("Dog" not in case.reference.split(", ") for case in events)
    assert find_hard_cases([deaf], "independent") == ()  # errors of one system, of whatever clip
    assert find_hard_cases(twins, "cot") == ()


def test_hard_cases_are_sorted_by_their_share(make_scored: Any) -> None:
    systems = [make_scored(f"s{n}", says("", SCENES[n], EVENTS[0])) for n in range(3)]
    shares = [len(c.missed_by) / c.answered for c in find_hard_cases(systems, "independent") if c.task == "asc"]
    assert shares == sorted(shares, reverse=True)
    assert min(shares) > 0.5


def test_a_list_that_is_cut_says_of_how_many_and_in_which_order(make_scored: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("sseu_report.findings.collect.MAX_HARD_CASES", 2)
    monkeypatch.setattr("sseu_report.page.sections.failures.MAX_HARD_CASES", 2)
    systems = [make_scored(f"deaf{n}", says("", "Home", "Dog")) for n in range(2)]
    findings = collect_findings(systems)
    every = find_hard_cases(systems, "independent")
    counts = findings.hard_case_counts["independent"]
    assert counts == {task: sum(case.task == task for case in every) for task in ("asr", "asc", "at")}
    assert counts["asr"] > 2
    assert [case.task for case in findings.hard_cases["independent"]] == ["asr", "asr", "asc", "asc", "at", "at"]
    (table,) = (one for one in finding_tables(findings) if one.caption.startswith("Hard cases"))
    assert table.caption.endswith(f"mode independent (6 of {len(every)})")
    assert table.notes[1].startswith(
        f"At most 2 of each task are shown, here and in findings.json, of speech {counts['asr']}, "
    )
    assert table.notes[1].endswith("then those that more systems answered, then by name.")
