"""The local Hub, asked by the real clients: what they need works, and its faults look to them like the real ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server import MAINTAINER, STRANGER, RunningHub, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One server for all tests; each makes its own repositories."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def ask(hub: RunningHub, home: Path, code: str, token: str | None = MAINTAINER) -> str:
    """What a client's program prints."""
    program = "from huggingface_hub import *\nfrom huggingface_hub import errors\napi = HfApi()\n" + code
    done = subprocess.run(
        [sys.executable, "-c", program], env=hub.env(home, token), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_create_push_tag_list_and_load_by_revision(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.txt").write_text("one")
    (tmp_path / "f" / "b.bin").write_bytes(bytes(range(256)) * 40)
    out = ask(
        hub,
        tmp_path / "home",
        f"""
repo = "sseu/first"
print(api.whoami()["name"])
api.create_repo(repo, repo_type="dataset")
folder = {str(tmp_path / "f")!r}
one = api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder)
api.create_tag(repo, tag="v1", repo_type="dataset")
api.upload_file(path_or_fileobj=b"two", path_in_repo="a.txt", repo_id=repo, repo_type="dataset")
same = api.upload_file(path_or_fileobj=b"two", path_in_repo="a.txt", repo_id=repo, repo_type="dataset")
print(len(api.list_repo_commits(repo, repo_type="dataset")))
for revision in ("v1", "main", one.oid):
    print(open(hf_hub_download(repo, "a.txt", repo_type="dataset", revision=revision)).read())
print(open(hf_hub_download(repo, "b.bin", repo_type="dataset"), "rb").read() == open(folder + "/b.bin", "rb").read())
with HfFileSystem().open("datasets/sseu/first/b.bin") as file:
    file.seek(300)
    print(list(file.read(3)))
try:
    api.create_tag(repo, tag="v1", repo_type="dataset")
except errors.HfHubHTTPError as error:
    print(error.response.status_code)
""",
    )
    assert out.split() == ["maintainer", "3", "one", "two", "one", "True", "[44,", "45,", "46]", "409"]


def test_a_pull_request_changes_main_only_when_merged(hub: RunningHub, tmp_path: Path) -> None:
    ask(hub, tmp_path, "api.create_repo('sseu/pr')")
    made = "api.upload_file(path_or_fileobj=b'x', path_in_repo='x', repo_id='sseu/pr', create_pr=True).pr_url"
    assert ask(hub, tmp_path, f"print({made})", STRANGER).strip().endswith("/sseu/pr/discussions/1")
    assert "x" not in hub.files("models", "sseu/pr")
    ask(hub, tmp_path, "api.upload_file(path_or_fileobj=b'y', path_in_repo='y', repo_id='sseu/pr')")
    out = ask(
        hub,
        tmp_path,
        "print([one.title for one in api.get_repo_discussions('sseu/pr')]); api.merge_pull_request('sseu/pr', 1)",
    )
    assert "Upload x with huggingface_hub" in out
    assert hub.files("models", "sseu/pr").keys() == {".gitattributes", "x", "y"}


def test_strangers_may_neither_write_nor_see_what_is_private(hub: RunningHub, tmp_path: Path) -> None:
    ask(hub, tmp_path, "api.create_repo('sseu/secret', private=True); api.create_repo('sseu/open')")
    code = """
for call in (
    lambda: api.repo_info("sseu/secret"),
    lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="sseu/open"),
    lambda: api.create_repo("sseu/mine"),
):
    try:
        call()
        print("done")
    except errors.HfHubHTTPError as error:
        print(error.response.status_code)
"""
    assert ask(hub, tmp_path, code, STRANGER).split() == ["404", "403", "403"]
    assert ask(hub, tmp_path, code, None).split() == ["401", "401", "401"]
    assert ask(hub, tmp_path, code, "hf_wrong").split()[1:] == ["401", "401"]


def test_armed_faults_reach_the_client(hub: RunningHub, tmp_path: Path) -> None:
    ask(hub, tmp_path, "api.create_repo('sseu/faults')")
    hub.arm("POST /api/models/sseu/faults/commit", 500)
    hub.arm("POST /api/models/sseu/faults/commit", 412)
    code = """
for _ in range(3):
    try:
        api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="sseu/faults")
        print("done")
    except errors.HfHubHTTPError as error:
        print(error.response.status_code)
"""
    assert ask(hub, tmp_path, code).split() == ["500", "412", "done"]


def test_an_upload_cut_in_the_middle_leaves_nothing_and_is_sent_again(hub: RunningHub, tmp_path: Path) -> None:
    hub.arm("PUT /_lfs/", "cut")
    ask(
        hub,
        tmp_path,
        "api.create_repo('sseu/cut')\n"
        "api.upload_file(path_or_fileobj=bytes(3_000_000), path_in_repo='x.bin', repo_id='sseu/cut')",
    )
    sent = [line for line in hub.log() if line.startswith("PUT /_lfs/")]
    assert [line.split()[-1] for line in sent[-2:]] == ["cut", "200"]
    assert hub.files("models", "sseu/cut")["x.bin"] == bytes(3_000_000)


def test_a_parent_that_is_not_the_latest_is_a_conflict(hub: RunningHub, tmp_path: Path) -> None:
    out = ask(
        hub,
        tmp_path,
        """
api.create_repo("sseu/race")
parent = api.repo_info("sseu/race").sha
for name in "ab":
    try:
        api.upload_file(path_or_fileobj=b"x", path_in_repo=name, repo_id="sseu/race", parent_commit=parent)
        print("done")
    except errors.HfHubHTTPError as error:
        print(error.response.status_code)
""",
    )
    assert out.split() == ["done", "412"]


def test_a_restart_finds_everything(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        ask(hub, tmp_path / "home", "api.create_repo('sseu/kept')")
    with running_hub(tmp_path / "hub") as hub:
        assert ask(hub, tmp_path / "home", "print(api.repo_exists('sseu/kept'))").strip() == "True"
