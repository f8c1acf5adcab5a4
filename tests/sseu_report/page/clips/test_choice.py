"""Which clips stand on the page, their outcomes, and the size of their cards."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from sseu_report import writing
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from sseu_report.findings.hard_cases import find_hard_cases, in_turn
from sseu_report.page.clips.cards import clip_cards
from sseu_report.page.clips.choice import choose_clips, outcomes
from sseu_report.page.clips.records import MAX_TEXT_CHARACTERS
from sseu_report.page.render import script_json


@pytest.fixture(scope="module")
def scored(folders: list[Path]) -> list[ScoredEntry]:
    return score_entries(read_entries(folders))


def test_clips_are_chosen_the_same_and_any_beginning_is_a_choice(scored: list[ScoredEntry]) -> None:
    many, few = choose_clips(scored, 12), choose_clips(scored, 12)
    assert many == few
    assert len({item.id for item in many}) == 12
    reasons = [item.reason.startswith("hard") for item in many]
    assert True in reasons[:3]
    assert False in reasons[:3]
    conditions = {clip.reference["id"]: clip.reference["condition"] for clip in scored[0].clips}
    assert len({conditions[item.id] for item in choose_clips(scored, 30)}) == 7


def test_the_hard_cases_that_are_listed_come_first(scored: list[ScoredEntry]) -> None:
    cases = in_turn(find_hard_cases(scored, "independent"))
    assert len(cases) > 5
    chosen = {item.id: item.reason for item in choose_clips(scored, 12, cases)}
    assert [name for name in cases if name in chosen][:5] == cases[:5]
    assert all(chosen[name].startswith("hard: ") for name in cases[:5])


def test_outcomes_are_those_of_the_scores(scored: list[ScoredEntry]) -> None:
    tables = scored[0].scores["independent"].tables
    scenes = outcomes(tables["asc"], "asc")
    assert ((scenes == "hit") == tables["asc"]["hit"]).all()
    counts = tables["asr"]["counts"]
    rates = counts[:, :3].sum(axis=1) / counts[:, 3]
    assert ((outcomes(tables["asr"], "asr") == "hit") == (rates <= 0.5)).all()


def test_a_dataset_without_audio_gives_clips_without_it(scored: list[ScoredEntry]) -> None:
    cards = list(clip_cards(scored, choose_clips(scored, 3), None))
    assert [(card.audio, card.spectrogram) for card in cards] == [(None, None)] * 3
    assert all(card.answers for card in cards)


def test_most_of_the_default_clips_of_twenty_talkative_systems_fit(scored: list[ScoredEntry]) -> None:
    """Each answer longer than the page keeps, in every mode; audio at its largest (see test_spectrogram)."""
    one = scored[1]
    answers = {
        key: replace(answer, text="so it goes " * 400) if answer.text else answer for key, answer in one.answers.items()
    }
    many = [replace(one, answers=answers)] * 20
    card = next(card for card in clip_cards(many, choose_clips(many, 8), None) if len(card.answers) == 40)
    assert max(len(raw.text) for answer in card.answers for raw in answer.raw) == MAX_TEXT_CHARACTERS
    loudest = replace(card, audio="x" * (120_000 * 4 // 3), spectrogram="x" * (25_000 * 4 // 3))
    size = len(script_json(asdict(loudest)))
    assert size * writing.MAX_CLIPS / 2 < writing.MAX_PAGE_BYTES
