"""SNR thresholds: the paper's own curves, ends that are never passed, resamples beyond the ends."""

from __future__ import annotations

import csv
import math
from typing import Any

import numpy as np
import pytest

from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_report.by_condition import only_conditions
from sseu_report.findings.speech_cost import find_speech_costs
from sseu_report.findings.thresholds import SnrThreshold, crossings_db, find_thresholds
from tests.conftest import SHARED
from tests.sseu_models.scripted import reference

FINITE_DB = np.array([10.0, 5.0, 0.0, -5.0, -10.0])
WORDS = "please call stella and ask her to bring these things"


def crossing(wers: list[float], level: float) -> float:
    return float(crossings_db(FINITE_DB, np.array([wers], dtype=float), np.array([level]))[0])


@pytest.mark.parametrize(
    ("system", "expected_db"),
    [
        # Straight lines through the published WER: clean + 10 = 14.02 lies between 0 dB (11.19) and -5 dB (20.02).
        ("Qwen2-Audio-Instruct", -5 * (14.02 - 11.19) / (20.02 - 11.19)),
        ("Kimi-Audio", -5 - 5 * (11.74 - 10.67) / (30.69 - 10.67)),
        ("Step-Audio 2 Mini", 10 - 5 * (11.91 - 10.41) / (13.30 - 10.41)),
    ],
)
def test_the_published_curves(system: str, expected_db: float) -> None:
    path = SHARED / "paper" / "table1.csv"
    if not path.exists():
        pytest.skip(f"the published scores are not in {path}")
    with path.open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["task"] == "asr" and row["system"] == system)
    wers = [float(row[name]) for name in ("10", "5", "0", "-5", "-10")]
    assert crossing(wers, float(row["clean"]) + 10) == pytest.approx(expected_db, abs=1e-9)


@pytest.mark.parametrize(
    ("wers", "level", "expected_db"),
    [
        ([5, 6, 7, 8, 9], 9.001, -math.inf),  # a curve is never continued
        ([5, 6, 7, 8, 9], 9, -10),
        ([5, 6, 7, 8, 9], 4.999, math.inf),
        ([5, 6, 7, 8, 9], 5, 10),
        # 20 and 10 are pooled to 15 at 5 and 0 dB, so 12 is crossed between 10 dB and 5 dB at 7 of 10 points.
        ([5, 20, 10, 30, 40], 12, 10 - 5 * 0.7),
        ([0, 10, 10, 10, 20], 10, 5),  # of a flat piece the highest SNR counts
        ([5, math.nan, 10, 30, 40], 12, math.nan),  # a resample without words
    ],
)
def test_crossings(wers: list[float], level: float, expected_db: float) -> None:
    assert crossing(wers, level) == pytest.approx(expected_db, nan_ok=True)
    order = [3, 0, 4, 2, 1]  # that of the conditions does not matter
    mixed = crossings_db(FINITE_DB[order], np.array([wers], dtype=float)[:, order], np.array([level]))
    assert mixed[0] == pytest.approx(expected_db, nan_ok=True)


def answered(wrong: dict[str, list[int]], *, mode: str = "independent") -> Scores:
    """ASR of ten-word sentences: for each condition, how many words each speaker's sentence has wrong."""
    rows: list[dict[str, Any]] = []
    predictions: list[dict[str, Any]] = []
    for condition, errors in wrong.items():
        for number, count in enumerate(errors):
            rows.append(reference(f"{number}", condition, transcript=WORDS, speaker_id=f"p{number}"))
            words = ["wrong"] * count + WORDS.split()[count:]
            predictions.append({"transcript": " ".join(words)})
    return score(predictions, rows, tasks=("asr",), mode=mode)


def threshold(wrong: dict[str, list[int]], resamples: int = 50) -> SnrThreshold:
    (found,) = find_thresholds({"independent": answered(wrong)}, resamples=resamples)
    return found


def test_resamples_beyond_the_ends_are_counted_and_printed() -> None:
    # One of three speakers gets no worse: resamples that hold it twice never lose 10 points.
    found = threshold({"+inf": [0, 0, 0], "0": [0, 0, 0], "-10": [0, 3, 3]})
    assert found.clean_wer == 0
    assert found.threshold_db == pytest.approx(-5)
    assert found.low_db == -math.inf
    assert 0 < found.below < 300
    assert found.above == 0
    assert [found.text(value) for value in (found.low_db, found.high_db)] == ["< -10 dB", "-3.3 dB"]


def test_a_system_that_is_lost_at_once() -> None:
    found = threshold({"+inf": [0, 0], "10": [5, 5], "-5": [9, 9]})
    assert (found.threshold_db, found.low_db, found.high_db, found.above) == (math.inf, math.inf, math.inf, 50)
    assert found.text(found.threshold_db) == "> 10 dB"


def test_a_system_that_hears_no_words_has_none_to_lose() -> None:
    assert not threshold({"+inf": [10, 10], "10": [10, 10], "0": [10, 10]}).meaningful


def test_what_speech_costs_scenes() -> None:
    rows = [reference(f"{n}", c, scene=n % 2) for c in ("10", "-inf") for n in range(8)]
    right = {"10": 4, "-inf": 8}
    predictions = [
        {
            "scene": ("Home", "Restaurant")[row["scene"]]
            if int(row["pair_id"]) < right[row["condition"]]
            else "Metro Station"
        }
        for row in rows
    ]
    scores = score(predictions, rows, tasks=("asc",), mode="independent", embedder="exact")
    (found,) = find_speech_costs({"independent": scores})
    assert (found.background_alone, found.loudest_speech, found.lost) == (100, 50, 50)
    # Half of four recordings per scene: the interval holds the cost, is wide, and stays within 0 to 100.
    assert 0 <= found.interval.low < 30 < 70 < found.interval.high <= 100
    assert found.condition == "10"


def test_only_what_was_measured_is_found() -> None:
    scores = {
        "independent": answered({"+inf": [0, 1], "10": [1, 1], "0": [2, 3]}),
        "joint": answered({"10": [1, 1], "0": [2, 3]}, mode="joint"),
        "cot": answered({"+inf": [0, 1], "10": [1, 1]}, mode="cot"),
    }
    assert [found.mode for found in find_thresholds(scores)] == ["independent"]
    assert find_speech_costs(scores) == ()


def test_other_snrs_have_thresholds_within_their_own_range() -> None:
    found = threshold({"+inf": [0, 0], "15": [0, 0], "-2.5": [2, 2]})
    assert (found.lowest_db, found.highest_db) == (-2.5, 15)
    assert found.threshold_db == pytest.approx(6.25)


def test_conditions_are_selected_together() -> None:
    scores = answered({"+inf": [0], "10": [1], "0": [2]})
    assert set(only_conditions(scores, ("10", "0")).tables["asr"]["condition"]) == {"10", "0"}
    assert only_conditions(scores, ("-5",)).tables == {}
