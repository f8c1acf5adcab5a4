"""Stand-in corpora: synthetic sound in the official on-disk layouts, so that a build can be rehearsed anywhere.

`demo` is a few dozen files; `full` has the file counts of the real corpora, and labels that give their 378 clips and
739 windows. Each corpus is laid out by a module of its own (`standin_vctk`, `standin_desed`, `standin_maestro`); speech
comes from `standin_speech`, other sounds from `standin_sounds`, names and lengths from draws. Only bare counts are
taken from the real corpora. Every file has generators of its own, seeded by its name: no file depends on another, so a
run that was killed is completed by the same command.
"""

from __future__ import annotations

from pathlib import Path

from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.standin.desed import desed_tasks
from sseu_dataset.standin.files import Size, part_of, write_text
from sseu_dataset.standin.maestro import maestro_tasks
from sseu_dataset.standin.speech import espeak_paths
from sseu_dataset.standin.vctk import vctk_tasks

_VCTK, _DESED, _MAESTRO = "VCTK-Corpus-0.92", "DESED", "MAESTRO_Real_development"
_EDITION = 1
"""Raised when the same size and seed give other files than before, so that old and new are not mixed."""

_MARKER_TEXT = """\
STAND-IN: this is not {corpus}.
Every sound in this folder is synthetic. Only names, layout and file counts follow the corpus; figures measured on it
say nothing about SSEU-Bench. A dataset built from it is named `custom`.
size {size}, seed {seed}, edition {edition}
"""


def make_standin(out: Path, size: Size, seed: int = 0, progress: bool = True) -> None:
    """Write stand-ins of VCTK 0.92, DESED public eval and MAESTRO-Real development into three folders below `out`.

    Files that are there already are kept. The same size and seed give the same samples on every run on one machine.

    Args:
        out: A new or empty folder, or one that a run with the same size and seed has begun.
        size: `demo` (seconds, 0.1 GB) or `full` (a minute or two, 3.3 GB).
        seed: Seed of every draw.
        progress: Whether to show a progress bar.

    Raises:
        ImportError: The speech synthesiser is missing; the message is the command that installs it.
        ValueError: `out` holds something else.
    """
    if size not in ("demo", "full"):
        raise ValueError(f"size {size!r} is neither 'demo' nor 'full'")
    espeak_paths()
    _claim(out, size, seed)
    tasks = [
        *maestro_tasks(out / _MAESTRO, size, seed),
        *vctk_tasks(out / _VCTK, size, seed),
        *desed_tasks(out / _DESED, size, seed),
    ]
    workers = worker_count(None)
    done = ordered_map(
        lambda task: task(), tasks, total=len(tasks), workers=workers, title="stand-in", unit="task", progress=progress
    )
    for _ in done:
        pass


def _claim(out: Path, size: Size, seed: int) -> None:
    """Mark the three corpus roots before anything else is in them.

    Raises:
        ValueError: `out` is no folder, or holds something that this size and seed would not have put there.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file; give a folder")
    roots = (_VCTK, _DESED, _MAESTRO)
    remedy = "delete it, or give another folder"
    foreign = sorted(path.name for path in out.iterdir() if path.name not in roots) if out.exists() else []
    if foreign:
        raise ValueError(f"{out} holds {foreign[0]!r}, which is no part of a stand-in; {remedy}")
    texts = {
        out / root / STANDIN_MARKER: _MARKER_TEXT.format(corpus=root, size=size, seed=seed, edition=_EDITION)
        for root in roots
    }
    for marker, text in texts.items():
        if marker.exists():
            if marker.read_text(encoding="utf-8") != text:
                found = marker.read_text(encoding="utf-8").strip().rsplit("\n", 1)[-1]
                wanted = f"size {size}, seed {seed}, edition {_EDITION}"
                raise ValueError(f"{marker.parent} is a stand-in of {found}, not of {wanted}; {remedy}")
        elif marker.parent.exists() and any(path != part_of(marker) for path in marker.parent.iterdir()):
            raise ValueError(f"{marker.parent} has no {STANDIN_MARKER}, so it may be the real corpus; {remedy}")
    for marker, text in texts.items():
        write_text(marker, text)
