"""What is wrong with a comparison: one sentence for each kind of thing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from sseu_models.results.record import IntervalRecord
from sseu_report.entries import read_entries, score_entries
from sseu_report.faults import find_faults
from sseu_report.findings.collect import Findings
from sseu_report.naming import some_of


def forge(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    scores = json.loads((to / "scores.json").read_text())
    scores["modes"]["joint"]["wer"] = 0.125
    (to / "scores.json").write_text(json.dumps(scores))
    return to


def test_two_changed_results_are_one_fault_that_names_both(folders: list[Path], tmp_path: Path) -> None:
    scored = score_entries(read_entries([forge(one, tmp_path / one.name) for one in folders]))
    entries = [one.entry for one in scored]
    changed = [one for one in find_faults(entries, scored, None, None, mode="joint") if "0.125" in one]
    assert len(changed) == 1
    assert all(entry.name in changed[0] for entry in entries)
    assert "sseu score" in changed[0]
    assert changed[0].endswith("All scores here are computed from the answers.")


def test_a_dataset_that_is_not_at_hand_is_a_fault(folders: list[Path]) -> None:
    entries = read_entries(folders)
    faults = find_faults(entries, [], "it is gone", None, mode="joint")
    assert [one for one in faults if "(it is gone)" in one and "--data" in one]


def test_scenes_lost_between_words_and_labels_are_one_fault(folders: list[Path]) -> None:
    def matching(difference: float, low: float) -> list[SimpleNamespace]:
        found = SimpleNamespace(difference=difference, interval=IntervalRecord(low=low, high=20.0))
        return [SimpleNamespace(mode="joint", by_metric={"macc": found})]

    by_name = {"a": matching(10.0, 2.0), "b": matching(4.0, 1.0), "c": matching(3.0, -1.0)}
    findings = cast(Findings, SimpleNamespace(matching=by_name, problems=()))
    (fault,) = [one for one in find_faults(read_entries(folders), [], None, findings, mode="joint") if "Scenes" in one]
    assert fault.endswith("through the table of names the mACC of a and b is higher, by up to +10.00 points.")


def test_long_lists_are_cut() -> None:
    assert some_of(["a"]) == "a"
    assert some_of(["a", "b"]) == "a and b"
    assert some_of("abcdef") == "a, b, c, d and 2 more"
