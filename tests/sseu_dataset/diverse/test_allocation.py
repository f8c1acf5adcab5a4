"""Which sentences are said on which background."""

from __future__ import annotations

import pytest

from sseu_dataset.diverse.allocation import MAX_PAUSE, MIN_PAUSE, Spoken, allocate, draw_pause
from sseu_dataset.diverse.sentences import Ranks
from sseu_dataset.records import RATE_HZ, CorpusError, Cut, Settings, Utterance
from tests.sseu_dataset.diverse.readers import many

BACKGROUNDS = [f"b{number:02}" for number in range(40)]
SENTENCES = many(speakers=10, each=60)
DIVERSE = Settings(rule="diverse")


def allocated(
    backgrounds: list[str], sentences: list[tuple[Utterance, Cut]], settings: Settings = DIVERSE
) -> dict[str, Spoken]:
    ranks = Ranks({one.speaker_id: one.speaker_gender for one, _ in SENTENCES})
    return allocate(backgrounds, sentences, ranks, settings)


def samples(spoken: Spoken) -> int:
    return sum(cut.pause_samples + cut.samples for _, cut in spoken)


def test_every_background_gets_two_to_four_sentences_of_one_speaker_in_8_to_10_s() -> None:
    found = allocated(BACKGROUNDS, SENTENCES)
    assert sorted(found) == BACKGROUNDS
    given = dict(SENTENCES)
    for name, spoken in found.items():
        assert 2 <= len(spoken) <= 4
        assert len({one.speaker_id for one, _ in spoken}) == 1
        assert 8 * RATE_HZ <= samples(spoken) <= 10 * RATE_HZ
        assert spoken[0][1].pause_samples == 0
        for one, cut in spoken[1:]:
            assert MIN_PAUSE <= cut.pause_samples == draw_pause(0, name, one.utterance_id) <= MAX_PAUSE
        assert all((cut.first_sample, cut.samples) == (1000, given[one].samples) for one, cut in spoken)
    used = [one.transcript for spoken in found.values() for one, _ in spoken]
    assert len(set(used)) == len(used)
    assert len({spoken[0][0].speaker_id for spoken in found.values()}) >= 9


def test_neither_order_nor_workers_matter() -> None:
    assert allocated(BACKGROUNDS[::-1], SENTENCES[::-1]) == allocated(BACKGROUNDS, SENTENCES)
    assert allocated(BACKGROUNDS, SENTENCES, Settings(rule="diverse", seed=1)) != allocated(BACKGROUNDS, SENTENCES)


def test_a_lost_sentence_that_nobody_says_changes_nothing() -> None:
    whole = allocated(BACKGROUNDS, SENTENCES)
    used = {one for spoken in whole.values() for one, _ in spoken}
    late = [item for item in SENTENCES if item[0] not in used]
    changes = []
    for lost in late[::20]:
        without = allocated(BACKGROUNDS, [item for item in SENTENCES if item != lost])
        changes.append(sum(without[name] != whole[name] for name in BACKGROUNDS))
    assert changes.count(0) > 0.8 * len(changes)


def test_a_lost_sentence_that_is_said_changes_clips_of_its_speaker() -> None:
    whole = allocated(BACKGROUNDS, SENTENCES)
    lost = whole["b00"][0]
    without = allocated(BACKGROUNDS, [item for item in SENTENCES if item[0] != lost[0]])
    changed = [name for name in BACKGROUNDS if without[name] != whole[name]]
    assert "b00" in changed
    assert len(changed) < 8


def test_unfilled_backgrounds_move_to_speakers_who_have_something_left() -> None:
    short = [item for item in SENTENCES if item[0].speaker_id == "p500"][:1]  # one sentence fills no clip
    found = allocated(BACKGROUNDS, [*short, *(item for item in SENTENCES if item[0].speaker_id != "p500")])
    assert sorted(found) == BACKGROUNDS
    assert "p500" not in {spoken[0][0].speaker_id for spoken in found.values()}


def test_too_few_sentences_are_refused_with_a_number_of_pairs() -> None:
    few = [item for item in SENTENCES if item[0].speaker_id in ("p500", "p501")][:24]
    message = r"(\d+) of 40 backgrounds cannot be filled: 24 usable sentences by 1 speaker are .* such as --pairs (\d+)"
    with pytest.raises(CorpusError, match=message) as caught:
        allocated(BACKGROUNDS, few)
    fitting = int(str(caught.value).rsplit(" ", 1)[1])
    assert 3 <= fitting <= 8  # three or four sentences each
    assert len(allocated(BACKGROUNDS[:fitting], few)) == fitting


@pytest.mark.parametrize("length_s", [1.0, 9.0, 12.0])
def test_sentences_that_fit_into_no_combination_are_refused(length_s: float) -> None:
    cut = Cut(0, round(length_s * RATE_HZ), 0)
    with pytest.raises(
        CorpusError, match=r"1 of 1 backgrounds cannot be filled: 60 usable sentences .* another length of the speech$"
    ):
        allocated(["b00"], [(one, cut) for one, _ in SENTENCES[:60]])


def test_the_settings_say_how_long_the_speech_may_be() -> None:
    settings = Settings(rule="diverse", speech_min_s=5.1, speech_max_s=6.3)
    for spoken in allocated(BACKGROUNDS, SENTENCES, settings).values():
        assert 5.1 * RATE_HZ <= samples(spoken) <= 6.3 * RATE_HZ
