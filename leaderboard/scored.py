"""Every submission of a results folder, scored once: the record is kept under the hash of all that it depends on."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leaderboard import verified as record
from leaderboard.confinement import CheckFailedError, Scorer, verify_confined
from leaderboard.store import Stored, list_submissions
from leaderboard.verified import Verified, parse_verified


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
    verify: Callable[[Path, Scorer], Verified] = verify_confined,
) -> Scored:
    """Score what the cache does not know; the same files are judged once, also where they are refused.

    Args:
        results: Folder of submissions.
        cache: Folder of records; made if it is missing.
        scorer: What to score with.
        most: Submissions that are read.
        verify: Judges one folder.

    Raises:
        ValueError: There are more than `most` submissions.
        IntakeError: The board cannot score.
    """
    cache.mkdir(parents=True, exist_ok=True)
    basis = _basis(scorer)
    verified: list[tuple[Stored, Verified]] = []
    refused: list[tuple[Stored, str]] = []
    seen: set[str] = set()
    for stored in list_submissions(results, most=most):
        if stored.sha256 in seen:
            refused.append((stored, "the same files as an earlier submission"))
            continue
        seen.add(stored.sha256)
        path = cache / f"{hashlib.sha256(f'{basis}{stored.sha256}'.encode()).hexdigest()}.json"
        outcome = _read(path)
        if outcome is None:
            try:
                outcome = verify(stored.folder, scorer)
                text = outcome.to_json()
            except CheckFailedError as error:
                refused.append((stored, str(error)))
                continue
            except ValueError as error:
                outcome = str(error)
                text = json.dumps({"refused": outcome})
            _write(path, text)
        if isinstance(outcome, str):
            refused.append((stored, outcome))
        else:
            verified.append((stored, outcome))
    return Scored(tuple(verified), tuple(refused))


def _basis(scorer: Scorer) -> str:
    """What a record depends on beside the submission: reference, embedder, and the code of metric and board."""
    digest = hashlib.sha256(f"{record.SCHEMA}|{scorer.embedder}|{scorer.allow_custom}\n".encode())
    digest.update(scorer.references.read_bytes())
    home = Path(__file__).resolve().parents[1]
    for pattern in ("leaderboard/*.py", "sseu_metric/*.py", "sseu_models/*.py", "sseu_report/submission*.py"):
        for path in sorted(home.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> Verified | str | None:
    """A kept record; a damaged one is made anew."""
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text)
        return str(values["refused"]) if set(values) == {"refused"} else parse_verified(text)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".partial", delete=False) as file:
        file.write(text)
    os.replace(file.name, path)
