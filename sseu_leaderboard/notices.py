"""What became of submissions: withdrawn, or superseded by another; written by who owns the results.

`notices.json` lies beside the submissions, in a folder here or in the results dataset on the Hub, whose token decides
who may write it. Submissions themselves never change, and none is removed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from sseu_dataset.files import write_atomically
from sseu_dataset.records import STRICT
from sseu_dataset.validation import parse_json
from sseu_hub.client import check_repo_id, hub_errors
from sseu_leaderboard.intake.store import NOTICES, list_submissions

_MAX_BYTES = 1 << 20
_FOLDER = re.compile(r"results/([^/]+/[^/]+)/result\.json")


@dataclass(frozen=True)
class Notice:
    """What became of one submission.

    Attributes:
        status: `withdrawn`: it should not have been made; `superseded`: another one stands in its place.
        date: Day of the notice, UTC, `YYYY-MM-DD`.
        why: The reason of a withdrawal; None of a supersession.
        successor: Id of the submission in its place; None of a withdrawal.

    Raises:
        ValueError: A withdrawn one lacks its reason, or a superseded one its successor.
    """

    __pydantic_config__ = STRICT

    status: Literal["withdrawn", "superseded"]
    date: str
    why: str | None = None
    successor: str | None = None

    def __post_init__(self) -> None:
        """Check reason and successor."""
        withdrawn = self.status == "withdrawn"
        if withdrawn != bool(self.why) or withdrawn == bool(self.successor):
            raise ValueError(
                f"{self.status}, with the reason {self.why!r:.40} and the successor {self.successor!r:.40}"
            )

    @property
    def sentence(self) -> str:
        """What a reader must know, without a full stop."""
        if self.status == "withdrawn":
            return f"withdrawn on {self.date}: {self.why}"
        return f"superseded on {self.date} by {self.successor}"


@dataclass(frozen=True)
class NoticesFile:
    """The content of `notices.json`.

    Attributes:
        notices: By the submission's id, `<model>/<date>-<hash>`: its folder among the results.
        schema_version: Version of this form.
    """

    __pydantic_config__ = STRICT

    notices: dict[str, Notice] = field(default_factory=dict)
    schema_version: Literal[1] = 1

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def read_notices(results: Path) -> dict[str, Notice]:
    """The notices of a results folder; empty where it has none.

    Raises:
        ValueError: The file is damaged.
    """
    path = results / NOTICES
    if not path.is_file() or path.is_symlink():
        return {}
    with path.open("rb") as file:
        return _parse(file.read(_MAX_BYTES + 1))


def _parse(text: str | bytes) -> dict[str, Notice]:
    if len(text) > _MAX_BYTES:
        raise ValueError(f"{NOTICES}: longer than {_MAX_BYTES} bytes; restore it from the history of the results")
    return parse_json(NoticesFile, text, NOTICES, "restore it from the history of the results").notices


def withdraw(submission: str, why: str, *, results: Path | None = None, results_repo: str | None = None) -> Notice:
    """Say of a submission that it should not have been made, and why.

    Args:
        submission: Its id, `<model>/<date>-<hash>`.
        why: One line.
        results: Folder of submissions; or
        results_repo: the dataset of submissions on the Hub.

    Raises:
        ValueError: There is no such submission, or no reason; both places or none are given; `notices.json` is damaged.
        HubError: The Hub refuses, or cannot be reached.
    """
    reason = " ".join(why.split())
    if not reason:
        raise ValueError("--why: say in a line why it is withdrawn; readers of the board see it")
    return _add(submission, Notice("withdrawn", _today(), why=reason[:300]), results, results_repo)


def supersede(old: str, new: str, *, results: Path | None = None, results_repo: str | None = None) -> Notice:
    """Say of a submission that another one stands in its place.

    Args:
        old: Its id, `<model>/<date>-<hash>`.
        new: That of the other one.
        results: Folder of submissions; or
        results_repo: the dataset of submissions on the Hub.

    Raises:
        ValueError: There is no such submission, or the other one is withdrawn or superseded itself; both places or none
            are given; `notices.json` is damaged.
        HubError: The Hub refuses, or cannot be reached.
    """
    return _add(old, Notice("superseded", _today(), successor=new), results, results_repo)


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _add(submission: str, notice: Notice, results: Path | None, results_repo: str | None) -> Notice:
    if (results is None) == (results_repo is None):
        raise ValueError("give one of --results (a folder) and --results-repo (a dataset on the Hub)")
    if results is not None:
        ids = [stored.id for stored in list_submissions(results)]
        text = _changed(read_notices(results), ids, submission, notice)
        write_atomically(results / NOTICES, text)
    else:
        _add_on_hub(check_repo_id(results_repo, "dataset"), submission, notice)
    return notice


def _changed(there: Mapping[str, Notice], ids: Collection[str], submission: str, notice: Notice) -> str:
    """The file with a notice more."""
    for one in (submission, notice.successor or submission):
        if one not in ids:
            known = ", ".join(sorted(ids)[:5]) or "none"
            raise ValueError(f"there is no submission {one!r:.120}; there are {known}{' …' if len(ids) > 5 else ''}")
    if notice.successor == submission:
        raise ValueError(f"{submission} cannot supersede itself; name the newer submission second")
    if notice.successor is not None and notice.successor in there:
        raise ValueError(f"{notice.successor} was {there[notice.successor].sentence}; name a submission that stands")
    return NoticesFile(dict(sorted({**there, submission: notice}.items()))).to_json()


def _add_on_hub(repo: str, submission: str, notice: Notice) -> None:
    """One commit on the newest state; refused by the Hub if somebody else was faster."""
    from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download

    api = HfApi()
    with hub_errors(repo):
        commit = str(api.dataset_info(repo).sha)
        paths = api.list_repo_files(repo, repo_type="dataset", revision=commit)
        there = {}
        if f"results/{NOTICES}" in paths:
            place = hf_hub_download(repo, f"results/{NOTICES}", repo_type="dataset", revision=commit)
            there = _parse(Path(place).read_bytes())
        ids = [match[1] for path in paths if (match := _FOLDER.fullmatch(path))]
        text = _changed(there, ids, submission, notice)
        api.create_commit(
            repo,
            [CommitOperationAdd(f"results/{NOTICES}", text.encode())],
            repo_type="dataset",
            commit_message=f"{submission} is {notice.status}",
            parent_commit=commit,
        )
