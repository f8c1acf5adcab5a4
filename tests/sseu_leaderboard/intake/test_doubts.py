"""Hazards: references with a few words changed, WER that no noise raises, another's answers respelt."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from sseu_leaderboard.entries.copies import copy_marks
from sseu_leaderboard.intake.doubts import PRINTS, answer_prints, wer_marks
from sseu_leaderboard.intake.verified import BoardCell, BoardFactor, Verified, pack
from sseu_models.job import Key
from sseu_models.results.log import Answer
from tests.sseu_leaderboard.made_records import make_verified

WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november".split()  # noqa: SIM905
CLUSTERS = 60
FACTORS = (BoardFactor(("speaker",), 1, (0,) * CLUSTERS, (20.0,) * CLUSTERS, ("",)),)


def cell(value: float, error: float, seed: int) -> BoardCell:
    spread = np.random.default_rng(seed).normal(0, error / CLUSTERS**0.5, CLUSTERS)
    return BoardCell(value, value - 2 * error, value + 2 * error, None, pack(value + spread))


def marks(columns: Mapping[str, BoardCell]) -> object:
    return wer_marks({"independent": {"wer": columns}}, {"independent": {"wer": FACTORS}})


def test_wer_that_noise_does_not_raise_beyond_its_interval_is_marked() -> None:
    flat = {"average": cell(5, 1, 0), "finite": cell(5, 1, 0), "+inf": cell(5.0, 1, 1), "-10": cell(5.4, 1, 2)}
    said = "WER does not rise with the noise beyond its interval: 5.0 at +inf, 5.4 at -10 dB"
    assert marks(flat) == {"independent": {"wer": (said,)}}
    assert marks({**flat, "-10": cell(30.0, 1, 2)}) == {}
    assert marks({"+inf": BoardCell(5.0), "-10": BoardCell(5.1)}) == {}
    assert marks({"+inf": BoardCell(5.0), "-10": BoardCell(4.9)}) != {}
    assert marks({"+inf": BoardCell(5.0)}) == {}


def answers(of: Callable[[int], str], questions: int = 400) -> tuple[dict[Key, str], dict[Key, Answer]]:
    asked = {
        Key(f"{number}_{condition}", "independent", "asr", 0): condition
        for condition in ("+inf", "-10")
        for number in range(questions)
    }
    given = {
        key: Answer(key.id, None, None, key.mode, key.task, key.run, "s", "p", "h", "ok", of(int(key.id.split("_")[0])))
        for key in asked
    }
    return asked, given


def sentence(number: int, seed: int = 0) -> str:
    drawn = random.Random(1000 * seed + number)
    return " ".join(drawn.choice(WORDS) for _ in range(25))


def changed(number: int, words: int) -> str:
    """The sentence with a few words changed, other case and other spaces."""
    said = sentence(number).split(" ")
    for place in random.Random(number).sample(range(len(said)), words):
        said[place] = "zebra"
    return "  ".join(said).upper()


def entry(name: str, of: Callable[[int], str]) -> Verified:
    prints = answer_prints(*answers(of))
    return make_verified(name, sha256=name * 8, asked_sha256=name, prints=prints)


def test_answers_of_another_entry_up_to_spelling_and_a_few_words_are_marked_on_both() -> None:
    entries = [
        entry("original", sentence),
        entry("copied--", lambda number: changed(number, 1)),
        entry("honest--", lambda number: sentence(number, seed=1)),
    ]
    found = copy_marks(entries)
    assert found[2] == {}
    (said,) = found[0]["independent"]["wer"]
    assert "equal those of copied--, submission copied--, up to spelling and a few words" in said
    assert "of its answers at the lowest SNR equal those of original" in found[1]["independent"]["wer"][0]


def test_one_system_with_other_prompts_and_systems_that_say_nothing_are_no_copies() -> None:
    one = entry("original", sentence)
    same = [one, replace(one, sha256="1" * 64)]
    assert copy_marks(same) == [{}, {}]
    silent = [entry(name, lambda number: "" if number % 3 else "yes") for name in ("silent-1", "silent-2")]
    assert copy_marks(silent) == [{}, {}]
    other = make_verified(sha256="2" * 64, version="9.9", asked_sha256="x", prints=one.prints)
    assert copy_marks([one, other]) == [{}, {}]


def test_prints_are_few_and_of_the_hardest_condition() -> None:
    asked, given = answers(sentence)
    prints = answer_prints(asked, given)["independent"]["asr"]
    assert len(prints) == PRINTS
    easy = {key: replace(one, text="") if key.id.endswith("inf") else one for key, one in given.items()}
    assert answer_prints(asked, easy)["independent"]["asr"] == prints
    long = {key: replace(one, text=f"{one.text}{'x' * 100_000}") for key, one in given.items()}
    assert len(answer_prints(asked, long)["independent"]["asr"]) == PRINTS
