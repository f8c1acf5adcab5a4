"""The Hub as the publishing parts need it: equal content changes nothing, tags never move, errors say what to do."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
        import httpx2 as httpx
    except ImportError:  # huggingface_hub 1
        import httpx  # type: ignore[no-redef]

    try:
        yield
    except HfHubHTTPError as error:
        status = error.response.status_code
        said = (error.server_message or "").strip() or str(error).splitlines()[0]
        raise HubError(f"{what}: the Hub answers {status} ({said:.200}); {_remedy(status)}") from error
    except (httpx.HTTPError, ConnectionError) as error:
        raise HubError(f"{what}: the connection failed ({error}); {_AGAIN}") from error
    except RuntimeError as error:
        if isinstance(error, HubError) or error.__cause__ is None:
            raise
        raise HubError(f"{what}: {error} ({error.__cause__}); {_AGAIN}") from error


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


def push_folder(
    folder: Path, repo: str, kind: Kind, *, private: bool, tag: str | None, message: str, announce: Announce
) -> Pushed:
    """Make a repository hold exactly a folder: one commit, and a tag on it.

    Where it holds it already nothing is sent, and where the tag is there already with this content nothing is done.

    Args:
        folder: The whole content; the repository's own `.gitattributes` is kept.
        repo: `owner/name`; made if it is not there.
        kind: Of repository.
        private: For a new repository; one that is there is never made public or private, but must be as asked.
        tag: Such as `v1.0.0`; never moved.
        message: Of the commit.
        announce: Called with one line for each stage.

    Raises:
        ValueError: The repository is public where a private one was asked for or the other way round, or the tag is
            there with other content.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    check_repo(repo, kind)
    api = HfApi()
    with hub_errors(repo):
        sdk = "gradio" if kind == "space" else None
        url = str(api.create_repo(repo, repo_type=kind, private=private, exist_ok=True, space_sdk=sdk))
        info = api.repo_info(repo, repo_type=kind)
        if bool(info.private) != private:
            is_now, asked = ("private", "without") if info.private else ("public", "with")
            raise ValueError(
                f"{repo} is there and {is_now}, the command was given {asked} --private; change one of them"
            )
        content = digests(folder)
        tags = {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type=kind).tags}
        if tag in tags:
            if not holds(api, repo, kind, tags[tag], content):
                raise ValueError(
                    f"{repo} has {tag} already, with other content, and a tag is never moved: publish under a new "
                    "version, or another repository"
                )
            announce(f"{tag} is there with this content: nothing to do")
            return Pushed(url, tags[tag], False)
        commit = str(info.sha)
        changed = not holds(api, repo, kind, commit, content)
        if changed:
            announce(f"uploading {len(content)} files")
            made = api.upload_folder(
                repo_id=repo, repo_type=kind, folder_path=folder, commit_message=message, delete_patterns=["*"]
            )
            commit = made.oid
        else:
            announce("the content is there already")
        if tag is not None:
            api.create_tag(repo, tag=tag, revision=commit, repo_type=kind)
        return Pushed(url, commit, changed or tag is not None)


def require_agreement(repo: str, announce: Announce) -> None:
    """Gate a dataset: its files go to whom the owner accepts, after agreeing to the text of the card.

    Raises:
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    api = HfApi()
    with hub_errors(repo):
        if not api.dataset_info(repo).gated:
            api.update_repo_settings(repo, gated="manual", repo_type="dataset")
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


def holds(api: HfApi, repo: str, kind: Kind, revision: str, content: Mapping[str, tuple[str, str]]) -> bool:
    """Whether a revision holds exactly these files."""
    from huggingface_hub import RepoFile

    there = {
        item.path: item.lfs.sha256 if item.lfs else item.blob_id
        for item in api.list_repo_tree(repo, recursive=True, revision=revision, repo_type=kind)
        if isinstance(item, RepoFile) and (item.path != _KEPT or _KEPT in content)
    }
    return there.keys() == content.keys() and all(there[path] in content[path] for path in there)


def commit_files(repo: str, kind: Kind, files: Mapping[str, bytes], message: str, *, pull_request: bool | None) -> str:
    """Add files in one commit, which is tried again where somebody else wrote at the same moment.

    Args:
        repo: That is there.
        kind: Of repository.
        files: By path.
        message: Of the commit; a pull request that is open under this title is taken for the same one.
        pull_request: Open one; None where this token may not write to the repository.

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
                for open_one in api.get_repo_discussions(
                    repo, repo_type=kind, discussion_type="pull_request", discussion_status="open"
                ):
                    if open_one.title == message:
                        return str(open_one.url)
            try:
                made = api.create_commit(
                    repo, operations, commit_message=message, repo_type=kind, create_pr=bool(pull_request)
                )
                return str(made.pr_url or made.commit_url)
            except HfHubHTTPError as error:
                status = error.response.status_code
                if status == 403 and pull_request is None:
                    return commit_files(repo, kind, files, message, pull_request=True)
                if status not in (409, 412) or attempt == _ATTEMPTS - 1:
                    raise
        time.sleep(_PAUSE_S * (attempt + 1))
    raise AssertionError("the last attempt returns or raises")


def endpoint() -> str:
    """Where the Hub is: `HF_ENDPOINT`, or the real one."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
