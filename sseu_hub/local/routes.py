"""Which request does what."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qs, unquote

from sseu_hub.local.access import check_download, check_write, may_write, not_found, signed_in, user_of
from sseu_hub.local.commits import (
    MAX_REGULAR_BYTES,
    AddRegular,
    apply_operations,
    check_sha256,
    read_commit,
    regular_file,
)
from sseu_hub.local.messages import HttpError, Request, Response, check_fields, json_response, read_json
from sseu_hub.local.repository import Repository, Store
from sseu_hub.local.views import discussions_view, info_view, refs_view, tree_view

_REPO = r"(\w[\w.-]*/\w[\w.-]*)"
_API = re.compile(rf"/api/(models|datasets|spaces)/{_REPO}(?:/(.*))?", re.ASCII)
_LFS = re.compile(rf"/(?:(datasets|spaces)/)?{_REPO}\.git/info/lfs/objects/batch", re.ASCII)
_FILE = re.compile(rf"/(?:(datasets|spaces)/)?{_REPO}/resolve/([^/]+)/(.+)", re.ASCII)
_LFS_ENDINGS = (".parquet", ".gz", ".png", ".bin", ".safetensors")
_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"


def respond(store: Store, request: Request) -> Response:
    """Carry out a request.

    Raises:
        HttpError: It is refused; 404 if nothing is served under its method and path.
    """
    match request.method, request.path:
        case "GET", "/api/whoami-v2":
            return _whoami(request)
        case "POST", "/api/validate-yaml":
            return json_response({"errors": [], "warnings": []})
        case "POST", "/api/repos/create":
            return _create(store, request)
        case "PUT", path if path.startswith("/_lfs/"):
            return _upload(store, path.removeprefix("/_lfs/"), request.body)
        case "POST", path if match := _LFS.fullmatch(path):
            _visible(store, request, match[1] or "models", match[2])
            return _lfs_batch(store, request)
        case "GET" | "HEAD", path if match := _FILE.fullmatch(path):
            repository = _visible(store, request, match[1] or "models", match[2])
            return _download(store, request, repository, unquote(match[3]), unquote(match[4]))
        case _, path if match := _API.fullmatch(path):
            repository = _visible(store, request, match[1], match[2])
            return _about(store, request, repository, [unquote(word) for word in (match[3] or "").split("/")])
    raise _not_served(request)


def _about(store: Store, request: Request, repository: Repository, words: list[str]) -> Response:
    """Carry out a request below `/api/<kind>/<owner>/<name>`; `words` are the rest of the path."""
    match request.method, *words:
        case "GET", "":
            return json_response(info_view(repository, "main"))
        case "GET", "revision", revision:
            return json_response(info_view(repository, revision))
        case "GET", "tree", revision, *folder:
            recursive = request.query.get("recursive", "").lower() in ("true", "1")
            return json_response(tree_view(repository.files_at(revision), "/".join(folder), recursive=recursive))
        case "POST", "paths-info", revision:
            paths = parse_qs(request.body.decode()).get("paths", [])
            entries = tree_view(repository.files_at(revision), "", recursive=True)
            return json_response([entry for entry in entries if entry["path"] in paths])
        case "GET", "refs":
            return json_response(refs_view(repository))
        case "GET", "discussions":
            return json_response(discussions_view(repository))
        case "POST", "preupload", revision:
            return _preupload(request, repository, revision)
        case "POST", "commit", branch:
            return _commit(store, request, repository, branch)
        case "GET", "variables" if repository.kind == "spaces":
            check_write(user_of(request.token), repository.name)
            return json_response({key: {"value": value} for key, value in repository.variables.items()})
    changed = _changed(request, repository, words)
    check_write(user_of(request.token), repository.name)
    store.save(changed)
    return json_response({})


def _changed(request: Request, repository: Repository, words: list[str]) -> Repository:
    match request.method, *words:
        case "POST", "tag", revision:
            return repository.with_tag(read_json(request.body, tag=str)["tag"], revision)
        case "DELETE", "tag", gone if gone in repository.tags:
            return replace(repository, tags={tag: oid for tag, oid in repository.tags.items() if tag != gone})
        case "PUT", "settings":
            settings = read_json(request.body)
            if settings.keys() != {"gated"} or settings["gated"] not in ("auto", "manual", False):
                raise HttpError(400, f"settings not served here: {settings}; only gated: auto, manual or false")
            return replace(repository, gated=settings["gated"])
        case "POST", "variables" if repository.kind == "spaces":
            new = read_json(request.body, key=str, value=str)
            return replace(repository, variables={**repository.variables, new["key"]: new["value"]})
    raise _not_served(request)


def _not_served(request: Request) -> HttpError:
    return HttpError(404, f"not served here: {request.method} {request.path}")


def _visible(store: Store, request: Request, kind: str, name: str) -> Repository:
    """Load a repository; a private one is invisible to users without write access, as on the real Hub."""
    repository, user = store.load(kind, name), user_of(request.token)
    if repository is None or (repository.private and not may_write(user, name)):
        raise not_found(user)
    return repository


def _whoami(request: Request) -> Response:
    user = signed_in(user_of(request.token))
    orgs = [{"name": organisation, "roleInOrg": "admin"} for organisation in user.organisations]
    token = {"accessToken": {"role": "write", "displayName": "local"}}
    return json_response({"type": "user", "name": user.name, "fullname": user.name, "orgs": orgs, "auth": token})


def _create(store: Store, request: Request) -> Response:
    values, user = read_json(request.body, name=str), signed_in(user_of(request.token))
    owner = values.get("organization") or user.name
    kind, name = f"{values.get('type') or 'model'}s", f"{owner}/{values['name']}"
    if kind not in ("models", "datasets", "spaces") or not re.fullmatch(_REPO, name, re.ASCII):
        raise HttpError(400, f"{kind} {name!r}: a model, dataset or space called owner/name is needed")
    if not may_write(user, name):
        raise HttpError(403, f"You don't have the rights to create a repository under {owner}")
    # clients before huggingface_hub 2.0 send `private`, later ones `visibility`
    private = values.get("visibility", "private" if values.get("private") else "public") == "private"
    repository = Repository(kind, name, private, sdk=values.get("sdk"))
    url = f"{request.origin}/{repository.path}"
    if store.load(kind, name) is not None:
        return json_response({"error": "You already created this repo", "url": url}, 409)
    store.put(_ATTRIBUTES)
    store.save(repository.with_commit("main", {".gitattributes": regular_file(_ATTRIBUTES)}, "initial commit", None))
    return json_response({"url": url, "name": name, "id": name})


def _preupload(request: Request, repository: Repository, revision: str) -> Response:
    """Tell for each file whether it is sent within the commit or by LFS, and which content has its name now."""
    signed_in(user_of(request.token))
    files, shown = repository.files_at(revision), []
    for new in read_json(request.body, files=list)["files"]:
        check_fields(new, path=str, size=int)
        large = new["path"].endswith(_LFS_ENDINGS) or new["size"] > MAX_REGULAR_BYTES
        known = files.get(new["path"])
        oid = known and (known.sha256 if known.lfs else known.oid)
        mode = "lfs" if large else "regular"
        shown.append({"path": new["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return json_response({"files": shown})


def _commit(store: Store, request: Request, repository: Repository, branch: str) -> Response:
    user = signed_in(user_of(request.token))
    create_pr = request.query.get("create_pr") == "1"
    if not create_pr:
        check_write(user, repository.name)
    parent = repository.branch_head(branch)
    commit = read_commit(request.body)
    if commit.parent not in (None, parent):
        raise HttpError(412, "A commit has happened since. Please refresh and try again.")
    files = apply_operations(repository.commits[parent].files, commit.operations, store.size)
    for operation in commit.operations:
        if isinstance(operation, AddRegular):
            store.put(operation.data)
    url, page = f"{request.origin}/{repository.path}", {}
    if create_pr:
        changed = repository.with_pull_request(files, commit.title, parent, user.name)
        number = len(changed.pull_requests)
        branch, page = f"refs/pr/{number}", {"pullRequestUrl": f"{url}/discussions/{number}"}
    else:
        changed = repository.with_commit(branch, files, commit.title, parent)
    oid = changed.branches[branch]
    store.save(changed)
    return json_response({"success": True, "commitOid": oid, "commitUrl": f"{url}/commit/{oid}", **page})


def _lfs_batch(store: Store, request: Request) -> Response:
    signed_in(user_of(request.token))
    objects = []
    for wanted in read_json(request.body, objects=list)["objects"]:
        oid = check_sha256(check_fields(wanted, oid=str, size=int)["oid"])
        entry = {"oid": oid, "size": wanted["size"]}
        if store.size(oid) is None:
            entry["actions"] = {"upload": {"href": f"{request.origin}/_lfs/{oid}"}}
        objects.append(entry)
    return json_response({"transfer": "basic", "objects": objects})


def _upload(store: Store, sha256: str, data: bytes) -> Response:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise HttpError(400, "the content has another SHA-256 than was announced")
    store.put(data)
    return json_response({})


def _download(store: Store, request: Request, repository: Repository, revision: str, path: str) -> Response:
    """Send a file of a revision, or the part named by `Range`, with the headers that clients read."""
    commit = repository.resolve(revision)
    check_download(user_of(request.token), repository.name, repository.gated)
    file = repository.commits[commit].files.get(path)
    if file is None:
        raise HttpError(404, "Entry not found", "EntryNotFound")
    etag = f'"{file.sha256 if file.lfs else file.oid}"'
    headers = {"ETag": etag, "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
    if file.lfs:
        headers |= {"X-Linked-Etag": etag, "X-Linked-Size": str(file.size)}
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", request.byte_range)
    if part is None:
        return Response(store.get(file.sha256), 200, headers)
    start, stop = int(part[1]), min(int(part[2] or file.size) + 1, file.size)
    if start >= stop:
        return Response(b"", 416, headers | {"Content-Range": f"bytes */{file.size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    return Response(store.get(file.sha256)[start:stop], 206, headers)
