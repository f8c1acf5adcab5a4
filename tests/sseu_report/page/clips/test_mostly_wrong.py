"""What most systems got wrong about a clip: majorities, controls, and what is said instead."""

from __future__ import annotations

from sseu_report.page.clips.alignment import align_words
from sseu_report.page.clips.mostly_wrong import mostly_wrong
from sseu_report.page.clips.records import AnswerView, RankedLabel, TaskView

REFERENCE = "please call stella"


def said(system: int, text: str) -> AnswerView:
    steps = align_words(REFERENCE, text)
    return AnswerView(system, "joint", [TaskView("asr", "missed", "plain", "", 0, 1, [], steps)], [])


def named(system: int, task: str, *labels: RankedLabel, outcome: str = "missed") -> AnswerView:
    return AnswerView(system, "joint", [TaskView(task, outcome, "plain", "", 0, 1, [], ranking=labels)], [])


def test_words_that_most_lose_are_named_with_what_is_said_instead() -> None:
    answers = [said(0, "please call seller"), said(1, "call seller"), said(2, "please call stella")]
    assert mostly_wrong(answers, {0, 1, 2}) == [
        "Words that more than half of 3 answers lose: “stella” (2 say “seller”)."
    ]
    assert mostly_wrong(answers[1:], {1, 2}) == []  # one of two is no majority


def test_an_inserted_word_moves_no_word_of_the_reference() -> None:
    answers = [said(0, "oh please call"), said(1, "please call")]
    assert mostly_wrong(answers, {0, 1}) == ["Words that more than half of 2 answers lose: “stella”."]


def test_controls_do_not_count() -> None:
    answers = [said(0, REFERENCE), said(1, ""), said(2, "")]
    assert mostly_wrong(answers, {0}) == []


def test_the_scene_that_most_say_instead_is_named() -> None:
    wrong = [RankedLabel("Restaurant", 0.9, 1, False), RankedLabel("Home", 0.2, 2, True)]
    answers = [named(number, "asc", *wrong) for number in range(2)]
    answers.append(named(2, "asc", RankedLabel("Home", 0.9, 1, True), outcome="hit"))
    assert mostly_wrong(answers, {0, 1, 2}) == ["The scene is wrong or open in 2 of 3 answers; 2 say Restaurant."]


def test_events_beyond_the_first_k_and_silence_are_misses() -> None:
    late = [RankedLabel("Cat", 0.9, 1, False), RankedLabel("Dog", 0.1, 2, True)]
    answers = [named(0, "at", *late), named(1, "at"), named(2, "at", RankedLabel("Dog", 0.9, 1, True), outcome="hit")]
    assert mostly_wrong(answers, {0, 1, 2}) == ["Events that more than half of 3 answers miss: Dog."]
    assert mostly_wrong(answers[1:2], {1}) == ["1 of 1 answers name no event."]
