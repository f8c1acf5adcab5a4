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
from pathlib import Path

from sseu_models.results_folder import RESULT, SCORES
from sseu_report.submission import ANSWERS_GZ, SUBMISSION

FILES = (RESULT, ANSWERS_GZ, SCORES, SUBMISSION)
_PARTIAL = ".partial-"
_STALE_S = 3600.0
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})[T0-9Z-]*-([0-9a-f]{6,64})")
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
    """The submissions of a results folder, oldest first; what is not named like one is passed over.

    Raises:
        ValueError: There are more than `most`.
    """
    found = []
    for model in _folders(results, _MODEL):
        for folder in _folders(model, _NAME):
            if all(_is_plain(folder / name) for name in (RESULT, ANSWERS_GZ)):
                date = _NAME.fullmatch(folder.name)
                assert date is not None  # _folders took it for this
                found.append(Stored(folder, model.name, date[1], hash_files(folder)))
                if len(found) > most:
                    raise ValueError(f"{results}: more than {most} submissions; archive old ones, or raise the limit")
    return sorted(found, key=lambda stored: (stored.date, stored.folder.name, stored.model))


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
        ValueError: The same answers were submitted before, or there are too many submissions.
    """
    sweep(results)
    known = list_submissions(results, most=most)
    sha256 = hash_files(uploaded)
    same = [stored for stored in known if stored.sha256 == sha256]
    if same:
        raise ValueError(f"these files were submitted before, on {same[0].date}, and are kept as {same[0].model}")
    if len(known) >= most:
        raise ValueError(f"the board holds {len(known)} submissions, its limit; ask its maintainer")
    date = time.strftime("%Y-%m-%d", time.gmtime(now_s if now_s is not None else time.time()))
    final = results / folder_name(system) / f"{date}-{sha256[:12]}"
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
