"""The life of a version against a local Hub, with the real clients: published, superseded, withdrawn, tampered with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_hub.local import MAINTAINER, RunningHub, running_hub
from tests.sseu_cli.conftest import Done, assert_refused
from tests.sseu_dataset.tiny_corpora import TinyCorpora

pytestmark = [pytest.mark.hub, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
REPO, RESULTS = "sseu/moving", "sseu/moving-results"
OLD, NEW = "1.0.0rc1", "1.1.0"
PUBLISH = ["--repo", REPO, "--with-audio", "all", "--private", "--yes"]
WHY = "one dog is a cat"


class Lab:
    """A local Hub, a client's home and the commands of the package in `code`."""

    def __init__(self, hub: RunningHub, home: Path) -> None:
        self.hub, self.home = hub, home

    def python(self, *words: str, code: Path = ROOT, offline: bool = False) -> Done:
        env = self.hub.env(self.home, MAINTAINER) | {"PYTHONPATH": str(code)}
        env |= {"HF_HUB_OFFLINE": "1"} if offline else {}
        return subprocess.run([sys.executable, *words], env=env, cwd=self.home, capture_output=True, text=True)

    def sseu(self, *words: str | Path, code: Path = ROOT) -> Done:
        return self.python("-m", "sseu_cli", *map(str, words), code=code)

    def main(self) -> dict[str, bytes]:
        return self.hub.files("datasets", REPO)

    def withdraw(self, version: str, *words: str) -> Done:
        return self.sseu("publish", "withdraw", version, "--repo", REPO, *words)


def done(one: Done) -> str:
    assert one.returncode == 0, one.stdout + one.stderr
    return one.stdout


@pytest.fixture(scope="module")
def next_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the version bumped, as docs/versions.md says."""
    folder = tmp_path_factory.mktemp("package")
    for path in ROOT.iterdir():
        if (path / "__init__.py").is_file() and path.name != "sseu_dataset":
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "sseu_dataset", folder / "sseu_dataset", ignore=shutil.ignore_patterns("__pycache__"))
    records = folder / "sseu_dataset" / "records" / "benchmark.py"
    text = records.read_text()
    assert f'VERSION = "{OLD}"' in text
    records.write_text(text.replace(f'VERSION = "{OLD}"', f'VERSION = "{NEW}"'))
    return folder


@pytest.fixture(scope="module")
def lab(
    built: Path, pristine_corpora: TinyCorpora, next_package: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """A Hub with the dataset, a result on it, and then the next version of the dataset, where one label is another."""
    home = tmp_path_factory.mktemp("home")
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        made = Lab(hub, home)
        done(made.sseu("publish", "dataset", built, *PUBLISH))
        assert json.loads(made.main()["versions.json"])["versions"].keys() == {OLD}
        assert b"## Versions" not in made.main()["README.md"]
        answer = f"""
