"""A tagger's classes become labels: what speaks for what, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.match_table import meaning_of, names_of
from sseu_models.systems.audioset import SCENE_EVIDENCE, check_audioset, scores_from_audioset
from tests.scripts import load_script


def evidence() -> list[tuple[str, str]]:
    return [(line.scene, name.strip()) for line in SCENE_EVIDENCE for name in line.classes.split(";")]


def test_every_line_is_about_a_scene_and_known_classes_named_once() -> None:
    lines = evidence()
    assert {scene for scene, _ in lines} == set(SCENES)
    assert [name for _, name in lines if meaning_of("at", name) is None] == []
    assert len(set(lines)) == len(lines)
    assert all(line.reason and line.weight in (1.0, 0.3) for line in SCENE_EVIDENCE)


def test_the_loudest_class_of_an_event_counts_and_evidence_for_a_scene_adds_up() -> None:
    names = ["Speech", "Bark", "Dog", "Train", "Sliding door", "Vacuum cleaner"]
    scenes, events = scores_from_audioset(names, [0.9, 0.2, 0.5, 0.4, 0.5, 0.1])
    found = {label: score for label, score in zip(EVENTS, events, strict=True) if score}
    assert found == {"Dog": 0.5, "Vacuum Cleaner": 0.1, "Metro Approaching": 0.4, "Metro Leaving": 0.4}
    assert dict(zip(SCENES, scenes, strict=True)) == pytest.approx(
        {
            "Home": 0.1 + 0.3 * (0.2 + 0.5),
            "Restaurant": 0,
            "City Center": 0,
            "Grocery Store": 0,
            "Metro Station": 0.4 + 0.3 * 0.5,
            "Residential Area": 0.3 * 0.2,
        }
    )


def test_classes_in_another_order_give_the_same_scores() -> None:
    names = ["Cat", "Bus", "Wind", "Cash register"]
    values = [0.1, 0.2, 0.3, 0.4]
    assert scores_from_audioset(names, values) == scores_from_audioset(names[::-1], values[::-1])


def test_speech_speaks_for_nothing() -> None:
    names = [name for name, meaning in names_of("at") if "the task excludes the speaker" in meaning.reason]
    scenes, events = scores_from_audioset(["Speech", "Male speech, man speaking", "Conversation"], [1.0, 1.0, 1.0])
    assert {*scenes, *events} == {0.0}
    assert "Speech" in names


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="2 classes but 1 scores"):
        scores_from_audioset(["Dog", "Cat"], [0.5])
    with pytest.raises(ValueError, match=r"1 of 2 classes are none of AudioSet, the first is 'Dgo'"):
        scores_from_audioset(["Dgo", "Cat"], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"no class of this tagger speaks for Restaurant, .* Alarm Bell Ringing"):
        check_audioset(["Dog", "Cat"])


def test_the_page_shows_the_table() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    maker = load_script("docs/make_audioset_table.py")
    shown = (docs / "systems" / "audioset.md").read_text(encoding="utf-8")
    assert shown == maker.page(), "make it again: python docs/make_audioset_table.py"
