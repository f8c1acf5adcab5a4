"""What a published text must not say: where files lie on the machine that wrote it."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_QUOTED_FOLDERS = re.compile(r"""(?<=['"])/(?:[^/'"\n]+/)+(?=[^/'"\n]+['"])""")
"""The folders of an absolute path in quotes, as Python's errors state it."""


def without_paths(text: str, folders: Mapping[str, str] | None = None) -> str:
    """The text with the folders of this machine cut to their names: `/home/me/x` -> `~/x`, `/tmp/x` -> `tmp/x`.

    Of any other absolute path in quotes only the last name stays.

    Args:
        text: A setting, or the message of an error.
        folders: Absolute paths and what stands for each; those of this process by default (home, current and temporary
            folder, the environment's prefix).
    """
    known = own_folders() if folders is None else folders
    for folder in sorted(known, key=len, reverse=True):  # the longest first: one may lie in another
        # Not within a longer path or name: `/tmp` stands neither in `/var/tmp` nor in `/tmp2`.
        name = known[folder].replace("\\", r"\\")
        text = re.sub(rf"(?<![\w./~-]){re.escape(folder)}(?![\w-]|\.\w)", name, text)
    return _QUOTED_FOLDERS.sub("", text)


def own_folders() -> dict[str, str]:
    """The folders of this process that say whose machine it is, and what stands for each."""
    found = {tempfile.gettempdir(): "", sys.prefix: ""}
    with contextlib.suppress(OSError):  # the current folder was removed
        found[os.getcwd()] = ""
    with contextlib.suppress(RuntimeError):  # a user without a home folder
        found[str(Path.home())] = "~"
    both = {os.path.realpath(path): name for path, name in found.items()} | found
    return {path: name or Path(path).name for path, name in both.items() if os.path.isabs(path) and Path(path).name}
