"""The whole benchmark, rehearsed on stand-in corpora of the official size (`make slow`: minutes, 10 GB of disk)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import sseu_dataset
from sseu_dataset.diverse.sentences import sentence_of
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import Recipe
from sseu_dataset.standin.corpora import make_standin

# Linux counts the memory of the process that starts a command into its peak, and pytest is large: a small one starts
# it.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)
"""
SCRIPT = Path(__file__).resolve().parents[1] / "build_dataset.py"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Stand-ins of the official size."""
    pytest.importorskip("espeakng_loader", reason="the extra `demo` (speech synthesis) is not installed")
    root = tmp_path_factory.mktemp("full")
    make_standin(root, "full")
    return {
        "vctk": root / "VCTK-Corpus-0.92",
        "desed": root / "DESED",
        "maestro": root / "MAESTRO_Real_development",
    }


def build(folders: dict[str, Any], out: Path, *more: str) -> Recipe:
    """Build with the script in a process of its own, within 400 MiB of memory."""
    options = [str(word) for name, folder in folders.items() for word in (f"--{name}", folder)]
    began = time.monotonic()
    command = [sys.executable, str(SCRIPT), *options, "--out", str(out), *more]
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], check=True, stdout=subprocess.PIPE, text=True)
    peak_mib, cpu_s = (float(value) for value in done.stdout.split()[-2:])
    print(f"built in {time.monotonic() - began:.0f} s, {cpu_s:.0f} CPU s, peak {peak_mib:.0f} MiB")
    assert peak_mib < 400
    return read_recipe(out / "recipe.parquet")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_full_build_has_the_papers_size(folders: dict[str, Any], tmp_path: Path) -> None:
    pairs = build(folders, tmp_path / "sseu-bench").pairs
    corpora = [pair.background.corpus for pair in pairs]
    assert (corpora.count("DESED"), corpora.count("MAESTRO-Real")) == (378, 739)
    events = Counter(event for pair in pairs for event in {segment.event for segment in pair.background.segments})
    assert {"Running Water": 69, "Dishes": 46 + 57, "Car": 400, "Wind Blowing": 26}.items() <= events.items()
    assert len({pair.utterance.speaker_id for pair in pairs}) > 95
    found = sseu_dataset.verify(tmp_path / "sseu-bench", **folders)
    assert (found.rows, found.problems, found.differing) == (7819, (), {})


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_full_diverse_build_says_no_sentence_twice(folders: dict[str, Any], tmp_path: Path) -> None:
    pairs = build(folders, tmp_path / "d1", "--recipe-name", "diverse").pairs
    assert Counter(pair.background.corpus for pair in pairs) == {"DESED": 378, "MAESTRO-Real": 739}
    sentences = [sentence_of(part.utterance.transcript) for pair in pairs for part in pair.speech]
    assert len(set(sentences)) == len(sentences) > 3_000
    assert len({pair.utterance.speaker_id for pair in pairs}) > 105
    found = sseu_dataset.verify(tmp_path / "d1", **folders)
    assert (found.rows, found.problems, found.differing) == (7819, (), {})
