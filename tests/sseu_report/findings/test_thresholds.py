"""SNR thresholds: the paper's own curves, ends that are never passed, intervals that are open there."""

from __future__ import annotations

import csv
import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_report.by_condition import only_conditions
from sseu_report.findings.speech_cost import find_speech_costs
from sseu_report.findings.thresholds import SnrThreshold, crossings_db, find_thresholds
from tests.conftest import SHARED
from tests.sseu_models.scripted import reference

FINITE_DB = np.array([10.0, 5.0, 0.0, -5.0, -10.0])
WORDS = "please call stella and ask her to bring these"
LAST = ("things", "snakes", "spoons", "cheeses", "frogs", "slabs")


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
        ([5, math.nan, 10, 30, 40], 12, math.nan),  # a condition without words
    ],
)
def test_crossings(wers: list[float], level: float, expected_db: float) -> None:
    assert crossing(wers, level) == pytest.approx(expected_db, nan_ok=True)
    order = [3, 0, 4, 2, 1]  # that of the conditions does not matter
    mixed = crossings_db(FINITE_DB[order], np.array([wers], dtype=float)[:, order], np.array([level]))
    assert mixed[0] == pytest.approx(expected_db, nan_ok=True)


def answered(wrong: dict[str, list[int]], *, mode: str = "independent") -> Scores:
    """ASR of ten-word sentences, one by each speaker: for each condition, how many words each has wrong."""
    rows: list[dict[str, Any]] = []
    predictions: list[dict[str, Any]] = []
    for condition, errors in wrong.items():
        for number, count in enumerate(errors):
            sentence = f"{WORDS} {LAST[number % len(LAST)]}"
            rows.append(reference(f"{number}", condition, transcript=sentence, speaker_id=f"p{number}"))
            words = ["wrong"] * count + sentence.split()[count:]
            predictions.append({"transcript": " ".join(words)})
    return score(predictions, rows, tasks=("asr",), mode=mode)


def threshold(wrong: dict[str, list[int]]) -> SnrThreshold:
    (found,) = find_thresholds({"independent": answered(wrong)})
    return found


def test_an_interval_that_is_open_below_says_so() -> None:
    # Three of six speakers get no worse: at -10 dB the rise of 30 points may well be one of 10.
    found = threshold({"+inf": [0] * 6, "0": [0, 0, 0, 0, 0, 1], "-10": [0, 0, 0, 6, 6, 6]})
    assert found.clean_wer == 0
    assert found.threshold_db == pytest.approx(-10 * (10 - 5 / 3) / (30 - 5 / 3))
    assert found.low_db == -math.inf
    assert found.high_db is not None
    assert found.threshold_db is not None
    assert found.threshold_db < found.high_db < 0
    assert found.interval_text == f"< -10 dB to {found.high_db:.1f} dB"


def test_an_interval_that_is_open_above_says_so() -> None:
    found = threshold({"+inf": [0, 0, 0], "10": [0, 1, 4], "-10": [4, 5, 6]})
    assert found.high_db == math.inf
    assert found.low_db is not None
    assert found.interval_text == f"{found.text(found.low_db)} to > 10 dB"


def test_a_system_that_is_lost_at_once() -> None:
    found = threshold({"+inf": [0, 0, 0], "10": [5, 6, 5], "-5": [9, 9, 8]})
    assert (found.threshold_db, found.low_db, found.high_db) == (math.inf, math.inf, math.inf)
    assert found.interval_text == "> 10 dB to > 10 dB"


def test_a_rise_that_is_the_same_for_all_speakers_has_no_interval() -> None:
    found = threshold({"+inf": [0, 0, 0], "10": [5, 5, 5], "-5": [9, 9, 8]})
    assert (found.threshold_db, found.low_db, found.high_db, found.interval_text) == (math.inf, None, None, None)


def test_the_bounds_are_where_the_rise_is_significantly_other_than_ten_points() -> None:
    """At each bound the rise's own t interval, computed here by hand, touches ten points."""
    wrong = {"+inf": [0, 0, 0, 0, 0, 0], "0": [0, 0, 0, 0, 1, 0], "-10": [6, 8, 7, 5, 8, 6]}
    found = threshold(wrong)
    assert found.low_db is not None
    assert found.high_db is not None
    assert found.threshold_db is not None
    assert found.low_db < found.threshold_db < found.high_db
    errors = {condition: 10 * np.array(counts, dtype=float) for condition, counts in wrong.items()}

    def bounds(snr_db: float) -> tuple[float, float]:
        share = -snr_db / 10  # between 0 and -10 dB
        rises = (1 - share) * errors["0"] + share * errors["-10"] - errors["+inf"]
        half = scipy.stats.t.ppf(0.975, 5) * rises.std(ddof=1) / math.sqrt(6)
        return rises.mean() - half, rises.mean() + half

    assert bounds(found.low_db)[0] <= 10 < bounds(found.low_db - 0.1)[0]
    assert bounds(found.high_db + 0.1)[1] < 10 <= bounds(found.high_db)[1]


@given(
    st.integers(2, 6).flatmap(
        lambda speakers: st.lists(
            st.lists(st.integers(0, 10), min_size=speakers, max_size=speakers), min_size=4, max_size=4
        )
    )
)
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_the_threshold(errors: list[list[int]]) -> None:
    found = threshold(dict(zip(("+inf", "10", "0", "-10"), errors, strict=True)))
    assert (found.low_db is None) == (found.high_db is None)  # the same rise for all speakers
    if found.low_db is not None and found.high_db is not None:
        assert found.threshold_db is not None
        assert found.low_db <= found.threshold_db <= found.high_db


def test_one_speaker_tells_nothing_about_others() -> None:
    found = threshold({"+inf": [0], "10": [0], "-10": [2]})
    assert found.threshold_db == pytest.approx(0)
    assert (found.low_db, found.high_db, found.interval_text) == (None, None, None)


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
    # Half of four recordings per scene: the t interval of a mean of two means of four, by hand.
    error = math.sqrt(2 * (100**2 / 3) / 4) / 2
    assert found.interval is not None
    assert found.interval.low == pytest.approx(50 - scipy.stats.t.ppf(0.975, 6) * error, abs=1e-5)
    assert found.interval.high == pytest.approx(50 + scipy.stats.t.ppf(0.975, 6) * error, abs=1e-5)
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
