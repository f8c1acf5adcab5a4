"""From predictions to scores: what must never happen, each as a test."""

from __future__ import annotations

import json
import random
from typing import Any

import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from sseu_metric import CONDITIONS, EVENTS, SCENES, average, score, summarise
from sseu_metric.controls import CONTROLS, ground_truth, no_answer
from sseu_metric.embedder_protocol import EmbedderError
from sseu_metric.scores import Scores

Row = dict[str, Any]

SENTENCES = ("the cat sat on the mat", "please call stella", "we also need a small plastic snake")


def make_rows(pairs: int = 12, seed: int = 0) -> list[Row]:
    """Dataset rows as `load` gives them, without audio: `pairs` pairs in all seven conditions."""
    generator = random.Random(seed)
    rows = []
    for pair in range(pairs):
        scene, events = pair % len(SCENES), sorted(generator.sample(range(len(EVENTS)), generator.randint(1, 3)))
        for condition in CONDITIONS:
            has_speech, has_background = condition != "-inf", condition != "+inf"
            rows.append(
                {
                    "id": f"pair{pair}_{condition}",
                    "pair_id": f"pair{pair}",
                    "condition": condition,
                    "transcript": SENTENCES[pair % 3] if has_speech else "",
                    "scene": scene if has_background else None,
                    "events": events if has_background else [],
                    "speaker_id": f"p{pair % 4}" if has_speech else None,
                    "speaker_gender": "FM"[pair % 2] if has_speech else None,
                    "background_corpus": ("DESED" if scene == 0 else "MAESTRO-Real") if has_background else None,
                    "source_recording_id": f"rec{pair % 7}" if has_background else None,
                    "audio": {"bytes": b"not touched", "path": "x"},
                }
            )
    return rows


ROWS = make_rows()


def scored(predictions: Any, rows: list[Row] = ROWS, **options: Any) -> Scores:
    return score(predictions, rows, **{"embedder": "exact", **options})


def test_ground_truth_is_the_upper_bound() -> None:
    found = summarise(scored(ground_truth(ROWS)))
    assert (found["wer"], found["macc"], found["map"]) == (0.0, 100.0, 100.0)
    assert found["complete"]


def test_condition_decides_which_tasks_a_row_counts_for() -> None:
    scores = scored(ground_truth(ROWS))
    assert {task: len(rows) for task, rows in scores.tables.items()} == {"asr": 72, "asc": 72, "at": 72}
    assert "-inf" not in set(scores.tables["asr"]["condition"])
    assert "+inf" not in set(scores.tables["at"]["condition"])


def test_without_a_condition_every_task_counts() -> None:
    reference = {"transcript": "hello there", "scene": "Home", "events": ["Dog"]}
    scores = scored([dict(reference)], [reference])
    assert {task: len(rows) for task, rows in scores.tables.items()} == {"asr": 1, "asc": 1, "at": 1}
    assert scores.values("wer") == {0: {"": 0.0}}


def test_names_and_class_ids_are_the_same_reference() -> None:
    named = [
        row
        | {
            "scene": None if row["scene"] is None else SCENES[row["scene"]],
            "events": [EVENTS[event] for event in row["events"]],
        }
        for row in ROWS
    ]
    predictions = CONTROLS["random"](ROWS)
    assert summarise(scored(predictions, named)) == summarise(scored(predictions))


def test_missing_unparsed_and_wrong_are_three_numbers_and_none_leaves_the_denominator() -> None:
    predictions: list[Any] = ground_truth(ROWS)
    asr = [number for number, row in enumerate(ROWS) if row["condition"] == "0"]
    predictions[asr[0]] = None
    predictions[asr[1]] = predictions[asr[1]] | {"transcript": None, "scene": None, "events": None}
    predictions[asr[2]] = predictions[asr[2]] | {"transcript": "", "status": {"asr": "refused"}}
    scores = scored(predictions)
    counts = scores.counts()["asr"]
    assert (counts["missing"], counts["unparsed"], counts["refused"], counts["answered"]) == (1, 1, 1, 69)
    words = [len(row["transcript"].split()) for row in ROWS if row["condition"] == "0"]
    lost = sum(words[:3])
    assert scores.where(condition="0").value("wer") == pytest.approx(100 * lost / sum(words))
    found = summarise(scores, intervals=False)
    assert not found["complete"]
    assert found["counts"]["at"]["missing"] == 1


