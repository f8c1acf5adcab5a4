"""The results dataset on the Hub: fetches its submissions and their notices, and only those, into a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sseu_hub.client import HubError, digests, hub_errors
from sseu_hub.submission import ANSWERS_GZ, MODEL_FOLDER, Limits
from sseu_leaderboard.intake.store import FILES, NOTICES

_PATH = re.compile(rf"results/{MODEL_FOLDER}/[0-9A-Za-z-]{{1,80}}/(?P<file>[a-z.]+)")
_MAX_FILES = 4_000


def head_commit(repo: str) -> str:
    """The newest commit of the dataset's main branch.

    Raises:
        ValueError: There is no such dataset for this token.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    with hub_errors(repo):
        try:
            return str(HfApi().dataset_info(repo).sha)
        except RepositoryNotFoundError:
            raise ValueError(f"{repo}: no such dataset on the Hub, or this token may not read it") from None


def fetch_submissions(repo: str, folder: Path, commit: str) -> Path:
    """Make a local folder hold exactly the submissions of a commit.

    Only files of submissions within the size limits are fetched, so that nobody with write access to the dataset can
    fill the board's disk. Files with the right content are not fetched again, files that the dataset no longer has are
    removed, and afterwards every file has the hash that the Hub states.

    Args:
        repo: Id of the results dataset.
        folder: Local folder.
        commit: Commit of the dataset.

    Returns:
        The folder of the submissions, for `store.list_submissions`.

    Raises:
        ValueError: The dataset has too many files.
        HubError: The Hub refuses, cannot be reached, or sent other content than it states.
    """
    from huggingface_hub import HfApi, RepoFile, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    with hub_errors(repo):
        tree = HfApi().list_repo_tree(repo, recursive=True, revision=commit, repo_type="dataset")
        wanted = {
            entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
            for entry in tree
            if isinstance(entry, RepoFile) and _is_wanted(entry.path, entry.size)
        }
    if len(wanted) > _MAX_FILES:
        raise ValueError(
            f"{repo}: {len(wanted)} files, at most {_MAX_FILES} are fetched; move old submissions elsewhere"
        )
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    there = _matching(results, wanted)
    for path in sorted({f"results/{name}" for name in digests(results)} - there):
        (folder / path).unlink()
    missing = sorted(wanted.keys() - there)
    if missing:
        try:
            with hub_errors(repo):
                snapshot_download(repo, repo_type="dataset", revision=commit, local_dir=folder, allow_patterns=missing)
        except LocalEntryNotFoundError as error:
            raise HubError(f"{repo}: the Hub cannot be reached ({error})") from error
        # if the Hub cannot be reached, the client leaves the folder as it was without an error
        wrong = sorted(wanted.keys() - _matching(results, wanted))
        if wrong:
            raise HubError(f"{repo}: {len(wrong)} files have other hashes than the Hub states, the first is {wrong[0]}")
    return results


def _matching(results: Path, wanted: Mapping[str, str]) -> set[str]:
    """The wanted files in the results folder that have the hash that the Hub states."""
    found = {f"results/{name}": hashes for name, hashes in digests(results).items()}
    return {path for path, hashes in found.items() if wanted.get(path) in hashes}


def _is_wanted(path: str, size_bytes: int) -> bool:
    match, limits = _PATH.fullmatch(path), Limits()
    if path == f"results/{NOTICES}":
        return size_bytes <= limits.json_bytes
    if match is None or match["file"] not in FILES:
        return False
    return size_bytes <= (limits.packed_bytes if match["file"] == ANSWERS_GZ else limits.json_bytes)
