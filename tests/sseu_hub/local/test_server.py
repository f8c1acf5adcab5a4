"""The local Hub, asked by the real clients: what they need works, and its faults look to them like the real ones."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sseu_hub.local import MAINTAINER, STRANGER, RunningHub, running_hub
from sseu_hub.local.commits import AddLarge, apply_operations, read_commit
from sseu_hub.local.downloads import asked_bytes
from sseu_hub.local.errors import HubError

# What the clients' programs begin with.
PRELUDE = """
from huggingface_hub import *
from huggingface_hub import errors
api = HfApi()

def told(call):
    try:
        call()
        print("done")
    except errors.HfHubHTTPError as error:
        print(error.response.status_code, type(error).__name__, error.server_message)
"""


pytestmark = pytest.mark.hub  # the tests' own tool: `make hub`


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One server for all tests; each makes its own repositories."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def ask(hub: RunningHub, home: Path, code: str, token: str | None = MAINTAINER) -> str:
    """What a client's program prints."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], env=hub.env(home, token), capture_output=True, text=True, timeout=60
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
    assert ask(hub, tmp_path, code, "hf_wrong").split() == ["401", "401", "401"]


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


def test_a_space_s_variables_are_set_read_and_removed_by_whoever_may_write(hub: RunningHub, tmp_path: Path) -> None:
    code = """
repo = "sseu/board"
api.create_repo(repo, repo_type="space", space_sdk="gradio", space_variables=[{"key": "FIRST", "value": "1"}])
api.add_space_variable(repo, "RESULTS", "sseu/results", description="where they are")
api.add_space_variable(repo, "RESULTS", "sseu/others")
print({name: (one.value, one.description) for name, one in api.get_space_variables(repo).items()})
print(list(api.delete_space_variable(repo, "FIRST")), api.space_info(repo).sdk)
told(lambda: api.delete_space_variable(repo, "FIRST"))
told(lambda: api.add_space_variable(repo, "NO-NAME", "x"))
api.create_repo("sseu/no-space")
told(lambda: api.get_space_variables("sseu/no-space"))
"""
    assert ask(hub, tmp_path, code).splitlines() == [
        "{'FIRST': ('1', None), 'RESULTS': ('sseu/others', None)}",
        "['RESULTS'] gradio",
        "404 HfHubHTTPError no variable FIRST",
        "400 BadRequestError variable 'NO-NAME': letters, digits and _ are needed, a letter first",
        "404 RepositoryNotFoundError Repository not found",
    ]
    others = """
for call in (
    lambda: api.get_space_variables("sseu/board"),
    lambda: api.add_space_variable("sseu/board", "RESULTS", "evil"),
    lambda: api.delete_space_variable("sseu/board", "RESULTS"),
):
    told(call)
"""
    assert [line[:4] for line in ask(hub, tmp_path, others, STRANGER).splitlines()] == ["403 "] * 3
    assert [line[:4] for line in ask(hub, tmp_path, others, None).splitlines()] == ["401 "] * 3
    assert hub.state("spaces", "sseu/board")["variables"] == {"RESULTS": {"value": "sseu/others"}}


