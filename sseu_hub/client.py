"""The Hub's client as publishing needs it: equal content is not sent again, tags never move, errors name a remedy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeGuard
from urllib.parse import urlsplit

from sseu_metric.secret_transport import hub_url, is_this_machine

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["dataset", "space", "model"]
Announce = Callable[[str], None]
HUB_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
"""Pattern of an owner's or a repository's name: ASCII, so that no id looks like another."""
_REPO_ID = re.compile(f"({HUB_NAME}/)?{HUB_NAME}")
_KEPT = ".gitattributes"  # the Hub itself writes it


class HubError(RuntimeError):
    """A request to the Hub failed; the message says why and what to do."""


@dataclass(frozen=True)
class Pushed:
    """Outcome of a push: address of the repository, commit, and whether anything changed."""

    url: str
    commit: str
    changed: bool


@contextmanager
def hub_errors(what: str) -> Iterator[None]:
    """Turn the client's errors into a `HubError` with a remedy; `what` begins its message.

    Raises:
        ValueError: The user's token would travel unencrypted; nothing is sent.
    """
    from huggingface_hub.errors import HfHubHTTPError

    hub_url()
    try:
        yield
    except HfHubHTTPError as error:
        status = error.response.status_code
        message = (error.server_message or "").strip() or str(error).splitlines()[0]
        raise HubError(f"{what}: the Hub answers {status} ({message:.200}); {_remedy(status)}") from error
    except _connection_errors() as error:
        raise HubError(f"{what}: the connection failed ({error}); {_AGAIN}") from error
    except RuntimeError as error:  # other failures of the client and its uploader
        if isinstance(error, HubError):
            raise
        raise HubError(f"{what}: {error} ({error.__cause__ or 'no cause given'}); {_AGAIN}") from error


def _connection_errors() -> tuple[type[Exception], ...]:
    """Errors of the HTTP libraries of huggingface_hub 1 and 2 (both may be installed), and of the system."""
    libraries = [import_module(name) for name in ("httpx", "httpx2") if find_spec(name)]
    return ConnectionError, TimeoutError, *(library.HTTPError for library in libraries)


_AGAIN = "run the same command again: files that arrived are not sent again"


def _remedy(status: int) -> str:
    if status == 401:
        return "log in with `hf auth login`, or set HF_TOKEN to a token that may write"
    if status == 403:
        return "the token has no write access; ask the owner, or use another token"
    if status == 404:
        return "check the name; a private repository is invisible to a token without read access"
    if status in (409, 412):
        return "somebody else changed the repository at the same time; run the same command again"
    return _AGAIN if status >= 500 or status == 429 else "see the message"


def require_local_hub() -> None:
    """Refuse `--allow-custom`, which is for demonstrations, unless the Hub runs on this machine.

    Raises:
        ValueError: It does not.
    """
    if not is_this_machine(urlsplit(hub_url()).hostname):
        raise ValueError(f"--allow-custom is for a Hub on this machine, not for {hub_url()}")


def is_repo_id(text: object) -> TypeGuard[str]:
    """Whether a text is the id of a repository: `owner/name`, or `name` as some models have it."""
    return isinstance(text, str) and bool(_REPO_ID.fullmatch(text)) and "--" not in text and ".." not in text


def check_repo_id(text: object, kind: Kind) -> str:
    """Return the id of a repository unchanged.

    Raises:
        ValueError: It is no `owner/name`; models may lack the owner.
    """
    if is_repo_id(text) and (kind == "model" or "/" in text):
        return text
    example = "Qwen/Qwen2-Audio-7B-Instruct" if kind == "model" else "my-lab/sseu-bench"
    raise ValueError(f"{text!r:.80} is no {kind} id of the Hub; owner/name is needed, such as {example}")


def make_repo(repo: str, kind: Kind, *, private: bool) -> None:
    """Make a repository unless it exists; the visibility of an existing one is never changed.

    Raises:
        ValueError: It is no `owner/name`, or it exists with the other visibility.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    check_repo_id(repo, kind)
    api = HfApi()
    with hub_errors(repo):
        sdk = "gradio" if kind == "space" else None
        api.create_repo(repo, repo_type=kind, private=private, exist_ok=True, space_sdk=sdk)
        is_private = bool(api.repo_info(repo, repo_type=kind).private)
    if is_private != private:
        is_now, given = ("private", "without") if is_private else ("public", "with")
        raise ValueError(
            f"{repo} exists and is {is_now}, but the command was given {given} --private; change one of them"
        )


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
    """Make a repository's content equal to a folder's in one commit, and tag that commit.

    Equal content is not sent again, and a tag that exists with this content is left alone.

    Args:
        folder: The whole content; the repository's own `.gitattributes` is kept.
        repo: An existing repository.
        kind: Kind of repository.
        tag: Git tag such as `v1.0.0`, never moved; None for none.
        message: Title of the commit.
        announce: Called with one line for each stage.
        untagged: Files that may differ from the tagged ones: they are changed on the main branch only.

    Raises:
        ValueError: The tag exists with other content.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    api = HfApi()
    content = digests(folder)
    url = f"{hub_url()}/{'' if kind == 'model' else f'{kind}s/'}{repo}"
    with hub_errors(repo):
        head = str(api.repo_info(repo, repo_type=kind).sha)
        tags = {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type=kind).tags}
        wrong = differing(api, repo, kind, head, content)
        if tag in tags:
            later = differing(api, repo, kind, tags[tag], content)
            if later - set(untagged):
                raise ValueError(
                    f"{repo} already has {tag} with other content, and a tag is never moved: publish a new version, or "
                    "to another repository"
                )
            wrong &= later
            if not wrong:
                announce(f"{tag} already has this content: nothing to do")
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
            announce("the repository already has this content")
        if tag is not None and tag not in tags:
            api.create_tag(repo, tag=tag, revision=commit, repo_type=kind)
        return Pushed(url, commit, bool(wrong) or (tag is not None and tag not in tags))


def require_agreement(repo: str, announce: Announce) -> None:
    """Gate a private dataset: should it be opened, readers must agree to its card and be approved by the owner.

    A Hub that refuses to gate a private repository is announced, not an error: being private protects the files.

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
            announce("gated: access requests need manual approval")


def sizes_bytes(folder: Path) -> dict[str, int]:
    """The size of each file of a draft, by its path there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def digests(folder: Path) -> dict[str, tuple[str, str]]:
    """Git blob id and SHA-256 of each file: the Hub states the former for small files, the latter for large ones."""
    found = {}
    for name, size in sizes_bytes(folder).items():
        sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size)
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                sha256.update(block)
                blob.update(block)
        found[name] = (blob.hexdigest(), sha256.hexdigest())
    return found


def differing(api: HfApi, repo: str, kind: Kind, revision: str, content: Mapping[str, tuple[str, str]]) -> set[str]:
    """The files that a revision lacks, has in addition, or has with other content than in `digests`."""
    from huggingface_hub import RepoFile

    there = {
        item.path: item.lfs.sha256 if item.lfs else item.blob_id
        for item in api.list_repo_tree(repo, recursive=True, revision=revision, repo_type=kind)
        if isinstance(item, RepoFile) and (item.path != _KEPT or _KEPT in content)
    }
    return {path for path in there.keys() | content.keys() if there.get(path) not in content.get(path, ())}
