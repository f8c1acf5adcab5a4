"""Draws and pairing: fixed by ids alone, whatever else is there."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_dataset.recipe import draw, pair_up, read_recipe, recipe_sha256, write_recipe
from sseu_dataset.records import (
    CLIP_SAMPLES,
    Background,
    DatasetError,
    EventSegment,
    Pair,
    Recipe,
    Settings,
    Utterance,
)


def background(name: str) -> Background:
    return Background(name, "DESED", f"{name}.wav", 0, "Home", (EventSegment("Cat", 1.25, 2.5),), name)


def utterance(name: str) -> Utterance:
    return Utterance(name, name.split("_")[0], "F", None, 'Say "ä".', '"Say "ä"."', f"{name}.flac")


BACKGROUNDS = [background(f"clip{number}") for number in range(200)]
UTTERANCES = [utterance(f"p{number}_001") for number in range(40)]
LENGTHS = {item.utterance_id: 352_800 + 2000 * number for number, item in enumerate(UTTERANCES)}


def pairing(backgrounds: list[Background], utterances: list[Utterance]) -> dict[str, tuple[str, int]]:
    drawn = pair_up(backgrounds, utterances, LENGTHS, Settings())
    return {bg.background_id: (utt.utterance_id, onset) for bg, utt, onset in drawn}


def test_draw_is_the_start_of_a_sha256() -> None:
    assert draw(0, "onset", "a", "p225_021") == int(hashlib.sha256(b"0|onset|a|p225_021").hexdigest()[:16], 16)
    # The first 16 digits that the command sha256sum gives for the text 0|order|clip
    assert f"{draw(0, 'order', 'clip'):016x}" == "237c1df36438e8f9"


def test_shuffling_the_input_changes_nothing() -> None:
    shuffled = random.Random(1).sample(BACKGROUNDS, len(BACKGROUNDS)), random.Random(2).sample(UTTERANCES, 40)
    assert pair_up(*shuffled, LENGTHS, Settings()) == pair_up(BACKGROUNDS, UTTERANCES, LENGTHS, Settings())


def test_one_more_background_moves_no_other() -> None:
    fewer, more = pairing(BACKGROUNDS[:-1], UTTERANCES), pairing(BACKGROUNDS, UTTERANCES)
    assert fewer.items() < more.items()


def test_one_utterance_less_moves_only_its_own_backgrounds() -> None:
    lost = UTTERANCES[7].utterance_id
    before = pairing(BACKGROUNDS, UTTERANCES)
    after = pairing(BACKGROUNDS, [item for item in UTTERANCES if item.utterance_id != lost])
    assert {name for name in before if before[name] != after[name]} == {
        name for name, (chosen, _) in before.items() if chosen == lost
    }


def test_the_first_pairs_of_a_smaller_build_are_those_of_the_whole() -> None:
    whole = pair_up(BACKGROUNDS, UTTERANCES, LENGTHS, Settings())
    assert pair_up(BACKGROUNDS, UTTERANCES, LENGTHS, Settings(pairs=7)) == whole[:7]


def test_another_seed_is_another_benchmark() -> None:
    assert pair_up(BACKGROUNDS, UTTERANCES, LENGTHS, Settings(seed=1)) != pair_up(
        BACKGROUNDS, UTTERANCES, LENGTHS, Settings()
    )


def test_uses_are_spread_like_random_draws() -> None:
    uses = Counter(chosen for chosen, _ in pairing([background(f"b{n}") for n in range(1117)], UTTERANCES).values())
    assert len(uses) == 40
    assert 8 <= min(uses.values()) <= max(uses.values()) <= 55  # mean 28, standard deviation 5.2


@given(name=st.text(min_size=1, max_size=12), length=st.integers(1, CLIP_SAMPLES))
def test_the_utterance_always_fits(name: str, length: int) -> None:
    ((_, _, onset),) = pair_up([background(name)], UTTERANCES[:1], {UTTERANCES[0].utterance_id: length}, Settings())
    assert 0 <= onset <= CLIP_SAMPLES - length


def test_an_utterance_of_ten_seconds_starts_at_zero() -> None:
    lengths = {UTTERANCES[0].utterance_id: CLIP_SAMPLES}
    assert {onset for _, _, onset in pair_up(BACKGROUNDS, UTTERANCES[:1], lengths, Settings())} == {0}


def make_recipe() -> Recipe:
    drawn = pair_up(BACKGROUNDS[:5], UTTERANCES, LENGTHS, Settings())
    pairs = tuple(Pair(bg, "a" * 64, utt, "b" * 64, onset) for bg, utt, onset in drawn)
    return Recipe("custom", ("seed is 1 instead of 0",), Settings(seed=1, snrs_db=(2.5, 0.0)), pairs)


def test_a_recipe_survives_its_file(tmp_path: Path) -> None:
    recipe = make_recipe()
    write_recipe(recipe, tmp_path / "recipe.parquet")
    assert read_recipe(tmp_path / "recipe.parquet") == recipe


def test_recipe_hash_is_of_the_content() -> None:
    recipe = make_recipe()
    assert recipe_sha256(recipe) == recipe_sha256(make_recipe())
    moved = replace(recipe.pairs[0], speech_onset_samples=recipe.pairs[0].speech_onset_samples + 1)
    assert recipe_sha256(replace(recipe, pairs=(moved, *recipe.pairs[1:]))) != recipe_sha256(recipe)
    assert recipe_sha256(replace(recipe, pairs=recipe.pairs[::-1])) != recipe_sha256(recipe)


def test_what_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no such recipe; it lies in a dataset folder as recipe\.parquet"):
        read_recipe(tmp_path / "recipe.parquet")
    (tmp_path / "a.parquet").write_text("no parquet")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    for name in ("a", "b"):
        with pytest.raises(DatasetError, match="not a recipe of this benchmark"):
            read_recipe(tmp_path / f"{name}.parquet")


def test_a_recipe_of_another_version_is_refused(tmp_path: Path) -> None:
    write_recipe(replace(make_recipe(), version="9.9.9"), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=r"of version 9\.9\.9, this code builds .*; use version 9\.9\.9 of the code"):
        read_recipe(tmp_path / "recipe.parquet")


def test_a_recipe_with_a_name_of_its_own_or_a_pair_twice_is_refused(tmp_path: Path) -> None:
    recipe = make_recipe()
    write_recipe(replace(recipe, name="official"), tmp_path / "name.parquet")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(DatasetError, match="its name is 'official' instead of one of paper, partial, custom"):
        read_recipe(tmp_path / "name.parquet")
    write_recipe(replace(recipe, pairs=recipe.pairs[:1] * 2), tmp_path / "twice.parquet")
    with pytest.raises(DatasetError, match="a pair is listed twice"):
        read_recipe(tmp_path / "twice.parquet")


@pytest.mark.parametrize(
    ("onset", "changes", "message"),
    [
        (-1, {}, "a speech onset of -1 samples is not within 0 to 440999"),
        (CLIP_SAMPLES, {}, "a speech onset of 441000 samples"),
        (0, {"scene": "Moon"}, "the scene 'Moon' is none of Home, Restaurant"),
        (0, {"offset_s": -10}, "a background offset of -10 s is negative"),
        (0, {"segments": (EventSegment("Whale", 0.0, 1.0),)}, "the event 'Whale' is none of the 18"),
        (0, {"segments": (EventSegment("Cat", 2.0, 1.0),)}, "Cat from 2.0 to 1.0 s is not within 0 to 10 s"),
        (0, {"segments": (EventSegment("Cat", 2.0, float("nan")),)}, "Cat from 2.0 to nan s"),
    ],
)
def test_a_pair_that_no_build_writes_is_named(
    tmp_path: Path, onset: int, changes: dict[str, Any], message: str
) -> None:
    recipe = make_recipe()
    first = recipe.pairs[0]
    wrong = replace(first, speech_onset_samples=onset, background=replace(first.background, **changes))
    write_recipe(replace(recipe, pairs=(wrong, *recipe.pairs[1:])), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=f"{first.pair_id}: {message}"):
        read_recipe(tmp_path / "recipe.parquet")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"snrs_db": ()}, "are empty or repeat"),
        ({"snrs_db": (5.0, 5.0)}, "are empty or repeat"),
        ({"snrs_db": (5.0, 5.0000001)}, "are empty or repeat"),
        ({"snrs_db": (60.0,)}, "leave -40 to 40 dB"),
        ({"snrs_db": (float("nan"),)}, "leave -40 to 40 dB"),
        ({"speech_min_s": 9.0, "speech_max_s": 8.0}, "does not lie within 0 to 10 s"),
        ({"speech_max_s": 11.0}, "does not lie within 0 to 10 s"),
        ({"speech_min_s": 0.0}, "does not lie within 0 to 10 s"),
        ({"pairs": 0}, "0 pairs; at least 1 is needed"),
    ],
)
def test_settings_out_of_range(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**settings)  # type: ignore[arg-type]  # wrong values on purpose


def test_equal_settings_are_one_recipe() -> None:
    recipe = make_recipe()
    integers = replace(recipe, settings=Settings(seed=1, snrs_db=(2.5, -0), speech_min_s=8))
    assert recipe_sha256(integers) == recipe_sha256(recipe)


def test_conditions_follow_the_snrs() -> None:
    assert Settings().conditions == ("+inf", "10", "5", "0", "-5", "-10", "-inf")
    assert Settings(snrs_db=(2.5, -20.0)).conditions == ("+inf", "2.5", "-20", "-inf")
