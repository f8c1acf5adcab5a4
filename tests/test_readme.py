"""Every block of the README runs, in a copy of the project, in order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
ALL_BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", (PROJECT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
BLOCKS = [(language, code) for language, code in ALL_BLOCKS if "sseu hub serve" not in code]
HUB_BLOCKS = [code for _, code in ALL_BLOCKS if "sseu hub serve" in code]
"""Run by `test_hub_sequence`."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that uses this environment instead of making one."""
    pytest.importorskip("espeakng_loader", reason="the extra `demo` (speech synthesis) is not installed")
    folder = tmp_path_factory.mktemp("checkout") / "project"
    unwanted = shutil.ignore_patterns(".git", ".venv*", "demo", "__pycache__", ".*_cache", ".hypothesis", "sseu-bench*")
    shutil.copytree(PROJECT, folder, ignore=unwanted)
    (folder / ".venv").mkdir()
    for path in Path(sys.executable).parents[1].iterdir():
        if path.name != ".installed":
            (folder / ".venv" / path.name).symlink_to(path)
    (folder / ".venv" / ".installed").touch()  # newer than what it is made from: `make` leaves it alone
    return folder


def run(checkout: Path, command: list[str]) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(checkout),
        "HF_HOME": str(checkout / ".hf"),
    }
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def has_torchcodec() -> bool:
    return subprocess.run([sys.executable, "-c", "import torchcodec"], capture_output=True).returncode == 0


def test_readme_has_blocks() -> None:
    assert [language for language, _ in BLOCKS].count("python") >= 3
    assert len(HUB_BLOCKS) == 1


@pytest.mark.long
@pytest.mark.timeout(600)
def test_blocks_run_in_order(checkout: Path) -> None:
    for language, code in BLOCKS:
        if language == "bash":
            for corpus in ("VCTK-Corpus-0.92", "DESED", "MAESTRO_Real_development"):
                if (checkout / "demo" / "corpora" / corpus).exists() and not (checkout / corpus).exists():
                    (checkout / corpus).symlink_to(checkout / "demo" / "corpora" / corpus)
            run(checkout, ["bash", "-e", "-c", code])
        elif "load_dataset" not in code or has_torchcodec():
            run(checkout, [sys.executable, "-c", code])
    assert (checkout / "sseu-bench" / "manifest.json").exists()
    assert (checkout / "report" / "report.html").exists()


def test_load_dataset_decodes_where_ffmpeg_is_installed() -> None:
    """The block with `load_dataset` runs above wherever torchcodec can be imported; where FFmpeg is, it must be."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("FFmpeg is not installed (`make ffmpeg`): the README's block with load_dataset was not run")
    assert has_torchcodec()