def test_wer_is_pooled_and_equals_jiwer() -> None:
    references = [{"transcript": text} for text in (*SENTENCES, "one more")]
    hypotheses = ["the cat sat on mat", "please please call stella", "", "one more thing entirely"]
    predictions = [{"transcript": text} for text in hypotheses]
    scores = scored(predictions, references, tasks=["asr"], normalizer="none")
    assert scores.value("wer") == pytest.approx(100 * jiwer.wer([row["transcript"] for row in references], hypotheses))
    swapped = scored(references, predictions, tasks=["asr"], normalizer="none")
    assert swapped.value("wer") != scores.value("wer")


def test_map_equals_scikit_learn_on_classifier_scores() -> None:
    generator = np.random.default_rng(0)
    rows = [row for row in ROWS if row["condition"] == "-inf"]
    vectors = generator.integers(0, 5, (len(rows), 18)) / 4
    scores = scored([{"event_scores": vector.tolist()} for vector in vectors], rows, tasks=["at"])
    truth = np.zeros((len(rows), 18), dtype=bool)
    for number, row in enumerate(rows):
        truth[number, row["events"]] = True
    expected = [average_precision_score(truth[:, k], vectors[:, k]) for k in range(18) if truth[:, k].any()]
    assert scores.value("map") == pytest.approx(100 * np.mean(expected), abs=1e-10)
    assert scores.embedder is None


def test_classifier_scenes_are_used_as_they_are() -> None:
    rows = [row for row in ROWS if row["condition"] == "-inf"]
    vectors = [[float(scene == row["scene"]) for scene in range(6)] for row in rows]
    assert scored([{"scene_scores": vector} for vector in vectors], rows, tasks=["asc"]).value("macc") == 100
    tied = [[1.0] * 6 for _ in rows]
    assert scored([{"scene_scores": vector} for vector in tied], rows, tasks=["asc"]).value("macc") == 0


def test_the_headline_is_the_plain_mean_over_conditions_then_over_runs() -> None:
    predictions = [
        row | {"transcript": "" if row["condition"] in ("-5", "-10") else row["transcript"]}
        for row in ground_truth_rows()
    ]
    scores = scored(predictions, tasks=["asr"])
    assert scores.value("wer") == pytest.approx(100 * 2 / 6)
    assert scores.value("wer", ("10", "5", "0", "-5", "-10")) == pytest.approx(100 * 2 / 5)
    both = scores + scored(ground_truth(ROWS), tasks=["asr"], run=1)
    assert both.value("wer") == pytest.approx(100 * 1 / 6)


def ground_truth_rows() -> list[Row]:
    return [
        row | {"condition": reference["condition"]} for row, reference in zip(ground_truth(ROWS), ROWS, strict=True)
    ]


def test_scores_add_up_to_the_scores_of_the_union() -> None:
    predictions = CONTROLS["random"](ROWS)
    parts = scored(predictions[:40], ROWS[:40]) + scored(predictions[40:], ROWS[40:])
    assert summarise(parts) == summarise(scored(predictions))


def test_a_repeated_answer_is_an_error() -> None:
    scores = scored(ground_truth(ROWS))
    with pytest.raises(ValueError, match=r"asr: answer 'pair0_\+inf' \(run 0, mode joint\) occurs twice"):
        scores + scores
    with pytest.raises(ValueError, match="occurs twice"):
        scored(ground_truth(ROWS) * 2, ROWS * 2)
    assert len((scores + scored(ground_truth(ROWS), run=1)).tables["asr"]) == 144
    assert len((scores + scored(ground_truth(ROWS), mode="cot")).tables["asr"]) == 144


def test_different_embedders_do_not_add_up() -> None:
    other = Scores(scored(ground_truth(ROWS), run=1).tables, embedder={"id": "other"})
    with pytest.raises(ValueError, match="scores of different embedders do not add up"):
        scored(ground_truth(ROWS)) + other


def test_several_modes_have_no_common_value() -> None:
    both = scored(ground_truth(ROWS)) + scored(no_answer(ROWS), mode="cot")
    with pytest.raises(ValueError, match=r"several modes \(cot, joint\) have no common value"):
        both.value("wer")
    assert both.where(mode="cot").value("wer") == 100


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000))
def test_order_of_rows_and_a_second_run_change_nothing(seed: int) -> None:
    predictions = CONTROLS["random"](ROWS)
    order = random.Random(seed).sample(range(len(ROWS)), len(ROWS))
    shuffled = scored([predictions[number] for number in order], [ROWS[number] for number in order])
    assert summarise(shuffled) == summarise(scored(predictions))


