"""`sseu run --lite`: what is asked and printed, and that its scores are mixed with no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import sseu_models
from sseu_cli.main import main
from tests.sseu_cli.conftest import Sseu, assert_refused


def _run(built: Path, out: Path, system: str, *words: str) -> Path:
    assert (
        main(["run", "--system", system, "--data", str(built), "--embedder", "exact", "--out", str(out), *words]) == 0
    )
    return out


@pytest.fixture(scope="module")
def folders(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = tmp_path_factory.mktemp("lite")
    lite = ("--lite", "90")
    return {
        "truth": _run(built, made / "truth", "control:ground-truth", *lite),
        "prevalence": _run(built, made / "prevalence", "control:prevalence", *lite),
        "scene": _run(built, made / "scene", "control:scene", "--setting", "top_k=2", *lite),
        "whole": _run(built, made / "whole", "control:prevalence"),
    }


def test_a_lite_result_says_what_it_is(sseu: Sseu, folders: dict[str, Path]) -> None:
    done = sseu("score", folders["scene"])
    assert done.returncode == 0, done.stderr
    assert re.search(r"incomplete: lite: an estimate from (?:89|9\d) of \d+ questions", done.stdout)
    assert re.search(r"^independent mAP +\(\d", done.stdout, re.MULTILINE)
    assert "all conditions together (mACC, mAP)" in done.stdout
    assert "how far the score on all questions may be from this estimate" in done.stdout
    result = json.loads((folders["scene"] / "result.json").read_text())
    assert result["job"]["lite"] == 90
    assert abs(result["answers"]["asked"] - 90) <= 3
    assert json.loads((folders["truth"] / "scores.json").read_text())["modes"]["independent"]["map"] == 100


def test_the_same_command_finds_it_finished_and_scores_alike(sseu: Sseu, folders: dict[str, Path], built: Path) -> None:
    before = (folders["scene"] / "scores.json").read_bytes()
    again = sseu(
        "run", "--system", "control:scene", "--setting", "top_k=2", "--data", built, "--embedder", "exact",
        "--out", folders["scene"], "--lite", "90",
    )  # fmt: skip
    assert "every question has its answer already" in again.stdout
    assert (folders["scene"] / "scores.json").read_bytes() == before


def test_lite_without_a_number_is_2450_questions(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    done = sseu(
        "run", "--system", "control:prevalence", "--data", built, "--out", tmp_path / "x", "--dry-run", "--lite"
    )
    assert done.returncode == 0, done.stderr
    whole = sseu("run", "--system", "control:prevalence", "--data", built, "--out", tmp_path / "x", "--dry-run")
    assert done.stdout.splitlines()[-1] == whole.stdout.splitlines()[-1]  # the tiny dataset has fewer: all are asked


def test_a_whole_run_continues_a_lite_one(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    out = _run(built, tmp_path / "grows", "control:prevalence", "--lite", "90")
    whole = sseu("run", "--system", "control:prevalence", "--data", built, "--embedder", "exact", "--out", out)
    assert re.search(r"questions to ask, (?:89|9\d) answered already", whole.stdout)
    assert "lite" not in whole.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--lite", "20"), "lite is 20 questions; at least 90 are needed"),
        (("--lite", "--modes", "independent,joint"), "lite asks each task alone, the mode joint asks all in one"),
        (("--lite", "--limit", "3"), "lite chooses the questions itself; leave limit out"),
        (("--lite", "--shard", "1/2"), "lite chooses the questions itself; leave shard out"),
        (("--lite", "--conditions", "0"), "lite chooses the questions itself; leave conditions out"),
        (("--lite", "--probe-noise"), "lite chooses the questions itself; leave probe-noise out"),
    ],
)
def test_what_lite_does_not_go_with(
    sseu: Sseu, built: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = sseu("run", "--system", "control:prevalence", "--data", built, "--out", tmp_path / "x", *words)
    assert_refused(done, message)


def test_two_lite_results_are_compared_on_the_same_questions(sseu: Sseu, folders: dict[str, Path]) -> None:
    done = sseu("compare", folders["scene"], folders["prevalence"], "--cells")
    assert done.returncode == 0, done.stderr
    assert re.search(r"independent +mAP +average +\(", done.stdout)
    assert "lite: an estimate from" in done.stdout


def test_lite_and_whole_results_are_not_mixed(sseu: Sseu, folders: dict[str, Path], tmp_path: Path) -> None:
    done = sseu("compare", folders["prevalence"], folders["whole"])
    assert_refused(done, "is a lite run (--lite 90), ")
    assert "is a whole run: their scores are of other questions; run both in the same way" in done.stderr
    report = sseu("report", folders["whole"], folders["prevalence"], "--out", tmp_path / "report")
    assert_refused(report, "is a lite result (89 questions)")
    assert "for the whole benchmark run the system without --lite" in report.stderr
    assert not (tmp_path / "report").exists()
    paper = sseu("compare", folders["prevalence"], "--paper", "Kimi-Audio")
    assert_refused(paper, "which a comparison with the paper does not show")


def _home(samples: Any, rate_hz: int, prompt: str) -> str:
    return "Home"


def test_a_lite_result_is_not_submitted(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    run = sseu_models.run(_home, built, lite=90, embedder="exact", out=out, progress=False)
    assert run.result.runs == 1
    assert run.scores["independent"].intervals["map"]["all"] is not None
    done = sseu("submit", out, "--model", "a/model", "--leaderboard", "a/board", "--dry-run")
    assert_refused(done, "is incomplete: lite: an estimate from 89")
