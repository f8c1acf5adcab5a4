"""Gaps between groups, against sums over all pairs of rows, and against the metric of each group alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sseu_metric import Scores, score
from sseu_metric.gaps import MIN_GROUP, Gaps, find_gaps
from sseu_metric.rows import Rows
from sseu_metric.worst_speakers import find_worst_speakers

ACCENTS = ("English", "Irish", "Scottish")
Row = dict[str, Any]


def spoken(
    clips: int = 120,
    seed: int = 0,
    *,
    conditions: tuple[str, ...] = ("0",),
    run: int = 0,
    harder: float = 0.0,
    speakers: int = 18,
    **fixed: Any,
) -> Scores:
    """Ten words a clip, of which speakers, sentences and recordings lose some; `harder` for the first accent."""
    generator = np.random.default_rng(seed)
    of_speaker, of_sentence = generator.normal(0, 0.05, speakers), generator.normal(0, 0.05, 8)
    draws = np.random.default_rng((seed, run))
    answers, rows = [], []
    for clip in range(clips):
        speaker, sentence = clip % speakers, int(generator.integers(8))
        for condition in conditions:
            rate = 0.3 + of_speaker[speaker] + of_sentence[sentence] + (harder if speaker % 3 == 0 else 0)
            lost = draws.binomial(10, np.clip(rate, 0, 1))
            words = f"one two three four five six seven eight nine s{'abcdefgh'[sentence]}".split()
            rows.append(
                {
                    "id": f"{clip}@{condition}",
                    "pair_id": str(clip),
                    "condition": condition,
                    "transcript": " ".join(words),
                    "speaker_id": f"p{speaker:02}",
                    "speaker_gender": "FM"[speaker % 2],
                    "speaker_accent": ACCENTS[speaker % 3],
                    "source_recording_id": f"r{generator.integers(25)}",
                }
                | fixed
            )
            answers.append({"transcript": " ".join(words[lost:])})
    return score(answers, rows, tasks=("asr",), run=run, normalizer="none")


def gaps_of(scores: Scores) -> Gaps:
    found = find_gaps(scores)
    assert found is not None
    return found


def test_a_group_has_the_wer_and_interval_of_its_clips_alone() -> None:
    scores = (
        spoken(conditions=("5", "-5")) + spoken(conditions=("5", "-5"), run=1) + spoken(conditions=("5", "-5"), run=2)
    )
    rows = scores.tables["asr"]
    for column in ("gender", "accent"):
        grouping = gaps_of(scores).groupings[column]
        assert [group.wer for group in grouping.groups] == sorted(
            (group.wer for group in grouping.groups), reverse=True
        )
        for group in grouping.groups:
            alone = Scores({"asr": rows.take(rows[column] == group.name)})
            assert group.wer == pytest.approx(alone.value("wer"))
            own = alone.intervals("wer")["all"]
            assert group.interval is not None
            assert own is not None
            assert (group.interval.low, group.interval.high) == pytest.approx((own.low, own.high), abs=1e-5)
            assert group.speakers == len(set(rows["speaker"][rows[column] == group.name]))


def _by_hand(scores: Scores, column: str, worse: str, better: str, factors: tuple[str, ...]) -> tuple[float, float]:
    """The gap and its variance in a single condition: all pairs of rows that share a cluster; at least a factor's."""
    rows = scores.tables["asr"]
    names = {name: rows[name] for name in factors}
    share = np.any([of[:, None] == of for of in names.values()], axis=0)
    errors, words = rows["counts"][:, :3].sum(axis=1), rows["counts"][:, 3]
    gap, deviations = 0.0, np.zeros(len(rows))
    singles: dict[tuple[str, str], float] = defaultdict(float)
    for name, sign in ((worse, 1), (better, -1)):
        mask = rows[column] == name
        value = 100 * errors[mask].sum() / words[mask].sum()
        shares = np.where(mask, words, 0) / words[mask].sum()
        own = np.where(mask, 100 * errors - value * words, 0) / words[mask].sum()
        deviations += sign * own / np.sqrt(1 - shares @ share @ shares)
        gap += sign * value
        for factor, of in names.items():
            clusters = set(of[mask])
            for cluster in clusters:
                kept = mask & (of != cluster)
                without = 100 * errors[kept].sum() / words[kept].sum()
                singles[factor, cluster] += sign * np.sqrt(1 - 1 / len(clusters)) * (without - value)
    largest = max(sum(part**2 for (of, _), part in singles.items() if of == factor) for factor in factors)
    return gap, max(float(deviations @ share @ deviations), largest)


