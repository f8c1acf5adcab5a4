"""What kind of thing a result is about."""

from __future__ import annotations

import pytest

from sseu_metric.controls import CONTROLS
from sseu_models.frontends import BUILT_IN
from sseu_models.kinds import Kind, hears_the_clip, kind_of, may_be_ranked, may_be_submitted


@pytest.mark.parametrize(
    ("system", "frontend", "kind", "hears"),
    [
        ("hf:openai/whisper-small", "none", "system", True),
        ("hf:openai/whisper-small", "enhancers:denoise", "front end", True),
        ("hf:openai/whisper-small", "oracle-speech", "oracle", True),
        ("hf:openai/whisper-small", "oracle-background", "oracle", True),
        ("hf:openai/whisper-small", "silence", "control", False),
        ("hf:openai/whisper-small", "shuffled", "control", False),
        ("control:ground-truth", "none", "oracle", False),
        ("control:majority", "none", "baseline", False),
        ("control:majority", "silence", "baseline", False),
        ("text-only:api:llama", "none", "baseline", False),
        ("text-only:hf:llama", "none", "baseline", False),
        ("cascade:asr:faster-whisper:base+clap:m", "none", "baseline", True),
        ("cascade:asr:faster-whisper:base+clap:m", "enhancers:denoise", "baseline", True),
        ("cascade:asr:faster-whisper:base+clap:m", "oracle-speech", "oracle", True),
        ("cascade:asr:faster-whisper:base+clap:m", "silence", "control", False),
    ],
)
def test_system_and_front_end_decide(system: str, frontend: str, kind: Kind, hears: bool) -> None:
    assert kind_of(system, frontend) == kind
    assert hears_the_clip(system, frontend) is hears
    assert may_be_ranked(kind) is (kind == "system")
    assert may_be_submitted(kind) is (kind in ("system", "front end"))


def test_every_control_and_built_in_front_end_has_a_kind_of_its_own() -> None:
    assert {kind_of(f"control:{name}") for name in CONTROLS} == {"oracle", "baseline"}
    assert [name for name in BUILT_IN if kind_of("hf:any", name) in ("system", "front end")] == ["none"]
