"""`sseu metric`: exit codes and the two forms of output; what is computed: tests/sseu_metric/test_answer_files.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sseu_cli.conftest import Sseu

REFERENCE = {"transcript": "please call Stella", "scene": "Home", "events": ["Dog"]}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"prediction": REFERENCE, "reference": REFERENCE}) + "\n")
    return path


def test_score_prints_a_table_or_json(sseu: Sseu, answers: Path) -> None:
    table = sseu("metric", "score", answers, "--embedder", "exact", "--resamples", "0")
    assert table.returncode == 0
    assert table.stdout.splitlines()[1].split() == ["WER", "0.00", "-", "100.00", "100.00"]
    done = sseu("metric", "score", answers, "--embedder", "exact", "--config", "at", "--json")
    assert {name: json.loads(done.stdout)[name] for name in ("map", "complete")} == {"map": 100.0, "complete": True}


def test_compare_prints_a_table_or_json(sseu: Sseu, answers: Path) -> None:
    table = sseu("metric", "compare", answers, answers, "--embedder", "exact")
    assert (table.returncode, table.stdout.splitlines()[0]) == (0, f"A: {answers}")
    done = sseu("metric", "compare", answers, answers, "--embedder", "exact", "--config", "asr", "--json")
    assert [(one["metric"], one["difference"]) for one in json.loads(done.stdout)] == [
        ("wer", 0.0),
        ("wer_capped", 0.0),
    ]


def test_a_broken_file_and_a_missing_package_are_said_in_one_line(
    sseu: Sseu, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda name: None)
    missing = sseu("metric", "score", answers)
    assert (missing.returncode, "pip install '.[embed]'" in missing.stderr) == (2, True)
    answers.write_text("{")
    broken = sseu("metric", "score", answers)
    assert (broken.returncode, "answers.jsonl line 1: not JSON" in broken.stderr) == (2, True)


def test_install_and_its_undoing(sseu: Sseu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluate.config.HF_MODULES_CACHE", tmp_path / "modules")
    assert sseu("metric", "install").stdout.startswith(f'evaluate.load("sseu") now takes {tmp_path}')
    assert sseu("metric", "install", "--remove").stdout.startswith("removed ")
    assert sseu("metric", "install", "--remove").stdout.startswith("not installed: ")
