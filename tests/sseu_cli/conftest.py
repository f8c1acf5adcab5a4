"""The command `sseu`, called in this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sseu_cli.main import main

Done = subprocess.CompletedProcess[str]
Sseu = Callable[..., Done]


@pytest.fixture
def sseu(capfd: pytest.CaptureFixture[str]) -> Sseu:
    """`sseu("build", folder, ...)`: exit code, standard output and standard error."""

    def run(*words: str | Path) -> Done:
        capfd.readouterr()
        code = main([*map(str, words)])
        shown = capfd.readouterr()
        return Done(words, code, shown.out, shown.err)

    return run


def sseu_process(*words: str | Path, **options: Any) -> Done:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "sseu_cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def assert_refused(done: Done, message: str, code: int = 2) -> None:
    """The command said what is wrong, without a traceback."""
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert message in done.stderr
