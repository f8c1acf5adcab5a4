"""The Hub as the publishing parts need it: equal content changes nothing, tags never move, errors say what to do."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["dataset", "space", "model"]
Announce = Callable[[str], None]
_ATTEMPTS, _PAUSE_S = 3, 0.5
_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_KEPT = ".gitattributes"  # the Hub's own


class HubError(RuntimeError):
    """The Hub did not do what was asked; the message says why and what to do."""


@dataclass(frozen=True)
class Pushed:
    """What a push did: where the content is, at which commit, and whether anything changed."""

    url: str
    commit: str
    changed: bool


@contextmanager
def hub_errors(what: str) -> Iterator[None]:
    """Turn the client's errors into a `HubError` with a remedy; `what` begins its message."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except HfHubHTTPError as error:
        status = error.response.status_code
        said = (error.server_message or "").strip() or str(error).splitlines()[0]
        raise HubError(f"{what}: the Hub answers {status} ({said:.200}); {_remedy(status)}") from error
    except _connection_errors() as error:
        raise HubError(f"{what}: the connection failed ({error}); {_AGAIN}") from error
    except RuntimeError as error:  # how the client and its uploader tell of the rest
        if isinstance(error, HubError):
            raise
        raise HubError(f"{what}: {error} ({error.__cause__ or 'no cause given'}); {_AGAIN}") from error


def _connection_errors() -> tuple[type[Exception], ...]:
    """Those of the libraries that huggingface_hub 1 and 2 speak through (both may be installed), and the system's."""
    libraries = [import_module(name) for name in ("httpx", "httpx2") if find_spec(name)]
    return ConnectionError, TimeoutError, *(library.HTTPError for library in libraries)


_AGAIN = "run the same command again: what has arrived is not sent again"


def _remedy(status: int) -> str:
    if status == 401:
        return "log in with `hf auth login`, or set HF_TOKEN to a token that may write"
    if status == 403:
        return "the token may not write there; ask the owner, or use another token"
    if status == 404:
        return "check the name; a private repository is not there for a token that may not read it"
    if status in (409, 412):
        return "somebody else changed it at the same time; run the same command again"
    return _AGAIN if status >= 500 or status == 429 else "see the message"


def is_local(endpoint: str) -> bool:
    """Whether a Hub runs on this machine."""
    return urlsplit(endpoint).hostname in ("localhost", "127.0.0.1", "::1")


def check_repo(repo: str, kind: Kind) -> None:
    """Refuse what is not `owner/name`.

    Raises:
        ValueError: It is not.
    """
    if not _REPO.fullmatch(repo) or "--" in repo or ".." in repo:
        raise ValueError(f"{repo!r} is no {kind} repository; owner/name is needed, such as my-lab/sseu-bench")


def make_repo(repo: str, kind: Kind, *, private: bool) -> None:
    """Make a repository if it is not there; one that is there is never made public or private.

    Raises:
        ValueError: It is no `owner/name`, or public where a private one was asked for, or the other way round.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    check_repo(repo, kind)
    api = HfApi()
    with hub_errors(repo):
        sdk = "gradio" if kind == "space" else None
        api.create_repo(repo, repo_type=kind, private=private, exist_ok=True, space_sdk=sdk)
        is_private = bool(api.repo_info(repo, repo_type=kind).private)
    if is_private != private:
        is_now, asked = ("private", "without") if is_private else ("public", "with")
        raise ValueError(f"{repo} is there and {is_now}, the command was given {asked} --private; change one of them")


def push_folder(
    folder: Path,
    repo: str,
    kind: Kind,
    *,
    tag: str | None,
    message: str,
    announce: Announce,
    untagged: Collection[str] = (),
) -> Pushed:
    """Make a repository hold exactly a folder: one commit, and a tag on it.

    Where it holds it already nothing is sent, and where the tag is there already with this content nothing is done.

    Args:
        folder: The whole content; the repository's own `.gitattributes` is kept.
        repo: From `make_repo`.
        kind: Of repository.
        tag: Such as `v1.0.0`; never moved.
        message: Of the commit.
        announce: Called with one line for each stage.
        untagged: Files that may differ from what is tagged: they are changed on the main branch alone.

    Raises:
        ValueError: The tag is there with other content.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    api = HfApi()
    content = digests(folder)
    url = f"{endpoint()}/{'' if kind == 'model' else f'{kind}s/'}{repo}"
    with hub_errors(repo):
        head = str(api.repo_info(repo, repo_type=kind).sha)
        tags = {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type=kind).tags}
        wrong = differing(api, repo, kind, head, content)
        if tag in tags:
            later = differing(api, repo, kind, tags[tag], content)
            if later - set(untagged):
                raise ValueError(
                    f"{repo} has {tag} already, with other content, and a tag is never moved: publish under a new "
                    "version, or another repository"
                )
            wrong &= later
            if not wrong:
                announce(f"{tag} is there with this content: nothing to do")
                return Pushed(url, tags[tag], False)
        commit = head
        if wrong:
            added, removed = sorted(wrong & content.keys()), sorted(wrong - content.keys())
            announce(f"uploading {len(added)} files")
            operations = [CommitOperationAdd(path, folder / path) for path in added]
            gone = [CommitOperationDelete(path) for path in removed]
            made = api.create_commit(
                repo, [*operations, *gone], commit_message=message, repo_type=kind, parent_commit=head
            )
            commit = str(made.oid)
        else:
            announce("the content is there already")
        if tag is not None and tag not in tags:
            api.create_tag(repo, tag=tag, revision=commit, repo_type=kind)
        return Pushed(url, commit, bool(wrong) or (tag is not None and tag not in tags))


