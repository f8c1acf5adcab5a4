"""The results dataset on the Hub: which of its files the board fetches, and where to."""

from __future__ import annotations

import re
from pathlib import Path

from leaderboard.store import FILES
from sseu_report.submission import ANSWERS_GZ, Limits

_PATH = re.compile(r"results/[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[0-9A-Za-z-]{1,80}/([a-z.]+)")
_MOST_FILES = 4_000


def fetch_submissions(repo: str, folder: Path, *, revision: str | None = None) -> Path:
    """Bring a local folder up to what the dataset's main branch holds; a file that is there is not fetched again.

    Only the files of submissions are fetched, and none above its limit: whoever may write to the dataset is not
    thereby allowed to fill the board's disk.

    Args:
        repo: Id of the results dataset.
        folder: Where it goes.
        revision: A branch, tag or commit instead of main.

    Returns:
        The folder of the submissions, for `store.list_submissions`.

    Raises:
        ValueError: There is no such dataset for this token, or it holds too many files.
    """
    from huggingface_hub import HfApi, RepoFile, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    api = HfApi()
    try:
        commit = api.dataset_info(repo, revision=revision).sha
    except RepositoryNotFoundError:
        raise ValueError(f"{repo}: no such dataset on the Hub, or not for this token") from None
    tree = api.list_repo_tree(repo, recursive=True, revision=commit, repo_type="dataset")
    wanted = [entry.path for entry in tree if isinstance(entry, RepoFile) and _is_wanted(entry.path, entry.size)]
    if len(wanted) > _MOST_FILES:
        raise ValueError(f"{repo}: {len(wanted)} files of submissions, at most {_MOST_FILES} are fetched; archive some")
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    if wanted:
        snapshot_download(repo, repo_type="dataset", revision=commit, local_dir=folder, allow_patterns=wanted)
    return results


def _is_wanted(path: str, size_bytes: int) -> bool:
    match, limits = _PATH.fullmatch(path), Limits()
    if match is None or match[1] not in FILES:
        return False
    return size_bytes <= (limits.packed_bytes if match[1] == ANSWERS_GZ else limits.json_bytes)
