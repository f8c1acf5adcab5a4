"""Finding a corpus on disk, and staying inside it: the file names in a corpus are not trusted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sseu_dataset.corpora.audio import Header
from sseu_dataset.records import RATE_HZ, CorpusError, Finding

STANDIN_MARKER = "STAND-IN.txt"
"""A file of this name at a corpus root says: synthetic, not the corpus (`standin`)."""

LEADS_OUT = "a symbolic link that leads out of the corpus"
"""The finding about what `leads_outside`."""


def locate(name: str, folder: Path, layouts: Mapping[str, tuple[str, ...]]) -> tuple[Path, str]:
    """The corpus root and its layout, in `folder` or one folder below.

    Args:
        name: The corpus, for messages.
        folder: What the user gave.
        layouts: For each layout the paths that must exist below the root.

    Raises:
        CorpusError: Nothing found; the message says what was looked for and what is there.
    """
    if not folder.is_dir():
        raise CorpusError(f"{name}: {folder} is not a folder; give the folder the corpus was unpacked into")
    below = sorted(path for path in folder.iterdir() if os.path.isdir(path))
    for root in (folder, *below):
        for layout, wanted in layouts.items():
            if all(os.path.exists(root / path) for path in wanted):  # False where we may not look (lost+found)
                return root, layout
    looked_for = " or ".join(" and ".join(wanted) for wanted in layouts.values())
    names = sorted(readable(path.name) for path in folder.iterdir())
    found = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    raise CorpusError(
        f"{name}: no corpus in {folder}. Looked for {looked_for}, here and one folder below; found {found or 'nothing'}"
    )


def is_standin(root: Path) -> bool:
    """Whether the corpus at `root` (or whose `dataset/` folder is `root`) is a synthetic stand-in."""
    return any((folder / STANDIN_MARKER).exists() for folder in (root, root.parent))


def leads_outside(root: Path, path: Path) -> bool:
    """Whether `path`, with every symbolic link followed, lies outside `root`."""
    return not path.resolve().is_relative_to(root.resolve())


def readable(path: str) -> str:
    r"""A path as it can be printed and written: bytes that are not UTF-8 appear as `\\udc` and their value."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def reason(error: CorpusError, *files: Path) -> str:
    """The message without the leading path of one of `files`, which the finding names in its own way."""
    text = str(error)
    for file in files:
        text = text.removeprefix(f"{file}: ")
    return text


def unusual(file: str, header: Header) -> list[Finding]:
    """Notes about a background that is not 44,100 Hz, mono or stereo; it is used all the same."""
    notes = []
    if header.rate_hz != RATE_HZ:
        notes.append(Finding(file, f"{header.rate_hz} Hz, resampled to {RATE_HZ} Hz"))
    if header.channels > 2:
        notes.append(Finding(file, f"{header.channels} channels, their mean is used"))
    return notes
