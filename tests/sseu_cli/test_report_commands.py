"""`sseu report` and `sseu compare`: what they print and their exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_cli.main import main
from tests.sseu_cli.conftest import Sseu, assert_refused


@pytest.fixture(scope="module")
def results(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two results folders on the same clips."""
    folder = tmp_path_factory.mktemp("results")
    for name in ("majority", "no-answer"):
        words = ["--data", str(built), "--embedder", "exact", "--runs", "1", "--out", str(folder / name)]
        assert main(["run", "--system", f"control:{name}", *words]) == 0
    return folder / "majority", folder / "no-answer"


def test_a_report_is_a_table_here_and_a_page_there(
    sseu: Sseu, results: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jinja2", reason="the page is part of the extra `report`")
    monkeypatch.setattr("sseu_report.writing.draw_plots", lambda *_, **__: ([], []))  # they take most of the time
    done = sseu("report", *results, "--out", tmp_path / "report", "--clips", "1")
    assert done.returncode == 0, done.stderr
    assert "majority" in done.stdout
    assert done.stdout.endswith(f"{tmp_path / 'report' / 'report.html'}\n")
    assert (tmp_path / "report" / "report.html").is_file()


def test_names_of_ones_own_stand_in_every_table(
    sseu: Sseu, results: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jinja2", reason="the page is part of the extra `report`")
    monkeypatch.setattr("sseu_report.writing.draw_plots", lambda *_, **__: ([], []))
    names = tmp_path / "names.toml"
    names.write_text('"control:majority" = "Ours"\n')
    done = sseu("report", *results, "--out", tmp_path / "report", "--clips", "0", "--names", names)
    assert done.returncode == 0, done.stderr
    assert "Ours (baseline)" in done.stdout
    assert "control:majority" not in done.stdout
    for path in (tmp_path / "report" / "tables").glob("*.csv"):
        assert "Ours" in path.read_text()
    names.write_text('"control:other" = "Ours"\n')
    refused = sseu("report", *results, "--out", tmp_path / "other", "--names", names)
    assert_refused(
        refused, "a name is given for control:other, but the results are of control:majority, control:no-answer"
    )


def test_two_results_or_one_and_the_paper_are_compared(sseu: Sseu, results: tuple[Path, Path]) -> None:
    both = sseu("compare", *results)
    assert (both.returncode, "mACC" in both.stdout) == (0, True), both.stderr
    paper = sseu("compare", results[0], "--paper", "Kimi-Audio")
    assert (paper.returncode, "Kimi-Audio" in paper.stdout) == (0, True), paper.stderr


def test_wrong_input_is_one_message_and_exit_code_2(sseu: Sseu, results: tuple[Path, Path], tmp_path: Path) -> None:
    for words, message in (
        (("report", tmp_path), f"{tmp_path}"),
        (("report", results[0], "--out", results[1]), f"{results[1]}"),
        (("compare", results[0], tmp_path), f"{tmp_path}"),
        (("compare", results[0], "--paper", "Kimi"), "Kimi-Audio"),
    ):
        assert_refused(sseu(*words), message)
