"""One trial: what was done, what the command said, and whether that was a fault."""

from __future__ import annotations

import contextlib
import io
import os
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sseu_cli.main import main

PROJECT = Path(__file__).resolve().parents[2]
FAULTS = ("traceback", "silent", "lost", "leaked", "hung", "left over")
"""What may go wrong: a traceback; a damage accepted without a word; a confirmed answer that is gone; a key on a host
that it was not meant for; no end in time; what a killed command left behind."""


@dataclass(frozen=True)
class Trial:
    """What a command made of one disturbance.

    Attributes:
        area: Row of the table, such as "mutated results".
        seed: Draws the disturbance again.
        what: The disturbance, in words.
        code: Exit code of the command that was to notice or to continue.
        faults: Those of `FAULTS` that were found.
        detail: Last words of the command.
    """

    area: str
    seed: int
    what: str
    code: int | None
    faults: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Called:
    """What a command said and how it ended; `code` is None after a traceback."""

    code: int | None
    said: str


def call(*words: str | Path) -> Called:
    """Run a command in this process."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            return Called(main([*map(str, words)]), said.getvalue())
        except Exception:  # any traceback is a fault, which the trial reports
            return Called(None, f"{said.getvalue()}\n{traceback.format_exc()}")


def judged(area: str, seed: int, what: str, called: Called, *, silent: bool) -> Trial:
    """The trial of a command that was to notice a damage.

    Args:
        area: As in `Trial`.
        seed: As in `Trial`.
        what: As in `Trial`.
        called: What the command did.
        silent: Whether the damage matters and the command neither failed nor said a word about it.
    """
    broken = called.code is None or "Traceback (most recent call last)" in called.said
    faults = ("traceback",) if broken else ("silent",) if silent else ()
    return Trial(area, seed, what, called.code, faults, called.said.strip()[-2000:])


def command(*words: str | Path) -> list[str]:
    """The command line of a process of its own."""
    import sys

    return [sys.executable, "-m", "sseu_cli", *map(str, words)]


def environment(extra: Mapping[str, str], *, paths: Sequence[Path] = ()) -> dict[str, str]:
    """The environment of a process that finds this project."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (PROJECT, *paths))), **extra}
