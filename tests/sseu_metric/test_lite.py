"""Estimates from a sample of questions: weights and intervals against independent computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t
from sklearn.metrics import average_precision_score

from sseu_metric import Scores, compare, score, summarise
from sseu_metric.conditions import CONDITIONS, counts_for
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.lite import as_lite, is_lite

PAIRS = 60


def _references() -> list[dict[str, Any]]:
    generator = np.random.default_rng(0)
    found = []
    for number in range(PAIRS):
        events = sorted(set(generator.choice(EVENTS[:5], 2).tolist()))
        found += [
            {
                "id": f"{number}_{condition}",
                "pair_id": str(number),
                "condition": condition,
                "transcript": f"please call stella now {number % 9}" if condition != "-inf" else "",
                "scene": SCENES[number % 6] if condition != "+inf" else None,
                "events": events if condition != "+inf" else [],
                "source_recording_id": f"r{number // 2}",
                "speaker_id": f"p{number % 7}",
            }
            for condition in ("+inf", "5", "0", "-inf")
        ]
    return found


def _answers(references: list[dict[str, Any]], seed: int, *, scores: bool = False) -> Scores:
    generator = np.random.default_rng(seed)
    predictions: list[dict[str, Any]] = []
    for row in references:
        words = [word for word in row["transcript"].split() if generator.random() < 0.7]
        events = [event for event in row["events"] if generator.random() < 0.7] + ["Wind Blowing"]
        scene = row["scene"] if generator.random() < 0.6 else "Home"
        named = {"transcript": " ".join(words), "scene": scene, "events": events}
        shift = CONDITIONS.index(row["condition"])
        truth = np.array([event in row["events"] for event in EVENTS])
        values = (truth + generator.normal(0, 0.7, len(EVENTS)) + shift).tolist()
        predictions.append(named | ({"event_scores": values} if scores else {}))
    return score(predictions, references, embedder="exact")


def _chosen(references: list[dict[str, Any]], seed: int = 1) -> dict[tuple[str, str], float]:
    """Every question by its own coin."""
    generator = np.random.default_rng(seed)
    found = {}
    for row in references:
        for task in ("asr", "asc", "at"):
            p = 0.5 if task != "at" else float(generator.uniform(0.3, 0.9))
            if counts_for(task, row["condition"]) and generator.random() < p:
                found[row["id"], task] = p
    return found


def _only(scores: Scores, chosen: Mapping[tuple[str, str], float]) -> Scores:
    return replace(
        scores,
        tables={
            task: rows.take(np.array([(name, task) in chosen for name in rows["id"]]))
            for task, rows in scores.tables.items()
        },
    )


@pytest.mark.parametrize("scores", [False, True])
def test_map_is_weighted_average_precision(scores: bool) -> None:
    references = _references()
    chosen = _chosen(references)
    lite = as_lite(_only(_answers(references, 0, scores=scores), chosen), chosen)
    rows = lite.tables["at"]
    weights = np.array([1 / chosen[name, "at"] for name in rows["id"]])
    present = np.flatnonzero(rows["truth"].any(axis=0))
    expected = [
        average_precision_score(rows["truth"][:, one], rows["confidences"][:, one], sample_weight=weights)
        for one in present
    ]
    assert lite.value("map") == pytest.approx(100 * np.mean(expected))


def test_scores_of_a_classifier_come_to_one_scale_and_keep_their_order() -> None:
    references = _references()
    chosen = _chosen(references)
    own = _only(_answers(references, 0, scores=True), chosen)
    lite = as_lite(own, chosen)
    before, after = own.tables["at"], lite.tables["at"]
    means = [after["confidences"][before["condition"] == one].mean(axis=0) for one in set(before["condition"].tolist())]
    assert np.ptp(means, axis=0).max() < 0.2  # conditions were a unit apart
    for condition in set(before["condition"].tolist()):
        mask = before["condition"] == condition
        for one in range(len(EVENTS)):
            order = np.argsort(before["confidences"][mask, one])
            assert (np.diff(after["confidences"][mask, one][order]) > 0).all()
    words = as_lite(_only(_answers(references, 0), chosen), chosen)
    assert (
        words.tables["at"]["confidences"] == _only(_answers(references, 0), chosen).tables["at"]["confidences"]
    ).all()


def test_scenes_are_pooled_and_words_averaged_over_conditions() -> None:
    references = _references()
    chosen = _chosen(references)
    own = _only(_answers(references, 0), chosen)
    lite = as_lite(own, chosen)
    rows = own.tables["asc"]
    recalls = [rows["hit"][rows["scene"] == scene].mean() for scene in SCENES]
    assert lite.value("macc") == pytest.approx(100 * np.mean(recalls))
    assert lite.value("wer") == own.value("wer")
    assert lite.conditions("macc") == lite.conditions("map") == ()
    assert lite.conditions("wer") == ("+inf", "5", "0")


def test_an_interval_of_the_scenes_by_hand() -> None:
    references = _references()
    chosen = _chosen(references)
    lite = as_lite(_only(_answers(references, 3), chosen), chosen)
    rows = lite.tables["asc"]
    f = 0.5 + 0.25 * (1 - 0.5)  # 3 conditions of a clip x 0.5 are more than one question
    parts = []
    for scene in SCENES:
        hits = rows["hit"][rows["scene"] == scene].astype(float)
        left = np.array([np.delete(hits, number).mean() for number in range(len(hits))])
        moved = 100 * (left - hits.mean()) / len(SCENES)
        parts.append(((len(hits) - 1) / len(hits) * (1 - f) * (moved**2).sum(), len(hits) - 1))
    variance = sum(part for part, _ in parts)
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts if part)
    found = lite.intervals("macc", lite.replicates("macc", "question"))["all"]
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * t.ppf(0.975, freedom) * variance**0.5, rel=1e-6)


def test_all_questions_have_no_interval_and_the_full_wer() -> None:
    references = _references()
    scores = _answers(references, 0)
    every = {(row["id"], task): 1.0 for row in references for task in ("asr", "asc", "at")}
    found = summarise(as_lite(scores, every))
    assert found["wer"] == scores.value("wer")
    assert found["macc"] == pytest.approx(scores.value("macc"))
    assert found["intervals"]["wer"]["all"] is None
    assert found["clusters"]["wer"]["unknown"]["all"] == "every question was asked"


def test_a_summary_says_no_more_than_a_sample_can() -> None:
    references = _references()
    chosen = _chosen(references)
    lite = as_lite(_only(_answers(references, 0), chosen), chosen)
    assert is_lite(lite)
    assert not is_lite(_answers(references, 0))
    found = summarise(lite)
    assert {"skill", "spelling", "matching", "within_corpus"}.isdisjoint(found)
    assert found["by_event"] == {}
    assert found["clusters"]["map"]["by"] == ["question"]
    assert found["intervals"]["map"]["all"]["low"] < found["map"] < found["intervals"]["map"]["all"]["high"]


def test_two_samples_of_the_same_questions_are_compared_by_cluster() -> None:
    references = _references()
    chosen = _chosen(references)
    a, b = (as_lite(_only(_answers(references, seed), chosen), chosen) for seed in (0, 1))
    for metric in ("wer", "macc", "map"):
        found = compare(a, b, metric)
        values = a.value(metric), b.value(metric)
        assert values[0] is not None
        assert values[1] is not None
        assert found.difference == pytest.approx(values[0] - values[1])
        assert found.p is not None
    assert a.replicates("map").jackknife.names == ("recording",)
