"""Which sentences may be used, and who owns them."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from rapidfuzz import fuzz

from sseu_dataset.diverse.sentences import Ranks, Readings, are_twins, near_pairs, owned, sentence_of, usable
from sseu_dataset.pairing import draw
from tests.sseu_dataset.diverse.readers import utterance

TEXTS = [
    utterance("p1", 3, "Six spoons of fresh snow peas."),
    utterance("p2", 30, "six spoons of fresh snow-peas"),  # shared, though it is a line of his own
    utterance("p2", 31, "Six spoons of fresh snow peas, too."),  # nearly equal to a shared one
    utterance("p1", 25, "He had never run the distance before."),
    utterance("p2", 25, "He'd never run the distance before."),  # nearly equal: ratio 93
    utterance("p1", 26, "It is up to Ann."),
    utterance("p2", 26, "It's up to Ann."),  # equal for the WER only
    utterance("p1", 27, '"Diving is no part of football." )'),
    utterance("p2", 27, "Diving is no part of football"),
    utterance("p3", 27, "Diving is no part of football!"),
    utterance("p3", 28, "-"),
]
SHARED = {"p1_003"}


def test_shared_and_nearly_equal_sentences_are_left_out() -> None:
    readings = Readings.of(TEXTS, SHARED)
    assert usable(readings, near_pairs(readings.readers, workers=1)) == [
        "diving is no part of football",
        "he had never run the distance before",
        "it is up to ann",
    ]
    assert [one.utterance_id for one in owned(TEXTS, SHARED, 0, workers=2)][:2] == ["p1_025", "p1_026"]


def test_a_sentence_that_only_the_lost_reader_read_does_not_count() -> None:
    near = near_pairs(Readings.of(TEXTS, SHARED).readers, workers=1)
    without = Readings.of([one for one in TEXTS if one.utterance_id not in ("p1_025", "p1_026")], SHARED)
    assert usable(without, near)[1:] == ["he'd never run the distance before", "it's up to ann"]
    assert usable(without, near) == usable(without, near_pairs(without.readers, workers=1))


def test_an_owner_is_one_of_the_readers_and_order_does_not_matter() -> None:
    assert owned(TEXTS[::-1], SHARED, 0, workers=1) == owned(TEXTS, SHARED, 0, workers=1)
    owners = {seed: owned(TEXTS, SHARED, seed, workers=1)[-1].speaker_id for seed in range(40)}
    assert set(owners.values()) <= {"p1", "p2", "p3"}
    assert len(set(owners.values())) > 1


def test_a_speaker_who_reads_a_sentence_twice_gives_the_first() -> None:
    twice = [utterance("p1", line, "Diving is no part of football.") for line in (40, 39)]
    assert [one.utterance_id for one in owned(twice, SHARED, 0, workers=1)] == ["p1_039"]


def test_ranks_are_those_of_the_weighted_logarithms() -> None:
    genders = {f"p{number}": "F" if number < 70 else "M" for number in range(110)}
    counts = Counter(genders.values())
    ranks = Ranks(genders)
    for what in map(str, range(20)):
        keys = {
            speaker: -math.log((draw(7, "owner", what, speaker) + 1) / 2**64) * counts[gender]
            for speaker, gender in genders.items()
        }
        assert ranks.order(7, "owner", what, genders) == sorted(keys, key=lambda speaker: keys[speaker])


def test_both_genders_come_first_equally_often() -> None:
    genders = {f"p{number}": "F" if number < 70 else "M" for number in range(110)}
    ranks = Ranks(genders)
    first = Counter(genders[ranks.order(0, "speaker", str(what), genders)[0]] for what in range(1000))
    assert first["F"] == pytest.approx(500, abs=50)  # 636 if every speaker weighed the same


def test_words_are_letters_digits_and_apostrophes() -> None:
    assert sentence_of(" It's 10:30 \N{EM DASH} \N{LATIN CAPITAL LETTER E WITH ACUTE}dith's (late)! ") == (
        "it's 10 30 \N{LATIN SMALL LETTER E WITH ACUTE}dith's late"
    )


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        ("0123456789", "012345678", True),  # one letter of 19: 94.7
        ("012345678a", "012345678b", True),  # two of 20: 90 exactly
        ("01234567a", "01234567b", False),  # two of 18: 88.9
        ("0123456789" * 2, "0123456789" * 2 + "abcde", False),  # five of 45: 88.9
    ],
)
def test_twins_are_those_of_rapidfuzz_at_90(one: str, other: str, twins: bool) -> None:
    assert are_twins(one, other) is twins
    assert (round(fuzz.ratio(one, other), 6) >= 90) is twins
