"""Hazards: notices of what is not there, in circles, without a reason, damaged, or by who may not write."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_hub.local import MAINTAINER, OUTSIDER, RunningHub, running_hub
from sseu_leaderboard import supersede, withdraw
from sseu_leaderboard.entries.view import KINDS, View
from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.intake.store import results_state
from sseu_leaderboard.notices import read_notices
from sseu_leaderboard.web.serving import Board
from tests.sseu_hub.made_submissions import make_submission, speaking

PROJECT = Path(__file__).resolve().parents[2]
OLD, NEW = "lab--model/2026-03-04-0123abcd", "lab--model/2026-05-01-89abcdef"
REPO = "sseu/results"


@pytest.fixture
def results(pristine: Path, built: Path, tmp_path: Path) -> Path:
    """Two submissions of one model."""
    other = make_submission(built, tmp_path, "scripted:better", reply=speaking("better"))
    for one, name in ((pristine, OLD), (other, NEW)):
        shutil.copytree(one, tmp_path / "results" / name)
    return tmp_path / "results"


def test_what_is_superseded_or_withdrawn_leaves_the_ranking_and_says_why(
    results: Path, scorer: Scorer, tmp_path: Path
) -> None:
    board = Board(results, tmp_path / "cache", scorer)
    before = results_state(results)
    supersede(OLD, NEW, results=results)
    assert results_state(results) != before
    board.refresh()
    kinds = {row.name: row.kind for row in board.rows if row.kind != "reported"}
    assert kinds == {"scripted:plain": "retired", "scripted:better": "verified"}
    assert "scripted:plain" not in board.show(View())
    shown = board.show(View(kinds=KINDS))
    assert f"by {NEW}" in shown
    assert next(place.rank for place in board.ranking.show(View()) if place.row.name == "scripted:better") == 1
    withdraw(NEW, "  the wrong\ncheckpoint ", results=results)
    board.refresh()
    assert {row.kind for row in board.rows} == {"retired", "reported"}
    assert ": the wrong checkpoint" in board.show(View(kinds=KINDS))


def test_a_notice_needs_a_submission_a_reason_and_a_successor_that_stands(results: Path) -> None:
    with pytest.raises(ValueError, match=rf"there is no submission 'lab--model/none'; there are {OLD}, {NEW}"):
        withdraw("lab--model/none", "why", results=results)
    with pytest.raises(ValueError, match=r"there is no submission '\.\./secret'"):
        supersede(OLD, "../secret", results=results)
    with pytest.raises(ValueError, match="--why: say in a line why it is withdrawn"):
        withdraw(OLD, " \n", results=results)
    with pytest.raises(ValueError, match="cannot supersede itself"):
        supersede(OLD, OLD, results=results)
    with pytest.raises(ValueError, match=r"give one of --results \(a folder\) and --results-repo"):
        withdraw(OLD, "why")
    withdraw(NEW, "why", results=results)
    with pytest.raises(ValueError, match=rf"{NEW} was withdrawn on .*: why; name a submission that stands"):
        supersede(OLD, NEW, results=results)
    (results / "notices.json").write_text('{"notices": {"x": {"status": "withdrawn", "date": "2026-01-01"}}}')
    with pytest.raises(ValueError, match=r"notices\.json: .*restore it from the history of the results"):
        read_notices(results)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def _run(hub: RunningHub, home: Path, *command: str, user: str | None = MAINTAINER) -> subprocess.CompletedProcess[str]:
    environment = hub.env(home, user)
    return subprocess.run(
        [sys.executable, *command], env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_the_token_of_the_results_repository_decides_who_may_write(
    hub: RunningHub, results: Path, tmp_path: Path
) -> None:
    code = (
        f"from huggingface_hub import HfApi; api = HfApi(); api.create_repo({REPO!r}, repo_type='dataset')\n"
        f"api.upload_folder(repo_id={REPO!r}, repo_type='dataset', folder_path={str(results.parent)!r}, "
        "allow_patterns='results/*')"
    )
    assert _run(hub, tmp_path, "-c", code).returncode == 0
    command = ("-m", "sseu_cli", "board", "supersede", OLD, NEW, "--results-repo", REPO)
    for user, remedy in ((None, "log in with `hf auth login`"), (OUTSIDER, "the token has no write access")):
        refused = _run(hub, tmp_path, *command, user=user)
        assert refused.returncode != 0
        assert remedy in refused.stderr
        assert "Traceback" not in refused.stderr
    said = _run(hub, tmp_path, *command)
    assert said.returncode == 0, said.stderr
    assert f"{OLD}: superseded on " in said.stdout
    unknown = _run(hub, tmp_path, "-m", "sseu_cli", "board", "withdraw", "x/y", "--why", "w", "--results-repo", REPO)
    assert (unknown.returncode, f"there are {OLD}, {NEW}" in unknown.stderr) == (2, True)
    fetch = (
        "from pathlib import Path; from sseu_leaderboard.results_repo import fetch_submissions, head_commit; "
        f"fetch_submissions({REPO!r}, Path({str(tmp_path / 'fetched')!r}), head_commit({REPO!r}))"
    )
    assert _run(hub, tmp_path, "-c", fetch).returncode == 0
    assert read_notices(tmp_path / "fetched" / "results")[OLD].successor == NEW
