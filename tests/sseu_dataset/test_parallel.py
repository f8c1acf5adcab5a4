"""Memory that a command has freed stays with it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_FAULTS = """
import resource, sys
import numpy as np
from sseu_dataset.parallel import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
for _ in range(200):
    clips = [np.ones(100_000) for _ in range(30)]  # 24 MB, more than malloc keeps by itself
    del clips
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the parameters")
def test_freed_memory_is_not_given_back() -> None:
    def faults(how: str) -> int:
        return int(subprocess.run([sys.executable, "-c", _FAULTS, how], check=True, capture_output=True).stdout)

    assert faults("keep") < 0.2 * faults("give back")
