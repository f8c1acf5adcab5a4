"""Intervals beside scores, and comparing two systems."""

from __future__ import annotations

import json
from functools import reduce
from operator import add
from typing import Any

import pytest

from sseu_metric import EVENTS, compare, score, summarise
from sseu_metric.controls import CONTROLS, ground_truth, no_answer
from sseu_metric.scores import Scores
from sseu_metric.significance import holm
from tests.sseu_metric.test_scoring import ROWS, make_rows, scored


def test_intervals_stand_beside_every_headline_and_condition() -> None:
    found = summarise(scored(CONTROLS["random"](ROWS)))
    assert found["intervals"].keys() == {"wer", "wer_capped", "macc", "map"}
    assert list(found["intervals"]["map"]) == ["all", "finite", "10", "5", "0", "-5", "-10", "-inf"]
    assert found["intervals"]["map"]["finite"] != found["intervals"]["map"]["all"]
    words = {"by": ["speaker", "sentence", "recording"], "missing": [], "fixed_strata": []}
    unknown = dict.fromkeys(
        found["intervals"]["wer"], "no cluster changes the score: without any one of them it is the same"
    )
    assert found["clusters"]["wer"] == words | {"unknown": unknown}  # the control transcribes nothing right
    assert set(found["intervals"]["wer"].values()) == {None}
    assert found["clusters"]["map"]["unknown"] == {}
    assert found["clusters"]["macc"]["by"] == ["recording"]
    low, high = (found["intervals"]["macc"]["all"][key] for key in ("low", "high"))
    assert low <= found["macc"] <= high
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_references_without_clusters_are_clusters_each_and_what_is_missing_is_said() -> None:
    rows = [{key: row[key] for key in ("transcript", "scene", "events", "condition")} for row in ROWS]
    found = summarise(scored(CONTROLS["random"](rows), rows))["clusters"]
    assert (found["wer"]["by"], found["wer"]["missing"]) == (["sentence"], ["speaker", "recording"])
    assert (found["map"]["by"], found["map"]["missing"]) == (["row"], ["recording"])


def test_two_scenes_of_one_recording_each_give_no_interval_and_say_why() -> None:
    rows: list[dict[str, Any]] = [
        {"id": f"{scene}{number}", "transcript": "", "scene": scene, "events": [], "source_recording_id": scene}
        for scene in ("Home", "Restaurant")
        for number in range(4)
    ]
    predictions = [{"scene": "Home"} for _ in rows]
    found = summarise(score(predictions, rows, tasks=["asc"], embedder="exact"))
    assert found["macc"] == 50.0
    assert found["intervals"]["macc"]["all"] is None
    assert found["clusters"]["macc"]["fixed_strata"] == ["Home", "Restaurant"]
    assert found["clusters"]["macc"]["unknown"] == {"all": "one recording only in each scene"}


def test_one_speaker_in_one_condition_takes_the_interval_there_and_of_the_average() -> None:
    rows = [row | {"speaker_id": "p0"} if row["condition"] == "5" else row for row in ROWS]
    heard = [{"transcript": row["transcript"][: 4 + 3 * (number % 5)]} for number, row in enumerate(rows)]
    found = summarise(scored(heard, rows, tasks=["asr"]))
    unknown = found["clusters"]["wer"]["unknown"]
    everywhere = "one speaker holds all there is"
    assert unknown == {"all": everywhere, "finite": everywhere, "5": "one speaker only"}
    assert {key for key, one in found["intervals"]["wer"].items() if one is None} == {"all", "finite", "5"}


def test_a_system_does_not_differ_from_itself() -> None:
    scores = scored(CONTROLS["random"](ROWS))
    for metric in ("wer", "macc", "map"):
        found = compare(scores, scores, metric)
        assert (found.difference, found.interval, found.p) == (0.0, None, None)
        assert found.unknown == "no cluster changes the difference: without any one of them it is the same"


def test_a_perfect_system_differs_from_no_answer() -> None:
    rows = make_rows(60)
    never = scored(no_answer(rows), rows)
    assert compare(scored(ground_truth(rows), rows), never, "macc").p is None  # 100 and 0 in every recording
    once = [truth if number < 7 else no_answer(rows)[number] for number, truth in enumerate(ground_truth(rows))]
    best, worst = scored(ground_truth(rows), rows), scored(once, rows)
    for metric, sign in (("wer", -1), ("macc", 1), ("map", 1)):
        found = compare(best, worst, metric)
        assert found.difference * sign > 50
        assert found.p is not None
        assert found.p < 0.01
        back = compare(worst, best, metric)
        assert (back.difference, back.p) == (-found.difference, found.p)


