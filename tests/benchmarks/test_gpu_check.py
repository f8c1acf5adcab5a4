"""The check for machines with a GPU, as far as a CPU can run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu_check.py"

pytestmark = pytest.mark.slow
pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The script on a machine without a GPU."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_table_of_the_tiny_model(tmp_path: Path) -> None:
    out = tmp_path / "figures.md"
    done = run("--tiny", "--batch-sizes", "1,3", "--clips", "4", "--new-tokens", "6", "--out", str(out))
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()[-2:]]
    assert [(row[0], row[4]) for row in rows] == [("1", "4/4"), ("3", "4/4")]
    assert out.read_text() == done.stdout


def test_without_a_gpu() -> None:
    done = run()
    assert done.returncode == 2
    assert "no GPU: torch" in done.stderr
    assert "--tiny" in done.stderr
