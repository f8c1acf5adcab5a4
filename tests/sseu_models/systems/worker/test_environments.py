"""Making an environment: what is run, what is left to do, what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sseu_models.systems.worker import environments as worker_setup
from sseu_models.systems.worker.environments import (
    ENVIRONMENTS,
    REQUIREMENTS,
    default_folder,
    environment_of,
    find_python,
    main,
)
from sseu_models.systems.worker.system import WORKERS


def test_every_ready_worker_has_an_environment_and_its_requirements() -> None:
    assert {name for entry in ENVIRONMENTS.values() for name in entry.systems} == set(WORKERS)
    for name in ENVIRONMENTS:
        assert (REQUIREMENTS / f"{name}.txt").is_file()
    assert environment_of("msclap-2022") == environment_of("msclap") == "msclap"


def test_dry_run_tells_the_commands_and_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSEU_WORKERS", str(tmp_path))
    assert main(["setup", "ltu-as", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert f"+ python3.10 -m venv {tmp_path}/ltu-as" in out
    assert f"-r {REQUIREMENTS / 'ltu-as.txt'}" in out
    assert "Left to do by hand:\n  1. git clone https://github.com/YuanGongND/ltu" in out
    assert f"2. {tmp_path}/ltu-as/bin/python -m pip install -e ltu/src/ltu_as/hf-dev" in out
    assert "Dropbox" in out
    assert list(tmp_path.iterdir()) == []


def test_another_folder_must_be_told_to_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["setup", "mga-clap", "--dry-run", "--out", str(tmp_path / "env")])
    out = capsys.readouterr().out
    assert f"Run with --setting python={tmp_path}/env/bin/python" in out
    assert "Google Drive" in out


def test_the_module_is_a_command() -> None:
    command = [sys.executable, "-m", "sseu_models.systems.worker.system", "setup", "msclap-2023", "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("+ python3.11 -m venv ")
    assert done.stderr == ""


def test_unknown_name_and_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "whisper", "--dry-run"]) == 2
    assert capsys.readouterr().err == (
        "error: no environment for 'whisper'; there are ltu-as, kimi-audio, step-audio-2-mini, msclap, mga-clap\n"
    )
    assert main(["setup", "ltu-as", "--out", str(tmp_path / "env"), "--python", sys.executable]) == 2
    version = "{}.{}".format(*sys.version_info[:2])
    assert f"is Python {version}, 3.10 is needed" in capsys.readouterr().err
    assert not (tmp_path / "env").exists()
    with pytest.raises(
        ValueError, match=r"Python 9\.9 was not found: install it \(for instance `uv python install 9\.9`"
    ):
        find_python("9.9", None)
    assert find_python(version, sys.executable) == sys.executable


def test_a_step_that_fails_stops_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [[sys.executable, "-c", "raise SystemExit(7)"], ["touch", str(tmp_path / "never")]]
    monkeypatch.setattr(worker_setup, "plan", lambda *_: steps)
    monkeypatch.setattr(worker_setup, "find_python", lambda *_: sys.executable)
    assert main(["setup", "msclap", "--out", str(tmp_path / "env")]) == 1
    assert f"that ended with status 7; the environment in {tmp_path}/env is unfinished" in capsys.readouterr().err
    assert not (tmp_path / "never").exists()


def test_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSEU_WORKERS", raising=False)
    assert default_folder("msclap") == Path.home() / ".local" / "share" / "sseu-bench" / "msclap"
