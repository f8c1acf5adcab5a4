"""Hazard: audio is published against its licence."""

from __future__ import annotations

import pytest

from sseu_dataset.schema import data_configs
from sseu_hub.audio_permissions import check_visibility, configs_with_audio, licence_table
from sseu_metric.conditions import CONDITIONS


def test_only_speech_alone_is_published_with_vctk() -> None:
    configs = data_configs(CONDITIONS, "stems")  # of `stems` only the speech, row by row
    assert configs_with_audio("none", configs) == ()
    assert configs_with_audio("vctk", configs) == ("snr_inf",)
    assert configs_with_audio("all", configs) == tuple(configs)
    with pytest.raises(ValueError, match="audio 'some'; one of none, vctk, all is needed"):
        configs_with_audio("some", configs)


def test_backgrounds_go_into_no_public_repository() -> None:
    check_visibility("vctk", private=False)
    check_visibility("all", private=True)
    with pytest.raises(ValueError, match="DESED's and MAESTRO-Real's, which may not be redistributed: give --private"):
        check_visibility("all", private=False)


def test_the_table_names_every_source_and_what_would_happen() -> None:
    text = "\n".join(licence_table("vctk"))
    assert all(word in text for word in ("VCTK", "DESED", "MAESTRO-Real", "CC BY 4.0", "+inf only"))
