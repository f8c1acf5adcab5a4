"""What a prediction says, in each of its forms (containers: test_input_rows.py; faults: test_scoring.py)."""

from __future__ import annotations

import pytest

from sseu_metric import ParsedAnswer, parse_answer
from sseu_metric.predictions import as_prediction, names_in, read_predictions, scores_in, transcript_in

TEXT = "Transcript: please call Stella\nScene: Home\nEvents: Dog; Dishes"


def test_raw_text_and_what_parse_answer_returns_are_the_same_prediction() -> None:
    expected = {
        "transcript": "please call Stella",
        "scene": "Home",
        "events": ("Dog", "Dishes"),
        "status": dict.fromkeys(("asr", "asc", "at"), "labelled"),
    }
    parsed = parse_answer(TEXT, "joint")
    assert isinstance(parsed, ParsedAnswer)
    assert as_prediction(TEXT) == as_prediction(parsed) == expected
    assert read_predictions([TEXT, parsed, None], ("asr", "asc", "at")) == [expected, expected, None]


def test_the_tasks_say_how_raw_text_is_read() -> None:
    (alone,) = read_predictions(["dog barks"], ("at",))
    assert alone is not None
    assert alone["events"] == ("dog barks",)
    assert (alone["transcript"], alone["status"]) == (None, {"at": "plain"})
    assert as_prediction("", "asr")["status"] == {"asr": "empty"}


def test_how_an_answer_came() -> None:
    assert transcript_in(None, 0) == ("", "missing")
    assert transcript_in({"transcript": None}, 0) == ("", "unparsed")
    assert transcript_in({"transcript": ""}, 0) == ("", "answered")
    assert transcript_in({"transcript": None, "status": {"asr": "refused"}}, 0) == ("", "refused")
    assert names_in("asc", {"scene": " Home "}, 0) == (("Home",), "answered")
    assert names_in("at", {"events": ["Dog", " ", "Dog ", "Cat"]}, 0) == (("Dog", "Cat"), "answered")


def test_scores_of_a_classifier_are_optional() -> None:
    assert scores_in("asc", None, 0) is None
    assert scores_in("asc", {"scene": "Home"}, 0) is None
    vector = scores_in("asc", {"scene_scores": [0, 1, 0, 0, 0, 0.5]}, 0)
    assert vector is not None
    assert vector.tolist() == [0, 1, 0, 0, 0, 0.5]
    with pytest.raises(ValueError, match="prediction 3: event_scores must be 18 finite numbers in label order"):
        scores_in("at", {"event_scores": None}, 3)
