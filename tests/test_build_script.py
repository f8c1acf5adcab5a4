"""The command line: help, messages and exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import build_dataset
import sseu_dataset.download
from tests.sseu_dataset.tiny_corpora import TinyCorpora

SCRIPT = Path(__file__).resolve().parents[1] / "build_dataset.py"


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True)


def test_help_shows_examples_and_exit_codes() -> None:
    for words in (("--help",), ("-h",)):
        shown = run(*words)
        assert shown.returncode == 0
        for part in ("examples:", "exit codes: 0 done", "--download corpora", "verify sseu-bench"):
            assert part in shown.stdout
    for command in ("build", "verify", "measure", "standin"):
        assert run(command, "--help").returncode == 0


def test_downloaded_corpora_are_built_from(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fetching itself is tested in test_download.py; here only that its folders reach the build."""

    def download(folder: Path, *, announce: Callable[[str], None]) -> dict[str, Path]:
        announce(f"licences, into {folder}")
        return pristine_corpora.folders

    monkeypatch.setattr(sseu_dataset.download, "download", download)
    words = ["--download", str(tmp_path / "corpora"), "--out", str(tmp_path / "out"), "--allow-partial", "--pairs", "1"]
    assert build_dataset.main(words) == 0
    assert capsys.readouterr().out.startswith(f"licences, into {tmp_path / 'corpora'}\n1 pairs")


def test_missing_corpora_are_asked_for() -> None:
    done = run("--vctk", "x")
    assert done.returncode == 2
    assert "--desed, --maestro missing: give the three corpora, or --download DIR to fetch them" in done.stderr


def test_a_wrong_folder_is_exit_2(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    done = run("--vctk", tmp_path, "--desed", tmp_path, "--maestro", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "error: VCTK: no corpus in" in done.stderr
    assert "Traceback" not in done.stderr


def test_incomplete_corpora_are_exit_2(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    done = run(*pristine_corpora.options, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "DESED clips without speech: 378 expected, 5 found" in done.stderr


def test_bad_settings_are_exit_2(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    done = run(*pristine_corpora.options, "--out", tmp_path / "out", "--snrs", "90")
    assert (done.returncode, "leave -40 to 40 dB" in done.stderr) == (2, True)
    assert run("--pairs", "many").returncode == 2
    done = run("--workers", "0", *pristine_corpora.options, "--out", tmp_path / "out")
    assert (done.returncode, "0 workers; at least 1 is needed" in done.stderr) == (2, True)


def test_a_place_that_cannot_be_written_is_exit_1(pristine_corpora: TinyCorpora) -> None:
    done = run(*pristine_corpora.options, "--allow-partial", "--out", "/proc/sseu-bench")
    assert done.returncode == 1
    assert "/proc/sseu-bench.partial" in done.stderr
    assert "then run the same command again: it continues" in done.stderr


def test_build_verify_and_rebuild(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(*pristine_corpora.options, "--allow-partial", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "63 clips, recipe partial, version 1.0.0rc1" in done.stdout
    assert "excluded by rule: 1" in done.stdout
    done = run("verify", out, *pristine_corpora.options)
    assert (done.returncode, "63 clips are as recipe and manifest say and equal to its sources" in done.stdout) == (
        0,
        True,
    )
    done = run(*pristine_corpora.options, "--recipe", out / "recipe.parquet", "--out", tmp_path / "again")
    assert done.returncode == 0
    assert "63 of 63 clips have the samples of the manifest beside" in done.stdout


def test_verify_of_a_damaged_folder_is_exit_1(built: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(built, tmp_path / "copy")
    (tmp_path / "copy" / "data" / "snr_0" / "test-00000-of-00001.parquet").unlink()
    done = run("verify", tmp_path / "copy")
    assert done.returncode == 1
    assert "wrong: data/snr_0/test-00000-of-00001.parquet: missing" in done.stdout


def test_verify_of_something_else_is_exit_2(tmp_path: Path) -> None:
    done = run("verify", tmp_path)
    assert (done.returncode, "not a finished dataset folder" in done.stderr) == (2, True)


@pytest.mark.parametrize("definitions", ["loud", "active,loud"])
def test_measure_knows_its_definitions(built: Path, definitions: str) -> None:
    done = run("measure", built, "--definitions", definitions)
    assert (done.returncode, "unknown definitions ['loud']" in done.stderr) == (2, True)
