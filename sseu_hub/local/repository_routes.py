"""Which request does what below `/api/<kind>/<owner>/<name>`."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import yaml

from sseu_hub.local.access import check_write, signed_in
from sseu_hub.local.commits import MAX_REGULAR_BYTES, AddRegular, apply_operations, read_commit
from sseu_hub.local.errors import HubError
from sseu_hub.local.messages import Request, Response, check_fields, json_response, not_served, read_json
from sseu_hub.local.repository import (
    Repository,
    branch_head,
    files_at,
    merged,
    with_commit,
    with_pull_request,
    with_settings,
    with_tag,
    with_variable,
    without_tag,
    without_variable,
)
from sseu_hub.local.store import Store
from sseu_hub.local.views import (
    discussions_view,
    history_view,
    info_view,
    paths_view,
    preupload_view,
    refs_view,
    tree_view,
)

_LFS_ENDINGS = (".parquet", ".gz", ".png", ".bin", ".safetensors")


def answer_repository(store: Store, request: Request, repository: Repository, words: list[str]) -> Response:
    """Answer what is asked about a repository, or of it.

    Args:
        store: Where it lies.
        request: The method, query, body and user are read.
        repository: That this user may see.
        words: The parts of the path after its name.

    Raises:
        HubError: It is refused; 404 where nothing is served under this method and path.
    """
    match request.method, *words:
        case "GET", "":
            return json_response(_info(store, request, repository, "main"))
        case "GET", "revision", revision:
            return json_response(_info(store, request, repository, revision))
        case "GET", "tree", revision, *folder:
            recursive = request.query.get("recursive", "").lower() in ("true", "1")
            return json_response(tree_view(files_at(repository, revision), "/".join(folder), recursive=recursive))
        case "POST", "paths-info", revision:
            paths = parse_qs(request.body.decode()).get("paths", [])
            return json_response(paths_view(files_at(repository, revision), paths))
        case "GET", "refs":
            return json_response(refs_view(repository))
        case "GET", "commits", revision:
            return json_response(history_view(repository, revision))
        case "GET", "discussions":
            return json_response(discussions_view(repository, request.query))
        case "POST", "preupload", revision:
            return _preupload(request, repository, revision)
        case "POST", "commit", branch:
            return _commit(store, request, repository, branch)
        case "GET", "variables" if repository.kind == "spaces":
            check_write(request.user, repository.name)
            return json_response(repository.variables)
    change = _change(request, repository.kind, words)
    check_write(request.user, repository.name)
    changed = change(repository)
    store.save(changed)
    return json_response(changed.variables if words == ["variables"] else {})


def _change(request: Request, kind: str, words: list[str]) -> Callable[[Repository], Repository]:
    match request.method, *words:
        case "POST", "discussions", number, "merge":
            return lambda before: merged(before, number)
        case "POST", "tag", revision:
            return lambda before: with_tag(before, read_json(request.body, tag=str)["tag"], revision)
        case "DELETE", "tag", tag:
            return lambda before: without_tag(before, tag)
        case "PUT", "settings":
            return lambda before: with_settings(before, read_json(request.body))
        case "POST", "variables" if kind == "spaces":
            return lambda before: with_variable(before, read_json(request.body, key=str, value=str))
        case "DELETE", "variables" if kind == "spaces":
            return lambda before: without_variable(before, read_json(request.body, key=str)["key"])
    raise not_served(request)


def _info(store: Store, request: Request, repository: Repository, revision: str) -> dict[str, object]:
    shown = info_view(repository, revision)
    if "evalResults" in request.query.values():
        shown["evalResults"] = [
            {"filename": path, "data": entry}
            for path, file in files_at(repository, revision).items()
            if path.startswith(".eval_results/")
            for entry in yaml.safe_load(store.get(file.sha256))
        ]
    return shown


def _preupload(request: Request, repository: Repository, revision: str) -> Response:
    signed_in(request.user)
    files = files_at(repository, revision)
    shown = []
    for asked in read_json(request.body, files=list)["files"]:
        check_fields(asked, path=str, size=int)
        large = asked["path"].endswith(_LFS_ENDINGS) or asked["size"] > MAX_REGULAR_BYTES
        shown.append(preupload_view(files, asked["path"], large=large))
    return json_response({"files": shown})


def _commit(store: Store, request: Request, repository: Repository, branch: str) -> Response:
    user = signed_in(request.user)
    create_pr = request.query.get("create_pr") == "1"
    if not create_pr:
        check_write(user, repository.name)
    parent = branch_head(repository, branch)
    asked = read_commit(request.body)
    if asked.parent not in (None, parent):
        raise HubError(412, "A commit has happened since. Please refresh and try again.")
    files = apply_operations(repository.commits[parent].files, asked.operations, store.size)
    for operation in asked.operations:
        if isinstance(operation, AddRegular):
            store.put(operation.data)
    url = f"{request.origin}/{repository.path}"
    if create_pr:
        changed = with_pull_request(repository, files, asked.title, parent, user.name)
        number = changed.discussions[-1].number
        commit, page = changed.branches[f"refs/pr/{number}"], {"pullRequestUrl": f"{url}/discussions/{number}"}
    else:
        changed = with_commit(repository, branch, files, asked.title, parent)
        commit, page = changed.branches[branch], {}
    store.save(changed)
    return json_response({"success": True, "commitOid": commit, "commitUrl": f"{url}/commit/{commit}", **page})