def test_one_spelling_in_one_sentence_is_no_evidence() -> None:
    """Two perfect systems; one writes "superimposition" where the text has "super-imposition" (two words)."""
    rows = [row for row in make_rows(60) if row["condition"] == "0"]
    for number, row in enumerate(rows):
        row["transcript"] = "the super-imposition of the bows" if number % 3 == 0 else row["transcript"]
    perfect = [{"transcript": row["transcript"]} for row in rows]
    spelt = [{"transcript": row["transcript"].replace("super-i", "superi")} for row in rows]
    found = compare(scored(perfect, rows, tasks=["asr"]), scored(spelt, rows, tasks=["asr"]), "wer")
    assert found.difference < -5
    assert found.interval is not None
    assert found.interval.low < 0 < found.interval.high
    assert found.p is not None
    assert found.p > 0.2


def by_runs(hits_of_run: list[int]) -> Scores:
    """A run for each number of clips answered right in every recording."""
    rows = [
        {"id": f"{recording}-{number}", "scene": "Home", "source_recording_id": str(recording)}
        for recording in range(20)
        for number in range(10)
    ]
    runs = []
    for run, right in enumerate(hits_of_run):
        named = ["Home" if number % 10 < right + number // 10 % 2 else "Restaurant" for number in range(len(rows))]
        predictions = [{"scene": scene} for scene in named]
        runs.append(score(predictions, rows, tasks=["asc"], embedder="exact", run=run))
    return reduce(add, runs)


def test_what_a_whole_run_shares_widens_the_interval_from_three_runs_on() -> None:
    def width(scores: Scores) -> float:
        interval = scores.intervals("macc")["all"]
        assert interval is not None
        return interval.high - interval.low

    steady, drifting = by_runs([4, 4, 4]), by_runs([2, 4, 6])
    assert steady.value("macc") == drifting.value("macc")
    assert width(drifting) > 5 * width(steady)
    assert width(by_runs([2, 6])) == pytest.approx(width(by_runs([4, 4])))  # two runs do not tell


def test_systems_that_answered_other_clips_are_not_compared() -> None:
    scores = scored(ground_truth(ROWS))
    fewer = scored(ground_truth(ROWS)[:70], ROWS[:70])
    with pytest.raises(ValueError, match="the two systems did not answer the same clips"):
        compare(scores, fewer, "wer")
    with pytest.raises(ValueError, match="map is not defined for system B: it was not asked"):
        compare(scores, scored(ground_truth(ROWS), tasks=["asr"]), "map")
    silent = scored([None] * len(ROWS))
    with pytest.raises(ValueError, match="wer is not defined for system A: WER is undefined: no answer"):
        compare(silent, scores, "wer")


@pytest.mark.parametrize(
    ("metric", "column", "value", "differs"),
    [
        ("wer", "speaker_id", "q", "speaker 'p1' and 'q'"),
        ("wer", "transcript", "please call", "number of words 3 and 2"),
        ("wer", "transcript", "please, call Stella", "sentence 'please call stella' and 'please, call Stella'"),
        ("macc", "scene", 5, "scene '"),
        ("macc", "source_recording_id", "new", "recording 'rec1' and 'new'"),
        ("map", "events", [0, 17], f"events '.*' and '{'; '.join((EVENTS[0], EVENTS[17]))}'"),
    ],
)
def test_systems_scored_on_other_references_are_not_compared(
    metric: str, column: str, value: Any, differs: str
) -> None:
    place = next(number for number, row in enumerate(ROWS) if row["id"] == "pair1_0")
    other = [row | {column: value} if number == place else row for number, row in enumerate(ROWS)]
    one, two = (scored(CONTROLS["random"](ROWS), rows) for rows in (ROWS, other))
    with pytest.raises(
        ValueError, match=rf"{metric}: .* different references \(first: clip pair1_0, {differs}"
    ) as found:
        compare(one, two, metric)
    assert str(found.value).endswith("give both the same references")


def test_a_reference_without_an_id_is_named_by_its_row() -> None:
    rows = [{"transcript": text} for text in ("one two", "three", "four")]
    moved = [*rows[:2], {"transcript": "five"}]
    one, two = (score(["x"] * 3, of, tasks=["asr"]) for of in (rows, moved))
    with pytest.raises(ValueError, match=r"\(first: row 2, sentence 'four' and 'five'\)"):
        compare(one, two, "wer")


def test_holm_is_the_textbooks() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
