"""Words remembered: where a word is, the alignment against brute force, chance, and the figures of made answers."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sseu_metric import Scores, score, summarise
from sseu_metric.memory import MARGIN, add_memory, count_remembered, find_memory, first_silenced
from sseu_metric.normalisers import DEFAULT_NORMALISER, OTHER_LANGUAGES

WORDS = st.lists(st.sampled_from("abc"), max_size=6)


def test_a_word_begins_at_its_share_of_the_letters() -> None:
    words = [
        "aaaa",
        "bbbb",
        "cccc",
        "dddd",
        "eeee",
        "ffff",
        "gggg",
        "hhhh",
        "iiii",
        "jjjj",
    ]  # a tenth of the utterance each
    assert MARGIN == 0.1
    assert first_silenced(words, 0.5) == 6  # the word at the cut counts for nothing
    assert first_silenced(words, 0.45) == 6
    assert first_silenced(words, 0.39) == 5
    assert first_silenced(words, 1.0) == 10
    assert first_silenced([], 0.5) == 0


def brute_force(sentence: list[str], answer: list[str], first: int) -> int:
    """Over all ways to keep words in order: least errors, then fewest silenced words."""
    best = (len(sentence) + len(answer) + 1, 0)
    for count in range(min(len(sentence), len(answer)) + 1):
        for ours in combinations(range(len(sentence)), count):
            for theirs in combinations(range(len(answer)), count):
                pairs = list(zip(ours, theirs, strict=True))
                errors = sum(sentence[one] != answer[other] for one, other in pairs)
                kept = sum(sentence[one] == answer[other] and one >= first for one, other in pairs)
                best = min(best, (errors + len(sentence) + len(answer) - 2 * count, kept))
    return best[1]


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS, st.integers(0, 6))
def test_the_alignment_is_the_one_with_the_fewest_silenced_words(
    sentence: list[str], answer: list[str], first: int
) -> None:
    assert count_remembered(sentence, answer, first) == brute_force(sentence, answer, first)


def test_a_heard_word_that_recurs_is_not_remembered() -> None:
    sentence = ["take", "the", "pot", "from", "the", "old", "shelf"]
    assert count_remembered(sentence, ["take", "the"], 4) == 0
    assert count_remembered(sentence, ["take", "pot", "from", "the"], 4) == 1  # it stands where the silenced one does
    assert count_remembered(sentence, sentence, 4) == 3


SENTENCES = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet",
    "kilo lima mike november oscar papa quebec romeo sierra tango",
    "alpha bravo charlie delta echo foxtrot golf hotel india zulu",  # a variant of the first
)


def scored(
    answers: dict[int, str],
    *,
    speakers: int = 4,
    runs: int = 1,
    heard: float = 0.5,
    normalizer: str = DEFAULT_NORMALISER,
) -> Scores:
    """Each speaker says each sentence twice, in two conditions; the answer by the number of the sentence."""
    references = [
        {
            "id": f"{sentence}-{speaker}-{condition}-{take}",
            "transcript": SENTENCES[sentence],
            "condition": condition,
            "speaker_id": f"s{speaker}",
            "source_recording_id": f"r{take}-{speaker}",
        }
        for sentence in answers
        for speaker in range(speakers)
        for condition in ("10", "-10")
        for take in range(2)
    ]
    found = None
    for run in range(runs):
        texts = [
            answers[int(row["id"][0])] if (int(row["id"][2]) + run) % 2 else "" for row in references
        ]  # every other speaker's are empty
        how: dict[str, Any] = {"tasks": ("asr",), "mode": "independent", "run": run, "normalizer": normalizer}
        part = score([{"transcript": text} for text in texts], references, **how)
        rows = add_memory(part.tables["asr"], texts, [heard] * len(texts), normalizer)
        part = replace(part, tables={"asr": rows})
        found = part if found is None else found + part
    assert found is not None
    return found


def test_what_is_remembered_of_made_answers() -> None:
    whole, half = SENTENCES[0], " ".join(SENTENCES[1].split()[:5])
    found = find_memory(scored({0: whole, 1: half}))
    assert found is not None
    # Half of the speakers: of the first sentence all silenced words, of the second none.
    silent = {text: int(one["silenced"]) for text, one in found["by_sentence"].items()}
    assert silent[SENTENCES[0]] == 16 * (10 - first_silenced(SENTENCES[0].split(), 0.5))
    assert found["by_sentence"][SENTENCES[0]]["words_remembered"] == 50
    assert found["by_sentence"][SENTENCES[1]]["words_remembered"] == 0
    assert found["words_remembered"] == pytest.approx(50 * silent[SENTENCES[0]] / sum(silent.values()))
    assert found["silenced"] == sum(silent.values())
    assert found["by_condition"] == {"10": found["words_remembered"], "-10": found["words_remembered"]}
    assert (found["by_chance"], found["difference"]) == (0, found["words_remembered"])
    interval = found["by_sentence"][SENTENCES[0]]["interval"]
    assert interval["low"] < 50 < interval["high"]
    assert found["intervals"]["all"]["low"] < found["words_remembered"] < found["intervals"]["all"]["high"]
    assert found["intervals"]["all"]["low"] >= 0
    assert "intervals" not in (find_memory(scored({0: whole, 1: half}), intervals=False) or {})


def test_chance_is_the_end_of_another_sentence_and_never_of_a_variant() -> None:
    beginning = " ".join(SENTENCES[0].split()[:6])
    ending = " ".join(SENTENCES[1].split()[6:])
    found = find_memory(scored({0: f"{beginning} {ending}", 1: "", 2: ""}))
    assert found is not None
    assert found["words_remembered"] == 0
    assert found["by_chance"] > 0
    assert found["difference"] == -found["by_chance"]
    alone = find_memory(scored({0: SENTENCES[0], 2: SENTENCES[2]}))
    assert alone is not None
    assert (alone["by_chance"], alone["difference"], alone["interval"]) == (None, None, None)


def test_who_hears_nothing_of_the_end_remembers_nothing() -> None:
    found = find_memory(scored({number: " ".join(SENTENCES[number].split()[:6]) for number in (0, 1)}))
    assert found is not None
    assert (found["words_remembered"], found["by_chance"]) == (0, 0)
    assert found["intervals"]["all"] is None  # no cluster changes it


def test_runs_belong_to_the_interval() -> None:
    found = find_memory(scored({0: SENTENCES[0], 1: SENTENCES[1]}, runs=3))
    assert found is not None
    assert found["words_remembered"] == pytest.approx(50)
    assert found["intervals"]["all"]["low"] < 50


def test_summarise_says_it_and_scores_without_a_cut_do_not() -> None:
    cut = scored({0: SENTENCES[0], 1: SENTENCES[1]})
    assert summarise(cut)["memory"] == find_memory(cut)
    rows = cut.tables["asr"]
    bare = {name: column for name, column in rows.columns.items() if name not in ("silenced", "remembered")}
    assert "memory" not in summarise(replace(cut, tables={"asr": type(rows)(bare)}))


def test_characters_are_remembered_and_sentences_differ_although_they_share_letters() -> None:
    found = find_memory(scored({0: SENTENCES[0], 1: SENTENCES[1]}, normalizer=OTHER_LANGUAGES))
    assert found is not None
    text = SENTENCES[0].lower().rstrip(".")
    assert found["by_sentence"][SENTENCES[0]]["silenced"] == 16 * (len(text) - first_silenced(text, 0.5))
    assert found["by_sentence"][SENTENCES[0]]["words_remembered"] == 50
    assert 0 < found["by_chance"] < found["words_remembered"]  # single letters are met by chance
    alone = find_memory(scored({0: SENTENCES[0], 2: SENTENCES[2]}, normalizer=OTHER_LANGUAGES))  # a variant
    assert alone is not None
    assert alone["by_chance"] is None
