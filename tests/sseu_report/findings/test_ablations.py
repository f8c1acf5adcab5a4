"""Runs and their controls find each other, and nobody else."""

from __future__ import annotations

from typing import Any

from sseu_models.running.ablation import ablate
from sseu_report.findings.ablations import find_ablations
from tests.sseu_models.scripted import plain_reply


def test_runs_and_controls_find_each_other(make_scored: Any) -> None:
    run = make_scored("run", plain_reply, system="scripted:one")
    silence = make_scored("silent", plain_reply, system="scripted:one", frontend="silence")
    other = make_scored("other", plain_reply, system="scripted:two", frontend="silence")
    longer = make_scored("longer", plain_reply, system="scripted:one", frontend="shuffled", runs=2)
    scored = [silence, run, other, longer]
    assert silence.entry.is_control
    assert not run.entry.is_control
    (check,) = find_ablations(scored)
    assert (check.system, check.control) == (run.entry.name, "silence")
    expected = ablate(run.entry.folder, silence.entry.folder)
    assert check.unchanged == expected.unchanged
    assert [(one.mode, one.comparison.metric) for one in check.changes] == [
        (one.mode, one.comparison.metric) for one in expected.changes
    ]
    assert all(one.flagged for one in check.changes)
