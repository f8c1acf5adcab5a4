"""What all tests of workers share."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept stderr of each worker goes with the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
