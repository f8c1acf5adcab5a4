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
from sseu_dataset.recipe import read_recipe
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


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_full_build_has_the_papers_size(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `demo` (speech synthesis) is not installed")
    make_standin(tmp_path / "corpora", "full")
    folders: dict[str, Any] = {
        "vctk": tmp_path / "corpora" / "VCTK-Corpus-0.92",
        "desed": tmp_path / "corpora" / "DESED",
        "maestro": tmp_path / "corpora" / "MAESTRO_Real_development",
    }
    options = [str(word) for name, folder in folders.items() for word in (f"--{name}", folder)]
    began = time.monotonic()
    command = [sys.executable, str(SCRIPT), *options, "--out", str(tmp_path / "sseu-bench")]
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], check=True, stdout=subprocess.PIPE, text=True)
    peak_mib, cpu_s = (float(value) for value in done.stdout.split()[-2:])
    print(f"built in {time.monotonic() - began:.0f} s, {cpu_s:.0f} CPU s, peak {peak_mib:.0f} MiB")
    assert peak_mib < 400
    pairs = read_recipe(tmp_path / "sseu-bench" / "recipe.parquet").pairs
    corpora = [pair.background.corpus for pair in pairs]
    assert (corpora.count("DESED"), corpora.count("MAESTRO-Real")) == (378, 739)
    events = Counter(event for pair in pairs for event in {segment.event for segment in pair.background.segments})
    assert {"Running Water": 69, "Dishes": 46 + 57, "Car": 400, "Wind Blowing": 26}.items() <= events.items()
    assert len({pair.utterance.speaker_id for pair in pairs}) > 95
    found = sseu_dataset.verify(tmp_path / "sseu-bench", **folders)
    assert (found.rows, found.problems, found.differing) == (7819, (), {})
