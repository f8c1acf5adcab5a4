"""The simulation behind docs/editions.md: what two editions share, and whether the intervals hold their difference."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

editions = import_module("edition_differences")


@pytest.fixture(scope="module")
def population() -> Any:
    """A part of the drawn one, so that a trial takes a moment."""
    whole = editions.draw_population()
    return editions.Population(whole.backgrounds[::5], whole.utterances[::3], whole.max_samples)


def test_two_editions_share_backgrounds_and_labels_and_differ_in_speech(population: Any) -> None:
    one, same, other = (editions.questions(population, seed) for seed in (1, 1, 2))
    for task, rows in one.items():
        assert {name: values.tolist() for name, values in rows.columns.items()} == {
            name: values.tolist() for name, values in same[task].columns.items()
        }
    for name in ("id", "scene", "recording", "truth"):
        assert one["at"][name].tolist() == other["at"][name].tolist(), name
    assert (one["asr"]["sentence"] == other["asr"]["sentence"]).mean() < 0.5


def test_intervals_hold_the_difference_of_two_editions_and_narrower_ones_do_not(population: Any) -> None:
    found = editions.simulate(population, editions.Scenario(0.5, 0.4, 0.5), trials=60, workers=2)
    assert found.shape == (60, 3, 4)
    narrower = found.copy()
    narrower[:, :, 1:] /= 2
    paired, halved = (np.mean([metric[0] for metric in editions.coverages(values)]) for values in (found, narrower))
    assert 88 <= paired <= 99.5
    assert halved < 85


def test_intervals_that_are_too_narrow_fail(
    population: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(editions, "draw_population", lambda: population)
    monkeypatch.setattr(editions, "simulate", lambda *given: np.full((20, 3, 4), [2.0, 1.0, 1.0, 1.0]))
    assert (
        editions.main(editions.METADATA / "nothing", 20, 1, {"paper": [editions.Scenario(0, 0, 0)], "diverse": []}) == 1
    )
    shown = capsys.readouterr().out
    assert "diverse" not in shown
    assert "paper, drawn population: 224 backgrounds, 82 utterances; 20 times two editions a line" in shown
    assert shown.count("<- outside") == 3
