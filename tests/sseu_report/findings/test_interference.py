"""Interference: the conditions both modes have, and modes that cannot be compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sseu_metric.labels import SCENES
from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_report.findings.interference import find_interference
from tests.sseu_models.scripted import reference

FINITE = ("10", "5", "0", "-5", "-10")


def scene_scores(mode: str, right: Callable[[int, str], bool], conditions: tuple[str, ...] = FINITE) -> Scores:
    """Answers about twenty clips of two scenes, right where `right` says so."""
    rows = [reference(f"{n}", c, scene=n % 2) for c in conditions for n in range(20)]
    predictions = [
        {"scene": SCENES[row["scene"]] if right(int(row["pair_id"]), row["condition"]) else SCENES[4]} for row in rows
    ]
    return score(predictions, rows, tasks=("asc",), mode=mode, embedder="exact")


def test_interference_takes_the_five_conditions_both_modes_have() -> None:
    # At -inf, which joint was not asked about, independent is always wrong: that must not count.
    scores = {
        "independent": scene_scores("independent", lambda n, c: c != "-inf", (*FINITE, "-inf")),
        "joint": scene_scores("joint", lambda n, c: n < 10),
        "cot": scene_scores("cot", lambda n, c: n < 10),
    }
    joint, cot = find_interference(scores)
    assert (joint.base, joint.mode, joint.conditions) == ("independent", "joint", FINITE)
    assert joint.comparison.difference == pytest.approx(-50)
    assert joint.comparison.interval is not None
    assert joint.comparison.interval.high < 0
    assert joint.comparison.p is not None
    assert joint.comparison.p < 0.02
    assert (cot.base, cot.mode, cot.comparison.difference, cot.comparison.p) == ("joint", "cot", 0, None)


def test_modes_about_different_clips_are_not_compared() -> None:
    independent = scene_scores("independent", lambda n, c: True)
    rows = [reference(f"other{n}", c, scene=n % 2) for c in FINITE for n in range(20)]
    joint = score([{"scene": "Home"}] * 100, rows, tasks=("asc",), mode="joint", embedder="exact")
    with pytest.raises(ValueError, match="did not answer the same clips"):
        find_interference({"independent": independent, "joint": joint})


def test_a_mode_without_an_answer_in_a_condition_has_no_interference() -> None:
    whole = scene_scores("joint", lambda n, c: n < 10)
    rows = [reference(f"{n}", c, scene=n % 2) for c in FINITE for n in range(20)]
    answers = [None if row["condition"] == "0" else {"scene": "Home"} for row in rows]
    broken = score(answers, rows, tasks=("asc",), mode="independent", embedder="exact")
    assert find_interference({"independent": broken, "joint": whole}) == ()
