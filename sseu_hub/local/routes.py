"""Which request does what: everything but one repository's own pages, which are in `repository_routes`."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import unquote

from sseu_hub.local.access import may_write, not_found, signed_in
from sseu_hub.local.commits import check_sha256, regular_file
from sseu_hub.local.downloads import download
from sseu_hub.local.errors import HubError
from sseu_hub.local.messages import Request, Response, check_fields, json_response, not_served, read_json
from sseu_hub.local.repository import Repository, asked_private, with_commit, with_variable
from sseu_hub.local.repository_routes import answer_repository
from sseu_hub.local.store import Store

_REPO = r"(\w[\w.-]*/\w[\w.-]*)"
_API = re.compile(rf"/api/(models|datasets|spaces)/{_REPO}(?:/(.*))?", re.ASCII)
_LFS = re.compile(rf"/(?:(datasets|spaces)/)?{_REPO}\.git/info/lfs/objects/batch", re.ASCII)
_FILE = re.compile(rf"/(?:(datasets|spaces)/)?{_REPO}/resolve/([^/]+)/(.+)", re.ASCII)
_SDKS = ("gradio", "docker", "static")
_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"


def answer(store: Store, request: Request) -> Response:
    """Answer a request.

    Raises:
        HubError: It is refused; 404 where nothing is served under its method and path.
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
            return download(store, request, repository, unquote(match[3]), unquote(match[4]))
        case _, path if match := _API.fullmatch(path):
            repository = _visible(store, request, match[1], match[2])
            words = [unquote(word) for word in (match[3] or "").split("/")]
            return answer_repository(store, request, repository, words)
    raise not_served(request)


def _visible(store: Store, request: Request, kind: str, name: str) -> Repository:
    """Load a repository; a private one is not there for whoever may not write, as on the real Hub."""
    repository = store.load(kind, name)
    if repository is None or (repository.private and not may_write(request.user, name)):
        raise not_found(request.user)
    return repository


def _whoami(request: Request) -> Response:
    user = signed_in(request.user)
    orgs = [{"name": organisation, "roleInOrg": "admin"} for organisation in user.organisations]
    token = {"accessToken": {"role": "write", "displayName": "test"}}
    return json_response({"type": "user", "name": user.name, "fullname": user.name, "orgs": orgs, "auth": token})


def _create(store: Store, request: Request) -> Response:
    asked = read_json(request.body, name=str)
    owner = asked.get("organization") or signed_in(request.user).name
    name = f"{owner}/{asked['name']}"
    if not may_write(signed_in(request.user), name):
        raise HubError(403, f"You don't have the rights to create a repository under {owner}")
    repository = _new_repository(f"{asked.get('type') or 'model'}s", name, asked)
    url = f"{request.origin}/{repository.path}"
    if store.load(repository.kind, name) is not None:
        return json_response({"error": "You already created this repo", "url": url}, 409)
    store.put(_ATTRIBUTES)
    store.save(repository)
    return json_response({"url": url, "name": name, "id": name})


def _new_repository(kind: str, name: str, asked: dict[str, Any]) -> Repository:
    if kind not in ("models", "datasets", "spaces") or not re.fullmatch(_REPO, name, re.ASCII):
        raise HubError(400, f"{kind} {name!r}: a model, dataset or space called owner/name is needed")
    sdk = asked.get("sdk") if kind == "spaces" else None
    if kind == "spaces" and sdk not in _SDKS:
        raise HubError(400, f"a Space needs its SDK, one of {', '.join(_SDKS)}")
    repository = Repository(kind, name, asked_private(asked), sdk=sdk)
    for variable in asked.get("variables", ()):
        repository = with_variable(repository, check_fields(variable, key=str, value=str))
    return with_commit(repository, "main", {".gitattributes": regular_file(_ATTRIBUTES)}, "initial commit", None)


def _lfs_batch(store: Store, request: Request) -> Response:
    signed_in(request.user)
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
        raise HubError(400, "not the content that was announced")
    store.put(data)
    return json_response({})
