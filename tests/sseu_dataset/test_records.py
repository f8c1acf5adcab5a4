"""Build settings: ranges, and the conditions that follow from them."""

from __future__ import annotations

from typing import Any

import pytest

from sseu_dataset.records import PAPER_SPEECH, VERSION, Settings, check_name, version_of


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"snrs_db": ()}, "are empty or repeat a value"),
        ({"snrs_db": (5.0, 5.0)}, "are empty or repeat a value"),
        ({"snrs_db": (5.0, 5.0000001)}, "are empty or repeat a value"),
        ({"snrs_db": (60.0,)}, "exceed -40 to 40 dB"),
        ({"snrs_db": (float("nan"),)}, "each must be finite"),
        ({"speech_min_s": 9.0, "speech_max_s": 8.0}, "the minimum must be above 0, the maximum at most 10 s"),
        ({"speech_max_s": 11.0}, "the minimum must be above 0, the maximum at most 10 s"),
        ({"speech_min_s": 0.0}, "the minimum must be above 0, the maximum at most 10 s"),
        ({"pairs": 0}, "0 pairs; at least 1 is needed"),
        ({"edition": "Spring 2027"}, "an edition named 'Spring 2027': give it a name of small letters and digits"),
        ({"edition": "d1"}, "and not d1"),
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**settings)


def test_equal_settings_are_equal_whatever_their_numbers_are_written_as() -> None:
    assert Settings(snrs_db=(2, -0), speech_min_s=8) == Settings(snrs_db=(2.0, 0.0))
    assert repr(Settings(snrs_db=(-0.0,)).snrs_db) == "(0.0,)"


def test_conditions_follow_the_snrs() -> None:
    assert Settings().conditions == ("+inf", "10", "5", "0", "-5", "-10", "-inf")
    assert Settings(snrs_db=(2.5, -20.0)).conditions == ("+inf", "2.5", "-20", "-inf")


OFFICIAL = [f"DESED/{number}.wav" for number in range(378)] + [f"VCTK/{PAPER_SPEECH}/p225/p225_021_mic1.flac"]


def test_the_official_counts_give_the_name() -> None:
    check_name("paper", 1117, Settings().conditions, settings=Settings(), sources=OFFICIAL)
    check_name("custom", 1, ("+inf", "0", "-inf"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pairs": 1116}, r"it has 1116 pairs; that name needs the 378 DESED \+ 739 MAESTRO-Real pairs"),
        ({"conditions": ("+inf", "0", "-inf")}, r"its conditions are \+inf, 0, -inf"),
        ({"settings": Settings(seed=1)}, "its settings are not the default"),
        (
            {"reasons": ["synthetic stand-in corpora"]},
            r"its own reasons say that it is not \(synthetic stand-in corpora\)",
        ),
        ({"sources": OFFICIAL[1:]}, "377 of its clips are of DESED"),
        (
            {"sources": [*OFFICIAL, "VCTK/wav48/p225/p225_021.wav"]},
            r"its speech is not that of VCTK 0\.92 \(VCTK/wav48/p225/p225_021",
        ),
    ],
)
def test_nothing_else_does(changes: dict[str, Any], message: str) -> None:
    official: dict[str, Any] = {"pairs": 1117, "conditions": Settings().conditions, "sources": OFFICIAL}
    with pytest.raises(ValueError, match=f"it is named `paper`, but {message}"):
        check_name("paper", **official | changes)


@pytest.mark.parametrize(
    ("settings", "name", "version"),
    [
        (Settings(), "paper", VERSION),
        (Settings(rule="diverse"), "diverse", f"{VERSION}+d1"),
        (Settings(seed=7, edition="spring.2027"), "edition", f"{VERSION}+spring.2027"),
        (Settings(seed=7, edition="spring", rule="diverse"), "edition", f"{VERSION}+d1.spring"),
    ],
)
def test_every_benchmark_has_a_name_and_a_version_of_its_own(settings: Settings, name: str, version: str) -> None:
    assert version_of(settings) == version
    check_name(name, 1117, settings.conditions, settings=settings)
    for other in {"paper", "diverse", "edition"} - {name}:
        with pytest.raises(ValueError, match=f"it is named `{other}`, but its settings are not the default"):
            check_name(other, 1117, settings.conditions, settings=settings)


def test_a_seed_alone_is_no_edition() -> None:
    with pytest.raises(ValueError, match="it is named `edition`, but its settings are not the default"):
        check_name("edition", 1117, Settings().conditions, settings=Settings(seed=7))