def test_results_are_plain_json_without_nan() -> None:
    found = summarise(scored(CONTROLS["random"](ROWS)))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_breakdowns_are_views() -> None:
    scores = scored(ground_truth(ROWS))
    assert set(scores.by("gender")) >= {"F", "M"}
    assert scores.by("gender")["F"].value("wer") == 0
    assert set(scores.by("sentence")) >= set(SENTENCES)
    assert {scene for scene in scores.by("scene") if scene} == set(SCENES)
    assert summarise(scores, intervals=False)["by_corpus"].keys() == {"DESED", "MAESTRO-Real"}
    with pytest.raises(ValueError, match="no column 'colour'; there are id, run, mode"):
        scores.by("colour")
    with pytest.raises(ValueError, match="no column 'colour'"):
        scores.where(colour="red")


def test_classes_that_do_not_occur_are_left_out_and_listed() -> None:
    rows = [row for row in ROWS if row["scene"] in (0, 1)]
    found = summarise(scored(ground_truth(rows), rows), intervals=False)
    assert found["macc"] == 100
    assert set(found["left_out"]["scenes"]) == set(SCENES[2:])
    present = {event for row in rows for event in row["events"]}
    assert set(found["left_out"]["events"]) == {name for number, name in enumerate(EVENTS) if number not in present}


def test_runaway_answers_are_counted_and_capped() -> None:
    predictions = ground_truth(ROWS)
    predictions[3]["transcript"] = "la " * 500
    found = summarise(scored(predictions), intervals=False)
    assert found["counts"]["asr"]["runaway"] == 1
    assert found["wer"] > 100
    assert found["wer_capped"] < 10


@pytest.mark.parametrize(
    ("prediction", "reference", "message"),
    [
        ({"scene": "", "events": []}, {}, "prediction 0 lacks the key 'transcript'; it has scene, events"),
        ({"transcript": 3, "scene": "", "events": []}, {}, "prediction 0: transcript is int, a string is needed"),
        ({"transcript": "", "scene": 1, "events": []}, {}, "prediction 0: scene is int, a string is needed"),
        ({"transcript": "", "scene": "", "events": "Dog"}, {}, "prediction 0: events is str, a list of strings"),
        ({"transcript": "", "scene": "", "events": [1]}, {}, "prediction 0: events holds"),
        (["Home"], {}, "prediction 0 is of type list; a mapping, the raw answer as a string, or None is needed"),
        ({}, {"transcript": None}, "reference 0: transcript is NoneType, a string is needed"),
        ({}, {"scene": "Beach"}, "reference 0: scene holds 'Beach', which is none of Home, Restaurant"),
        ({}, {"scene": 6}, "reference 0: scene holds 6"),
        ({}, {"scene": True}, "reference 0: scene holds True"),
        ({}, {"events": ["Unicorn"]}, "reference 0: events holds 'Unicorn'"),
        ({}, {"events": "Dog"}, "reference 0: events is str, a list of labels is needed"),
        ({"scene_scores": [1, 2], "transcript": "", "events": []}, {}, "scene_scores must be 6 finite numbers"),
        ({"event_scores": [float("nan")] * 18, "transcript": "", "scene": ""}, {}, "event_scores must be 18 finite"),
        ({"event_scores": ["a"] * 18, "transcript": "", "scene": ""}, {}, "event_scores must be 18 finite"),
        ({"scene_scores": [[1.0], [1.0, 2.0]], "transcript": "", "events": []}, {}, "scene_scores must be 6 finite"),
        (7, {}, "prediction 0 is of type int; a mapping, the raw answer as a string, or None is needed"),
        (
            {"Scene": "Home", "transcript": "", "event": []},
            {},
            "prediction 0 lacks the key 'scene'; it has Scene, transcript, event; 'Scene' is unknown; did you mean",
        ),
        ({"Scene": "Home", "event": []}, {}, "it has Scene, event; 'Scene' is unknown; did you mean 'scene'?"),
        ({"text": "a"}, {}, "prediction 0 has none of the keys transcript, scene, events, scene_scores, event_scores"),
        ({"transcript": "", "scene": "", "events": [], "status": "ok"}, {}, "prediction 0: status is str; a mapping"),
        ({}, {"condition": "loud"}, "reference 0: 'loud' is not a condition; it is an SNR in dB such as '5'"),
    ],
)
def test_wrong_types_and_missing_keys_name_row_and_key(prediction: Any, reference: Row, message: str) -> None:
    good = {"transcript": "a", "scene": "Home", "events": ["Dog"]}
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is checked below
        scored([prediction or good], [good | reference])
    assert message in str(caught.value)