from pathlib import Path
from sseu_models.job import Job
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem
evaluate(Request(ScriptedSystem(), {REPO!r}, Path("result"), embedder="exact", job=Job(runs=1)), progress=False)
"""
        done(made.python("-c", answer))
        shutil.copytree(pristine_corpora.root, home / "corpora", symlinks=True)
        corpora = TinyCorpora(home / "corpora")
        table = corpora.table.read_text()
        assert "\tDog\n" in table
        corpora.table.write_text(table.replace("\tDog\n", "\tCat\n"))
        done(made.sseu("build", *corpora.options, "--allow-partial", "--out", "newer", code=next_package))
        done(made.sseu("publish", "dataset", "newer", *PUBLISH, code=next_package))
        done(
            made.python(
                "-c", f"from huggingface_hub import HfApi; HfApi().create_repo({RESULTS!r}, repo_type='dataset')"
            )
        )
        yield made


def submit(lab: Lab, *words: str) -> Done:
    names = ["--model", "sseu/model", "--leaderboard", RESULTS, "--allow-custom", "--leaderboard-only"]
    return lab.sseu("submit", "result", *names, *words)


def test_a_newer_version_supersedes_and_both_are_there(lab: Lab, built: Path) -> None:
    state = lab.hub.state("datasets", REPO)
    assert state["tags"].keys() == {f"v{OLD}", f"v{NEW}"}
    assert state["tags"][f"v{NEW}"] == state["branches"]["main"]
    said = json.loads(lab.main()["versions.json"])["versions"]
    assert {name: (one["status"], one["successor"]) for name, one in said.items()} == {
        NEW: ("current", None), OLD: ("superseded", NEW)
    }  # fmt: skip
    assert f"- SSEU-Bench {OLD} is superseded: use {NEW} for new results.".encode() in lab.main()["README.md"]
    again = lab.sseu("publish", "dataset", built, *PUBLISH)
    assert_refused(
        again, f"{REPO} has version {NEW}, which is newer than {OLD}: a repository's versions only go forward"
    )
    assert lab.hub.state("datasets", REPO) == state


def test_publishing_the_newest_again_changes_nothing(lab: Lab, next_package: Path) -> None:
    before = lab.hub.state("datasets", REPO)
    assert "nothing to do" in done(lab.sseu("publish", "dataset", "newer", *PUBLISH, code=next_package))
    assert lab.hub.state("datasets", REPO) == before


def test_an_older_result_is_scored_and_submitted_on_its_own_version(lab: Lab, built: Path) -> None:
    done(lab.sseu("score", "result", "--embedder", "exact"))
    from_repo = done(submit(lab, "--dry-run"))
    from_folder = done(submit(lab, "--dry-run", "--data", str(built), "--dataset", REPO))
    assert from_repo == from_folder
    done(submit(lab))
    sent = lab.hub.files("datasets", RESULTS)
    published = json.loads(next(data for path, data in sent.items() if path.endswith("/result.json")))
    assert (published["dataset"]["version"], published["data"], published["revision"]) == (OLD, REPO, f"v{OLD}")


def test_a_result_of_another_dataset_is_told_what_differs(lab: Lab) -> None:
    other = submit(lab, "--data", "newer", "--dataset", REPO)
    assert_refused(other, f"the result is about version {OLD} (fingerprint ")
    assert f"newer is version {NEW}" in other.stderr
    assert ": the same audio with other transcripts or labels; give what the system heard with --data" in other.stderr
    shutil.copytree(lab.home / "result", lab.home / "relabelled")
    path = lab.home / "relabelled" / "result.json"
    values = json.loads(path.read_text())
    values["dataset"]["fingerprint"] = "f" * 64
    path.write_text(json.dumps(values))
    names = ["--model", "sseu/model", "--leaderboard", RESULTS, "--allow-custom", "--leaderboard-only"]
    edited = lab.sseu("submit", "relabelled", *names)
    assert_refused(edited, f"(fingerprint ffffffffffff), {REPO} at v{OLD} is version {OLD} (fingerprint ")
    values["dataset"]["version"] = "0.9.0"
    path.write_text(json.dumps(values))
    gone = lab.sseu("submit", "relabelled", *names)
    assert_refused(gone, f"the Hub has no dataset {REPO} with a manifest.json at v0.9.0")
    assert "the result is about version 0.9.0 (fingerprint ffffffffffff); give the folder or repository" in gone.stderr


def test_a_manifest_of_another_version_is_found_when_it_is_loaded(lab: Lab) -> None:
    """One file of a repository replaced by that of another revision; and one revision asked, another in the cache."""
    code = f"""
from huggingface_hub import HfApi, hf_hub_download
import sseu_dataset
api, repo = HfApi(), "sseu/mixed"
api.create_repo(repo, repo_type="dataset", private=True)
api.upload_folder(repo_id=repo, repo_type="dataset", folder_path={str(lab.home / "newer")!r})
own = sseu_dataset.load(repo, "snr_0")
old = hf_hub_download({REPO!r}, "manifest.json", repo_type="dataset", revision="v{OLD}")
api.upload_file(path_or_fileobj=old, path_in_repo="manifest.json", repo_id=repo, repo_type="dataset")
api.create_tag(repo, tag="v{OLD}", repo_type="dataset")
try:
    sseu_dataset.load(repo, "snr_0", "v{OLD}")
except sseu_dataset.DatasetError as error:
    print(error)
"""
    said = done(lab.python("-c", code))
    assert said.startswith("sseu/mixed, snr_0: not the rows of its manifest: the references of 1 row differ (")


def test_a_dataset_without_audio_is_not_answered(lab: Lab, built: Path) -> None:
    done(lab.sseu("publish", "dataset", built, "--repo", "sseu/silent"))
    code = """
from pathlib import Path
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem
try:
    evaluate(Request(ScriptedSystem(), "sseu/silent", Path("silent"), embedder="exact"), progress=False)
except ValueError as error:
    print(error)
