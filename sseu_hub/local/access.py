"""Who may do what: two users, private repositories, gates."""

from __future__ import annotations

from dataclasses import dataclass

from sseu_hub.local.errors import HubError
from sseu_hub.local.repository import Repository

MAINTAINER, STRANGER = "hf_maintainer", "hf_stranger"


@dataclass(frozen=True)
class User:
    """Somebody with a token."""

    name: str
    organisations: tuple[str, ...] = ()


_USERS = {MAINTAINER: User("maintainer", ("sseu",)), STRANGER: User("stranger")}


def user_of(token: str) -> User | None:
    """Find the user of a token; None without one.

    Raises:
        HubError: 401, it is nobody's.
    """
    if not token:
        return None
    if token not in _USERS:
        raise HubError(401, "Invalid username or password.")
    return _USERS[token]


def signed_in(user: User | None) -> User:
    """Return the user, who must have shown a token (401)."""
    if user is None:
        raise HubError(401, "Invalid username or password.")
    return user


def may_write(user: User | None, repo: str) -> bool:
    """Whether `owner/name` belongs to this user or an organisation of theirs."""
    return user is not None and repo.split("/")[0] in (user.name, *user.organisations)


def check_write(user: User | None, repo: str) -> None:
    """Refuse whoever may not write (403), or has shown no token (401)."""
    if not may_write(signed_in(user), repo):
        raise HubError(403, f"Forbidden: you may not write to {repo}; open a pull request (create_pr=1)")


def not_found(user: User | None) -> HubError:
    """What is answered where there is no such repository, or where it is none of this caller's business."""
    return HubError(401 if user is None else 404, "Repository not found", "RepoNotFound")


def check_download(user: User | None, repository: Repository) -> None:
    """Refuse the files of a gated repository to whoever may not write (403), or has shown no token (401).

    On the real Hub access can be asked for and granted; here it cannot.
    """
    if repository.gated and not may_write(user, repository.name):
        text = f"Access to {repository.kind.removesuffix('s')} {repository.name} is restricted"
        if user is None:
            raise HubError(401, f"{text}. You must be authenticated to access it.", "GatedRepo")
        raise HubError(403, f"{text} and you are not in the authorized list.", "GatedRepo")
