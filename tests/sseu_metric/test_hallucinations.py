"""Words and events that are not there: counts by hand, averages, intervals and what is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sseu_metric import Scores, score
from sseu_metric.hallucinations import count_absent_events, find_hallucinated_events, find_invented, invented_scores
from sseu_metric.labels import EVENTS
from sseu_metric.result_tables import describe
from sseu_metric.summary import summarise


def truth(*events: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([name in events for name in EVENTS])


def test_a_name_counts_where_none_of_its_labels_is_annotated() -> None:
    cases = [
        (("Dog", "Cat"), ("Dog",), 1),
        (("dog barking", "a barking dog", "Dog"), (), 1),  # three names for one label
        (("speech", "music", "an unheard-of thing"), (), 0),  # no label of ours, or unknown to the table
        (("train",), ("Metro Leaving",), 0),  # either direction is meant
        (("train",), ("Dog",), 1),
        ((), ("Dog",), 0),
        (("Dog", "Cat", "car"), ("Wind Blowing",), 3),
    ]
    names, present, expected = zip(*cases, strict=True)
    assert count_absent_events(names, np.array([truth(*one) for one in present])).tolist() == list(expected)


def scored(answers: list[tuple[str, ...]], recordings: list[str], runs: int = 1) -> Scores:
    """Every answer in two conditions, about clips in which there is a dog."""
    found = None
    for run in range(runs):
        references = [
            {
                "id": f"{number}-{condition}",
                "events": ["Dog"],
                "scene": "Home",
                "condition": condition,
                "source_recording_id": recording,
            }
            for condition in ("10", "-inf")
            for number, recording in enumerate(recordings)
        ]
        predictions = [{"events": list(names)} for names in answers] * 2
        part = score(predictions, references, tasks=("at",), mode="independent", run=run, embedder="exact")
        found = part if found is None else found + part
    assert found is not None
    return found


def test_the_interval_is_the_jackknife_of_the_recordings() -> None:
    answers = [("Dog",), ("Cat",), ("Cat", "Car"), ("Dog", "Blender"), (), ("Cat", "Car", "Blender")]
    recordings = ["a", "a", "b", "b", "c", "d"]
    found = find_hallucinated_events(scored(answers, recordings))
    assert found is not None
    counts = np.array([0, 1, 2, 1, 0, 3])
    assert found["per_clip"] == pytest.approx(counts.mean())
    assert found["by_condition"] == {"10": pytest.approx(counts.mean()), "-inf": pytest.approx(counts.mean())}
    names = np.array(recordings)
    left = np.array([counts[names != one].mean() for one in "abcd"])
    variance = 3 / 4 * ((left - counts.mean()) ** 2).sum()
    middle = (found["intervals"]["all"]["low"] + found["intervals"]["all"]["high"]) / 2
    half = (found["intervals"]["all"]["high"] - found["intervals"]["all"]["low"]) / 2
    if found["intervals"]["all"]["low"] > 0:
        assert middle == pytest.approx(counts.mean(), abs=1e-5)
        assert half > 2 * variance**0.5  # a t quantile of few clusters
    # Sizes 4, 4, 2, 2 of 12: G* = 144 / 40; t quantile at G* - 1.
    from scipy.stats import t

    assert found["intervals"]["all"]["high"] == pytest.approx(
        counts.mean() + t.ppf(0.975, 144 / 40 - 1) * variance**0.5, abs=1e-5
    )


def test_more_than_one_event_per_clip_has_no_upper_bound_of_100() -> None:
    found = summarise(scored([("Cat", "Car", "Blender")] * 3 + [()], ["a", "b", "c", "d"], runs=3))
    assert found["hallucinated_events"]["per_clip"] == pytest.approx(2.25)
    assert found["hallucinated_events"]["intervals"]["all"]["high"] > 2.25
    assert "hallucinated events: 2.25 [0.00 to " in describe(found)


def test_a_classifier_names_nothing() -> None:
    references = [{"events": ["Dog"]}, {"events": ["Cat"]}]
    found = score([{"event_scores": [0.5] * 18}] * 2, references, tasks=("at",))
    assert find_hallucinated_events(found) is None
    assert "hallucinated_events" not in summarise(found)


def test_words_where_nobody_speaks_vary_with_the_background() -> None:
    texts = ["", "hello", "", "thank you very much", "", ""]
    references = [
        {"id": f"{n}", "condition": "-inf", "scene": 0, "source_recording_id": f"r{n // 2}", "transcript": ""}
        for n in range(6)
    ]
    scores = invented_scores("asr", texts, references, [0] * 6)
    assert scores.jackknife("asr").names == ("recording",)
    found = find_invented(scores)
    assert {name: found[name] for name in ("answered", "named", "with_any")} == {
        "answered": 6,
        "named": 5,
        "with_any": 2,
    }
    assert found["per_clip"] == pytest.approx(5 / 6)
    assert found["interval"]["low"] == 0  # never less than none
    assert found["interval"]["high"] > 5 / 6


def test_events_in_speech_alone_vary_with_speakers_and_sentences() -> None:
    references: list[dict[str, Any]] = [
        {
            "id": f"{n}",
            "condition": "+inf",
            "speaker_id": f"s{n % 3}",
            "transcript": f"sentence {n // 3}",
            "events": [],
            "scene": None,
        }
        for n in range(9)
    ]
    names = [("Dog",), ("Cat", "speech"), ()] * 2 + [("car", "wind"), (), ()]
    scores = invented_scores("at", names, references, [0] * 9)
    assert scores.jackknife("at").names == ("speaker", "sentence")
    found = find_invented(scores)
    assert (found["named"], found["with_any"]) == (6, 5)
    assert found["per_clip"] == pytest.approx(6 / 9)
    assert found["interval"]["high"] > 6 / 9


def test_only_clips_with_an_answer_count() -> None:
    references = [{"transcript": "", "scene": "Home", "events": ["Dog"], "condition": "5"} for _ in range(4)]
    named = {"transcript": "", "scene": "Home", "events": ["Dog", "Cat", "a car"]}
    found = find_hallucinated_events(score([named, None, named, None], references, tasks=("at",), embedder="exact"))
    assert found is not None
    assert found["per_clip"] == 2
