"""Hazards: other files in the results dataset; links of the client's cache; a Space without a file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_hub.local import MAINTAINER, RunningHub, running_hub
from sseu_leaderboard.intake.store import list_submissions
from sseu_leaderboard.publishing import space_files

PROJECT = Path(__file__).resolve().parents[2]
REPO, NAME = "sseu/results", "2026-03-04-0123abcd"
FETCH = (
    "from pathlib import Path; from sseu_leaderboard.results_repo import fetch_submissions, head_commit; "
    "print(fetch_submissions({repo!r}, Path({folder!r}), head_commit({repo!r})))"
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def run(hub: RunningHub, home: Path, code: str) -> str:
    """Run code with the real client in a process of its own, as its settings are read at import."""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=hub.env(home, MAINTAINER),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def upload(hub: RunningHub, home: Path, repo: str, folder: Path) -> None:
    run(
        hub, home,
        f"from huggingface_hub import HfApi; api = HfApi(); api.create_repo({repo!r}, repo_type='dataset')\n"
        f"api.upload_folder(repo_id={repo!r}, repo_type='dataset', folder_path={str(folder)!r})",
    )  # fmt: skip


def test_submissions_are_fetched_and_nothing_else(hub: RunningHub, pristine: Path, tmp_path: Path) -> None:
    tree = tmp_path / "upload"
    good = tree / "results" / "lab--model" / NAME
    large = tree / "results" / "evil" / NAME
    for folder in (good, large):
        shutil.copytree(pristine, folder)
    (large / "scores.json").write_bytes(b" " * (2 << 20))
    (good / "evil.py").write_text("import os")
    (tree / "huge.bin").write_bytes(b"0" * 1000)
    upload(hub, tmp_path, REPO, tree)
    fetched = tmp_path / "fetched"
    results = Path(run(hub, tmp_path, FETCH.format(repo=REPO, folder=str(fetched))).strip().splitlines()[-1])
    assert [(stored.model, stored.date) for stored in list_submissions(results)] == [
        ("evil", "2026-03-04"),
        ("lab--model", "2026-03-04"),
    ]
    names = {path.name for path in results.rglob("*") if path.is_file()}
    assert names == {"result.json", "scores.json", "submission.json", "answers.jsonl.gz"}
    assert not (results / "evil" / NAME / "scores.json").exists()
    _check_what_changed(hub, tmp_path, fetched, pristine)


def _check_what_changed(hub: RunningHub, home: Path, fetched: Path, pristine: Path) -> None:
    """Nothing is fetched twice, what was spoilt is fetched again, and what the dataset no longer holds goes."""
    good = fetched / "results" / "lab--model" / NAME
    (good / "scores.json").write_bytes(b" " * (good / "scores.json").stat().st_size)
    before = len(hub.log())
    run(hub, home, FETCH.format(repo=REPO, folder=str(fetched)))
    assert (good / "scores.json").read_bytes() == (pristine / "scores.json").read_bytes()
    got = [line for line in hub.log()[before:] if line.startswith("GET") and "/resolve/" in line]
    assert len(got) == 1
    assert "scores.json" in got[0]
    run(
        hub, home,
        f"from huggingface_hub import HfApi; HfApi().delete_files({REPO!r}, ['results/evil/*'], repo_type='dataset')",
    )  # fmt: skip
    run(hub, home, FETCH.format(repo=REPO, folder=str(fetched)))
    assert [stored.model for stored in list_submissions(fetched / "results")] == ["lab--model"]


@pytest.mark.hub  # the client tries for 20 s
def test_a_hub_that_leaves_in_the_middle_is_an_error(hub: RunningHub, pristine: Path, tmp_path: Path) -> None:
    """The client keeps quiet about it and would leave an old folder as it was."""
    repo = "sseu/interrupted"
    shutil.copytree(pristine, tmp_path / "upload" / "results" / "lab--model" / NAME)
    upload(hub, tmp_path, repo, tmp_path / "upload")
    fetched = tmp_path / "fetched"
    old = fetched / "results" / "lab--model" / NAME / "result.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    hub.arm(f"{repo}/resolve", 503, times=1_000)
    code = FETCH.format(repo=repo, folder=str(fetched))
    said = run(
        hub, tmp_path, f"from sseu_hub.client import HubError\ntry:\n    {code}\nexcept HubError as error: print(error)"
    )
    assert f"{repo}: " in said


def test_a_missing_dataset_is_named(hub: RunningHub, tmp_path: Path) -> None:
    code = (
        "from sseu_leaderboard.results_repo import head_commit\n"
        "try: head_commit('sseu/none')\nexcept ValueError as e: print(e)"
    )
    assert "sseu/none: no such dataset on the Hub, or this token may not read it" in run(hub, tmp_path, code)


def test_the_card_names_the_installed_gradio_s_major_and_what_runs(references: Path) -> None:
    import yaml

    gradio = pytest.importorskip("gradio", reason="gradio is not installed: pip install -e '.[leaderboard]'")
    card = (PROJECT / "sseu_leaderboard" / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert head["sdk"] == "gradio"
    assert head["sdk_version"].split(".")[0] == gradio.__version__.split(".")[0]
    assert head["app_file"] in space_files(references)
    assert json.dumps(head["tags"])
