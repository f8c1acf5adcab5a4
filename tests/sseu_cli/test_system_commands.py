"""`sseu systems list`, `setup`."""

from __future__ import annotations

import json
import venv
from pathlib import Path

import pytest

from sseu_models.systems.spec import known_systems
from tests.sseu_cli.conftest import Sseu, assert_refused


def test_every_known_system_is_listed_with_what_it_needs(
    sseu: Sseu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSEU_WORKERS", str(tmp_path))
    (tmp_path / "msclap" / "bin").mkdir(parents=True)
    (tmp_path / "msclap" / "bin" / "python").touch()
    shown = sseu("systems", "list").stdout
    for system in known_systems():
        assert f"\n{system.name} " in f"\n{shown}"
    assert "Microsoft CLAP 2023 (environment ready)" in shown
    assert "LTU-AS (first: sseu systems setup ltu-as)" in shown
    assert "(extra hf)" in shown


def test_a_setup_is_shown_before_it_is_made(sseu: Sseu, tmp_path: Path) -> None:
    out = tmp_path / "place"
    done = sseu("systems", "setup", "ltu-as", "--out", out, "--dry-run")
    assert done.returncode == 0
    assert f"+ python3.11 -m venv {out}\n" in done.stdout
    assert f"--setting python={out}/bin/python" in done.stdout
    assert not out.exists()


def test_a_wrong_name_or_interpreter_is_one_message(sseu: Sseu) -> None:
    assert_refused(sseu("systems", "setup", "ltu"), "no environment for 'ltu'; did you mean 'ltu-as'?")
    done = sseu("systems", "setup", "msclap", "--python", "/nowhere/python")
    assert_refused(done, "Python 3.11 was not found at /nowhere/python")


def test_a_check_without_its_checkout_is_one_message(sseu: Sseu, tmp_path: Path) -> None:
    assert_refused(sseu("systems", "check", "mga"), "no ready worker 'mga'; did you mean 'mga-clap'?")
    assert_refused(
        sseu("systems", "check", "mga-clap"), "mga-clap needs --upstream DIR, the folder that holds MGA-CLAP"
    )
    done = sseu("systems", "check", "mga-clap", "--upstream", tmp_path)
    assert_refused(done, f"{tmp_path}/MGA-CLAP is no folder; there: git clone https://github.com/Ming-er/MGA-CLAP")


def test_a_check_that_fails_says_where_and_keeps_what_it_saw(
    sseu: Sseu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment is there, and upstream's package is not in it."""
    monkeypatch.setenv("SSEU_WORKERS", str(tmp_path))
    venv.create(tmp_path / "msclap", with_pip=False)
    done = sseu("systems", "check", "msclap-2023", "--out", tmp_path / "seen.json")
    assert done.returncode == 1
    assert "FAILED  upstream is imported" in done.stdout
    assert "No module named 'torch'" in done.stdout
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert (seen["system"], seen["versions"]["msclap"], seen["steps"][0]["passed"]) == ("msclap-2023", None, False)
