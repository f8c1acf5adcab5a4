"""Runs of scripted systems on the tiny dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sseu_models.job import Job
from sseu_models.results.folder import read_result
from sseu_models.results.records import NO_ANSWERS, Result
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem

JOB = Job(modes=("independent", "joint"), conditions=("+inf", "0", "-inf"), runs=2)
PART = "only the conditions +inf, 0, -inf"
"""What a result of this job lacks: three conditions of seven take half the time."""
Run: TypeAlias = Callable[..., Result]


@pytest.fixture
def run(built: Path, tmp_path: Path) -> Run:
    """Evaluate a system; fields of the request may be replaced."""

    def run(system: ScriptedSystem, out: str = "out", **values: Any) -> Result:
        request = Request(system, str(built), tmp_path / out, job=JOB, embedder="exact")
        return evaluate(replace(request, **values), progress=False)

    return run


def mark_stopped(folder: Path) -> None:
    """Let the result say what it says until a run ends, so that the log may be what a stopped run leaves."""
    result = read_result(folder).replace(answers=NO_ANSWERS, scoring=None, incomplete=("not finished",))
    (folder / "result.json").write_text(result.to_json())
