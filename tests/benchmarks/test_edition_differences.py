"""The simulation behind docs/editions.md: what two editions share, and whether the intervals hold their difference."""

from __future__ import annotations

import edition_differences
import numpy as np
import pytest
from edition_differences import Population, Scenario, coverages, draw_population, main, questions, simulate


@pytest.fixture(scope="module")
def population() -> Population:
    """A part of the drawn one, so that a trial takes a moment."""
    whole = draw_population()
    return Population(whole.backgrounds[::5], whole.utterances[::3], whole.max_samples)


def test_two_editions_share_backgrounds_and_labels_and_differ_in_speech(population: Population) -> None:
    one, same, other = (questions(population, seed) for seed in (1, 1, 2))
    for task, rows in one.items():
        assert {name: values.tolist() for name, values in rows.columns.items()} == {
            name: values.tolist() for name, values in same[task].columns.items()
        }
    for name in ("id", "scene", "recording", "truth"):
        assert one["at"][name].tolist() == other["at"][name].tolist(), name
    assert (one["asr"]["sentence"] == other["asr"]["sentence"]).mean() < 0.5


def test_intervals_hold_the_difference_of_two_editions_and_narrower_ones_do_not(population: Population) -> None:
    found = simulate(population, Scenario(0.5, 0.4, 0.5), trials=60, workers=2)
    assert found.shape == (60, 3, 4)
    narrower = found.copy()
    narrower[:, :, 1:] /= 2
    paired, halved = (np.mean([metric[0] for metric in coverages(values)]) for values in (found, narrower))
    assert 88 <= paired <= 99.5
    assert halved < 85


def test_intervals_that_are_too_narrow_fail(
    population: Population, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(edition_differences, "draw_population", lambda: population)
    monkeypatch.setattr(edition_differences, "simulate", lambda *given: np.full((20, 3, 4), [2.0, 1.0, 1.0, 1.0]))
    assert main(edition_differences.METADATA / "nothing", 20, 1, {"paper": [Scenario(0, 0, 0)], "diverse": []}) == 1
    shown = capsys.readouterr().out
    assert "diverse" not in shown
    assert "paper, drawn population: 224 backgrounds, 82 utterances; 20 times two editions a line" in shown
    assert shown.count("<- outside") == 3