def test_a_gate_keeps_the_files_but_not_the_page_from_strangers(hub: RunningHub, tmp_path: Path) -> None:
    made = """
repo = "sseu/gated"
api.create_repo(repo, repo_type="dataset")
api.upload_file(path_or_fileobj=b"x", path_in_repo="a/x", repo_id=repo, repo_type="dataset")
api.update_repo_settings(repo, gated="manual", repo_type="dataset")
print(open(hf_hub_download(repo, "a/x", repo_type="dataset")).read())
"""
    assert ask(hub, tmp_path / "maintainer", made).strip() == "x"
    other = """
repo = "sseu/gated"
print(api.dataset_info(repo).gated, api.list_repo_files(repo, repo_type="dataset"))
told(lambda: hf_hub_download(repo, "a/x", repo_type="dataset"))
told(lambda: api.update_repo_settings(repo, gated=False, repo_type="dataset"))
"""
    seen, file, settings = ask(hub, tmp_path / "stranger", other, STRANGER).splitlines()
    assert seen == "manual ['.gitattributes', 'a/x']"
    assert file.startswith("403 GatedRepoError Access to dataset sseu/gated is restricted")
    assert settings.startswith("403 ")
    assert ask(hub, tmp_path / "nobody", other, None).splitlines()[1].startswith("401 GatedRepoError")
    opened = "api.update_repo_settings('sseu/gated', gated=%s, repo_type='dataset')"
    ask(hub, tmp_path, opened % "'auto'")
    assert hub.state("datasets", "sseu/gated")["gated"] == "auto"
    ask(hub, tmp_path, opened % "False")
    assert ask(hub, tmp_path / "stranger", other, STRANGER).splitlines()[1] == "done"


def test_settings_make_a_repository_private_and_public(hub: RunningHub, tmp_path: Path) -> None:
    out = ask(
        hub,
        tmp_path,
        """
api.create_repo("sseu/hidden")
api.update_repo_settings("sseu/hidden", gated="auto")
for private in (True, False):
    api.update_repo_settings("sseu/hidden", private=private)
    info = api.model_info("sseu/hidden")
    print(info.private, info.gated)
told(lambda: HfApi(token=False).model_info("sseu/hidden"))
""",
    )
    assert out.splitlines() == ["True auto", "False auto", "done"]
    for body in (b'{"gated": "yes"}', b'{"visibility": "protected"}', b'{"downloads": 3}'):
        assert raw(hub, "PUT", "/api/models/sseu/hidden/settings", body)[0] == 400


def test_a_commit_that_the_hub_would_refuse_is_refused_to_the_client(hub: RunningHub, tmp_path: Path) -> None:
    out = ask(
        hub,
        tmp_path,
        """
repo = "sseu/refused"
api.create_repo(repo)

def add(path, data=b"x", forge=lambda operation: None):
    operation = CommitOperationAdd(path, data)
    forge(operation)
    told(lambda: api.create_commit(repo, [operation], commit_message="x"))

for path in ("../x", "a/../x", "/x", ".git/config", "a/.GIT/config", "a//x", ""):
    add("x", forge=lambda operation: setattr(operation, "path_in_repo", path))
add("x", forge=lambda operation: setattr(operation, "b64content", lambda: b"not base64"))
add("x.bin", b"12345", forge=lambda operation: setattr(operation.upload_info, "size", 7))
many = [CommitOperationDelete(f"x{number}") for number in range(25_001)]
told(lambda: api.create_commit(repo, many, commit_message="x"))
told(lambda: api.create_commit(repo, many[:1], commit_message="x"))
told(lambda: api.create_commit(repo, [CommitOperationDelete("x0/")], commit_message="x"))
told(lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id=repo, revision="none"))
""",
    ).splitlines()
    assert all(line.startswith("400 BadRequestError Invalid path in repo: ") for line in out[:7]), out[:7]
    assert [line.removeprefix("400 BadRequestError ") for line in out[7:10]] == [
        "x: its content is not base64: Only base64 data is allowed",
        "x.bin: size 7 announced, 5 bytes uploaded",
        "25001 operations in one commit, at most 25000 are possible: send several",
    ]
    assert out[10].startswith("404 RemoteEntryNotFoundError A file with this name doesn't exist: x0")
    assert out[11].startswith("404 RemoteEntryNotFoundError A folder with this name doesn't exist: x0")
    assert out[12].startswith("404 RevisionNotFoundError")
    assert len(hub.state("models", "sseu/refused")["commits"]) == 1