@pytest.mark.parametrize(("column", "pairs"), [("gender", 1), ("accent", 3), ("sentence", 28)])
@pytest.mark.parametrize("seed", [0, 3])
def test_a_gap_counts_every_two_rows_that_share_a_cluster_once(column: str, pairs: int, seed: int) -> None:
    scores = spoken(400, seed=seed, harder=0.1)
    grouping = gaps_of(scores).groupings[column]
    assert grouping.largest is not None
    gap = grouping.largest
    factors = ("speaker", "recording") if column == "sentence" else ("speaker", "sentence", "recording")
    points, variance = _by_hand(scores, column, gap.worse, gap.better, factors)
    assert gap.points == pytest.approx(points)
    assert (gap.worse, gap.better) == (grouping.groups[0].name, grouping.groups[-1].name)
    errors = []
    for name in (gap.worse, gap.better):
        alone = Scores({"asr": scores.tables["asr"].take(scores.tables["asr"][column] == name)})
        if column == "sentence":  # held fixed
            alone.tables["asr"]["sentence"][:] = ""
        error = alone.error_of("wer", alone.replicates("wer"))
        assert error is not None
        errors.append(error)
    parts = [error.variance**2 / error.degrees_of_freedom for error in errors]
    freedom = sum(error.variance for error in errors) ** 2 / sum(parts)
    assert grouping.pairs == pairs
    for interval, level in ((gap.alone, 0.95), (gap.interval, 1 - 0.05 / pairs)):
        half = stats.t.ppf((1 + level) / 2, freedom) * variance**0.5
        assert (interval.low, interval.high) == pytest.approx((points - half, points + half), abs=1e-4)


@pytest.mark.long
def test_the_largest_of_many_gaps_of_equal_groups_is_found_in_few_samples() -> None:
    accents = [f"accent {number}" for number in range(8)]
    found = alone = 0
    for seed in range(100):
        scores = spoken(240, seed=seed, speakers=48)
        rows = scores.tables["asr"]
        rows["accent"][:] = [accents[int(name[1:]) % 8] for name in rows["speaker"]]
        grouping = gaps_of(scores).groupings["accent"]
        assert grouping.largest is not None
        found += grouping.differing > 0
        alone += grouping.largest.alone.low > 0
    assert found <= 8
    assert alone > 20  # what selection makes of an interval of one pair


def test_runs_add_their_variance() -> None:
    runs = [spoken(200, run=run) for run in range(3)]
    one, three = gaps_of(runs[0]).groupings["gender"], gaps_of(runs[0] + runs[1] + runs[2]).groupings["gender"]
    by_run = [{group.name: group.wer for group in gaps_of(run).groupings["gender"].groups} for run in runs]
    for group in three.groups:
        assert group.wer == pytest.approx(fmean(run[group.name] for run in by_run))
    assert one.largest is not None
    assert three.largest is not None
    gaps = [run[three.largest.worse] - run[three.largest.better] for run in by_run]
    assert three.largest.points == pytest.approx(fmean(gaps))
    assert stdev(gaps) > 0


