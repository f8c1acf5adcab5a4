"""The map: every key and label of it leads somewhere, and texts are read by it or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_dataset import DatasetError
from sseu_dataset.importing.mapping import read_map
from tests.sseu_dataset.importing.exported import MAP


def test_labels_are_read_by_the_map_or_by_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(MAP + '[events]\n"cutlery and dishes" = "Dishes"\nSpeech = ""\n[conditions]\nclean = "+inf"\n')
    rules, _ = read_map(path)
    assert rules.scene("city_center") == "City Center"
    for cell in ("Dog; alarm_bell_ringing;Speech", "['dog', 'Alarm Bell Ringing']", ["Alarm-Bell-Ringing", "Dog"]):
        assert rules.event_list(cell) == ["Alarm Bell Ringing", "Dog"]
    assert rules.event_list("cutlery and dishes") == ["Dishes"]
    assert rules.event_list("") == []
    assert [rules.condition(text) for text in ("clean", "5.0", "-10 dB", "inf", "-inf")] == (
        ["+inf", "5", "-10", "+inf", "-inf"]
    )
    with pytest.raises(
        ValueError, match=r"unknown event 'Dgo', to be added to \[events\] of the map; did you mean 'Dog'\?"
    ):
        rules.event_list("Dgo|Cat")
    with pytest.raises(ValueError, match=r"'claen' is neither an SNR in dB nor a name .*did you mean 'clean'"):
        rules.condition("claen")
    with pytest.raises(ValueError, match="begin like a list, but are none"):
        rules.event_list("[Dog")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("licence = ", "not TOML"),
        (MAP.replace('"test"', '""'), "licence is empty"),
        (MAP.replace("speaker_id =", "speakr_id ="), "unknown key 'columns.speakr_id'; did you mean 'speaker_id'?"),
        (MAP + '[scene]\na = "Home"\n', "unknown key 'scene'; did you mean 'scenes'?"),
        (MAP + '[scenes]\na = "Hom"\n', "scenes: 'a' leads to 'Hom', which is none; did you mean 'Home'?"),
        (MAP + '[conditions]\nclean = "inf"\n', "'inf' is not a condition"),
        (MAP.replace('snr_db = "snr_db"\n', ""), "neither snr_db nor condition"),
        (MAP + '[audio]\npad_shorter = "yes"\n', "audio.pad_shorter"),
    ],
)
def test_a_map_that_leads_nowhere_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(DatasetError) as error:
        read_map(path)
    assert message in str(error.value)
