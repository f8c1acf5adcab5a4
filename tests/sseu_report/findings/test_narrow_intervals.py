"""A scene of one recording, or a single voice, makes intervals too narrow, and the report says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_models.results.opened_dataset import OpenedDataset
from sseu_report.comparison.systems import compare_entries
from sseu_report.entries import ScoredEntry
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.writing import report
from tests.sseu_models.scripted import plain_reply, reference
from tests.sseu_report.made_entries import make_entry


def scene_scores(recordings: list[str]) -> Scores:
    """Answers about one clip for each recording, all at Home, half of them right."""
    rows = [
        reference(f"{n}", "0", scene=0) | {"source_recording_id": recording} for n, recording in enumerate(recordings)
    ]
    predictions = [{"scene": "Home" if n % 2 else "Restaurant"} for n in range(len(rows))]
    return score(predictions, rows, tasks=("asc",), mode="independent", embedder="exact")


def entry_of(scores: Scores, name: str = "scripted:one") -> ScoredEntry:
    return ScoredEntry(make_entry(name), cast(OpenedDataset, None), [], {}, {"independent": scores})


def test_what_the_note_says_is_true_of_the_interval() -> None:
    alone, several = scene_scores(["a"] * 8), scene_scores(["a", "a", "b", "c", "c", "d", "e", "e"])
    held = alone.intervals("macc")["all"]
    assert held.low == held.high == 50
    moves = several.intervals("macc")["all"]
    assert moves.low < 50 < moves.high


def test_results_with_the_same_cause_are_named_together() -> None:
    alone, several = scene_scores(["a"] * 4), scene_scores(["a", "b", "c", "d"])
    entries = [entry_of(alone, "scripted:a"), entry_of(alone, "scripted:b"), entry_of(several, "scripted:c")]
    assert narrow_notes(entries) == [
        (
            "scripted:a, scripted:b: all clips of Home come from one recording each. 95 % intervals of mACC and mAP "
            "hold these scenes fixed and are too narrow; p values are not affected."
        )
    ]


def test_one_voice_is_a_note() -> None:
    rows = [reference(f"{n}", "0") | {"speaker_id": "p225"} for n in range(4)]
    one = score([{"transcript": "please"}] * 4, rows, tasks=("asr",), mode="independent")
    assert "all speech is by one speaker. 95 % intervals of WER have no width" in narrow_notes([entry_of(one)])[0]
    two = score(
        [{"transcript": "please"}] * 4, [*rows[:3], rows[3] | {"speaker_id": "p226"}], tasks=("asr",), mode="cot"
    )
    assert narrow_notes([entry_of(two)]) == []


def test_report_and_comparison_print_it(make_scored: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseu_report.writing.draw_plots", lambda *_: ([], []))
    one, other = (make_scored(name, plain_reply) for name in ("one", "other"))
    (expected,) = (note for note in narrow_notes([one]) if "come from one recording each" in note)
    made = report([one.entry.folder], tmp_path / "out", clips=0, progress=False)
    assert expected in made.warnings
    assert expected in made.page.read_text(encoding="utf-8")
    text = str(compare_entries(one, replace(other)))
    assert "scripted:one, scripted:other: all clips of " in text
