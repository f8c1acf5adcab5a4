"""The local Hub and the real clients: what they need works, and its refusals look to them like the real ones."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sseu_hub.local import MAINTAINER, OUTSIDER, RunningHub, running_hub

PRELUDE = """
from huggingface_hub import *
from huggingface_hub import errors
api = HfApi()

def attempt(call):
    try:
        call()
        print("done")
    except errors.HfHubHTTPError as error:
        print(error.response.status_code, type(error).__name__, error.server_message)
"""
pytestmark = pytest.mark.hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One server for all tests; each makes its own repositories."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def client(hub: RunningHub, home: Path, code: str, token: str | None = MAINTAINER) -> list[str]:
    """The lines that a client's program prints."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], env=hub.env(home, token), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def raw(
    hub: RunningHub, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a request that no client would send."""
    connection = http.client.HTTPConnection(urlsplit(hub.url).netloc, timeout=60)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {MAINTAINER}", **(headers or {})})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_files_are_pushed_tagged_listed_and_read_by_revision_and_range(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.txt").write_text("one")
    (tmp_path / "f" / "b.bin").write_bytes(bytes(range(256)) * 40)
    code = f"""
repo, folder = "sseu/first", {str(tmp_path / "f")!r}
print(api.whoami()["name"])
api.create_repo(repo, repo_type="dataset")
one = api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder)
api.create_tag(repo, tag="v1", repo_type="dataset")
api.upload_file(path_or_fileobj=b"two", path_in_repo="a.txt", repo_id=repo, repo_type="dataset")
for revision in ("v1", "main", one.oid):
    print(open(hf_hub_download(repo, "a.txt", repo_type="dataset", revision=revision)).read())
print(open(hf_hub_download(repo, "b.bin", repo_type="dataset"), "rb").read() == open(folder + "/b.bin", "rb").read())
with HfFileSystem().open("datasets/sseu/first/b.bin") as file:
    file.seek(300)
    print(list(file.read(3)))
for file in api.list_repo_tree(repo, repo_type="dataset"):
    found = get_hf_file_metadata(hf_hub_url(repo, file.path, repo_type="dataset"))
    print(file.path, found.etag == (file.lfs.sha256 if file.lfs else file.blob_id), found.size)
attempt(lambda: api.create_tag(repo, tag="v1", repo_type="dataset"))
attempt(lambda: hf_hub_download(repo, "none", repo_type="dataset"))
attempt(lambda: api.dataset_info(repo, revision="none"))
api.delete_file("a.txt", repo, repo_type="dataset")
print(api.list_repo_files(repo, repo_type="dataset"))
"""
    out = client(hub, tmp_path / "home", code)
    assert out[:6] == ["maintainer", "one", "two", "one", "True", "[44, 45, 46]"]
    assert out[6:9] == [".gitattributes True 46", "a.txt True 3", "b.bin True 10240"]
    assert [line.split(" ", 2)[:2] for line in out[9:12]] == [
        ["409", "HfHubHTTPError"],
        ["404", "RemoteEntryNotFoundError"],
        ["404", "RevisionNotFoundError"],
    ]
    assert out[12] == "['.gitattributes', 'b.bin']"
    status, headers, body = raw(hub, "GET", "/datasets/sseu/first/resolve/main/b.bin", headers={"Range": "bytes=9999-"})
    assert (status, headers["Content-Range"], len(body)) == (206, "bytes 9999-10239/10240", 241)
    status, _, body = raw(hub, "GET", "/datasets/sseu/first/resolve/main/b.bin", headers={"Range": "bytes=10240-"})
    assert (status, body) == (416, b"")


def test_a_pull_request_leaves_main_alone_and_is_listed(hub: RunningHub, tmp_path: Path) -> None:
    client(hub, tmp_path, "api.create_repo('sseu/pr')")
    made = "api.upload_file(path_or_fileobj=b'x', path_in_repo='x', repo_id='sseu/pr', create_pr=True).pr_url"
    assert client(hub, tmp_path, f"print({made})", OUTSIDER)[0].endswith("/sseu/pr/discussions/1")
    assert "x" not in hub.files("models", "sseu/pr")
    assert "x" in hub.files("models", "sseu/pr", "refs/pr/1")
    code = "print([(one.title, one.author, one.status) for one in api.get_repo_discussions('sseu/pr')])"
    assert client(hub, tmp_path, code) == ["[('Upload x with huggingface_hub', 'outsider', 'open')]"]


def test_outsiders_may_neither_write_nor_see_what_is_private(hub: RunningHub, tmp_path: Path) -> None:
    made = "api.create_repo('sseu/secret', private=True); api.create_repo('sseu/open')"
    board = "api.create_repo('sseu/board', repo_type='space', space_sdk='gradio')"
    variable = "api.add_space_variable('sseu/board', 'A', '1')"
    client(hub, tmp_path, f"{made}; {board}; {variable}")
    code = f"""