def test_intervals_of_rows_without_clusters_do_not_depend_on_their_order() -> None:
    rows = [{key: row[key] for key in ("id", "transcript", "scene", "events", "condition")} for row in ROWS]
    predictions = CONTROLS["random"](rows)
    order = random.Random(4).sample(range(len(rows)), len(rows))
    shuffled = scored([predictions[number] for number in order], [rows[number] for number in order])
    assert summarise(shuffled) == summarise(scored(predictions, rows))


def test_lengths_and_emptiness() -> None:
    with pytest.raises(ValueError, match="reference 0 lacks the key 'scene'; it has transcript"):
        scored([{"transcript": "", "scene": "", "events": []}], [{"transcript": "a"}])
    with pytest.raises(ValueError, match="3 predictions for 84 references"):
        scored(ground_truth(ROWS)[:3])
    with pytest.raises(ValueError, match="no references: there is nothing to score"):
        scored([], [])
    with pytest.raises(ValueError, match=r"unknown tasks \['ocr'\]; there are asr, asc, at"):
        scored(ground_truth(ROWS), tasks=["ocr"])
    with pytest.raises(ValueError, match="none of the 1 references counts for asr"):
        scored([{"transcript": ""}], [ROWS[6]], tasks=["asr"])


def test_asr_and_classifiers_need_no_embedder() -> None:
    class Never:
        id, revision, dimension = "never", None, None

        def embed(self, texts: Any) -> Any:
            raise EmbedderError("must not be asked")

    score(ground_truth(ROWS), ROWS, tasks=["asr"], embedder=Never())
    with pytest.raises(EmbedderError):
        score(ground_truth(ROWS), ROWS, tasks=["asc"], embedder=Never())


def test_each_distinct_name_is_embedded_once() -> None:
    calls: list[str] = []

    class Counting:
        id, revision, dimension = "counting", "1", 2

        def embed(self, texts: Any) -> Any:
            calls.extend(texts)
            return np.array([[1.0, 0.0] if "o" in text.lower() else [0.0, 1.0] for text in texts])

    predictions = [{"transcript": "", "scene": "Home", "events": ["Dog", " Dog ", "Cat"]} for _ in ROWS]
    scores = score(predictions, ROWS, tasks=["at"], embedder=Counting())
    assert sorted(set(calls)) == sorted(set(EVENTS) | {"Dog", "Cat"})
    assert len(calls) == len(set(calls))
    assert scores.embedder == {"id": "counting", "revision": "1", "dimension": 2}


def test_controls_have_their_documented_values() -> None:
    found = {name: summarise(scored(control(ROWS)), intervals=False) for name, control in CONTROLS.items()}
    assert found["no-answer"]["wer"] == 100
    assert found["no-answer"]["macc"] == 0
    assert found["majority"]["macc"] == pytest.approx(100 / 6)
    rows = [row for row in ROWS if row["condition"] == "0"]
    prevalence = np.mean(
        [np.mean([event in row["events"] for row in rows]) for event in {e for row in rows for e in row["events"]}]
    )
    assert found["no-answer"]["map"] == found["all-events"]["map"] == pytest.approx(100 * prevalence)


def test_floors_on_the_official_label_counts_are_those_of_the_design() -> None:
    """1,117 clips with the official number of clips per event and scene (docs/protocol.md)."""
    counts = (54, 19, 44, 103, 57, 28, 36, 69, 68, 163, 28, 400, 34, 240, 115, 81, 69, 26)
    scenes = [0] * 378 + [1] * 64 + [2] * 237 + [3] * 22 + [4] * 194 + [5] * 222
    rows = [
        {"scene": scene, "events": [event for event, count in enumerate(counts) if number < count]}
        for number, scene in enumerate(scenes)
    ]
    for name in ("no-answer", "all-events"):
        found = scored(CONTROLS[name](rows), rows, tasks=["at"])
        assert found.value("map") == pytest.approx(8.13, abs=0.005)
    assert scored(CONTROLS["majority"](rows), rows, tasks=["asc"]).value("macc") == pytest.approx(16.67, abs=0.005)


