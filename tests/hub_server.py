"""A small Hub on this machine, for the real clients of huggingface_hub, datasets and evaluate (HF_ENDPOINT).

    python -m tests.hub_server --root DIR [--port 0] [--serve-for PID]

It keeps repositories in a folder (a restart finds them), knows two users (`maintainer`, member of `sseu`, and
`stranger`), and does what the clients see of the real Hub: create, preupload, LFS, commit, pull request and merge, tag,
branches, tree, resolve with ranges, discussions, settings. `POST /_fault` arms faults, `GET /_log` tells what was
asked. Clients need HF_HUB_DISABLE_XET=1. What the real Hub checks beyond this (cards, quotas, scans) is not here.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

MAINTAINER, STRANGER = "hf_maintainer", "hf_stranger"
_USERS = {MAINTAINER: ("maintainer", ("sseu",)), STRANGER: ("stranger", ())}
_LFS_ENDINGS = (".parquet", ".gz", ".png", ".bin", ".safetensors")
_DATE = "2026-01-01T00:00:00.000Z"


class HubError(Exception):
    """What the server answers in place of a result."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Store:
    """Repositories below a folder: `<type>s/<owner>/<name>.json`, and every file once under `objects/`."""

    root: Path

    def load(self, kind: str, repo: str) -> dict[str, Any]:
        """The state of a repository."""
        try:
            return json.loads(self._path(kind, repo).read_text())  # type: ignore[no-any-return]
        except FileNotFoundError:
            raise HubError(404, "RepoNotFound", "Repository not found") from None

    def save(self, kind: str, repo: str, state: Mapping[str, Any]) -> None:
        """Write a state whole or not at all."""
        path = self._path(kind, repo)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(json.dumps(state))
        os.replace(path.with_suffix(".new"), path)

    def exists(self, kind: str, repo: str) -> bool:
        """Whether there is such a repository."""
        return self._path(kind, repo).exists()

    def _path(self, kind: str, repo: str) -> Path:
        return self.root / kind / f"{repo}.json"

    def object_path(self, sha256: str) -> Path:
        """Where a content lies."""
        return self.root / "objects" / sha256

    def put(self, data: bytes) -> str:
        """Keep a content."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.object_path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.with_suffix(".new").write_bytes(data)
            os.replace(path.with_suffix(".new"), path)
        return sha256


def _git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _add_commit(state: dict[str, Any], branch: str, files: Mapping[str, Any], title: str, parent: str | None) -> str:
    text = json.dumps([parent, title, len(state["commits"]), sorted(files.items())])
    commit = hashlib.sha1(text.encode()).hexdigest()
    state["commits"][commit] = {"files": dict(files), "title": title, "parent": parent}
    state["branches"][branch] = commit
    return commit


def _resolve(state: Mapping[str, Any], revision: str) -> str:
    for known in (state["branches"], state["tags"]):
        if revision in known:
            return str(known[revision])
    found = [commit for commit in state["commits"] if len(revision) >= 7 and commit.startswith(revision)]
    if not found:
        raise HubError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    return str(found[0])


def _entry(path: str, file: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"type": "file", "path": path, "size": file["size"], "oid": file["oid"]}
    if file["lfs"]:
        entry["lfs"] = {"oid": file["sha256"], "size": file["size"], "pointerSize": 134}
    return entry


def _tree(files: Mapping[str, Any], folder: str, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    inside = {path: file for path, file in files.items() if path.startswith(prefix)}
    if folder and not inside:
        raise HubError(404, "EntryNotFound", f"{folder} does not exist")
    parents = {path.rsplit("/", depth)[0] for path in inside for depth in range(1, path.count("/") + 1)}
    folders = [
        {"type": "directory", "path": path, "oid": "0" * 40} for path in sorted(parents) if path.startswith(prefix)
    ]
    entries = folders + [_entry(path, file) for path, file in sorted(inside.items())]
    return [entry for entry in entries if recursive or "/" not in entry["path"][len(prefix) :]]


class Hub(ThreadingHTTPServer):
    """The server with its store, its armed faults and its log."""

    daemon_threads = True

    def __init__(self, root: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.store = Store(root)
        self.lock = threading.RLock()
        self.faults: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []


_API = re.compile(r"/api/(models|datasets|spaces)/([^/]+/[^/]+)(?:/(.*))?")
_LFS = re.compile(r"/(?:(datasets|spaces)/)?([^/]+/[^/]+)\.git/info/lfs/objects/batch")
_FILE = re.compile(r"/(?:(datasets|spaces)/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        """Quiet; the log is asked for."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.entry: dict[str, Any] = {"request": f"{self.command} {parts.path}", "status": None}
        with self.server.lock:
            self.server.log.append(self.entry)
        try:
            if self._faulty(f"{self.command} {self.path}"):
                return
            self.body = self._read()
            with self.server.lock:
                self._route(parts.path)
        except HubError as error:
            self._answer({"error": str(error)}, error.status, {"X-Error-Code": error.code} if error.code else {})

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _faulty(self, request: str) -> bool:
        with self.server.lock:
            fault = next(
                (one for one in self.server.faults if one["times"] > 0 and re.search(one["match"], request)), None
            )
            if fault is None:
                return False
            fault["times"] -= 1
        if fault["kind"] == "cut":  # in the middle of what is being sent
            self.rfile.read(min(int(self.headers.get("Content-Length", 0)) // 2, 1 << 16))
            self.entry["status"] = "cut"
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return True
        self._read()
        raise HubError(fault["kind"], fault.get("code"), f"armed fault {fault['kind']}")

    def _answer(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self._send(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, data: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.entry["status"] = status
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    @property
    def _token(self) -> str | None:
        return self.headers.get("Authorization", "").removeprefix("Bearer ") or None

    def _user(self) -> tuple[str, tuple[str, ...]]:
        if self._token not in _USERS:
            raise HubError(401, None, "Invalid username or password.")
        return _USERS[self._token]

    def _may_write(self, repo: str) -> bool:
        name, organisations = self._user()
        return repo.split("/")[0] in (name, *organisations)

    def _need_write(self, repo: str) -> None:
        if not self._may_write(repo):
            raise HubError(403, None, f"Forbidden: you may not write to {repo}; open a pull request (create_pr=1)")

    def _open(self, kind: str, repo: str) -> dict[str, Any]:
        """A repository that this caller may read; to a stranger a private one is not there, as on the Hub."""
        try:
            state = self.server.store.load(kind, repo)
            if not state["private"] or (self._token in _USERS and self._may_write(repo)):
                return state
        except HubError:
            pass
        raise HubError(404 if self._token else 401, "RepoNotFound", "Repository not found")

    def _route(self, path: str) -> None:
        if path.startswith("/_"):
            return self._control(path)
        if path == "/api/whoami-v2":
            name, organisations = self._user()
            orgs = [{"name": organisation} for organisation in organisations]
            token = {"accessToken": {"role": "write", "displayName": "test"}}
            return self._answer({"type": "user", "name": name, "fullname": name, "orgs": orgs, "auth": token})
        if path == "/api/validate-yaml":
            return self._answer({"errors": [], "warnings": []})
        if path == "/api/repos/create":
            return self._create(json.loads(self.body))
        if match := _LFS.fullmatch(path):
            return self._lfs_batch(unquote(match[2]))
        if match := _FILE.fullmatch(path):
            return self._file(match[1] or "models", match[2], unquote(match[3]), unquote(match[4]))
        if match := _API.fullmatch(path):
            return self._repo(match[1], match[2], [unquote(part) for part in (match[3] or "").split("/")])
        raise HubError(404, None, f"no such page: {path}")

    def _control(self, path: str) -> None:
        if path == "/_fault":
            self.server.faults.append({"times": 1} | json.loads(self.body))
            return self._answer({})
        if path == "/_log":
            return self._answer(self.server.log)
        sha256 = path.removeprefix("/_lfs/")  # the upload of a large file
        if hashlib.sha256(self.body).hexdigest() != sha256:
            raise HubError(400, None, "not the content that was announced")
        self.server.store.put(self.body)
        return self._answer({})

    def _create(self, asked: Mapping[str, Any]) -> None:
        owner = asked.get("organization") or self._user()[0]
        kind, repo = f"{asked.get('type') or 'model'}s", f"{owner}/{asked['name']}"
        if not self._may_write(repo):
            raise HubError(403, None, f"You don't have the rights to create a repository under {owner}")
        if kind == "spaces" and asked.get("sdk") not in ("gradio", "docker", "static"):
            raise HubError(400, None, "a Space needs its SDK")
        prefix = "" if kind == "models" else f"{kind}/"
        url = f"http://{self.headers['Host']}/{prefix}{repo}"
        if self.server.store.exists(kind, repo):
            return self._answer({"error": "You already created this repo", "url": url}, 409)
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        state: dict[str, Any] = {
            "private": private, "gated": False, "branches": {}, "tags": {}, "commits": {}, "discussions": []
        }  # fmt: skip
        attributes = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"
        file = {"oid": _git_oid(attributes), "size": len(attributes), "lfs": False}
        file["sha256"] = self.server.store.put(attributes)
        _add_commit(state, "main", {".gitattributes": file}, "initial commit", None)
        self.server.store.save(kind, repo, state)
        return self._answer({"url": url, "name": repo, "id": repo})

    def _lfs_batch(self, repo: str) -> None:
        self._user()
        objects = []
        for wanted in json.loads(self.body)["objects"]:
            entry = {"oid": wanted["oid"], "size": wanted["size"]}
            if not self.server.store.object_path(wanted["oid"]).exists():
                entry["actions"] = {"upload": {"href": f"http://{self.headers['Host']}/_lfs/{wanted['oid']}"}}
            objects.append(entry)
        self._answer({"transfer": "basic", "objects": objects})

    def _file(self, kind: str, repo: str, revision: str, path: str) -> None:
        state = self._open(kind, repo)
        commit = _resolve(state, revision)
        file = state["commits"][commit]["files"].get(path)
        if file is None:
            raise HubError(404, "EntryNotFound", "Entry not found")
        data = self.server.store.object_path(file["sha256"]).read_bytes()
        etag = f'"{file["sha256"] if file["lfs"] else file["oid"]}"'
        headers = {"ETag": etag, "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(match[1]), min(int(match[2] or len(data)), len(data) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            return self._send(data[first : last + 1], 206, headers)
        return self._send(data, 200, headers)

    def _repo(self, kind: str, repo: str, rest: list[str]) -> None:
        state = self._open(kind, repo)
        action = (self.command, rest[0])
        if action in (("GET", ""), ("GET", "revision")):
            return self._info(kind, repo, state, rest[1] if len(rest) > 1 else "main")
        if action == ("GET", "tree"):
            files = state["commits"][_resolve(state, rest[1])]["files"]
            return self._answer(
                _tree(files, "/".join(rest[2:]), self.query.get("recursive", "").lower() in ("true", "1"))
            )
        if action == ("POST", "paths-info"):
            files = state["commits"][_resolve(state, rest[1])]["files"]
            asked = (
                json.loads(self.body)["paths"]
                if self.body[:1] == b"{"
                else parse_qs(self.body.decode()).get("paths", [])
            )
            return self._answer([entry for entry in _tree(files, "", True) if entry["path"] in asked])
        if action == ("GET", "refs"):
            return self._answer(_refs(state))
        if action == ("GET", "commits"):
            return self._answer(_history(state, _resolve(state, rest[1])))
        if action == ("GET", "discussions"):
            found = state["discussions"] if self.query.get("p", "0") == "0" else []
            return self._answer({"discussions": found, "count": len(state["discussions"]), "start": 0})
        if action == ("POST", "preupload"):
            return self._preupload(state, rest[1])
        if action == ("POST", "commit"):
            return self._commit(kind, repo, state, rest[1])
        self._need_write(repo)
        if action == ("POST", "discussions") and rest[2:] == ["merge"]:
            return self._merge(kind, repo, state, int(rest[1]))
        if action == ("POST", "tag"):
            tag = json.loads(self.body)["tag"]
            if tag in state["tags"]:
                raise HubError(409, None, f"Tag {tag} exists already")
            state["tags"][tag] = _resolve(state, rest[1])
        elif action == ("DELETE", "tag"):
            del state["tags"][rest[1]]
        elif action == ("PUT", "settings"):
            state |= {name: value for name, value in json.loads(self.body).items() if name in ("private", "gated")}
        else:
            raise HubError(404, None, f"not served here: {action}")
        self.server.store.save(kind, repo, state)
        return self._answer({})

    def _info(self, kind: str, repo: str, state: Mapping[str, Any], revision: str) -> None:
        commit = _resolve(state, revision)
        files = state["commits"][commit]["files"]
        info = {
            "_id": "0", "id": repo, "author": repo.split("/")[0], "sha": commit, "private": state["private"],
            "gated": state["gated"], "disabled": False, "downloads": 0, "likes": 0, "tags": [],
            "lastModified": _DATE, "createdAt": _DATE, "siblings": [{"rfilename": path} for path in files],
        }  # fmt: skip
        if "evalResults" in self.query.values():
            import yaml

            texts = [
                self.server.store.object_path(file["sha256"]).read_text()
                for path, file in files.items()
                if path.startswith(".eval_results/")
            ]
            info["evalResults"] = [{"filename": "x", "data": entry} for text in texts for entry in yaml.safe_load(text)]
        return self._answer(info)

    def _preupload(self, state: Mapping[str, Any], revision: str) -> None:
        self._user()
        files = state["commits"][_resolve(state, revision)]["files"]
        answers = []
        for asked in json.loads(self.body)["files"]:
            known = files.get(asked["path"])
            large = asked["path"].endswith(_LFS_ENDINGS) or asked["size"] > 10 << 20
            oid = known and (known["sha256"] if known["lfs"] else known["oid"])
            mode = "lfs" if large else "regular"
            answers.append({"path": asked["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        self._answer({"files": answers})

    def _commit(self, kind: str, repo: str, state: dict[str, Any], revision: str) -> None:
        create_pr = self.query.get("create_pr") == "1"
        if create_pr:
            self._user()
        else:
            self._need_write(repo)
        parent = _resolve(state, revision)
        files = dict(state["commits"][parent]["files"])
        title = ""
        for line in filter(None, self.body.split(b"\n")):
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "header":
                title = value["summary"]
                if value.get("parentCommit", parent) != parent:
                    raise HubError(412, None, "A commit has happened since. Please refresh and try again.")
            elif item["key"] == "file":
                data = base64.b64decode(value["content"])
                files[value["path"]] = {"oid": _git_oid(data), "size": len(data), "lfs": False, "sha256": self.server.store.put(data)}  # fmt: skip  # noqa: E501
            elif item["key"] == "lfsFile":
                if not self.server.store.object_path(value["oid"]).exists():
                    raise HubError(400, None, f"{value['path']}: its content was not uploaded")
                pointer = (
                    f"version https://git-lfs.github.com/spec/v1\noid sha256:{value['oid']}\nsize {value['size']}\n"
                )
                files[value["path"]] = {"oid": _git_oid(pointer.encode()), "size": value["size"], "lfs": True, "sha256": value["oid"]}  # fmt: skip  # noqa: E501
            elif item["key"] == "deletedFile":
                del files[value["path"]]
        number = len(state["discussions"]) + 1
        branch = f"refs/pr/{number}" if create_pr else revision
        commit = _add_commit(state, branch, files, title, parent)
        prefix = "" if kind == "models" else f"{kind}/"
        url = f"http://{self.headers['Host']}/{prefix}{repo}"
        answer = {"success": True, "commitOid": commit, "commitUrl": f"{url}/commit/{commit}"}
        if create_pr:
            author = {"name": self._user()[0]}
            state["discussions"].append(
                {"num": number, "title": title, "status": "open", "author": author, "isPullRequest": True,
                 "createdAt": _DATE, "repo": {"name": repo, "type": kind.removesuffix("s")}}
            )  # fmt: skip
            answer["pullRequestUrl"] = f"{url}/discussions/{number}"
        self.server.store.save(kind, repo, state)
        self._answer(answer)

    def _merge(self, kind: str, repo: str, state: dict[str, Any], number: int) -> None:
        change = state["commits"][state["branches"][f"refs/pr/{number}"]]
        before = state["commits"][change["parent"]]["files"]
        main = state["branches"]["main"]
        files = dict(state["commits"][main]["files"])
        files |= {path: file for path, file in change["files"].items() if before.get(path) != file}
        files = {path: file for path, file in files.items() if path in change["files"] or path not in before}
        _add_commit(state, "main", files, f"{change['title']} (#{number})", main)
        state["discussions"][number - 1]["status"] = "merged"
        self.server.store.save(kind, repo, state)
        self._answer({})


def _refs(state: Mapping[str, Any]) -> dict[str, Any]:
    def refs(names: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
        return [{"name": name, "ref": f"{prefix}{name}", "targetCommit": commit} for name, commit in names.items()]

    heads = {name: commit for name, commit in state["branches"].items() if not name.startswith("refs/")}
    pulls = {name: commit for name, commit in state["branches"].items() if name.startswith("refs/")}
    return {
        "branches": refs(heads, "refs/heads/"),
        "tags": refs(state["tags"], "refs/tags/"),
        "pullRequests": refs(pulls, ""),
        "converts": [],
    }


def _history(state: Mapping[str, Any], commit: str | None) -> list[dict[str, Any]]:
    found = []
    while commit is not None:
        made = state["commits"][commit]
        found.append({"id": commit, "title": made["title"], "message": "", "date": _DATE, "authors": []})
        commit = made["parent"]
    return found


@dataclass(frozen=True)
class RunningHub:
    """A server in its own process."""

    url: str
    root: Path

    def env(self, home: Path, token: str | None = MAINTAINER) -> dict[str, str]:
        """The environment of a client: this Hub, an own cache, no other setting of Hugging Face."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        own = {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
        own |= {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        return kept | own | ({"HF_TOKEN": token} if token else {})

    def arm(self, match: str, kind: int | str, *, times: int = 1, code: str | None = None) -> None:
        """Let the next `times` requests that match fail: with an HTTP status, or `cut` in mid-upload."""
        fault = {"match": match, "kind": kind, "times": times, "code": code}
        request = urllib.request.Request(f"{self.url}/_fault", json.dumps(fault).encode(), method="POST")
        urllib.request.urlopen(request).close()

    def log(self) -> list[str]:
        """Every request so far, with its status."""
        with urllib.request.urlopen(f"{self.url}/_log") as answer:
            return [f"{one['request']} {one['status']}" for one in json.loads(answer.read())]

    def state(self, kind: str, repo: str) -> dict[str, Any]:
        """The stored state of a repository."""
        return Store(self.root).load(kind, repo)

    def files(self, kind: str, repo: str, revision: str = "main") -> dict[str, bytes]:
        """Every file of a revision."""
        state, store = self.state(kind, repo), Store(self.root)
        found = state["commits"][_resolve(state, revision)]["files"]
        return {path: store.object_path(file["sha256"]).read_bytes() for path, file in found.items()}


@contextmanager
def running_hub(root: Path) -> Iterator[RunningHub]:
    """A server until the end of the block."""
    command = [sys.executable, "-m", "tests.hub_server", "--root", str(root), "--serve-for", str(os.getpid())]
    place = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=place) as process:
        try:
            assert process.stdout is not None
            yield RunningHub(process.stdout.readline().strip(), root)
        finally:
            process.terminate()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--serve-for", type=int, metavar="PID", help="end with this parent process")
    arguments = parser.parse_args()
    with Hub(arguments.root, arguments.port) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        if arguments.serve_for is None:
            server.serve_forever()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while os.getppid() == arguments.serve_for:
            threading.Event().wait(0.5)


if __name__ == "__main__":
    main()
