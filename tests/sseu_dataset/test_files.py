"""A lock where there are locks, and none where the file system has none."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from sseu_dataset.files import locked
from sseu_dataset.records import DatasetError


def test_a_lock_that_is_held_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", "first"), pytest.raises(DatasetError, match="second"):
        locked(tmp_path / "lock", "second").__enter__()
    with locked(tmp_path / "lock", "third"):
        pass


def fail_with(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK])
def test_a_file_system_without_locks_is_used_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fail_with(monkeypatch, number)
    with locked(tmp_path / "lock", "taken") as file:
        file.write("x")
    assert (tmp_path / "lock").read_text() == "x"


def test_another_error_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="no"):
        locked(tmp_path / "lock", "taken").__enter__()
