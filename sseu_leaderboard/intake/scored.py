"""Every submission of a results folder, scored once: the record is kept under the hash of all that it depends on."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sseu_hub.submission import SUBMISSION
from sseu_leaderboard.intake import verified as record
from sseu_leaderboard.intake.confinement import CheckFailedError, Scorer, verify_confined
from sseu_leaderboard.intake.store import Stored, list_submissions
from sseu_leaderboard.intake.verified import Verified, parse_verified


@dataclass(frozen=True)
class Scored:
    """What became of the submissions, in the order of their dates.

    Attributes:
        verified: With their figures.
        refused: With the reason.
    """

    verified: tuple[tuple[Stored, Verified], ...]
    refused: tuple[tuple[Stored, str], ...]


def score_all(
    results: Path,
    cache: Path,
    scorer: Scorer,
    *,
    most: int = 1_000,
    broken: dict[str, str] | None = None,
    verify: Callable[[Path, Scorer], Verified] = verify_confined,
) -> Scored:
    """Score what the cache does not know; the same files are judged once, also where they are refused.

    Args:
        results: Folder of submissions.
        cache: Folder of records; made if it is missing.
        scorer: What to score with.
        most: Submissions that are read.
        broken: SHA-256 and reason of those whose check broke off while this board runs: they are not tried again, and
            those that break off now are added.
        verify: Judges one folder.

    Raises:
        ValueError: There are more than `most` submissions, or somebody else may write to the cache.
        IntakeError: The board cannot score.
    """
    broken = {} if broken is None else broken
    _own_folder(cache)
    basis = _basis(scorer)
    verified: list[tuple[Stored, Verified]] = []
    refused: list[tuple[Stored, str]] = []
    seen: set[str] = set()
    for stored in list_submissions(results, most=most):
        if stored.sha256 in seen:
            refused.append((stored, "the same files as an earlier submission"))
            continue
        path = cache / f"{hashlib.sha256(f'{basis}{stored.sha256}'.encode()).hexdigest()}.json"
        outcome = broken.get(stored.sha256) or _read(path)
        if outcome is None:
            try:
                outcome = _judge(stored, scorer, verify)
                text = outcome.to_json()
            except CheckFailedError as error:
                broken[stored.sha256] = str(error)
                refused.append((stored, str(error)))
                continue
            except ValueError as error:
                outcome = str(error)
                text = json.dumps({"refused": outcome})
            _write(path, text)
        if isinstance(outcome, str):
            refused.append((stored, outcome))
        elif outcome.model is not None and outcome.model.replace("/", "--") != stored.model:
            refused.append((stored, f"its folder is that of {stored.model}, its {SUBMISSION} names {outcome.model}"))
        else:
            seen.add(stored.sha256)
            verified.append((stored, outcome))
    return Scored(tuple(verified), tuple(refused))


def _judge(stored: Stored, scorer: Scorer, verify: Callable[[Path, Scorer], Verified]) -> Verified:
    found = verify(stored.folder, scorer)
    if found.sha256 != stored.sha256:
        raise CheckFailedError("its files changed while they were checked")
    return found


def _own_folder(cache: Path) -> None:
    """Make the cache; its records are believed, so nobody else may write there."""
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    stat = cache.stat()
    if stat.st_uid != os.geteuid() or stat.st_mode & 0o002:
        raise ValueError(
            f"{cache}: this folder belongs to another user or everybody may write to it, and what lies there is "
            "believed; give another --cache, or make it yours alone (chown, chmod go-w)"
        )
    for path in cache.glob("*.partial"):  # a killed board's: one board at a time has this cache
        path.unlink(missing_ok=True)


def _basis(scorer: Scorer) -> str:
    """What a record depends on beside the submission: reference, embedder, and the code of metric and board."""
    digest = hashlib.sha256(f"{record.SCHEMA}|{scorer.embedder}|{scorer.allow_custom}\n".encode())
    digest.update(scorer.references.read_bytes())
    home = Path(__file__).resolve().parents[2]
    for pattern in ("sseu_leaderboard/**/*.py", "sseu_metric/*.py", "sseu_models/**/*.py", "sseu_hub/submission*.py"):
        for path in sorted(home.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> Verified | str | None:
    """A kept record; a damaged one is made anew."""
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text)
        return str(values["refused"]) if set(values) == {"refused"} else parse_verified(text)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".partial", delete=False) as file:
        file.write(text)
    os.replace(file.name, path)
