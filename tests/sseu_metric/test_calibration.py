"""Calibration against scikit-learn, against a sum by hand without each cluster, and of answers that have none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from sseu_metric import Scores, score
from sseu_metric.calibration import BINS, Calibration, Found, NoProbabilities, find_calibration
from sseu_metric.labels import EVENTS, SCENES


def classified(
    clips: int = 300, seed: int = 0, conditions: Sequence[str] = ("0",), mode: str = "independent", run: int = 0
) -> Scores:
    """Probabilities that know something of clips, three of a recording."""
    generator = np.random.default_rng((seed, run))
    rows: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for clip in range(clips):
        scene = clip // 3 % len(SCENES)
        for condition in conditions:
            heard = generator.normal(0, 1, len(SCENES))
            heard[scene] += 1
            shares = np.exp(heard) / np.exp(heard).sum()
            rates = generator.beta(0.5, 3, len(EVENTS))
            there = generator.random(len(EVENTS)) < rates**1.3
            rows.append(
                {
                    "id": f"{clip}@{condition}",
                    "condition": condition,
                    "scene": SCENES[scene],
                    "events": [name for name, one in zip(EVENTS, there, strict=True) if one],
                    "source_recording_id": f"r{clip // 3}",
                }
            )
            answers.append({"scene_scores": shares.tolist(), "event_scores": rates.tolist()})
    return score(answers, rows, tasks=("asc", "at"), mode=mode, run=run)


def calibrated(scores: Scores, task: str) -> Calibration:
    found = find_calibration(scores, task)
    assert isinstance(found, Calibration)
    return found


def test_curve_and_brier_score_of_events_are_scikit_learns() -> None:
    scores = classified(conditions=("5", "-5"))
    rows, found = scores.tables["at"], calibrated(scores, "at")
    truth, given = rows["truth"].ravel(), rows["confidences"].ravel()
    observed, predicted = calibration_curve(truth, given, n_bins=BINS, strategy="uniform")
    assert [one.observed for one in found.bins] == pytest.approx(observed)
    assert [one.confidence for one in found.bins] == pytest.approx(predicted)
    assert found.answers == sum(one.answers for one in found.bins) == len(truth)
    by_class = [brier_score_loss(rows["truth"][:, k], rows["confidences"][:, k]) for k in range(len(EVENTS))]
    assert found.brier == pytest.approx(np.mean(by_class))
    shares = [brier_score_loss(rows["truth"][:, k], np.full(len(rows), rows["truth"][:, k].mean())) for k in range(18)]
    assert found.brier_of_shares == pytest.approx(np.mean(shares))
    weights = [one.answers / found.answers for one in found.bins]
    assert found.ece == pytest.approx(100 * sum(weights * np.abs(observed - predicted)))


def test_curve_and_brier_score_of_scenes_are_scikit_learns() -> None:
    scores = classified()
    rows, found = scores.tables["asc"], calibrated(scores, "asc")
    given = rows["confidences"]
    observed, predicted = calibration_curve(given.argmax(axis=1) == rows["reference"], given.max(axis=1), n_bins=BINS)
    assert [one.observed for one in found.bins] == pytest.approx(observed)
    assert [one.confidence for one in found.bins] == pytest.approx(predicted)
    several = brier_score_loss(rows["reference"], given, labels=range(6), scale_by_half=False)
    assert found.brier == pytest.approx(several)
    assert found.brier_of_shares == pytest.approx(1 - 6 * (1 / 6) ** 2, abs=1e-3)
    assert found.reading == "as given"


def test_a_value_on_a_border_is_in_the_bin_below() -> None:
    rows = [{"scene": "Home", "events": ["Dog"] if clip < 2 else []} for clip in range(4)]
    scores = score([{"event_scores": [0.2, 0.4, *[0.0] * 16]}] * 4, rows, tasks=("at",))
    found = calibrated(scores, "at")
    truth = scores.tables["at"]["truth"].ravel()
    observed, _ = calibration_curve(truth, scores.tables["at"]["confidences"].ravel(), n_bins=BINS)
    assert [one.observed for one in found.bins] == pytest.approx(observed)
    assert [one.high for one in found.bins] == pytest.approx([1 / 15, 0.2, 0.4])


def _without(scores: Scores, task: str, recording: str) -> tuple[float, float, list[float]]:
    """ECE, Brier and observed shares without a recording; the others of its scene weigh n / (n - 1)."""
    rows = scores.tables[task]
    scene = rows["scene"][rows["recording"] == recording][0]
    n = len(set(rows["recording"][rows["scene"] == scene]))
    weights = np.where(rows["scene"] == scene, n / (n - 1), 1.0)
    weights[rows["recording"] == recording] = 0
    given = rows["confidences"]
    if task == "asc":
        happened, predicted = given.argmax(axis=1) == rows["reference"], given.max(axis=1)
        squares = ((given - np.eye(6)[rows["reference"]]) ** 2).sum(axis=1)
    else:
        happened, predicted = rows["truth"].ravel(), given.ravel()
        squares = ((given - rows["truth"]) ** 2).mean(axis=1)
    brier = (weights * squares).sum() / weights.sum()
    weights = np.repeat(weights, len(happened) // len(rows))
    ece, shares = 0.0, []
    for number in range(BINS):
        inside = (predicted > number / BINS) & (predicted <= (number + 1) / BINS)
        if inside.any():
            ece += abs((weights * (predicted - happened.astype(float)))[inside].sum())
            left = weights[inside].sum()
            shares.append((weights * happened)[inside].sum() / left if left else math.nan)
    return 100 * ece / weights.sum(), float(brier), shares


@pytest.mark.parametrize("task", ["asc", "at"])
def test_intervals_leave_out_every_recording_of_a_scene(task: str) -> None:
    scores = classified(540, conditions=("5", "-5"))
    found = calibrated(scores, task)
    rows = scores.tables[task]
    recordings = sorted(set(rows["recording"]))
    without = [_without(scores, task, name) for name in recordings]
    per_scene = len(recordings) // 6
    freedom = _freedom(scores, task, [(one[0] - found.ece) ** 2 for one in without], recordings)
    for value, interval, of in ((found.ece, found.ece_interval, 0), (found.brier, found.brier_interval, 1)):
        variance = (1 - 1 / per_scene) * sum((float(one[of]) - value) ** 2 for one in without)  # type: ignore[arg-type, misc]
        assert interval is not None
        half = (interval.high - interval.low) / 2
        assert half == pytest.approx(stats.t.ppf(0.975, freedom) * math.sqrt(variance), rel=0.01)
    fullest = max(range(len(found.bins)), key=lambda number: found.bins[number].answers)
    one = found.bins[fullest]
    assert one.interval is not None
    variance = (1 - 1 / per_scene) * sum((shares[fullest] - one.observed) ** 2 for _, _, shares in without)
    assert (one.interval.high - one.interval.low) / 2 == pytest.approx(
        stats.t.ppf(0.975, freedom) * math.sqrt(variance), rel=0.02
    )


def _freedom(scores: Scores, task: str, squares: list[float], recordings: list[str]) -> float:
    rows = scores.tables[task]
    scene_of = dict(zip(rows["recording"], rows["scene"], strict=True))
    by_scene = {
        scene: sum(s for s, r in zip(squares, recordings, strict=True) if scene_of[r] == scene) for scene in SCENES
    }
    n = len(recordings) / len(SCENES)
    return sum(by_scene.values()) ** 2 / sum(value**2 / (n - 1) for value in by_scene.values())


def test_shares_of_scenes_are_calibrated_exactly() -> None:
    from sseu_metric.controls import known_scene

    generator = np.random.default_rng(3)
    rows = [
        {
            "id": str(clip),
            "condition": "0",
            "scene": SCENES[clip % 6],
            "events": [
                name for number, name in enumerate(EVENTS) if generator.random() < 0.05 * (1 + clip % 6 + number % 3)
            ],
        }
        for clip in range(200)
    ]
    found = calibrated(score(known_scene(rows), rows, tasks=("at",)), "at")
    assert found.ece == pytest.approx(0, abs=1e-9)
    assert found.brier < found.brier_of_shares


def test_log_probabilities_of_the_mode_likelihood() -> None:
    logs = [{"scene_scores": [-1.0, -2.0, -4.0, -4.0, -5.0, -6.0], "event_scores": [math.log(0.25)] * 18}] * 8
    rows = [{"scene": SCENES[n % 2], "events": ["Dog"] if n < 2 else []} for n in range(8)]
    scores = score(logs, rows, tasks=("asc", "at"), mode="likelihood")
    scenes, events = calibrated(scores, "asc"), calibrated(scores, "at")
    assert {scenes.reading, events.reading} == {"log-probabilities"}
    likeliest = math.exp(-1) / sum(math.exp(one) for one in logs[0]["scene_scores"])
    assert [(one.confidence, one.observed) for one in scenes.bins] == [pytest.approx((likeliest, 0.5))]
    assert [one.confidence for one in events.bins] == [pytest.approx(0.25)]
    assert scenes.ece == pytest.approx(100 * (likeliest - 0.5))


def test_runs_are_averaged_and_conditions_shown() -> None:
    runs = [classified(120, conditions=("5", "-5"), run=run) for run in range(3)]
    whole = calibrated(runs[0] + runs[1] + runs[2], "at")
    apart = [calibrated(run, "at") for run in runs]
    assert whole.ece == pytest.approx(np.mean([one.ece for one in apart]))
    assert whole.brier == pytest.approx(np.mean([one.brier for one in apart]))
    assert list(whole.by_condition) == ["5", "-5"]
    assert calibrated(runs[0].where(condition="5"), "at").ece == pytest.approx(apart[0].by_condition["5"])


def reason_of(found: Found | None) -> str:
    assert isinstance(found, NoProbabilities)
    return found.reason


def test_names_have_no_calibration_and_the_reason_has_the_numbers() -> None:
    rows = [{"scene": "Home" if clip else "Restaurant", "events": ["Dog"]} for clip in range(4)]
    scores = score([{"scene": "Home", "events": ["Dog"]}] * 4, rows, tasks=("asc", "at"), embedder="exact")
    e = math.e  # a cosine of 1 with one label and 0 with the others
    assert reason_of(find_calibration(scores, "asc")) == (
        f"it names a scene, and the softmax of eq. (1) gives that {100 * e / (e + 5):.1f} to {100 * e / (e + 5):.1f} % "
        "whether right or wrong, while 75.0 % are right"
    )
    assert reason_of(find_calibration(scores, "at")) == (
        "it names events, and the sigmoid of eq. (3) gives 73.1 % on average to those that are there and 50.0 % to "
        "those that are not, while 5.6 % are there"
    )
    silent = score([{"scene": "", "events": []}] * 4, rows, tasks=("asc", "at"), embedder="exact")
    assert reason_of(find_calibration(silent, "asc")) == "it named nothing"


@pytest.mark.parametrize(
    ("task", "given", "reason"),
    [
        ("asc", {"scene_scores": [3, 1, 0, 0, 0, 0]}, "its scores are from 0 to 3, and probabilities from 0 to 1"),
        ("asc", {"scene_scores": [-1, 0, 0, 0, 0, 0]}, "its scores are from -1 to 0, and probabilities from 0 to 1"),
        (
            "asc",
            {"scene_scores": [0.5, 0.9, 0, 0, 0, 0]},
            "its scores of the scenes add up to 1.4 to 1.4, and probabilities to 1",
        ),
        ("at", {"event_scores": [-0.5] * 18}, "its scores are from -0.5 to -0.5, and probabilities from 0 to 1"),
    ],
)
def test_scores_that_are_no_probabilities_are_named(task: str, given: dict[str, Any], reason: str) -> None:
    rows = [{"scene": "Home", "events": ["Dog"]}] * 3
    assert reason_of(find_calibration(score([given] * 3, rows, tasks=(task,)), task)) == reason


def test_answers_that_never_came_have_no_part() -> None:
    rows = [{"id": str(n), "scene": SCENES[n % 2], "events": []} for n in range(4)]
    given = {"scene_scores": [0.6, 0.4, 0, 0, 0, 0]}
    found = calibrated(score([given, given, None, None], rows, tasks=("asc",)), "asc")
    assert (found.answers, found.bins[0].observed) == (2, 0.5)
    assert find_calibration(score([None] * 4, rows, tasks=("asc",)), "asc") is None
    assert find_calibration(score([given] * 4, rows, tasks=("asc",)), "at") is None
