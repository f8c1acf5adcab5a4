"""What is asked: pairs, conditions, runs, limits and shards."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.conditions import CONDITIONS
from sseu_metric.labels import SCENES
from sseu_models.job import Job, Key
from sseu_models.planning import flatten, order_pairs, plan, seed_of
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


def asked_in(job: Job, conditions: tuple[str, ...] = CONDITIONS) -> dict[str, set[str]]:
    """For each task the conditions in which it is asked."""
    asked: dict[str, set[str]] = {}
    for row, key in flatten(plan(rows(2, conditions), job, modes=TASKS, deterministic=True)):
        asked.setdefault(key.task, set()).add(row["condition"])
    return asked


@pytest.mark.parametrize("levels", [("10", "5", "0", "-5", "-10"), ("15", "-2.5")])
def test_each_task_is_asked_where_it_is_scored(levels: tuple[str, ...]) -> None:
    given = ("+inf", *levels, "-inf")
    assert asked_in(Job(modes=("independent", "joint")), given) == {
        "asr": {"+inf", *levels},
        "asc": {*levels, "-inf"},
        "at": {*levels, "-inf"},
        "all": {*levels},
    }
    assert asked_in(Job(modes=("joint",), conditions="all"), given) == {"all": {*given}}
    assert asked_in(Job(modes=("joint",), conditions=given), given) == {"all": {*given}}
    assert asked_in(Job(modes=("joint",), conditions=levels[:1]), given) == {"all": {levels[0]}}
    probed = asked_in(Job(probe_noise=True), given)
    assert (probed["asr"], probed["at"]) == ({*given}, {*given})
    assert probed["asc"] == {*levels, "-inf"}


def test_a_condition_that_the_dataset_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"condition 10: the dataset has \+inf, 15, -2.5, -inf; the nearest is 15"):
        asked_in(Job(conditions=("10",)), ("+inf", "15", "-2.5", "-inf"))


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
