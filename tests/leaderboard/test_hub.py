"""Hazards: what the results dataset holds beside; links of the client's cache; a Space that lacks a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leaderboard.space import space_files
from leaderboard.store import list_submissions
from tests.hub_server import MAINTAINER, RunningHub, running_hub

PROJECT = Path(__file__).resolve().parents[2]
REPO = "sseu/results"


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


def test_submissions_are_fetched_and_nothing_else(hub: RunningHub, pristine: Path, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    good = upload / "results" / "lab--model" / "2026-03-04-0123abcd"
    large = upload / "results" / "evil" / "2026-03-04-0123abcd"
    for folder in (good, large):
        folder.mkdir(parents=True)
        for file in pristine.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    (large / "scores.json").write_bytes(b" " * (2 << 20))
    (good / "evil.py").write_text("import os")
    (upload / "huge.bin").write_bytes(b"0" * 1000)
    run(
        hub, tmp_path,
        f"from huggingface_hub import HfApi; api = HfApi(); api.create_repo({REPO!r}, repo_type='dataset')\n"
        f"api.upload_folder(repo_id={REPO!r}, repo_type='dataset', folder_path={str(upload)!r})",
    )  # fmt: skip
    code = (
        "from pathlib import Path; from leaderboard.hub import fetch_submissions; "
        f"print(fetch_submissions({REPO!r}, Path({str(tmp_path / 'fetched')!r})))"
    )
    results = Path(run(hub, tmp_path, code).strip().splitlines()[-1])
    assert [(stored.model, stored.date) for stored in list_submissions(results)] == [
        ("evil", "2026-03-04"),
        ("lab--model", "2026-03-04"),
    ]
    names = {path.name for path in results.rglob("*") if path.is_file()}
    assert names == {"result.json", "scores.json", "submission.json", "answers.jsonl.gz"}
    assert not (results / "evil" / "2026-03-04-0123abcd" / "scores.json").exists()
    run(hub, tmp_path, code)


def test_a_missing_dataset_is_named(hub: RunningHub, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from leaderboard.hub import fetch_submissions\n"
        f"try: fetch_submissions('sseu/none', Path({str(tmp_path)!r}))\n"
        "except ValueError as error: print(error)"
    )
    assert "sseu/none: no such dataset on the Hub, or not for this token" in run(hub, tmp_path, code)


def test_the_space_runs_without_this_project(references_file: Path, tmp_path: Path) -> None:
    space = tmp_path / "space"
    for name, source in space_files(references_file).items():
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_bytes(source.read_bytes())
    assert not [path for path in space.rglob("*") if path.suffix == ".pyc"]
    code = (
        "import sys; sys.path[:] = [path for path in sys.path if 'main' not in path.split('/')[-1]]\n"
        "sys.argv = ['app.py']; sys.path.insert(0, '')\n"
        "import runpy, leaderboard.blocks, sseu_report.paper\n"
        "assert len(sseu_report.paper.published_rows(1)) == 18\n"
        "print(leaderboard.blocks.__file__)\n"
        "runpy.run_path('app.py', run_name='__main__')"
    )
    environment = {key: value for key, value in os.environ.items() if key not in ("SSEU_RESULTS_REPO", "PYTHONPATH")}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=space, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.stdout.startswith(str(space)), ended.stderr
    assert "give one of --results and --results-repo" in ended.stderr  # the reference beside it was found
    assert ended.returncode == 2


def test_the_card_names_the_installed_gradio_s_major_and_what_runs() -> None:
    import yaml

    gradio = pytest.importorskip("gradio", reason="gradio is not installed: pip install -e '.[leaderboard]'")
    card = (PROJECT / "leaderboard" / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert head["sdk"] == "gradio"
    assert head["sdk_version"].split(".")[0] == gradio.__version__.split(".")[0]
    assert head["app_file"] in space_files(PROJECT / "leaderboard" / "README.md")
    assert json.dumps(head["tags"])
