"""Making an environment: what is run, what remains to be done, what is refused."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.worker import environments
from sseu_models.systems.worker.environments import (
    ENVIRONMENTS,
    REQUIREMENTS,
    WORKERS,
    SetupError,
    default_folder,
    environment_of,
    find_python,
    set_up,
)
from sseu_models.systems.worker.system import make_worker


@pytest.fixture(autouse=True)
def workers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSEU_WORKERS", str(tmp_path / "workers"))
    return tmp_path / "workers"


def test_every_ready_worker_has_a_program_an_environment_and_its_requirements() -> None:
    assert {worker.environment for worker in WORKERS.values()} == set(ENVIRONMENTS)
    assert all(worker.file.is_file() for worker in WORKERS.values())
    assert all((REQUIREMENTS / f"{name}.txt").is_file() for name in ENVIRONMENTS)
    assert environment_of("worker:msclap-2022") == environment_of("msclap-2022") == environment_of("msclap") == "msclap"


def test_a_dry_run_announces_commands_and_manual_steps_and_makes_nothing(workers_folder: Path) -> None:
    lines: list[str] = []
    set_up("ltu-as", dry_run=True, announce=lines.append)
    assert lines[0] == f"+ python3.11 -m venv {workers_folder}/ltu-as"
    assert lines[2].endswith(f"-r {REQUIREMENTS / 'ltu-as.txt'}")
    assert lines[3:5] == [
        "Remaining manual steps:",
        "  1. git clone https://github.com/YuanGongND/ltu    (no licence file; its demo says research only)",
    ]
    assert lines[5].startswith(
        f"  2. {workers_folder}/ltu-as/bin/python -m pip install --no-build-isolation -e ltu/src/ltu_as/hf-dev"
    )
    assert not workers_folder.exists()
    set_up("mga-clap", folder=workers_folder / "env", dry_run=True, announce=lines.append)
    assert lines[-1].startswith(f"Run with --setting python={workers_folder}/env/bin/python")


def test_an_unknown_name_and_another_python_are_refused(workers_folder: Path) -> None:
    with pytest.raises(
        ValueError, match=r"no environment for 'ltu_as'; did you mean 'ltu-as'\? \(there are ltu-as, kimi"
    ):
        set_up("ltu_as", dry_run=True)
    version = "{}.{}".format(*sys.version_info[:2])
    with pytest.raises(ValueError, match=f"is Python {version}, 3.7 is needed"):
        find_python("3.7", sys.executable)
    assert not workers_folder.exists()
    with pytest.raises(
        ValueError, match=r"Python 9\.9 was not found: install it \(for instance `uv python install 9\.9`"
    ):
        find_python("9.9", None)
    assert find_python(version, sys.executable) == sys.executable


def test_a_command_that_fails_stops_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [[sys.executable, "-c", "raise SystemExit(7)"], ["touch", str(tmp_path / "never")]]
    monkeypatch.setattr(environments, "_plan", lambda *_: steps)
    monkeypatch.setattr(environments, "find_python", lambda *_: sys.executable)
    with pytest.raises(SetupError, match=f"ended with status 7; the environment in {tmp_path}/env is unfinished"):
        set_up("msclap", folder=tmp_path / "env")
    assert not (tmp_path / "never").exists()


def test_an_environment_whose_python_is_gone_is_named_and_made_anew(
    workers_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interpreter that it was made from has been removed; `venv` alone keeps the link to nowhere."""
    python = workers_folder / "msclap" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/gone/python3.11")
    system = make_worker("msclap-2023")
    with pytest.raises(SystemDownError, match=r"is a link to /gone/python3.11, which is gone: make .* setup msclap`"):
        asyncio.run(system.start())
    asyncio.run(system.close())
    plan = environments._plan
    monkeypatch.setattr(environments, "_plan", lambda *given: plan(*given)[:1])
    monkeypatch.setattr(environments, "find_python", lambda *_: sys.executable)
    set_up("msclap")
    assert subprocess.run([str(python), "-c", ""], check=False).returncode == 0


def test_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSEU_WORKERS")
    assert default_folder("msclap") == Path.home() / ".local" / "share" / "sseu-bench" / "msclap"
