"""`sseu plan`: what it prints from a pilot, and what it refuses."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

import sseu_models
import sseu_report
from tests.sseu_cli.conftest import Sseu, assert_refused


def _hears_some(samples: Any, rate_hz: int, prompt: str) -> str:
    draw = hashlib.sha256(samples.tobytes() + prompt.encode()).digest()
    words = ["please", "call", "stella", "ask", "her", "to", "bring", "these", "things", "the", "a", "of", "and"]
    if "scene" in prompt.lower():
        return ("Home", "Restaurant", "City Center")[draw[0] % 3]
    return " ".join(word for word, chance in zip(words, draw, strict=False) if chance % 2)


@pytest.fixture(scope="module")
def pilot(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan") / "pilot"
    sseu_models.run(_hears_some, built, limit=6, runs=2, embedder="exact", out=out, progress=False)
    return out


def test_pairs_and_runs_for_a_difference(sseu: Sseu, pilot: Path) -> None:
    done = sseu("plan", pilot, "--metric", "wer", "--difference", "5", "--trials", "20")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith("_hears_some, independent WER, both asked the same questions")
    sizes = [line.split()[:2] for line in lines if re.match(r"^\d+ +[13] ", line)]
    assert sizes == [["2", "1"], ["2", "3"], ["4", "1"], ["4", "3"], ["9", "1"], ["9", "3"]]  # of the whole dataset
    assert re.search(r"the whole dataset \(runs: 3\) finds \d+\.\d points of WER in about 80 %", done.stdout)
    again = sseu("plan", pilot, "--metric", "wer", "--difference", "5", "--trials", "20")
    assert again.stdout == done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--difference", "0"), "difference is 0 points; more than 0 and less than 100 is needed"),
        (("--power", "100"), "power is 100 %; more than 5 (what chance finds) and less than 100 is needed"),
        (("--trials", "5"), "trials is 5; at least 20 are needed"),
        (("--metric", "maap"), "Did you mean"),
    ],
)
def test_what_cannot_be_planned(sseu: Sseu, pilot: Path, words: tuple[str, ...], message: str) -> None:
    done = sseu("plan", pilot, *words)
    assert done.returncode == 2
    assert message.casefold() in done.stderr.casefold()


def test_a_pilot_without_the_task_and_a_lite_one(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    sseu_models.run("control:prevalence", built, lite=90, embedder="exact", out=tmp_path / "lite", progress=False)
    assert_refused(sseu("plan", tmp_path / "lite"), "is a lite result")
    sseu_models.run("control:no-answer", built, embedder="exact", out=tmp_path / "none", progress=False)
    assert_refused(sseu("plan", tmp_path / "none"), "tells nothing about its spread")


def test_the_record_has_what_is_printed(pilot: Path) -> None:
    found = sseu_report.plan_comparison(pilot, metric="macc", trials=20)
    assert (found.mode, found.metric, found.sizes, found.enough) == ("independent", "macc", (), None)
    assert found.visible > 0
    assert found.repeats is not None
    assert f"{found.visible:.1f} points of mACC" in str(found)
