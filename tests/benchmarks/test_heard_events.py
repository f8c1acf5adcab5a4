"""The stand-ins' synthetic events, judged by a real tagger (TAGGER=DIR, or ../shared/models)."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TAGGER = Path(os.environ.get("TAGGER") or ROOT.parent / "shared" / "models")


def test_the_classes_are_heard_as_what_they_are() -> None:
    """On draws of a seed that the sounds were not tuned with; a class is judged by the median of its clips."""
    heard_events = import_module("heard_events")
    if why := heard_events.missing(TAGGER):
        pytest.skip(f"YAMNet cannot judge: {why}")
    found = heard_events.judge(TAGGER, seed=0, draws=7)
    first, top_three, heard = heard_events.counts(found)
    assert first >= heard_events.FIRST, found
    assert top_three >= heard_events.TOP_THREE, found
    assert heard >= heard_events.HEARD, found


def test_white_noise_passes_for_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge is no rubber stamp: the same noise for every class is heard as itself, or as nothing."""
    heard_events, sounds = import_module("heard_events"), import_module("sseu_dataset.standin.sounds")
    if why := heard_events.missing(TAGGER):
        pytest.skip(f"YAMNet cannot judge: {why}")
    for label in sounds.EVENTS:
        monkeypatch.setitem(sounds.EVENTS, label, lambda rng, n: rng.standard_normal(n).astype("float32"))
    first, top_three, heard = heard_events.counts(heard_events.judge(TAGGER, seed=0, draws=2))
    assert (first < 3, top_three < 8, heard < 3) == (True, True, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [([], "TAGGER is not given"), (["--tagger", "nowhere"], "no yamnet.tflite in nowhere")],
)
def test_without_a_tagger_it_is_skipped_by_name(
    arguments: list[str], why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard_events = import_module("heard_events")
    monkeypatch.delenv("TAGGER", raising=False)
    assert heard_events.main(arguments) == 0
    assert capsys.readouterr().out == f"skipped: YAMNet ({why})\n"
