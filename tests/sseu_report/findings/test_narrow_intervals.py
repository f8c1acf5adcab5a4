"""A scene of one recording, or a single voice, leaves intervals too narrow or none, and the report says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_metric.summary import summarise
from sseu_models.results.record import IntervalRecord
from sseu_models.results.scores_file import Clusters
from sseu_report.comparison.systems import compare_entries
from sseu_report.entries import Entry
from sseu_report.findings.narrow_intervals import narrow_notes
from sseu_report.tables.paper_tables import condition_table
from sseu_report.writing import report
from tests.sseu_models.scripted import plain_reply, reference
from tests.sseu_report.made_entries import flat, make_entry, make_mode

SURER = "are too narrow, and p values and ranks look surer than they are"


def scene_scores(recordings: list[str], scenes: Sequence[int] | None = None) -> Scores:
    """Answers about one clip for each recording, at Home if no scenes are given, half of these right."""
    rows = [
        reference(f"{n}", "0", scene=0 if scenes is None else scenes[n]) | {"source_recording_id": recording}
        for n, recording in enumerate(recordings)
    ]
    predictions = [{"scene": "Home" if n % 2 else "Restaurant"} for n in range(len(rows))]
    return score(predictions, rows, tasks=("asc",), mode="independent", embedder="exact")


def entry_of(scores: Scores, name: str = "scripted:one") -> Entry:
    found = summarise(scores)
    shown: dict[str, Any] = {
        "clusters": {
            metric: Clusters.model_validate_json(json.dumps(one)) for metric, one in found["clusters"].items()
        },
        "intervals": {
            metric: {key: one and IntervalRecord(**one) for key, one in keys.items()}
            for metric, keys in found["intervals"].items()
        },
    }
    return make_entry(name, {"independent": make_mode(flat(next(iter(shown["clusters"])), {"0": 50.0}), **shown)})


def test_what_the_note_says_is_true_of_the_interval() -> None:
    alone, several = scene_scores(["a"] * 8), scene_scores(["a", "a", "b", "c", "c", "d", "e", "e"])
    assert alone.intervals("macc") == {"all": None, "finite": None, "0": None}
    moves = several.intervals("macc")["all"]
    assert moves is not None
    assert moves.low < 50 < moves.high
    assert narrow_notes([entry_of(several)]) == []


def test_results_with_the_same_cause_are_named_together() -> None:
    alone, several = scene_scores(["a"] * 4), scene_scores(["a", "b", "c", "d"])
    part = scene_scores(["a", "a", "b", "c", "d", "e"], scenes=[0, 0, 1, 1, 1, 1])
    entries = [entry_of(part, "scripted:a"), entry_of(part, "scripted:b"), entry_of(several, "scripted:c")]
    assert narrow_notes(entries) == [
        f"scripted:a and scripted:b: intervals of mACC {SURER}: only one recording each of Home."
    ]
    assert narrow_notes([entry_of(alone)]) == []  # there is no interval that could be too narrow


def test_one_cause_is_one_sentence_whatever_metrics_it_is_about() -> None:
    rows = [
        reference(f"{n}", "0", scene=int(n > 1), events=[4] if n % 3 else [2])
        | {"source_recording_id": "abcdef"[max(n - 1, 0)]}
        for n in range(6)
    ]
    heard = [{"scene": "Home" if n % 2 else "Restaurant", "events": ["Dog"] if n % 2 else ["Cat"]} for n in range(6)]
    scene, events = (
        entry_of(score(heard, rows, tasks=(task,), mode="independent", embedder="exact"), f"scripted:{task}")
        for task in ("asc", "at")
    )
    assert narrow_notes([scene, events]) == [
        f"All results: intervals of mACC, mAP {SURER}: only one recording each of Home."
    ]


def table_notes(scores: Scores) -> tuple[str, ...]:
    """What stands below the table with the intervals of WER."""
    table = condition_table([entry_of(scores)], "wer", mode="independent")
    assert table is not None
    return table.about_intervals


def test_one_voice_and_one_sentence_are_a_note() -> None:
    rows = [reference(f"{n}", "0", transcript=f"please {n}") | {"speaker_id": "p225"} for n in range(4)]
    one = score([{"transcript": "please"}] * 4, rows, tasks=("asr",), mode="independent")
    assert one.intervals("wer") == {"all": None, "finite": None, "0": None}
    assert "no interval of WER: one speaker only." in table_notes(one)
    assert narrow_notes([entry_of(one)]) == []
    two = [*rows[:3], rows[3] | {"speaker_id": "p226"}]
    voices = score([{"transcript": "please"}] * 3 + [{"transcript": "no"}], two, tasks=("asr",), mode="cot")
    assert voices.intervals("wer")["all"] is not None
    assert narrow_notes([entry_of(voices)]) == []
    sentence = score(
        [{"transcript": "please"}] * 4, [row | {"transcript": "please"} for row in two], tasks=("asr",), mode="cot"
    )
    assert "no interval of WER: one sentence only." in table_notes(sentence)


def test_a_factor_that_the_references_do_not_name_is_a_note() -> None:
    rows = [reference(f"{n}", "0", transcript=f"please {n}") | {"speaker_id": None} for n in range(4)]
    heard = [{"transcript": "please"}] * 3 + [{"transcript": "no"}]
    found = score(heard, rows, tasks=("asr",), mode="independent")
    assert narrow_notes([entry_of(found)]) == [
        f"scripted:one: intervals of WER, WER capped {SURER}: not every reference names its speaker."
    ]


def test_report_and_comparison_print_it(make_scored: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseu_report.writing.draw_plots", lambda *_: ([], []))
    one, other = (make_scored(name, plain_reply) for name in ("one", "other"))
    (expected,) = (note for note in narrow_notes([one.entry]) if "only one recording each of" in note)
    made = report([one.entry.folder], tmp_path / "out", clips=0, progress=False)
    assert expected in made.summary.faults
    assert expected in made.page.read_text(encoding="utf-8")
    text = str(compare_entries(one, replace(other)))
    assert f"All results{expected.removeprefix('scripted:one')}" in text
