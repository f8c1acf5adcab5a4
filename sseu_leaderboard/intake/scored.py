"""Scores every submission of a results folder once; records are cached under a hash of everything they depend on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset.files import UNFINISHED, write_atomically
from sseu_hub.submission import SUBMISSION
from sseu_leaderboard.intake.confinement import CheckFailedError, Scorer, verify_confined
from sseu_leaderboard.intake.store import Stored, list_submissions
from sseu_leaderboard.intake.verified import Verified, parse_verified


@dataclass(frozen=True)
class Scored:
    """The submissions in the order of their dates.

    Attributes:
        verified: Each with its scores.
        refused: Each with the reason.
    """

    verified: tuple[tuple[Stored, Verified], ...]
    refused: tuple[tuple[Stored, str], ...]


def score_all(
    results: Path,
    cache: Path,
    scorer: Scorer,
    *,
    broken: dict[str, str] | None = None,
    verify: Callable[[Path, Scorer], Verified] = verify_confined,
) -> Scored:
    """Check and score the submissions that are not in the cache; refusals are cached too.

    Args:
        results: Folder of submissions.
        cache: Folder of records; made if missing.
        scorer: References, embedder and limits.
        broken: SHA-256 and reason of submissions whose check ended unexpectedly while this board runs: they are not
            tried again, and new ones are added.
        verify: Checks and scores one folder.

    Raises:
        ValueError: There are more than `store.MAX_SUBMISSIONS`, or somebody else may write to the cache.
        IntakeError: The board cannot score.
    """
    broken = {} if broken is None else broken
    _own_folder(cache)
    basis = _basis(scorer)
    verified: list[tuple[Stored, Verified]] = []
    refused: list[tuple[Stored, str]] = []
    seen: set[str] = set()
    for stored in list_submissions(results):
        if stored.sha256 in seen:
            refused.append((stored, "the same files as an earlier submission"))
            continue
        path = cache / f"{hashlib.sha256(f'{basis}{stored.sha256}'.encode()).hexdigest()}.json"
        outcome = broken.get(stored.sha256) or _read(path)
        if outcome is None:
            try:
                outcome = _verify(stored, scorer, verify)
                text = outcome.to_json()
            except CheckFailedError as error:
                broken[stored.sha256] = str(error)
                refused.append((stored, str(error)))
                continue
            except ValueError as error:
                outcome = str(error)
                text = json.dumps({"refused": outcome})
            write_atomically(path, text)
        if isinstance(outcome, str):
            refused.append((stored, outcome))
        elif outcome.model is not None and outcome.model.replace("/", "--") != stored.model:
            refused.append((stored, f"its folder belongs to {stored.model}, its {SUBMISSION} names {outcome.model}"))
        else:
            seen.add(stored.sha256)
            verified.append((stored, outcome))
    return Scored(tuple(verified), tuple(refused))


def _verify(stored: Stored, scorer: Scorer, verify: Callable[[Path, Scorer], Verified]) -> Verified:
    found = verify(stored.folder, scorer)
    if found.sha256 != stored.sha256:
        raise CheckFailedError("its files changed while they were checked")
    return found


def _own_folder(cache: Path) -> None:
    """Make the cache; its records are trusted, so nobody else may write there."""
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    stat = cache.stat()
    if stat.st_uid != os.geteuid() or stat.st_mode & 0o002:
        raise ValueError(
            f"{cache}: this folder belongs to another user or everybody may write to it, and its records are trusted; "
            "give another --cache, or make it yours alone (chown, chmod go-w)"
        )
    for path in cache.glob(f"*{UNFINISHED}"):  # of a killed board: one board at a time uses this cache
        path.unlink(missing_ok=True)


def _basis(scorer: Scorer) -> str:
    """Hash of what a record depends on besides the submission: references, embedder and our code."""
    digest = hashlib.sha256(f"{scorer.embedder}|{scorer.allow_custom}\n".encode())
    for path in sorted(scorer.references.glob("v*.jsonl")):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    home = Path(__file__).resolve().parents[2]
    for folder in ("sseu_leaderboard/intake", "sseu_metric", "sseu_models", "sseu_hub"):
        for path in sorted((home / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> Verified | str | None:
    """A cached record; None if there is none or it is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text)
        return str(values["refused"]) if set(values) == {"refused"} else parse_verified(text)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
