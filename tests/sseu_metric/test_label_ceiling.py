"""MAP under other labels: against scoring anew, against scikit-learn on copies of clips, and by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from sseu_metric import Scores, score
from sseu_metric.classification import average_precision, average_precisions
from sseu_metric.controls import known_corpus, known_scene
from sseu_metric.label_ceiling import Relevances, floors_under_rules, map_under_rules
from sseu_metric.label_rules import AS_LABELLED, RULES, events_under, soft_relevances
from sseu_metric.labels import EVENTS

SCENES = ("Restaurant", "City Center", "Metro Station")


def mixed(clips: int = 90, runs: int = 1, seed: int = 0) -> tuple[Scores, dict[str, dict[str, Any]]]:
    """Scores of a classifier in two conditions, and the label columns of each pair."""
    generator = np.random.default_rng(seed)
    labels: dict[str, dict[str, Any]] = {}
    rows = []
    for clip in range(clips):
        desed = clip % 3 == 0
        scene = "Home" if desed else SCENES[clip % 9 // 3]
        if desed:
            onsets = {int(event): generator.uniform(0, 9) for event in generator.choice(9, 2, replace=False)}
            segments = [
                {"event": event, "onset_s": on, "offset_s": on + generator.uniform(0.2, 4)}
                for event, on in onsets.items()
            ]
            label = {"events": sorted(onsets), "event_segments": segments, "soft_labels": None}
        else:
            tenths = {event: generator.integers(0, 11, 10) * (generator.random() < 0.5) / 10 for event in range(9, 18)}
            given = [{"event": event, "values": values.tolist()} for event, values in tenths.items()]
            label = {"event_segments": [], "soft_labels": given, "events": []}
            label["events"] = events_under(label, AS_LABELLED)
        labels[str(clip)] = label
        for condition in ("5", "-5"):
            rows.append(
                {
                    "id": f"{clip}@{condition}",
                    "pair_id": str(clip),
                    "condition": condition,
                    "scene": scene,
                    "events": label["events"],
                    "background_corpus": "DESED" if desed else "MAESTRO-Real",
                    "source_recording_id": f"{scene} {clip // 9}",
                }
            )
    scores = None
    for run in range(runs):
        answers = []
        for row in rows:
            present: Any = row["events"]
            heard = generator.random(18) + np.array([0.5 * (event in present) for event in range(18)])
            answers.append({"event_scores": np.round(heard, 1).tolist()})
        part = score(answers, rows, tasks=("at",), run=run)
        scores = part if scores is None else scores + part
    assert scores is not None
    return scores, labels


def relabelled(scores: Scores, labels: dict[str, dict[str, Any]], rule: Any) -> Scores:
    """The same answers with the truth of a rule."""
    rows = scores.tables["at"]
    truth = np.zeros_like(rows["truth"])
    for number, pair in enumerate(rows["pair"]):
        truth[number, events_under(labels[pair], rule)] = True
    return replace(scores, tables={"at": type(rows)({**rows.columns, "truth": truth})})


def test_every_rule_gives_what_scoring_against_its_labels_gives() -> None:
    scores, labels = mixed(runs=2)
    found = map_under_rules(scores, Relevances.of(labels))
    assert found is not None
    assert found.by_rule[RULES.index(AS_LABELLED)] == pytest.approx(scores.value("map"))
    for value, rule in zip(found.by_rule, RULES, strict=True):
        assert value == pytest.approx(relabelled(scores, labels, rule).value("map"))
    for value, rule in zip(found.within_corpus, RULES, strict=True):  # corpora annotate the same classes here
        assert value == pytest.approx(relabelled(scores, labels, rule).value("map_within_corpus"))
    assert len(set(np.round(found.by_rule, 6))) > 10


def test_floors_are_those_of_controls_that_know_the_labels_of_the_rule() -> None:
    scores, labels = mixed()
    rows = scores.cells("map")[0, "5"]
    found = floors_under_rules(rows, Relevances.of(labels))
    assert set(found) == {"corpus", "scene", "labels"}
    for number, rule in enumerate(RULES):
        references = [
            {
                "condition": "5",
                "scene": scene,
                "background_corpus": corpus,
                "events": [EVENTS[event] for event in events_under(labels[pair], rule)],
            }
            for pair, scene, corpus in zip(rows["pair"], rows["scene"], rows["corpus"], strict=True)
        ]
        for floor, control in (("corpus", known_corpus), ("scene", known_scene)):
            expected = score(control(references), references, tasks=("at",), embedder="exact").value("map")
            assert found[floor].by_rule[number] == pytest.approx(expected)
    own = found["labels"].by_rule
    assert own[RULES.index(AS_LABELLED)] == pytest.approx(100)
    assert min(own) < 80
    assert found["labels"].soft < 100


def test_soft_ap_is_that_of_copies_of_each_clip_of_which_its_share_is_positive() -> None:
    scores, labels = mixed()
    found = map_under_rules(scores, Relevances.of(labels))
    cells = []
    for rows in scores.cells("map").values():
        by_class = []
        for event in range(18):
            tenths = [round(10 * soft_relevances(labels[pair]).get(event, 0)) for pair in rows["pair"]]
            truth = np.concatenate([np.arange(10) < share for share in tenths])
            by_class.append(average_precision_score(truth, np.repeat(rows["confidences"][:, event], 10)))
        cells.append(100 * np.mean(by_class))
    assert found is not None
    assert found.soft == pytest.approx(np.mean(cells), abs=1e-4)


@pytest.mark.long
def test_the_interval_of_soft_map_leaves_out_recordings() -> None:
    scores, labels = mixed(180)
    found = map_under_rules(scores, Relevances.of(labels))
    assert found is not None
    assert found.soft_interval is not None
    rows = scores.tables["at"]
    variance = 0.0
    for recording in sorted(set(rows["recording"])):
        scene = rows["scene"][rows["recording"] == recording][0]
        n = len(set(rows["recording"][rows["scene"] == scene]))
        cells = []
        for part in scores.cells("map").values():
            weights = np.where(part["scene"] == scene, n / (n - 1), 1.0) * (part["recording"] != recording)
            by_class = []
            for event in range(18):
                shares = np.array([soft_relevances(labels[pair]).get(event, 0.0) for pair in part["pair"]])
                truth = np.concatenate([np.ones(len(part)), np.zeros(len(part))])
                given = np.tile(part["confidences"][:, event], 2)
                copies = np.concatenate([weights * shares, weights * (1 - shares)])  # as many parts of each clip
                by_class.append(average_precision_score(truth, given, sample_weight=copies))
            cells.append(100 * np.mean(by_class))
        variance += (n - 1) / n * (np.mean(cells) - found.soft) ** 2
    half = (found.soft_interval.high - found.soft_interval.low) / 2
    assert 1.95 < half / variance**0.5 < 2.1  # the t quantile of some 30 to 80 recordings


def test_a_class_without_a_clip_is_left_out_and_no_class_at_all_is_nan() -> None:
    rows = [{"id": "a", "pair_id": "a", "events": ["Dog"]}, {"id": "b", "pair_id": "b", "events": ["Cat"]}]
    scores = score([{"event_scores": [0.5] * 18}] * 2, rows, tasks=("at",))
    labels = {
        name: {
            "events": [event],
            "event_segments": [{"event": event, "onset_s": 0, "offset_s": off}],
            "soft_labels": None,
        }
        for name, event, off in (("a", 4, 2.0), ("b", 2, 0.2))
    }
    found = map_under_rules(scores, Relevances.of(labels))
    assert found is not None
    values = dict(zip(map(str, RULES), found.by_rule, strict=True))
    assert values["threshold 0.5, as labelled"] == values["threshold 0.5, 2 s"] == 50
    assert np.isnan(values["threshold 0.5, 3 s"])
    assert map_under_rules(score([None] * 2, rows, tasks=("at",)), Relevances.of(labels)) is None


def test_several_truths_at_once_are_each_by_itself() -> None:
    generator = np.random.default_rng(2)
    truths, scores = generator.random((5, 60)) < 0.3, np.round(generator.random(60), 1)
    truths[4] = False
    found = average_precisions(truths, scores)
    assert found[:4] == pytest.approx([average_precision(one, scores) for one in truths[:4]])
    assert found[:4] == pytest.approx([average_precision_score(one, scores) for one in truths[:4]])
    assert np.isnan(found[4])
    assert average_precisions(truths.astype(np.float32), scores)[:4] == pytest.approx(found[:4])
