"""What several tests of the report need: entries with real answers behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from sseu_report.page.clips import cards
from sseu_report.writing import Report, report
from tests.sseu_models.scripted import ScriptedSystem
from tests.sseu_report.made_report import make_results


@pytest.fixture(scope="session", autouse=True)
def media_of_clips() -> Iterator[None]:
    """The same samples are encoded and drawn once, in however many reports they are."""

    def once(make: Callable[[NDArray[np.float32]], bytes]) -> Callable[[NDArray[np.float32]], bytes]:
        @cache
        def made(data: bytes) -> bytes:
            return make(np.frombuffer(data, np.float32))

        return lambda samples: made(samples.tobytes())

    with pytest.MonkeyPatch.context() as patch:
        for name in ("encode_audio", "draw_spectrogram"):
            patch.setattr(cards, name, once(getattr(cards, name)))
        yield


@pytest.fixture(scope="session")
def folders(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The results of a plain system and of a hostile one, which no test may change."""
    return make_results(built, tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def made(folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The whole report on both, with 16 clips."""
    return report(folders, tmp_path_factory.mktemp("report") / "out", clips=16, progress=False)


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
