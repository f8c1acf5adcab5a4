"""Who may do what: two users, private repositories, gates."""

from __future__ import annotations

from dataclasses import dataclass

from sseu_hub.local.messages import HttpError

MAINTAINER, OUTSIDER = "hf_maintainer", "hf_outsider"
"""Tokens of the two users."""


@dataclass(frozen=True)
class User:
    """The owner of a token."""

    name: str
    organisations: tuple[str, ...] = ()


_USERS = {MAINTAINER: User("maintainer", ("sseu",)), OUTSIDER: User("outsider")}


def user_of(token: str) -> User | None:
    """Find the user of a token; None without a token.

    Raises:
        HttpError: 401, the token is unknown.
    """
    if not token:
        return None
    if token not in _USERS:
        raise HttpError(401, "Invalid username or password.")
    return _USERS[token]


def signed_in(user: User | None) -> User:
    """Return the user.

    Raises:
        HttpError: 401, there was no token.
    """
    if user is None:
        raise HttpError(401, "Invalid username or password.")
    return user


def may_write(user: User | None, repo: str) -> bool:
    """Whether `owner/name` belongs to this user or one of their organisations."""
    return user is not None and repo.split("/")[0] in (user.name, *user.organisations)


def check_write(user: User | None, repo: str) -> None:
    """Refuse users without write access.

    Raises:
        HttpError: 401 without a token, else 403.
    """
    if not may_write(signed_in(user), repo):
        raise HttpError(403, f"Forbidden: you may not write to {repo}; open a pull request (create_pr=1)")


def not_found(user: User | None) -> HttpError:
    """The answer for a repository that does not exist or that this user may not see."""
    return HttpError(401 if user is None else 404, "Repository not found", "RepoNotFound")


def check_download(user: User | None, repo: str, gated: bool | str) -> None:
    """Refuse the files of a gated repository to users without write access (nobody can be granted access here).

    Raises:
        HttpError: 401 without a token, else 403.
    """
    if gated and not may_write(user, repo):
        raise HttpError(401 if user is None else 403, f"Access to {repo} is restricted", "GatedRepo")
