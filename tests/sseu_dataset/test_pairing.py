"""Draws and pairing: determined by ids alone, whatever else is there."""

from __future__ import annotations

import hashlib
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sseu_dataset.pairing import draw, pair_up
from sseu_dataset.records import CLIP_SAMPLES, Background, EventSegment, Settings, Utterance


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