def test_values_by_run_and_condition_are_what_the_headline_averages() -> None:
    scores = scored(CONTROLS["random"](ROWS)) + scored(ground_truth(ROWS), run=1)
    values = scores.values("map")
    assert [list(run) for run in values.values()] == [list(CONDITIONS[1:])] * 2
    assert values[0]["-5"] == scores.where(run=0, condition="-5").value("map")
    found = average(values.values(), CONDITIONS[1:])
    assert found is not None
    assert found.value == pytest.approx(scores.value("map"))
    assert scores.where(condition="+inf").values("map") == {}
    with pytest.raises(ValueError, match="unknown metric 'wers'; there are wer, wer_capped, macc, map"):
        scores.values("wers")


# What was never answered


def without(*conditions: str, run: int = 0) -> Scores:
    """The truth, but for conditions in which no answer came."""
    truth = ground_truth(ROWS)
    answers = [None if row["condition"] in conditions else answer for row, answer in zip(ROWS, truth, strict=True)]
    return scored(answers, run=run)


def test_a_system_that_never_answered_has_no_score() -> None:
    scores = without(*CONDITIONS)
    found = summarise(scores)
    assert not {"wer", "wer_capped", "macc", "map"} & found.keys()
    assert (found["pooled"], found["by_scene"], found["by_event"], found["intervals"]) == ({}, {}, {}, {})
    assert found["by_condition"] == {condition: {} for condition in CONDITIONS}
    assert found["counts"]["asr"] == {"answers": 72, "missing": 72, "runaway": 0}
    assert found["undefined"] == {
        "asr": "WER is undefined: no answer",
        "asc": "mACC is undefined: no answer",
        "at": "mAP is undefined: no answer",
    }
    assert found["left_out"]["scenes"] == []  # the references have them all
    assert not found["complete"]


def test_an_answer_that_says_nothing_is_an_answer() -> None:
    found = summarise(scored(["I cannot say."] * len(ROWS)), intervals=False)
    assert (found["wer"], found["macc"], found["undefined"]) == (100.0, 0.0, {})


def test_a_task_without_an_answer_leaves_the_others_alone() -> None:
    rows = [row | {"id": f"{row['id']}{number}"} for number, row in enumerate(ROWS)]
    heard = score(ground_truth(rows), rows, tasks=["asr"], mode="independent", embedder="exact")
    silent = score([None] * len(rows), rows, tasks=["asc", "at"], mode="independent", embedder="exact")
    found = summarise(heard + silent, intervals=False)
    assert found["wer"] == 0
    assert found["undefined"].keys() == {"asc", "at"}


def test_where_nothing_was_answered_in_a_condition_there_is_no_average() -> None:
    scores = without("0", "-inf")
    found = summarise(scores)
    assert found["undefined"] == {
        "asr": "WER has no average: no answer in 0",
        "asc": "mACC has no average: no answer in 0, -inf",
        "at": "mAP has no average: no answer in 0, -inf",
    }
    assert found["by_condition"]["5"] == {"wer": 0.0, "wer_capped": 0.0, "macc": 100.0, "map": 100.0}
    assert found["by_condition"]["0"] == {}
    assert found["intervals"]["wer"].keys() == {"+inf", "10", "5", "-5", "-10"}
    assert (found["by_scene"], found["by_event"]) == ({}, {})
    assert scores.value("wer", ["10", "5"]) == 0
    assert scores.value("wer", ["10", "0"]) is None
    assert average(scores.values("wer").values(), ["10", "0"]) is None


def test_a_run_without_an_answer_is_no_run_less() -> None:
    scores = without() + without("0", run=1)
    found = summarise(scores)
    assert found["undefined"]["asr"] == "WER has no average: no answer in 0 (run 1)"
    assert "wer" not in found["by_condition"]["0"]
    assert "all" not in found["intervals"]["wer"]
    assert average(scores.values("wer").values(), ["0"]) is None
    scores = without() + without(*CONDITIONS, run=1)
    assert scores.values("wer")[1] == {}
    assert average(scores.values("wer").values(), ["0"]) is None
    assert scores.value("wer") is None


def test_one_answer_in_a_condition_scores_the_missing_ones_as_empty() -> None:
    truth: list[Any] = list(ground_truth(ROWS))
    rows = [number for number, row in enumerate(ROWS) if row["condition"] == "0"]
    for number in rows[1:]:
        truth[number] = None
    found = summarise(scored(truth), intervals=False)
    words = [len(ROWS[number]["transcript"].split()) for number in rows]
    assert found["by_condition"]["0"]["wer"] == pytest.approx(100 * sum(words[1:]) / sum(words))
    assert found["wer"] == pytest.approx(found["by_condition"]["0"]["wer"] / 6)
