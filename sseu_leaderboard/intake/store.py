"""The folder of submissions: one sub-folder each, `results/<model>/<date>-<hash>/`, written completely or not at all.

A submission is never changed and never overwritten. Its files are written under a name that no reader looks at, and the
folder gets its final name by one rename, so that a killed process leaves no partial submission and two writers cannot
mix their files.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sseu_hub.submission import ANSWERS_GZ, MODEL_FOLDER, SUBMISSION
from sseu_models.results.folder import RESULT, SCORES

FILES = (RESULT, ANSWERS_GZ, SCORES, SUBMISSION)
NOTICES = "notices.json"
"""What became of submissions (`sseu_leaderboard.notices`), beside their folders."""
MAX_SUBMISSIONS = 1_000
"""Maximum number of submissions on a board."""
_PARTIAL = ".partial-"
_STALE_S = 3600.0
_MODEL = re.compile(MODEL_FOLDER)
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9Z-]*-[0-9a-f]{6,64}")
_DATE_LENGTH = len("2026-01-01")
_BLOCK = 1 << 20
_REMEDY = "`sseu submit RESULTS --model OWNER/NAME --out DIR` makes a submission of results"


@dataclass(frozen=True)
class Stored:
    """A submission in the results folder.

    Attributes:
        folder: Its folder.
        model: Name of the folder above it.
        date: Date in the folder's name, UTC: YYYY-MM-DD.
        sha256: Hash of its files, 64 hexadecimal digits, which identifies it.
    """

    folder: Path
    model: str
    date: str
    sha256: str

    @property
    def id(self) -> str:
        """Its folder among the results, `<model>/<date>-<hash>`, by which notices name it."""
        return f"{self.model}/{self.folder.name}"


def list_submissions(results: Path) -> list[Stored]:
    """The submissions of a results folder, oldest first; folders with other names or with links are ignored.

    Raises:
        ValueError: There are more than `MAX_SUBMISSIONS`.
    """
    found = [
        Stored(folder, folder.parent.name, folder.name[:_DATE_LENGTH], hash_files(folder))
        for folder in _submission_folders(results)
    ]
    return sorted(found, key=lambda stored: (stored.date, stored.folder.name, stored.model))


def results_state(results: Path) -> str:
    """A hash that changes when a submission is added, removed or written to, or a notice is; no file is opened.

    Raises:
        ValueError: There are more than `MAX_SUBMISSIONS`.
    """
    digest = hashlib.sha256()
    for folder in _submission_folders(results):
        for name in FILES:
            if (folder / name).is_file():
                stat = (folder / name).stat()
                state = (folder.parent.name, folder.name, name, stat.st_size, stat.st_mtime_ns, stat.st_ino)
                digest.update(f"{state}\n".encode())
    if (results / NOTICES).is_file():
        stat = (results / NOTICES).stat()
        digest.update(f"{stat.st_size, stat.st_mtime_ns, stat.st_ino}\n".encode())
    return digest.hexdigest()


def skipped(results: Path) -> list[tuple[str, str]]:
    """What lies in a results folder and is no submission: its path in there, and why; hidden files are not named."""
    found = []
    for model in _visible(results):
        if model.name == NOTICES:
            continue
        if (model / RESULT).exists():
            found.append((model.name, f"it is no folder of a model, but holds a {RESULT} itself; {_REMEDY}"))
        elif not _is_folder(model, _MODEL):
            found.append((model.name, "it is no folder named as a model, <owner>--<name>"))
        else:
            reasons = ((folder, _why_none(folder)) for folder in _visible(model))
            found += [(f"{model.name}/{folder.name}", reason) for folder, reason in reasons if reason is not None]
    return found


def _why_none(folder: Path) -> str | None:
    """Why something in a model's folder is no submission; None if it is one."""
    if not _is_folder(folder, _NAME) or not _is_date(folder.name[:_DATE_LENGTH]):
        return f"it is no folder named <date>-<hash>, such as 2026-03-04-0123abcd; {_REMEDY}"
    if links := [name for name in FILES if (folder / name).is_symlink()]:
        return f"its {links[0]} is a link, and none is followed"
    if missing := [name for name in (RESULT, ANSWERS_GZ) if not (folder / name).is_file()]:
        return f"it has no {missing[0]}; {_REMEDY}"
    return None


def _submission_folders(results: Path) -> list[Path]:
    models = [path for path in _visible(results) if _is_folder(path, _MODEL)]
    found = [folder for model in models for folder in _visible(model) if _why_none(folder) is None]
    if len(found) > MAX_SUBMISSIONS:
        raise ValueError(f"{results}: more than {MAX_SUBMISSIONS} submissions; move old ones to another folder")
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _visible(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if not path.name.startswith(".")) if parent.is_dir() else []


def _is_folder(path: Path, name: re.Pattern[str]) -> bool:
    """Whether it is a real folder with such a name; a link could lead anywhere and is not followed."""
    return name.fullmatch(path.name) is not None and path.is_dir() and not path.is_symlink()


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def hash_files(folder: Path) -> str:
    """SHA-256 over names and contents of the submission's files."""
    digest = hashlib.sha256()
    for name in FILES:
        if _is_plain(folder / name):
            with (folder / name).open("rb") as file:
                digest.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def folder_name(system: str) -> str:
    """A system's id as a folder name: letters, digits, `.`, `_` and `-` only, so that no id leads outside."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "--", system).strip(".-_")[:96]
    return name or "unnamed"


def add_submission(results: Path, uploaded: Path, system: str, *, now_s: float | None = None) -> Path:
    """Store a checked submission.

    Args:
        results: The results folder.
        uploaded: A folder with its files.
        system: The system's id, which may contain anything.
        now_s: Seconds since 1970; by default now.

    Returns:
        The submission's folder.

    Raises:
        ValueError: The same files were submitted before, or there are too many submissions.
    """
    sweep(results)
    known = list_submissions(results)
    sha256 = hash_files(uploaded)
    same = [stored for stored in known if stored.sha256 == sha256]
    if same:
        raise ValueError(f"these files were submitted before, on {same[0].date}, as {same[0].model}")
    if len(known) >= MAX_SUBMISSIONS:
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
            partial.rename(final)  # fails if somebody was faster: a folder with files is never replaced
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
    """Remove what killed processes left behind more than an hour ago; returns the number of folders."""
    now_s = time.time() if now_s is None else now_s
    stale = []
    for path in results.iterdir() if results.is_dir() else ():
        if path.name.startswith(_PARTIAL) and not path.is_symlink():
            try:
                age_s = now_s - path.stat().st_mtime
            except FileNotFoundError:  # its writer has just finished
                continue
            if age_s > _STALE_S:
                stale.append(path)
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)
