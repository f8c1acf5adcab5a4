"""Every phrase is what its example says; an account names the rule of every reading."""

from __future__ import annotations

import pytest

from sseu_metric import answer_denials, answer_leads, answer_remarks, answer_scene_leads
from sseu_metric.answer_account import STRUCTURE, account, phrase_examples
from sseu_metric.answer_phrases import Phrase, Phrases
from sseu_metric.answers import parse_answer
from tests.sseu_metric.test_answer_cases import CASES

SETS = {
    name: some
    for room in (answer_leads, answer_scene_leads, answer_remarks, answer_denials)
    for name, some in vars(room).items()
    if isinstance(some, Phrases)
}
WHOLE = ("NO_SPEECH", "NO_SCENE", "NO_EVENTS")


@pytest.mark.parametrize(
    ("name", "phrase"), [(name, phrase) for name, some in SETS.items() for phrase in some.phrases], ids=str
)
def test_the_example_is_the_phrase(name: str, phrase: Phrase) -> None:
    some = Phrases(phrase)
    if name in WHOLE:
        assert some.whole(phrase.example.rstrip(".")) == phrase.name or SETS[name].whole(phrase.example) == phrase.name
    else:
        found = SETS[name].search(phrase.example)
        assert found is not None
        assert Phrases(phrase).search(phrase.example) is not None


@pytest.mark.parametrize("name", SETS)
def test_phrases_of_a_set_have_names_of_their_own(name: str) -> None:
    names = [phrase.name for phrase in SETS[name].phrases]
    assert len(names) == len(set(names))


def test_every_rule_that_reads_an_answer_is_explained() -> None:
    examples = phrase_examples()
    used = {rule for case in CASES for rule in parse_answer(case["text"], case["mode"]).rules.values()}
    assert used <= STRUCTURE.keys() | examples.keys()
    assert len(used & examples.keys()) > 30


def test_an_account_shows_value_status_rule_and_reason() -> None:
    text = account("Transcript: hi\nScene: In a kitchen\nEvents: only speech", "joint")
    assert "asr   hi" in text
    assert 'kitchen  labelled  in                       as in "In a kitchen"' in text
    assert '(none)   labelled  no events                as in "N/A - only speech is audible"' in text
    assert account("<think>no", "asr").splitlines()[-1].split()[:3] == ["asr", "-", "unparsed"]
    assert "'I hear a dog'" in account("<think>so</think>I hear a dog", "at")