def test_the_worst_tenth_by_hand() -> None:
    scores = spoken(240, conditions=("5", "-5"), speakers=24)
    rows = scores.tables["asr"]
    errors = rows["counts"][:, :3].sum(axis=1)

    def wer_of(speaker: str, clips: Any = None) -> float:
        mask = rows["speaker"] == speaker
        if clips is not None:
            mask = mask & np.isin(rows["pair"].astype(str), clips)
        cells = [mask & (rows["condition"] == condition) for condition in ("5", "-5")]
        return fmean(100 * errors[cell].sum() / (10 * cell.sum()) for cell in cells)

    speakers = sorted(set(rows["speaker"]))
    ranked = sorted(map(wer_of, speakers), reverse=True)
    worst = find_worst_speakers(scores)
    assert worst is not None
    assert worst.speakers == 24
    assert worst.wer == pytest.approx((ranked[0] + ranked[1] + 0.4 * ranked[2]) / 2.4)
    assert worst.median == pytest.approx(np.median(ranked))
    halves = {name: sorted(set(rows["pair"][rows["speaker"] == name])) for name in speakers}
    sides = []
    for chosen, measured in ((0, 1), (1, 0)):
        order = sorted(speakers, key=lambda name: -wer_of(name, halves[name][chosen::2]))
        there = [wer_of(name, halves[name][measured::2]) for name in order[:3]]
        sides.append((there[0] + there[1] + 0.4 * there[2]) / 2.4)
    assert worst.chosen_apart is not None
    assert worst.chosen_apart == pytest.approx(fmean(sides))
    assert worst.chosen_apart < worst.wer
    assert worst.interval is not None
    assert worst.interval.low < worst.wer < worst.interval.high


def test_speakers_that_are_all_alike_are_worst_by_luck_only() -> None:
    rows = spoken(400, seed=5, speakers=40).tables["asr"]
    generator = np.random.default_rng(1)
    above, apart = [], []
    for _ in range(12):
        counts = np.zeros((len(rows), 4), dtype=np.int32)
        counts[:, 1], counts[:, 3] = generator.binomial(10, 0.3, len(rows)), 10
        worst = find_worst_speakers(Scores({"asr": Rows({**rows.columns, "counts": counts})}))
        assert worst is not None
        assert worst.chosen_apart is not None
        above.append(worst.wer - worst.median)
        apart.append(worst.chosen_apart - worst.median)
    assert fmean(above) > 5
    assert abs(fmean(apart)) < 1.5


def test_what_the_references_do_not_name_is_left_out_and_said() -> None:
    nobody = gaps_of(spoken(speaker_id=None, speaker_gender=None, speaker_accent=None))
    assert set(nobody.groupings) == {"sentence"}
    assert nobody.groupings["sentence"].largest is None
    assert nobody.worst is None
    assert nobody.left_out == (
        "gender: the references name none",
        "accent: the references name none",
        "worst tenth of the speakers: the references name fewer than 10",
    )
    unnamed = gaps_of(spoken(speaker_id=None, speaker_gender="F", speaker_accent=None, source_recording_id=None))
    assert unnamed.groupings == {}
    assert unnamed.left_out[0] == "gender: the references name one"
    assert unnamed.left_out[2] == "sentence: the references name neither speakers nor recordings"


def test_a_group_of_one_speaker_has_no_interval_and_small_groups_no_gap() -> None:
    found = gaps_of(spoken(speakers=3))
    groups = found.groupings["accent"].groups
    assert {group.unknown for group in groups} == {"one speaker only"}
    assert all(group.interval is None for group in groups)
    assert MIN_GROUP > 3
    assert found.groupings["sentence"].largest is None


def test_a_group_without_words_in_a_condition_is_left_out() -> None:
    scores = spoken(conditions=("5", "-5"))
    rows = scores.tables["asr"]
    lacking = (rows["accent"] == "Irish") & (rows["condition"] == "5")
    found = gaps_of(replace(scores, tables={"asr": rows.take(~lacking)}))
    assert [group.name for group in found.groupings["accent"].groups] != []
    assert "accent Irish: no words in every condition" in found.left_out
    assert "Irish" not in {group.name for group in found.groupings["accent"].groups}


def test_no_answer_no_gap() -> None:
    row = {"id": "a", "transcript": "one two", "speaker_id": "p1", "condition": "0"}
    assert find_gaps(score([None], [row], tasks=("asr",))) is None
