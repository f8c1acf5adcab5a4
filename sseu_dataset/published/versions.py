"""What became of each published version: current, superseded or withdrawn.

A published version is a tag, which never moves, so this stands on the repository's main branch, in `versions.json`.
docs/versions.md describes the commands that write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from sseu_dataset.library_output import retries_unlogged
from sseu_dataset.records import STRICT, DatasetError
from sseu_dataset.validation import parse_json
from sseu_metric.secret_transport import hub_url

FILE_NAME = "versions.json"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class WithdrawnWarning(UserWarning):
    """A dataset was loaded whose version was withdrawn."""


@dataclass(frozen=True)
class VersionStatus:
    """What became of one version.

    Attributes:
        status: `current`: the newest that is not withdrawn; `superseded`: an older one, whose results stay valid;
            `withdrawn`: no new result may be made with it.
        reason: Why it was withdrawn; None if it was not.
        date: Day of the withdrawal, UTC, `YYYY-MM-DD`; None if it was not.
        successor: The version to use instead; None if there is none.

    Raises:
        ValueError: A withdrawn version lacks its reason or date, or another version has them.
    """

    __pydantic_config__ = STRICT

    status: Literal["current", "superseded", "withdrawn"]
    reason: str | None = None
    date: str | None = None
    successor: str | None = None

    def __post_init__(self) -> None:
        """Check reason and date."""
        if self.withdrawn != bool(self.reason) or self.withdrawn != bool(_DAY.fullmatch(self.date or "")):
            raise ValueError(f"{self.status}, with the reason {self.reason!r:.40} and the date {self.date!r:.40}")

    @property
    def withdrawn(self) -> bool:
        """Whether it was withdrawn."""
        return self.status == "withdrawn"

    def sentence(self, version: str) -> str:
        """What a reader must know of a version, without a full stop."""
        instead = f"use {self.successor}" if self.successor else "no version replaces it yet"
        if self.withdrawn:
            return f"SSEU-Bench {version} was withdrawn on {self.date}: {self.reason}; {instead}"
        if self.status == "superseded":
            return f"SSEU-Bench {version} is superseded: {instead} for new results"
        return f"SSEU-Bench {version} is the current version"


@dataclass(frozen=True)
class VersionsFile:
    """The content of `versions.json`.

    Attributes:
        versions: The status of every published version, newest first.
        schema_version: Version of this form.
    """

    __pydantic_config__ = STRICT

    versions: dict[str, VersionStatus]
    schema_version: Literal[1] = 1

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def parse_versions(text: str | bytes, source: str) -> dict[str, VersionStatus]:
    """The status of each version in the text of a `versions.json`; `source` names it in errors.

    Raises:
        DatasetError: It is invalid.
    """
    remedy = "tell the maintainer of the repository, whose `sseu publish` commands write it"
    return parse_json(VersionsFile, text, source, remedy).versions


def newest_first(versions: Iterable[str]) -> list[str]:
    """Versions in their order (PEP 440: `1.0.0rc1` comes before `1.0.0`), newest first.

    Raises:
        DatasetError: A version is none.
    """
    from packaging.version import InvalidVersion, Version

    try:
        return sorted(versions, key=Version, reverse=True)
    except InvalidVersion as error:
        raise DatasetError(f"{error}; a dataset's version is one such as 1.0.0 or 1.1.0rc1") from None


def benchmark_of(version: str) -> str:
    """What a version is a version of: the part after its plus, `d1` or an edition's name; empty for the paper's."""
    return version.partition("+")[2]


def statuses(published: Iterable[str], withdrawn: Mapping[str, VersionStatus]) -> dict[str, VersionStatus]:
    """The status of every published version, newest first.

    Of each benchmark (`benchmark_of`) the newest that is not withdrawn is current and supersedes the others; it also
    succeeds the withdrawn versions for which no successor was named, or one that was withdrawn too.

    Args:
        published: The published versions.
        withdrawn: The withdrawn ones.

    Raises:
        DatasetError: A version is none.
    """
    ordered = newest_first({*published, *withdrawn})
    newest: dict[str, str] = {}
    for version in ordered:
        if version not in withdrawn:
            newest.setdefault(benchmark_of(version), version)
    found = {}
    for version in ordered:
        current = newest.get(benchmark_of(version))
        if version in withdrawn:
            named = withdrawn[version].successor
            successor = current if named is None or named in withdrawn else named
            found[version] = replace(withdrawn[version], successor=successor)
        elif version == current:
            found[version] = VersionStatus("current")
        else:
            found[version] = VersionStatus("superseded", successor=current)
    return found


def fetch_versions(repo: str) -> dict[str, VersionStatus]:
    """The status of each version of a dataset on the Hub, newest first.

    Empty where the repository has no such file, and where the Hub cannot be asked and the file is not in the client's
    cache: a dataset in the cache can be used without a network.

    Raises:
        DatasetError: The file is damaged.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    hub_url()  # refuses to send a token unencrypted
    try:
        with retries_unlogged():
            path = hf_hub_download(repo, FILE_NAME, repo_type="dataset")
    except (HfHubHTTPError, LocalEntryNotFoundError):
        return {}
    return parse_versions(Path(path).read_bytes(), f"{repo}/{FILE_NAME}")


def withdrawal(place: str | Path, version: str) -> str | None:
    """A sentence on the withdrawal of a version of a dataset on the Hub; None if it stands, and for a folder.

    Raises:
        DatasetError: The repository's `versions.json` is damaged.
    """
    if Path(place).is_dir():
        return None
    status = fetch_versions(str(place)).get(version)
    if status is None or not status.withdrawn:
        return None
    tag = f" (revision v{status.successor} of {place})" if status.successor else ""
    return f"{place}: {status.sentence(version)}{tag}"