attempt(lambda: api.repo_info("sseu/secret"))
attempt(lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="sseu/open"))
attempt(lambda: api.create_repo("sseu/mine"))
attempt(lambda: {variable})
attempt(lambda: api.get_space_variables("sseu/board"))
"""
    for token, expected in (
        (OUTSIDER, ["404", "403", "403", "403", "403"]),
        (None, ["401"] * 5),
        ("wrong", ["401"] * 5),
    ):
        assert [line.split()[0] for line in client(hub, tmp_path, code, token)] == expected
    assert client(hub, tmp_path, "print(api.get_space_variables('sseu/board')['A'].value)") == ["1"]


def test_a_gate_keeps_the_files_but_not_the_page_from_outsiders(hub: RunningHub, tmp_path: Path) -> None:
    made = """
api.create_repo("sseu/gated", repo_type="dataset")
api.upload_file(path_or_fileobj=b"x", path_in_repo="a/x", repo_id="sseu/gated", repo_type="dataset")
api.update_repo_settings("sseu/gated", gated="manual", repo_type="dataset")
"""
    client(hub, tmp_path / "maintainer", made)
    code = """
print(api.dataset_info("sseu/gated").gated, api.list_repo_files("sseu/gated", repo_type="dataset"))
attempt(lambda: hf_hub_download("sseu/gated", "a/x", repo_type="dataset"))
"""
    seen, file = client(hub, tmp_path / "outsider", code, OUTSIDER)
    assert seen == "manual ['.gitattributes', 'a/x']"
    assert file.startswith("403 GatedRepoError Access to sseu/gated is restricted")
    assert client(hub, tmp_path / "nobody", code, None)[1].startswith("401 GatedRepoError")
    assert client(hub, tmp_path / "maintainer", code)[1] == "done"


def test_faults_and_conflicts_reach_the_client_and_a_cut_upload_is_sent_again(hub: RunningHub, tmp_path: Path) -> None:
    hub.arm("POST /api/models/sseu/faults/commit", 500)
    hub.arm("PUT /_lfs/", "cut")
    code = """
api.create_repo("sseu/faults")
parent = api.repo_info("sseu/faults").sha
for _ in range(3):
    attempt(lambda: api.delete_file(".gitattributes", "sseu/faults", parent_commit=parent))
api.upload_file(path_or_fileobj=bytes(3_000_000), path_in_repo="x.bin", repo_id="sseu/faults")
"""
    assert [line.split()[0] for line in client(hub, tmp_path, code)] == ["500", "done", "412"]
    sent = [line.split()[-1] for line in hub.log() if line.startswith("PUT /_lfs/")]
    assert sent[-2:] == ["cut", "200"]
    assert hub.files("models", "sseu/faults")["x.bin"] == bytes(3_000_000)


def test_a_restart_finds_everything(tmp_path: Path) -> None:
    body = b'{"name": "kept", "organization": "sseu"}'
    with running_hub(tmp_path / "hub") as hub:
        assert raw(hub, "POST", "/api/repos/create", body)[0] == 200
    with running_hub(tmp_path / "hub") as hub:
        assert raw(hub, "GET", "/api/models/sseu/kept")[0] == 200
        assert raw(hub, "POST", "/api/repos/create", body)[0] == 409


HEADER = b'{"key": "header", "value": {"summary": "x"}}\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the first line of a commit must be its header"),
        (HEADER[:20], "the body is not JSON"),
        (b'{"key": "header", "value": {}}', '"summary" must be present and of type str'),
        (HEADER + b'{"key": "move", "value": {"path": "x"}}', "unknown operation 'move'"),
        (HEADER + b'{"key": "file", "value": {"path": "../x", "content": ""}}', "Invalid path in repo: '../x'"),
        (HEADER + b'{"key": "file", "value": {"path": "a/.GIT/x", "content": ""}}', "Invalid path"),
        (HEADER + b'{"key": "file", "value": {"path": "x", "content": "not base64"}}', "its content is not base64"),
        (HEADER + b'{"key": "lfsFile", "value": {"path": "x", "oid": "../x", "size": 1}}', "a SHA-256 is needed"),
        (
            HEADER + b'{"key": "lfsFile", "value": {"path": "x", "oid": "%b", "size": 1}}' % (b"0" * 64),
            "size 1 announced, 0 bytes uploaded",
        ),
        (HEADER + b"[]", "a JSON object is needed, not list"),
    ],
)
def test_a_malformed_commit_is_a_400(hub: RunningHub, body: bytes, message: str) -> None:
    raw(hub, "POST", "/api/repos/create", b'{"name": "bodies", "organization": "sseu"}')
    status, headers, answer = raw(hub, "POST", "/api/models/sseu/bodies/commit/main", body)
    assert (status, message in json.loads(answer)["error"]) == (400, True)
    assert message in headers["X-Error-Message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/repos/create"), ("PUT", "/api/models/sseu/raw/visibility"), ("GET", "/api/models/../objects")],
)
def test_a_request_that_is_not_served_is_named(hub: RunningHub, method: str, path: str) -> None:
    raw(hub, "POST", "/api/repos/create", b'{"name": "raw", "organization": "sseu"}')
    status, _, body = raw(hub, method, path)
    assert (status, json.loads(body)) == (404, {"error": f"not served here: {method} {path}"})
