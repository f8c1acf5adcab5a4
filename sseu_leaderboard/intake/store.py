"""Where submissions lie: a folder for each, `results/<model>/<date>-<hash>/`, written whole or not at all.

A submission is never changed and never overwritten. Its files are written under a name that no reader looks at, and the
folder gets its own name by one rename, so that a killed process leaves nothing that counts and two writers cannot mix.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sseu_hub.submission import ANSWERS_GZ, SUBMISSION
from sseu_models.results.folder import RESULT, SCORES

FILES = (RESULT, ANSWERS_GZ, SCORES, SUBMISSION)
_PARTIAL = ".partial-"
_STALE_S = 3600.0
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9Z-]*-[0-9a-f]{6,64}")
_DATE_LENGTH = len("2026-01-01")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """A submission that lies in the results folder.

    Attributes:
        folder: Where.
        model: The name of the folder above it.
        date: UTC, as the folder's name says it: YYYY-MM-DD.
        sha256: Of its files, 64 hexadecimal digits: what it is known by.
    """

    folder: Path
    model: str
    date: str
    sha256: str


def list_submissions(results: Path, *, most: int = 1_000) -> list[Stored]:
    """The submissions of a results folder, oldest first; what is not named like one, or holds links, is passed over.

    Raises:
        ValueError: There are more than `most`.
    """
    found = [
        Stored(folder, folder.parent.name, folder.name[:_DATE_LENGTH], hash_files(folder))
        for folder in _submission_folders(results, most)
    ]
    return sorted(found, key=lambda stored: (stored.date, stored.folder.name, stored.model))


def results_state(results: Path, *, most: int = 1_000) -> str:
    """What changes when a submission comes, goes or is written to; cheap, since no file is opened.

    Raises:
        ValueError: There are more than `most`.
    """
    digest = hashlib.sha256()
    for folder in _submission_folders(results, most):
        for name in FILES:
            if (folder / name).is_file():
                stat = (folder / name).stat()
                told = (folder.parent.name, folder.name, name, stat.st_size, stat.st_mtime_ns, stat.st_ino)
                digest.update(f"{told}\n".encode())
    return digest.hexdigest()


def _submission_folders(results: Path, most: int) -> list[Path]:
    found = [
        folder
        for model in _folders(results, _MODEL)
        for folder in _folders(model, _NAME)
        if _is_date(folder.name[:_DATE_LENGTH])
        and all(_is_plain(folder / name) for name in (RESULT, ANSWERS_GZ))
        and not any((folder / name).is_symlink() for name in FILES)
    ]
    if len(found) > most:
        raise ValueError(f"{results}: more than {most} submissions; archive old ones, or raise the limit")
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _folders(parent: Path, name: re.Pattern[str]) -> Iterator[Path]:
    """Real folders in a folder; a link could lead anywhere and is not followed."""
    if parent.is_dir():
        for path in sorted(parent.iterdir()):
            if name.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                yield path


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def hash_files(folder: Path) -> str:
    """SHA-256 over the submission's files, by name."""
    digest = hashlib.sha256()
    for name in FILES:
        if _is_plain(folder / name):
            with (folder / name).open("rb") as file:
                digest.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def folder_name(system: str) -> str:
    """A system's id as a folder name: letters, digits, `.`, `_` and `-` only, so that no id leads out of the folder."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "--", system).strip(".-_")[:96]
    return name or "unnamed"


def add_submission(
    results: Path, uploaded: Path, system: str, *, most: int = 1_000, now_s: float | None = None
) -> Path:
    """Keep a checked submission.

    Args:
        results: The results folder.
        uploaded: A folder with its files.
        system: The system's id, which may hold anything.
        most: So many submissions are kept at most.
        now_s: Seconds since 1970; by default the clock's.

    Raises:
        ValueError: The same files were submitted before, or there are too many submissions.
    """
    sweep(results)
    known = list_submissions(results, most=most)
    sha256 = hash_files(uploaded)
    same = [stored for stored in known if stored.sha256 == sha256]
    if same:
        raise ValueError(f"these files were submitted before, on {same[0].date}, and are kept as {same[0].model}")
    if len(known) >= most:
        raise ValueError(f"the board holds {len(known)} submissions, its limit; ask its maintainer")
    today = time.strftime("%Y-%m-%d", time.gmtime(now_s if now_s is not None else time.time()))
    final = results / folder_name(system) / f"{today}-{sha256[:12]}"
    results.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=results))
    try:
        for name in FILES:
            if _is_plain(uploaded / name):
                _copy(uploaded / name, partial / name)
        final.parent.mkdir(exist_ok=True)
        try:
            partial.rename(final)  # fails where somebody was faster: a folder with files is never replaced
        except OSError:
            if not final.is_dir():
                raise
            raise ValueError(f"these files were submitted at this moment by somebody else, as {final.name}") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return final


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        shutil.copyfileobj(reading, writing, _BLOCK)
        writing.flush()
        os.fsync(writing.fileno())


def sweep(results: Path, *, now_s: float | None = None) -> int:
    """Take away what killed processes left behind more than an hour ago; returns how many folders."""
    now_s = time.time() if now_s is None else now_s
    stale = []
    for path in results.iterdir() if results.is_dir() else ():
        if path.name.startswith(_PARTIAL) and not path.is_symlink():
            try:
                age_s = now_s - path.stat().st_mtime
            except FileNotFoundError:  # its writer was done in this moment
                continue
            if age_s > _STALE_S:
                stale.append(path)
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)
