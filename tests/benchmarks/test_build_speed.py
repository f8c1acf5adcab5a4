"""What the build's benchmark makes of its measurements: medians, ratios, verdicts, tables; and the pairs it takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from sseu_dataset.recipe import read_recipe
from tests.sseu_dataset.tiny_corpora import TinyCorpora

speed = import_module("build_speed")
costs = import_module("costs")


def test_medians_keep_names_and_numbers_of_processes_apart() -> None:
    found = speed.medians(
        [
            ("ours", 2, costs.Cost(3, 30)),
            ("lhotse", 1, costs.Cost(9, 90)),
            ("ours", 2, costs.Cost(1, 50)),
            ("ours", 1, costs.Cost(7, 70)),
            ("ours", 2, costs.Cost(2, 10)),
        ]
    )
    assert found == {("ours", 2): costs.Cost(2, 30), ("lhotse", 1): costs.Cost(9, 90), ("ours", 1): costs.Cost(7, 70)}


def build_cost(cpu_s: float, encode_cpu_s: float = 10.0, peak_mib: float = 300.0) -> object:
    return speed.BuildCost(costs.Cost(cpu_s, cpu_s / 2), peak_mib, encode_cpu_s, 100)


COSTS = {
    ("ours", 2): costs.Cost(0.010, 0.006),
    ("ours", 1): costs.Cost(0.010, 0.010),
    ("lhotse", 1): costs.Cost(0.030, 0.012),
    ("lhotse", 2): costs.Cost(0.030, 0.0059),
}


def verdicts(builds: list[object], whole: bool = True) -> dict[str, tuple[str, str, bool]]:
    found = speed.ratios(builds, COSTS, 2, whole)
    return {ratio.name: (ratio.measured, ratio.required, ratio.met) for ratio in found}


def test_ratios_divide_the_peer_by_ours_on_all_cores() -> None:
    assert verdicts([build_cost(12), build_cost(16), build_cost(20)]) == {
        "CPU time of the build / of encoding its clips at the same FLAC level": ("1.60", "<= 1.9", True),
        "peak memory of the build, MiB": ("300", "< 400", True),
        "wall time of lhotse, 1 process / of ours, 2 threads": ("2.00", ">= 2", True),
        "wall time of lhotse, 2 processes / of ours, 2 threads": ("0.98", "", True),  # printed, not judged
    }


def test_a_ratio_that_misses_its_limit_is_not_met() -> None:
    found = verdicts([build_cost(19.1, peak_mib=400)])
    assert found["CPU time of the build / of encoding its clips at the same FLAC level"] == ("1.91", "<= 1.9", False)
    assert found["peak memory of the build, MiB"] == ("400", "< 400", False)
    slow = speed.ratios([build_cost(10)], COSTS | {("lhotse", 1): costs.Cost(1, 0.0119)}, 2, True)
    assert [(ratio.measured, ratio.met) for ratio in slow if "1 process" in ratio.name] == [("1.98", False)]


def test_the_cpu_of_a_part_is_not_judged() -> None:
    name = "CPU time of the build / of encoding its clips at the same FLAC level"
    assert verdicts([build_cost(30)], whole=False)[name] == ("3.00", "", True)


def test_tables_show_verdicts_and_times_per_mixture() -> None:
    builds = [build_cost(22), build_cost(19.1), build_cost(12)]
    ratios, whole, each = speed.tables(speed.ratios(builds, COSTS, 2, True), builds, COSTS, 2)
    assert ratios[0] == ["ratio", "measured", "required", ""]
    assert [row[3] for row in ratios[1:]] == ["MISSED", "met", "met", ""]
    assert whole[1] == ["build of 100 mixtures", "19.1 s", "9.6 s"]  # the one of median CPU time
    assert each[1] == ["ours, 2 threads", "10.0 ms", "6.0 ms", "1.00"]
    assert each[3] == ["lhotse, 1 process", "30.0 ms", "12.0 ms", "2.00"]
    assert each[-1] == ["ours, the whole build with start-up, index and checks", "191.0 ms", "95.5 ms", "15.92"]


@pytest.mark.parametrize("pairs", [1, 3, 9, 100])
def test_sampled_pairs_are_whole_background_files(built: Path, pairs: int) -> None:
    recipe = read_recipe(built / "recipe.parquet")
    sampled = costs.sample_pairs(recipe, pairs)
    whole = Counter(pair.background.file for pair in recipe.pairs)
    taken = Counter(pair.background.file for pair in sampled.pairs)
    assert sampled == replace(recipe, pairs=sampled.pairs)
    assert taken
    assert taken.items() <= whole.items()
    if pairs >= len(recipe.pairs):
        assert taken == whole


def test_peers_are_given_the_mixtures_of_the_recipe(built: Path, pristine_corpora: TinyCorpora) -> None:
    recipe = read_recipe(built / "recipe.parquet")
    jobs = costs.peer_jobs(recipe, pristine_corpora.root)
    assert len(jobs) == len(recipe.pairs) * 7
    alone, mixed, background = jobs[0], jobs[1], jobs[6]
    assert (alone.background, alone.snr_db, background.speech, background.snr_db) == (None, None, None, None)
    assert (mixed.speech, mixed.background, mixed.snr_db) == (alone.speech, background.background, 10.0)
    assert Path(str(mixed.speech)).is_file()
    assert Path(str(mixed.background)).is_file()
    assert mixed.onset_s == recipe.pairs[0].speech_onset_samples / 44_100
    assert mixed.offset_s == recipe.pairs[0].background.offset_s
