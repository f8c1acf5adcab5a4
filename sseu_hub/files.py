"""Single files of a repository on the Hub: read one, commit some, directly or as a pull request."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from sseu_hub.client import HubError, Kind, hub_errors

_ATTEMPTS, _PAUSE_S = 3, 0.5


def read_file(repo: str, kind: Kind, path: str) -> bytes | None:
    """The content of a file on the main branch; None if there is no such file.

    Raises:
        HubError: There is no such repository, the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        with hub_errors(repo):
            head = HfApi().repo_info(repo, repo_type=kind).sha  # a commit: a cached copy of another is not taken
            return Path(hf_hub_download(repo, path, repo_type=kind, revision=head)).read_bytes()
    except LocalEntryNotFoundError as error:
        raise HubError(f"{repo}: the Hub cannot be reached ({error})") from error
    except HubError as error:
        if isinstance(error.__cause__, EntryNotFoundError):
            return None
        raise


def may_write(repo: str) -> bool:
    """Whether the token is a write token of the repository's owner or of a member with write access.

    If that is unclear, as with fine-grained tokens, the answer is no: a pull request does no harm.

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
    """Add files in one commit, retried if somebody else committed at the same time.

    Args:
        repo: An existing repository.
        kind: Kind of repository.
        files: Contents by path.
        message: Title of the commit; with `pull_request`, the user's own open one with this title is used instead.
        pull_request: Open a pull request instead of committing to the main branch.

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