def require_agreement(repo: str, announce: Announce) -> None:
    """Gate a private dataset: were it opened, its files go to those the owner accepts, who agreed to the card.

    A Hub that gates no private repositories is announced, not an error: being private protects the files.

    Raises:
        HubError: The Hub refuses access, or cannot be reached.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    api = HfApi()
    with hub_errors(repo):
        if api.dataset_info(repo).gated:
            return
        try:
            api.update_repo_settings(repo, gated="manual", repo_type="dataset")
        except HfHubHTTPError as error:
            if error.response.status_code != 400:
                raise
            announce(f"NOT gated, the Hub refuses it ({error.server_message}): gate it before opening it to others")
        else:
            announce("gated: access is asked for, and granted by hand")


def digests(folder: Path) -> dict[str, tuple[str, str]]:
    """For each file its git blob id and its SHA-256: the Hub tells one for small files, the other for large ones."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % path.stat().st_size)
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    sha256.update(block)
                    blob.update(block)
            found[path.relative_to(folder).as_posix()] = (blob.hexdigest(), sha256.hexdigest())
    return found


def differing(api: HfApi, repo: str, kind: Kind, revision: str, content: Mapping[str, tuple[str, str]]) -> set[str]:
    """The files that a revision lacks, has beside, or has with another content than in `digests`."""
    from huggingface_hub import RepoFile

    there = {
        item.path: item.lfs.sha256 if item.lfs else item.blob_id
        for item in api.list_repo_tree(repo, recursive=True, revision=revision, repo_type=kind)
        if isinstance(item, RepoFile) and (item.path != _KEPT or _KEPT in content)
    }
    return {path for path in there.keys() | content.keys() if there.get(path) not in content.get(path, ())}


def may_write(repo: str) -> bool:
    """Whether the token is one to write with, of the repository's owner or of a writing member of it.

    Where that is unclear, as with fine-grained tokens, the answer is no: a pull request does no harm.

    Raises:
        HubError: There is no valid token, or the Hub cannot be reached.
    """
    from huggingface_hub import HfApi

    with hub_errors(repo):
        me = HfApi().whoami()
    token = me.get("auth", {}).get("accessToken", {})
    writing = [org["name"] for org in me.get("orgs", []) if org.get("roleInOrg") in ("admin", "write")]
    return token.get("role") == "write" and repo.split("/")[0] in (me["name"], *writing)


def commit_files(repo: str, kind: Kind, files: Mapping[str, bytes], message: str, *, pull_request: bool) -> str:
    """Add files in one commit, which is tried again where somebody else wrote at the same moment.

    Args:
        repo: That is there.
        kind: Of repository.
        files: By path.
        message: Of the commit; an open pull request of one's own under this title is taken for the same one.
        pull_request: Open one.

    Returns:
        The address of the commit or pull request.

    Raises:
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError

    api = HfApi()
    for attempt in range(_ATTEMPTS):
        operations = [CommitOperationAdd(path, data) for path, data in files.items()]
        with hub_errors(repo):
            if pull_request:
                name = api.whoami()["name"]
                for open_one in api.get_repo_discussions(
                    repo, repo_type=kind, discussion_type="pull_request", discussion_status="open"
                ):
                    if (open_one.title, open_one.author) == (message, name):
                        return str(open_one.url)
            try:
                made = api.create_commit(
                    repo, operations, commit_message=message, repo_type=kind, create_pr=pull_request
                )
                return str(made.pr_url or made.commit_url)
            except HfHubHTTPError as error:
                if error.response.status_code not in (409, 412) or attempt == _ATTEMPTS - 1:
                    raise
        time.sleep(_PAUSE_S * (attempt + 1))
    raise AssertionError("the last attempt returns or raises")


def endpoint() -> str:
    """Where the Hub is: `HF_ENDPOINT`, or the real one."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