"""
    said = done(lab.python("-c", code))
    assert "no audio bytes" in said
    assert "a dataset published without audio is filled by `sseu build --recipe hf://datasets/" in said


def test_a_board_holds_every_version(lab: Lab) -> None:
    said = done(lab.sseu("board", "reference", REPO, "references"))
    assert [line.partition(":")[0] for line in said.splitlines()[:2]] == [NEW, OLD]
    assert f"references: SSEU-Bench {OLD} is superseded: use {NEW} for new results" in said
    files = {path.name for path in (lab.home / "references").iterdir()}
    assert files == {f"v{OLD}.jsonl", f"v{NEW}.jsonl", "versions.json"}
    words = ["leaderboard", REPO, "--repo", "sseu/moving-board", "--results-repo", RESULTS, "--allow-custom"]
    done(lab.sseu("publish", *words))
    assert {f"references/{name}" for name in files} <= lab.hub.files("spaces", "sseu/moving-board").keys()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("9.9.9", "--reason", WHY), f"{REPO} has no version 9.9.9; it has {NEW}, {OLD}"),
        ((OLD, "--reason", "  "), "a version is not withdrawn without a reason"),
        ((OLD, "--reason", WHY, "--successor", OLD), f"{OLD} cannot succeed {OLD}; {REPO} has {NEW}"),
        ((OLD, "--reason", WHY, "--successor", "2.0"), f"2.0 cannot succeed {OLD}; {REPO} has {NEW}"),
    ],
)
def test_what_cannot_be_withdrawn_is_named(lab: Lab, words: tuple[str, ...], message: str) -> None:
    before = lab.main()
    assert_refused(lab.withdraw(*words), message)
    assert lab.main() == before


def test_a_withdrawn_version_warns_whoever_loads_it_and_takes_no_new_result(lab: Lab) -> None:
    """Last, since it changes the repository for good."""
    tagged = lab.hub.files("datasets", REPO, f"v{OLD}")
    lab.hub.arm(f"POST /api/datasets/{REPO}/commit", 412)  # somebody else was faster
    assert f"SSEU-Bench {OLD} was withdrawn on " in done(lab.withdraw(OLD, "--reason", WHY))
    assert "nothing to do" in done(lab.withdraw(OLD, "--reason", WHY))
    assert lab.hub.files("datasets", REPO, f"v{OLD}") == tagged
    said = json.loads(lab.main()["versions.json"])["versions"][OLD]
    assert (said["status"], said["reason"], said["successor"]) == ("withdrawn", WHY, NEW)
    assert f"{WHY}; use {NEW}.".encode() in lab.main()["README.md"]
    notice = f": {WHY}; use {NEW} (revision v{NEW} of {REPO})"
    load = f"import sseu_dataset; print(len(sseu_dataset.load({REPO!r}, 'snr_0', 'v{OLD}')))"
    for offline in (False, True):  # offline it is known from the cache
        loaded = lab.python("-c", load, offline=offline)
        assert done(loaded) == "9\n"
        assert "WithdrawnWarning: " in loaded.stderr
        assert notice in loaded.stderr
    scored = lab.sseu("score", "result", "--embedder", "exact")
    assert done(scored)
    assert next(line for line in scored.stderr.splitlines() if WHY in line).startswith(
        f"warning: {REPO}: SSEU-Bench {OLD} "
    )
    run = lab.sseu("run", "--system", "control:majority", "--data", REPO, "--revision", f"v{OLD}", "--out", "refused")
    assert_refused(run, notice)
    assert not (lab.home / "refused").exists()
    refused = submit(lab)
    assert_refused(refused, f"result cannot be submitted: {REPO}: SSEU-Bench {OLD} was withdrawn on ")
    assert notice in refused.stderr
    said_by_board = done(lab.sseu("board", "reference", REPO, "references"))
    assert f"references: SSEU-Bench {OLD} was withdrawn on " in said_by_board
    assert "withdrawn" not in lab.python("-c", load.replace(OLD, NEW)).stderr
    (lab.home / "clean").mkdir()
    stale = Lab(lab.hub, lab.home / "clean")  # what a cache without versions.json knows: nothing, and nothing fails
    get = f"import datasets; datasets.load_dataset({REPO!r}, 'snr_0', revision='v{OLD}'); {load}"
    done(stale.python("-c", get))
    for path in (lab.home / "clean").rglob("versions.json"):
        path.unlink()
    assert done(stale.python("-c", load, offline=True)) == "9\n"


def test_a_version_without_its_tag_is_gone_for_everybody(lab: Lab) -> None:
    """After the withdrawal: the way for audio that must go."""
    done(
        lab.python(
            "-c", f"from huggingface_hub import HfApi; HfApi().delete_tag({REPO!r}, tag='v{OLD}', repo_type='dataset')"
        )
    )
    (lab.home / "empty").mkdir()
    load = f"import sseu_dataset; sseu_dataset.load({REPO!r}, 'snr_0', 'v{OLD}')"
    gone = Lab(lab.hub, lab.home / "empty").python("-c", load)
    assert f"the Hub has no dataset {REPO} with a manifest.json at v{OLD}" in gone.stderr
    said = done(lab.sseu("board", "reference", REPO, "remaining"))
    assert said == f"{NEW}: 63 rows of 9 pairs, recipe partial\nremaining: SSEU-Bench {NEW} is the current version\n"
    assert json.loads(lab.main()["versions.json"])["versions"][OLD]["status"] == "withdrawn"
