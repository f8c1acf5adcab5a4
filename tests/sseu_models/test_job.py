"""What is asked: pairs, conditions, runs, limits and shards."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.conditions import CONDITIONS
from sseu_metric.labels import SCENES
from sseu_models.job import Job, Key, PlannedQuestion, flatten, order_pairs, plan, questions_in, seed_of
from sseu_models.records import TASKS
from tests.sseu_models.scripted import reference


def rows(pairs: int, conditions: tuple[str, ...] = CONDITIONS) -> list[dict[str, object]]:
    return [
        reference(f"pair{number}", condition, scene=None if condition == "+inf" else number % 6)
        for number in range(pairs)
        for condition in conditions
    ]


def test_the_paper_asks_28_questions_of_a_pair_in_all_modes() -> None:
    """DESIGN section 3: 1,117 pairs x 28 x 3 runs = 93,828 requests."""
    job = Job(modes=("independent", "joint", "cot"))
    clips = plan(rows(2), job, modes=TASKS, deterministic=False)
    assert sum(len(clip.questions) for clip in clips) == 2 * 28 * 3
    assert sum(len(clip.questions) for clip in plan(rows(2), job, modes=TASKS, deterministic=True)) == 2 * 28


def test_each_task_is_asked_where_it_is_scored() -> None:
    clips = plan(rows(1), Job(modes=("independent", "joint")), modes=TASKS, deterministic=True)
    asked: dict[str, set[str]] = {}
    for row, key in flatten(clips):
        asked.setdefault(key.task, set()).add(row["snr"])
    assert asked["asr"] == set(CONDITIONS) - {"-inf"}
    assert asked["asc"] == asked["at"] == set(CONDITIONS) - {"+inf"}
    assert asked["all"] == {"10", "5", "0", "-5", "-10"}


@pytest.mark.parametrize("conditions", ["all", CONDITIONS])
def test_all_conditions_add_the_ends_to_joint(conditions: Any) -> None:
    clips = plan(rows(1), Job(modes=("joint",), conditions=conditions), modes=TASKS, deterministic=True)
    assert {row["snr"] for row, _ in flatten(clips)} == set(CONDITIONS)


def test_conditions_are_those_of_the_dataset() -> None:
    levels = ("+inf", "15", "-2.5", "-inf")
    given = rows(2, levels)
    clips = plan(given, Job(modes=("independent", "joint")), modes=TASKS, deterministic=True)
    asked: dict[str, set[str]] = {}
    for row, key in flatten(clips):
        asked.setdefault(key.task, set()).add(row["snr"])
    assert asked == {
        "asr": {"+inf", "15", "-2.5"},
        "asc": {"15", "-2.5", "-inf"},
        "at": {"15", "-2.5", "-inf"},
        "all": {"15", "-2.5"},
    }
    one = plan(given, Job(conditions=("15",)), modes=TASKS, deterministic=True)
    assert {row["snr"] for row, _ in flatten(one)} == {"15"}
    with pytest.raises(ValueError, match=r"condition 10: the dataset has \+inf, 15, -2.5, -inf; the nearest is 15"):
        plan(given, Job(conditions=("10",)), modes=TASKS, deterministic=True)


def test_the_noise_probe_asks_for_words_in_minus_inf_too() -> None:
    job = Job(probe_noise=True)
    assert PlannedQuestion("independent", "asr", 0) in questions_in("-inf", job, modes=TASKS, runs=1)
    assert PlannedQuestion("independent", "asr", 0) not in questions_in("-inf", Job(), modes=TASKS, runs=1)


@given(st.permutations(range(30)))
def test_the_order_of_the_rows_changes_nothing(places: list[int]) -> None:
    given_rows = rows(30)
    shuffled = [row for place in places for row in given_rows[place * 7 : place * 7 + 7]]
    assert order_pairs(shuffled) == order_pairs(given_rows)


@given(st.integers(1, 60))
def test_a_limit_is_a_stratified_prefix(limit: int) -> None:
    pairs = order_pairs(rows(60))
    assert len(pairs) == len(set(pairs)) == 60
    scenes = Counter(int(pair.removeprefix("pair")) % 6 for pair in pairs[:limit])
    assert max(scenes.values()) - min(scenes.get(scene, 0) for scene in range(len(SCENES))) <= 1
    smaller = plan(rows(60), Job(limit=limit), modes=TASKS, deterministic=True)
    assert len({clip.reference["pair_id"] for clip in smaller}) == limit


@given(st.integers(1, 9))
def test_shards_are_a_partition(total: int) -> None:
    parts = [
        {key for _, key in flatten(clips)}
        for number in range(1, total + 1)
        for clips in [plan(rows(20), Job(shard=(number, total)), modes=TASKS, deterministic=True)]
    ]
    whole = {key for _, key in flatten(plan(rows(20), Job(), modes=TASKS, deterministic=True))}
    assert set().union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)


def test_seeds_depend_on_the_question_alone_and_differ() -> None:
    keys = [
        Key(clip, *one) for clip in "ab" for mode, tasks in TASKS.items() for one in product((mode,), tasks, range(3))
    ]
    seeds = {seed_of(Job(), key) for key in keys}
    assert len(seeds) == len(keys) == 2 * 7 * 3
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seed_of(Job(limit=3), keys[0]) == seed_of(Job(), keys[0]) != seed_of(Job(seed=1), keys[0])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"modes": ("both",)}, r"unknown mode 'both' \(there are independent, joint, cot, likelihood"),
        ({"modes": ("joints",)}, "unknown mode 'joints'; did you mean 'joint'"),
        ({"modes": ()}, r"mode \(none\)"),
        ({"modes": ("joint", "joint")}, "mode joint, joint: give each once, of independent"),
        ({"conditions": ("5", "5")}, "condition 5, 5: give each once"),
        ({"conditions": ()}, r"condition \(none\)"),
        ({"conditions": ("loud",)}, "'loud' is not a condition; it is an SNR in dB"),
        ({"conditions": ("inf",)}, r"'inf' is not a condition; .*; did you mean '\+inf'\?"),
        ({"conditions": ("5.0",)}, r"did you mean '5'\?"),
        ({"runs": 0}, "runs is 0; at least 1"),
        ({"limit": 0}, "limit is 0; at least 1"),
        ({"shard": (5, 4)}, "shard 5/4; I/N with 1 <= I <= N"),
        ({"modes": ("joint",), "probe_noise": True}, "noise probe .* needs the mode independent"),
    ],
)
def test_impossible_jobs_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Job(**values)  # type: ignore[arg-type]


def test_a_mode_that_the_system_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="does not answer in the mode cot; it does in independent"):
        plan(rows(1), Job(modes=("cot",)), modes={"independent": ("asc", "at")}, deterministic=True)


def test_conditions_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"nothing to ask: .*-inf"):
        plan(rows(1), Job(conditions=("-inf",)), modes={"independent": ("asr",)}, deterministic=True)
