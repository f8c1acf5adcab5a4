"""The design of a lite run: sizes, probabilities, balance, and the same questions for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sseu_metric.conditions import CONDITIONS, scored_conditions
from sseu_models.lite_design import choose_questions, task_sizes
from tests.sseu_models.simulated_systems import as_pairs

SCENES = {"Home": 300, "Restaurant": 50, "Grocery Store": 12}


def _labels() -> list[dict[str, Any]]:
    """Backgrounds with one frequent event, one of half of them, and a rare one."""
    found = []
    for scene, count in SCENES.items():
        for number in range(count):
            events = ["Dishes"] + ["Dog"] * (number % 2) + ["Blender"] * (number % 40 == 0)
            found.append({"scene": scene, "events": events, "source_recording_id": f"{scene} {number // 5}"})
    return found


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in as_pairs(_labels(), "x")}


def _of_task(chosen: Mapping[tuple[str, str], float], task: str) -> dict[str, float]:
    return {name: probability for (name, of), probability in chosen.items() if of == task}


def test_sizes_of_the_tasks() -> None:
    assert task_sizes(2450) == pytest.approx({"asr": 350, "asc": 1050, "at": 1050})
    assert task_sizes(350) == pytest.approx({"asr": 50, "asc": 150, "at": 150})


def test_the_same_rows_in_any_order_give_the_same_questions(rows: dict[str, dict[str, Any]]) -> None:
    forwards, backwards = choose_questions([*rows.values()], 700), choose_questions([*rows.values()][::-1], 700)
    assert forwards == backwards


@pytest.mark.parametrize("questions", [350, 1400])
def test_sizes_and_balance(rows: dict[str, dict[str, Any]], questions: int) -> None:
    chosen = choose_questions([*rows.values()], questions)
    for task, size in task_sizes(questions).items():
        names = _of_task(chosen, task)
        assert abs(len(names) - size) <= 1
        by_condition = Counter(rows[name]["condition"] for name in names)
        assert set(by_condition) == set(scored_conditions(task, CONDITIONS))
        assert max(by_condition.values()) - min(by_condition.values()) <= len(SCENES)
        assert max(Counter(rows[name]["pair_id"] for name in names).values()) <= len(CONDITIONS) - 1
    scenes = Counter(rows[name]["scene"] for name in _of_task(chosen, "asc"))
    few = min(12 * 6, task_sizes(questions)["asc"] / 3)
    assert sorted(scenes.values())[0] == pytest.approx(few, abs=1)
    assert abs(sorted(scenes.values())[1] - sorted(scenes.values())[2]) <= 1


def test_all_questions_where_there_are_not_more(rows: dict[str, dict[str, Any]]) -> None:
    chosen = choose_questions([*rows.values()], 100_000)
    assert len(chosen) == 3 * 6 * sum(SCENES.values())
    assert set(chosen.values()) == {1.0}


def test_probabilities_are_how_often_a_question_is_chosen() -> None:
    """Over other names of the pairs, which give other draws."""
    labels = _labels()
    hits: Counter[tuple[int, str]] = Counter()
    stated: dict[tuple[int, str], float] = {}
    draws = 60
    for draw in range(draws):
        named = as_pairs(labels, f"{draw}-")
        place = {row["id"]: number for number, row in enumerate(named)}
        for (name, task), probability in choose_questions(named, 600).items():
            hits[place[name], task] += 1
            assert stated.setdefault((place[name], task), probability) == pytest.approx(probability)
    z = [(hits[key] - draws * p) / np.sqrt(draws * p * (1 - p)) for key, p in stated.items() if 0.05 < p < 0.95]
    assert abs(np.mean(z)) < 0.1
    assert 0.8 < np.std(z) < 1.2


def test_rare_events_are_asked_more_often(rows: dict[str, dict[str, Any]]) -> None:
    chosen = _of_task(choose_questions([*rows.values()], 350), "at")
    clips = Counter(event for row in rows.values() if row["condition"] == "0" for event in row["events"])
    sizes = {name: sum(1 / clips[event] for event in rows[name]["events"]) ** 0.5 for name in chosen}
    ratios = [probability / sizes[name] for name, probability in chosen.items()]
    assert np.ptp(ratios) < 1e-9 * max(ratios)


def test_a_clip_without_an_event_can_be_chosen() -> None:
    labels = [{"scene": "Home", "events": [], "source_recording_id": str(number)} for number in range(40)]
    assert len(_of_task(choose_questions(as_pairs(labels, "x"), 91), "at")) == pytest.approx(39, abs=1)
