"""Hazard: audio is published against its licence."""

from __future__ import annotations

import pytest

from sseu_hub.audio_permissions import check_visibility, conditions_with_audio, licence_table
from sseu_metric.conditions import CONDITIONS


def test_only_speech_alone_is_published_with_vctk() -> None:
    assert conditions_with_audio("none", CONDITIONS) == ()
    assert conditions_with_audio("vctk", CONDITIONS) == ("+inf",)
    assert conditions_with_audio("all", CONDITIONS) == CONDITIONS
    with pytest.raises(ValueError, match="audio 'some'; one of none, vctk, all is needed"):
        conditions_with_audio("some", CONDITIONS)


def test_backgrounds_go_into_no_public_repository() -> None:
    check_visibility("vctk", private=False)
    check_visibility("all", private=True)
    with pytest.raises(ValueError, match="DESED's and MAESTRO-Real's, which may not be redistributed: give --private"):
        check_visibility("all", private=False)


def test_the_table_names_every_source_and_what_would_happen() -> None:
    text = "\n".join(licence_table("vctk"))
    assert all(word in text for word in ("VCTK", "DESED", "MAESTRO-Real", "CC BY 4.0", "+inf only"))