def test_files_and_folders_are_deleted_and_copied(hub: RunningHub, tmp_path: Path) -> None:
    ask(
        hub,
        tmp_path,
        """
repo = "sseu/moved"
api.create_repo(repo)
adds = [CommitOperationAdd(path, b"12345") for path in ("a/x", "a/b/y.bin", "ab", "z")]
api.create_commit(repo, adds, commit_message="x")
api.create_commit(repo, [CommitOperationCopy("a/b/y.bin", "copy.bin")], commit_message="x")
api.create_commit(repo, [CommitOperationDelete("a/"), CommitOperationDelete("z")], commit_message="x")
""",
    )
    assert hub.files("models", "sseu/moved").keys() == {".gitattributes", "ab", "copy.bin"}
    assert hub.files("models", "sseu/moved")["copy.bin"] == b"12345"


HEADER = b'{"key": "header", "value": {"summary": "x"}}\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the first line of a commit must be its header"),
        (HEADER[:20], "the body is not JSON"),
        (b'{"key": "header", "value": {}}', '"summary" must be there and be of type str'),
        (HEADER + b'{"key": "file"}', '"value" must be there and be of type dict'),
        (HEADER + b'{"key": "move", "value": {"path": "x"}}', "unknown operation 'move'"),
        (HEADER + b'{"key": "lfsFile", "value": {"path": "x", "oid": "../x"}}', "'../x': a SHA-256 is needed"),
        (HEADER + b"[]", "a JSON object is needed, not list"),
    ],
)
def test_a_malformed_commit_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(HubError, match=message) as refused:
        read_commit(body)
    assert refused.value.status == 400


def test_what_was_not_uploaded_or_is_too_large_for_git_is_refused() -> None:
    with pytest.raises(HubError, match=r"x\.bin: its content was not uploaded"):
        apply_operations({}, [AddLarge("x.bin", "0" * 64, 5)], lambda _: None)
    line = json.dumps({"key": "file", "value": {"path": "x", "content": "AAAA" * (4 << 20)}})
    with pytest.raises(HubError, match="must be sent by LFS"):
        read_commit(HEADER + line.encode())


def raw(
    hub: RunningHub, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """What a request gives that no client would send: status, headers, body."""
    connection = http.client.HTTPConnection(urlsplit(hub.url).netloc, timeout=60)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {MAINTAINER}", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/repos/create"),
        ("PATCH", "/api/models/sseu/raw/settings"),
        ("POST", "/api/models/sseu/raw/variables"),
        ("GET", "/api/models/sseu/raw/tree"),
        ("DELETE", "/sseu/raw/resolve/main/x"),
        ("GET", "/api/models/../objects"),
        ("OPTIONS", "/nothing/here"),
    ],
)
def test_what_is_not_served_is_named(hub: RunningHub, method: str, path: str) -> None:
    raw(hub, "POST", "/api/repos/create", b'{"name": "raw", "organization": "sseu"}')
    status, headers, body = raw(hub, method, path)
    assert (status, json.loads(body)) == (404, {"error": f"not served here: {method} {path}"})
    assert headers["X-Error-Message"] == f"not served here: {method} {path}"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'{"other": 1}'])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/repos/create"),
        ("POST", "/api/spaces/sseu/bodies/preupload/main"),
        ("POST", "/api/spaces/sseu/bodies/commit/main"),
        ("POST", "/api/spaces/sseu/bodies/tag/main"),
        ("POST", "/api/spaces/sseu/bodies/variables"),
        ("DELETE", "/api/spaces/sseu/bodies/variables"),
        ("PUT", "/api/spaces/sseu/bodies/settings"),
        ("POST", "/spaces/sseu/bodies.git/info/lfs/objects/batch"),
    ],
)
def test_a_malformed_body_is_a_400(hub: RunningHub, method: str, path: str, body: bytes) -> None:
    raw(
        hub,
        "POST",
        "/api/repos/create",
        b'{"name": "bodies", "organization": "sseu", "type": "space", "sdk": "static"}',
    )
    status, _, answer = raw(hub, method, path, body)
    assert status == 400
    assert json.loads(answer)["error"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("bytes=0-", range(10)),
        ("bytes=9-9", range(9, 10)),
        ("bytes=3-99", range(3, 10)),
        ("bytes=-4", range(6, 10)),
        ("bytes=-40", range(10)),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str, expected: range | None) -> None:
    assert asked_bytes(header, 10) == expected


