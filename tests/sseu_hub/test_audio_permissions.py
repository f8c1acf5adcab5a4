"""Hazard: audio is published against its licence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import Recipe, Table
from sseu_dataset.schema import data_configs
from sseu_hub.audio_permissions import Audio, check_audio, configs_with_audio, is_gated, licence_table
from sseu_metric.conditions import CONDITIONS

SPEECH, BACKGROUND = Table("speech", "letters", "CC0 1.0"), Table("background", "places", "CC BY-NC 4.0")


@pytest.fixture(scope="module")
def official(built: Path) -> Recipe:
    return read_recipe(built / "recipe.parquet")


def of_tables(official: Recipe, *tables: Table) -> Recipe:
    return replace(official, name="custom", tables=tables)


def check(recipe: Recipe, audio: Audio, *, private: bool = False, stated: bool = False) -> None:
    check_audio(recipe, audio, private=private, tables_redistributable=stated)


def test_only_speech_alone_is_published_with_speech() -> None:
    configs = data_configs(CONDITIONS, "stems")  # of `stems` only the speech, row by row
    assert configs_with_audio("none", configs) == ()
    assert configs_with_audio("speech", configs) == ("snr_inf",)
    assert configs_with_audio("all", configs) == tuple(configs)
    with pytest.raises(ValueError, match="audio 'some'; one of none, speech, all is needed"):
        configs_with_audio("some", configs)


def test_official_backgrounds_go_into_no_public_repository(official: Recipe) -> None:
    check(official, "speech")
    check(official, "all", private=True)
    for recipe in (official, of_tables(official, SPEECH)):
        with pytest.raises(ValueError, match="MAESTRO-Real's, which may not be redistributed: give --private"):
            check(recipe, "all", stated=True)
        assert is_gated(recipe, "all")
        assert not is_gated(recipe, "speech")


def test_audio_of_tables_is_public_if_their_user_says_that_the_licences_allow_it(official: Recipe) -> None:
    recipe = of_tables(official, SPEECH, BACKGROUND)
    check(recipe, "none")
    check(recipe, "all", private=True)
    check(recipe, "all", stated=True)
    with pytest.raises(
        ValueError, match=r"letters \(speech, by table\) among it, under 'CC0 1.0' .* say so with --tables-"
    ):
        check(recipe, "speech")
    with pytest.raises(ValueError, match=r"places \(background, by table\) among it, under 'CC BY-NC 4.0'"):
        check(of_tables(official, BACKGROUND), "all")
    check(of_tables(official, BACKGROUND), "speech")  # of VCTK
    assert not is_gated(recipe, "all")


def test_the_table_names_every_source_and_what_would_happen(official: Recipe) -> None:
    text = "\n".join(licence_table(official, "speech"))
    assert all(word in text for word in ("VCTK", "DESED", "MAESTRO-Real", "CC BY 4.0", "+inf only"))
    text = "\n".join(licence_table(of_tables(official, SPEECH, BACKGROUND), "all"))
    assert all(
        word in text for word in ("letters (speech, by table)", "CC0 1.0", "CC BY-NC 4.0", "if its licence does")
    )
    assert "DESED" not in text
