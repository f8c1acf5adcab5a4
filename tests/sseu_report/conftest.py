"""What several tests of the report need: entries with real answers behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from tests.sseu_models.scripted import ScriptedSystem
from tests.sseu_report.made_report import make_results


@pytest.fixture(scope="session")
def folders(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The results of a plain system and of a hostile one, which no test may change."""
    return make_results(built, tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def make_scored(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A scored entry of a scripted system, asked about three pairs by default."""

    def make(
        name: str, reply: Callable[[Question], Reply], *, frontend: str | None = None, **values: Any
    ) -> ScoredEntry:
        out = tmp_path_factory.mktemp("results") / name
        system = ScriptedSystem(reply=reply, id=values.pop("system", f"scripted:{name}"))
        job = replace(Job(runs=1, limit=3), **values)
        evaluate(Request(system, str(built), out, job=job, frontend=frontend, embedder="exact"), progress=False)
        return score_entries(read_entries([out]))[0]

    return make