def test_a_file_s_headers_and_ranges_are_what_the_clients_want(hub: RunningHub, tmp_path: Path) -> None:
    out = ask(
        hub,
        tmp_path,
        """
repo = "sseu/ranges"
api.create_repo(repo)
api.upload_file(path_or_fileobj=b"0123456789", path_in_repo="x.txt", repo_id=repo)
made = api.upload_file(path_or_fileobj=b"0123456789", path_in_repo="x.bin", repo_id=repo)
for file in api.list_repo_tree(repo):
    found = get_hf_file_metadata(hf_hub_url(repo, file.path))
    etag = file.lfs.sha256 if file.lfs else file.blob_id
    print(file.path, found.commit_hash == made.oid, found.etag == etag, found.size)
told(lambda: get_hf_file_metadata(hf_hub_url(repo, "none")))
for position in (7, 10):  # a stream that was cut goes on from where it was, at the end too
    file = HfFileSystem().open("sseu/ranges/x.bin", block_size=0)
    file.loc = position
    print(file.read())
""",
    )
    assert out.splitlines() == [
        ".gitattributes True True 46",
        "x.bin True True 10",
        "x.txt True True 10",
        "404 RemoteEntryNotFoundError Entry not found",
        "b'789'",
        "b''",
    ]
    path = "/sseu/ranges/resolve/main/x.bin"
    status, headers, body = raw(hub, "GET", path, headers={"Range": "bytes=10-"})
    assert (status, headers["Content-Range"], body) == (416, "bytes */10", b"")
    status, headers, body = raw(hub, "HEAD", path, headers={"Range": "bytes=-3"})
    assert (status, headers["Content-Range"], headers["Content-Length"], body) == (206, "bytes 7-9/10", "3", b"")


def test_discussions_are_listed_as_asked(hub: RunningHub, tmp_path: Path) -> None:
    out = ask(
        hub,
        tmp_path,
        """
repo = "sseu/asked"
api.create_repo(repo)
for name in "ab":
    api.upload_file(path_or_fileobj=b"x", path_in_repo=name, repo_id=repo, create_pr=True)
api.merge_pull_request(repo, 1)
told(lambda: api.merge_pull_request(repo, 1))
told(lambda: api.merge_pull_request(repo, 3))
for asked in ({}, {"discussion_status": "open"}, {"discussion_status": "closed"}, {"author": "stranger"},
              {"discussion_type": "discussion"}, {"discussion_type": "pull_request"}):
    print([one.num for one in api.get_repo_discussions(repo, **asked)])
""",
    )
    assert out.splitlines() == [
        "409 HfHubHTTPError pull request 1 is merged",
        "404 HfHubHTTPError no discussion 3 in sseu/asked",
        "[1, 2]", "[2]", "[1]", "[]", "[]", "[1, 2]",
    ]  # fmt: skip


def test_a_pull_request_with_several_commits_is_merged_whole(hub: RunningHub, tmp_path: Path) -> None:
    ask(
        hub,
        tmp_path,
        """
repo = "sseu/grown"
api.create_repo(repo)
api.upload_file(path_or_fileobj=b"x", path_in_repo="old", repo_id=repo)
api.upload_file(path_or_fileobj=b"x", path_in_repo="a", repo_id=repo, create_pr=True)
api.upload_file(path_or_fileobj=b"x", path_in_repo="b", repo_id=repo, revision="refs/pr/1")
api.delete_file("old", repo, revision="refs/pr/1")
api.merge_pull_request(repo, 1)
""",
    )
    assert hub.files("models", "sseu/grown").keys() == {".gitattributes", "a", "b"}
