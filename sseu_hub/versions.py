"""The versions of a published dataset: listing them, withdrawing one, and what the card says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sseu_dataset.describing.card import CARD
from sseu_dataset.published.versions import FILE_NAME, VersionsFile, VersionStatus, parse_versions, statuses
from sseu_hub.client import Announce, check_repo_id, hub_errors
from sseu_hub.files import commit_files, read_file

_HEADING = "## Versions\n"
_SECTION = re.compile(rf"^{_HEADING}.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"v(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)")


def tagged_versions(repo: str) -> list[str]:
    """The versions of a dataset that have a tag, and so can be loaded; tags of other names are left out.

    Raises:
        HubError: There is no such repository, the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    with hub_errors(repo):
        tags = [ref.name for ref in HfApi().list_repo_refs(repo, repo_type="dataset").tags]
    return [match[1] for tag in tags if (match := _TAG.fullmatch(tag))]


def read_versions(repo: str) -> dict[str, VersionStatus]:
    """The status of every version of a dataset that was published, newest first.

    Raises:
        DatasetError: Its `versions.json` is damaged.
        HubError: There is no such repository, the Hub refuses, or cannot be reached.
    """
    published = tagged_versions(repo)
    text = read_file(repo, "dataset", FILE_NAME)
    known = {} if text is None else parse_versions(text, f"{repo}/{FILE_NAME}")
    return statuses(published, {version: status for version, status in known.items() if status.withdrawn})


def withdraw(
    repo: str, version: str, *, reason: str, date: str, successor: str | None = None, announce: Announce
) -> dict[str, VersionStatus]:
    """Withdraw a published version: card and `versions.json` of the main branch say so, its tag stays.

    Whoever loads the version is warned from then on; no run, submission or board takes it for a new result.

    Args:
        repo: `owner/name` of the dataset.
        version: A published version.
        reason: One sentence for whoever has used it.
        date: Today, UTC, `YYYY-MM-DD`; a version that is withdrawn already keeps its day.
        successor: The version to use instead; by default the newest that is not withdrawn.
        announce: Called with one line for each stage.

    Returns:
        The status of every version, newest first.

    Raises:
        ValueError: There is no such version, the successor is none that can be used, or there is no reason.
        HubError: The Hub refuses, or cannot be reached.
    """
    check_repo_id(repo, "dataset")
    reason = " ".join(reason.split())
    if not reason:
        raise ValueError("a version is not withdrawn without a reason: give one sentence with --reason")
    known = read_versions(repo)
    if version not in known:
        raise ValueError(f"{repo} has no version {version}; it has {', '.join(known) or 'none'}")
    if successor is not None and (successor == version or successor not in known or known[successor].withdrawn):
        usable = [name for name, status in known.items() if name != version and not status.withdrawn]
        raise ValueError(f"{successor} cannot succeed {version}; {repo} has {', '.join(usable) or 'no other version'}")
    gone = {name: status for name, status in known.items() if status.withdrawn}
    day = gone[version].date if version in gone else date
    gone[version] = VersionStatus("withdrawn", reason, day, successor)
    found = statuses(known, gone)
    card = (read_file(repo, "dataset", CARD) or b"").decode()
    files = {CARD: with_versions(card, found).encode(), FILE_NAME: VersionsFile(found).to_json().encode()}
    if all(read_file(repo, "dataset", name) == data for name, data in files.items()):
        announce(f"{repo} says so already: nothing to do")
    else:
        announce(commit_files(repo, "dataset", files, f"Withdraw {version}", pull_request=False))
    return found


def with_versions(card: str, versions: Mapping[str, VersionStatus]) -> str:
    """A dataset card with a section on the versions, in place of the one it had; none where only one stands."""
    text = _SECTION.sub("", card)
    if len(versions) < 2 and not any(status.withdrawn for status in versions.values()):
        return text
    lines = "".join(f"- {status.sentence(version)}.\n" for version, status in versions.items())
    section = f"{_HEADING}\nEach is a tag of this repository, such as `v{next(iter(versions))}`.\n\n{lines}\n"
    before, counts, after = text.partition("## Counts\n")
    return before + section + counts + after
