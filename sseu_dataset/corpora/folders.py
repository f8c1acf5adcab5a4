"""Finds a corpus on disk and keeps reads inside it: file names and links in a corpus are not trusted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sseu_dataset.corpora.audio import Header
from sseu_dataset.records import RATE_HZ, CorpusError, SourceIssue

STANDIN_MARKER = "STAND-IN.txt"
"""A file of this name at a corpus root marks it as synthetic (`standin`)."""

STANDIN_REASON = "synthetic stand-in corpora"
"""Why a dataset made of such corpora is not named `paper`."""

_MAX_DEPTH = 3

LEADS_OUT = "a symbolic link that leads out of the corpus"
"""Reason given for a path that `leads_outside`."""


def locate(name: str, folder: Path, layouts: Mapping[str, tuple[str, ...]]) -> tuple[Path, str]:
    """Find the corpus root and its layout, in `folder` or one folder below.

    Args:
        name: Name of the corpus, for messages.
        folder: The folder given by the user.
        layouts: For each layout the paths that must exist below the root.

    Raises:
        CorpusError: No layout matches; the message says what was expected and what is there.
    """
    if not folder.is_dir():
        raise CorpusError(f"{name}: {folder} is not a folder; give the folder the corpus was unpacked into")
    below = sorted(path for path in folder.iterdir() if os.path.isdir(path))
    for root in (folder, *below):
        for layout, wanted in layouts.items():
            if all(os.path.exists(root / path) for path in wanted):  # False for folders without permission (lost+found)
                return root, layout
    expected = " or ".join(" and ".join(wanted) for wanted in layouts.values())
    names = sorted(readable(path.name) for path in folder.iterdir())
    found = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    raise CorpusError(
        f"{name}: no corpus in {folder}. Expected {expected}, there or one folder below; found {found or 'nothing'}"
    )


def is_standin(root: Path) -> bool:
    """Whether the corpus at `root` (or the one whose subfolder `dataset` is `root`) is a synthetic stand-in."""
    return any((folder / STANDIN_MARKER).exists() for folder in (root, root.parent))


def are_standins(roots: Iterable[Path]) -> bool:
    """Whether the corpora at `roots` are synthetic stand-ins.

    Raises:
        CorpusError: Some are, others are not: no licence would hold for their mixtures.
    """
    known = {root: is_standin(root) for root in roots}
    if len(set(known.values())) > 1:
        made, real = (next(root for root, standin in known.items() if standin is kind) for kind in (True, False))
        raise CorpusError(
            f"{made} is a synthetic stand-in ({STANDIN_MARKER}) and {real} is not; give three "
            "stand-ins or three corpora"
        )
    return any(known.values())


def leads_outside(root: Path, path: Path) -> bool:
    """Whether `path`, with every symbolic link followed, lies outside `root`."""
    # `Path.resolve` would raise for a link that leads to itself; reading it says so.
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def read_text(path: Path, *, encoding: str = "utf-8", errors: str = "strict") -> str:
    """The text of a file of a corpus; a pipe, which would be waited for, is an empty one.

    Raises:
        OSError: It cannot be read.
        UnicodeDecodeError: It is not text of this encoding.
    """
    with open(path, encoding=encoding, errors=errors, opener=_open_at_once) as file:
        return file.read()


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symbolic link to itself is not a folder; reading it raises
        return False


def readable(path: str) -> str:
    r"""A path that can be printed and stored: bytes that are not UTF-8 appear as `\\udc` and their value."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def reason(error: CorpusError, *files: str | Path) -> str:
    """The error's message without the path of one of `files` at its start, since an issue names the path itself."""
    text = str(error)
    for file in files:
        text = text.removeprefix(f"{file}: ")
    return text


def files_below(folder: Path, depth: int = _MAX_DEPTH) -> Iterator[Path]:
    """Every file below a folder, sorted, hidden ones (`._x.wav`, `.DS_Store`) left out.

    One level more is read than any corpus has, so that what was unpacked a folder too deep is found.

    Raises:
        OSError: A folder cannot be read: nothing in it is passed over in silence.
    """
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if _is_folder(entry):
            if depth > 1:
                yield from files_below(Path(entry.path), depth - 1)
        else:
            yield Path(entry.path)


def missing(found: str | Path | None) -> str:
    """The reason given for a file that is not where it belongs, with what was `found` in its stead."""
    return "missing; fetch it again" if found is None else f"missing; there is only {found}: restore the official file"


def unusual(file: str, header: Header) -> list[SourceIssue]:
    """Notes on a background that is not 44,100 Hz, or neither mono nor stereo; it is used nevertheless."""
    notes = []
    if header.rate_hz != RATE_HZ:
        notes.append(SourceIssue(file, f"{header.rate_hz} Hz, resampled to {RATE_HZ} Hz"))
    if header.channels > 2:
        notes.append(SourceIssue(file, f"{header.channels} channels, their mean is used"))
    return notes
