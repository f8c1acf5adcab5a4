"""Intervals beside scores, and comparing two systems."""

from __future__ import annotations

import numpy as np
import pytest

from sseu_metric import compare, summarise
from sseu_metric.classification import mean_average_precision
from sseu_metric.controls import CONTROLS, ground_truth, no_answer
from sseu_metric.exchanges import exchanged, sign_flips
from sseu_metric.significance import holm, p_value
from tests.sseu_metric.test_scoring import ROWS, make_rows, scored


def test_intervals_stand_beside_every_headline_and_condition() -> None:
    found = summarise(scored(CONTROLS["random"](ROWS)), resamples=60)
    assert found["intervals"].keys() == {"wer", "wer_capped", "macc", "map"}
    assert list(found["intervals"]["map"]) == ["all", "10", "5", "0", "-5", "-10", "-inf"]
    assert found["resampled_by"] == {"wer": "speaker", "wer_capped": "speaker", "macc": "recording", "map": "recording"}
    low, high = (found["intervals"]["macc"]["all"][key] for key in ("low", "high"))
    assert low <= found["macc"] <= high


def test_references_without_clusters_are_resampled_by_row_and_say_so() -> None:
    rows = [{key: row[key] for key in ("transcript", "scene", "events", "condition")} for row in ROWS]
    found = summarise(scored(CONTROLS["random"](rows), rows), resamples=20)
    assert set(found["resampled_by"].values()) == {"row"}


def test_other_clusters_are_options() -> None:
    scores = scored(CONTROLS["random"](ROWS))
    by_pair = summarise(scores, resamples=60, cluster="pair")
    assert set(by_pair["resampled_by"].values()) == {"pair"}
    assert by_pair["intervals"] != summarise(scores, resamples=60)["intervals"]
    with pytest.raises(ValueError, match="unknown cluster 'month'; there are recording, pair, row"):
        summarise(scores, resamples=5, cluster="month")


def test_a_system_does_not_differ_from_itself() -> None:
    scores = scored(CONTROLS["random"](ROWS))
    for metric in ("wer", "macc", "map"):
        found = compare(scores, scores, metric, resamples=30, draws=50)
        assert (found.difference, found.interval.low, found.interval.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_perfect_system_differs_from_no_answer() -> None:
    rows = make_rows(60)
    best, worst = scored(ground_truth(rows), rows), scored(no_answer(rows), rows)
    for metric, sign in (("wer", -1), ("macc", 1), ("map", 1)):
        found = compare(best, worst, metric, resamples=50, draws=500)
        assert found.difference * sign > 50
        assert found.p < 0.2  # seven recordings and four speakers cannot give less
        back = compare(worst, best, metric, resamples=50, draws=500)
        assert back.difference == -found.difference


def test_exchanging_no_cluster_gives_the_observed_difference_and_all_its_negative() -> None:
    """The arithmetic behind the test, for every metric."""
    a, b = scored(CONTROLS["random"](ROWS)), scored(ground_truth(ROWS))
    for metric in ("wer", "wer_capped", "macc", "map"):
        resampling = a.resampling(metric, resamples=1)
        flips = np.zeros((len(resampling.weights), 2), dtype=bool)
        flips[:, 1] = True
        observed = a.value(metric) - b.value(metric)  # type: ignore[operator]  # both are defined
        assert exchanged(metric, a, b, resampling, flips) == pytest.approx([observed, -observed], abs=1e-9)


def test_an_exchange_of_one_recording_is_that_of_its_rows() -> None:
    rows = [row for row in ROWS if row["condition"] == "0"]
    a, b = scored(CONTROLS["random"](rows), rows), scored(ground_truth(rows), rows)
    resampling = a.resampling("map", resamples=1)
    flips = np.zeros((len(resampling.weights), 1), dtype=bool)
    flips[2] = True
    swap = resampling.of_row == 2
    table_a, table_b = a.tables["at"], b.tables["at"]
    first = np.where(swap[:, None], table_b["confidences"], table_a["confidences"])
    second = np.where(swap[:, None], table_a["confidences"], table_b["confidences"])
    direct = mean_average_precision(table_a["truth"], first) - mean_average_precision(table_a["truth"], second)
    assert exchanged("map", a, b, resampling, flips)[0] == pytest.approx(direct, abs=1e-9)


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


def test_sign_flips_are_seeded_and_fair() -> None:
    blocks = list(sign_flips(20, draws=2500, seed=5))
    assert [block.shape for block in blocks] == [(20, 1000), (20, 1000), (20, 500)]
    assert np.array_equal(np.hstack(blocks), np.hstack(list(sign_flips(20, draws=2500, seed=5))))
    assert np.hstack(blocks).mean() == pytest.approx(0.5, abs=0.02)


def test_p_value_counts_at_least_as_large_differences_on_both_sides() -> None:
    assert p_value(2.0, np.array([0.0, 1.0, -2.0, 2.0, 3.0, -5.0, 0.5, 0.1, 0.2])) == 5 / 10
    assert p_value(9.0, np.zeros(99)) == 0.01


def test_holm_is_the_textbooks() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
