"""Folders of drafts, of processes that end and of some that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_hub.drafts import draft_folder

KILLED = """
import os, signal
from sseu_hub.drafts import draft_folder
with draft_folder() as folder:
    (folder / "draft").mkdir()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_publish_leaves_nothing_after_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert (left / "draft").is_dir()
    with draft_folder() as mine, draft_folder() as other:  # the second start leaves alone what is in use
        assert sorted(tmp_path.iterdir()) == sorted([mine, other])
    assert not list(tmp_path.iterdir())
