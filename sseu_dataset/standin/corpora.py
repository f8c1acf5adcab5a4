"""Stand-in corpora: synthetic sound in the official on-disk layouts, so that a build can be tried anywhere.

`demo` has a few dozen files; `full` has the file counts of the real corpora, and labels that yield their 378 clips and
739 windows. Only counts are taken from the real corpora. Every file has its own random generators, seeded by its name:
no file depends on another, so an interrupted run is completed by the same command.
"""

from __future__ import annotations

from pathlib import Path

from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.standin.desed import desed_tasks
from sseu_dataset.standin.files import Size, part_of, write_once
from sseu_dataset.standin.maestro import maestro_tasks
from sseu_dataset.standin.speech import espeak_paths
from sseu_dataset.standin.vctk import vctk_tasks

_VCTK, _DESED, _MAESTRO = "VCTK-Corpus-0.92", "DESED", "MAESTRO_Real_development"
_EDITION = 3
"""Increased when the same size and seed give other files than before, so that old and new ones are not mixed."""

WHAT_IS_SYNTHETIC = (
    "All of it is synthetic: speech from a speech synthesiser (eSpeak NG), events and scenes from formulas. "
    "Scores measured on it say nothing about SSEU-Bench."
)
_MARKER_TEXT = """\
STAND-IN: this is not {corpus}.
Every sound in this folder is synthetic. Only names, layout and file counts follow the corpus; scores measured on it
say nothing about SSEU-Bench. A dataset built from it is named `custom`.
{wanted}
"""


def make_standin(out: str | Path, size: Size, seed: int = 0, progress: bool = True) -> None:
    """Write stand-ins of VCTK 0.92, DESED public eval and MAESTRO-Real development into three folders below `out`.

    Existing files are kept. The same size and seed give the same samples on every run on one machine.

    Args:
        out: A new or empty folder, or one that a run with the same size and seed has begun to fill.
        size: `demo` (seconds, 0.1 GB) or `full` (a minute or two, 3.3 GB).
        seed: Seed of every draw.
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        ImportError: The speech synthesiser is not installed; the message says how to install it.
        ValueError: `size` is unknown, or `out` holds something else.
    """
    out = Path(out)
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
    for _ in ordered_map(lambda task: task(), tasks, workers=workers, title="stand-in", unit="task", progress=progress):
        pass


def _claim(out: Path, size: Size, seed: int) -> None:
    """Mark the three corpus roots before anything else is written.

    Raises:
        ValueError: `out` is not a folder, or holds something that this size and seed would not have written.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file; give a folder")
    roots = (_VCTK, _DESED, _MAESTRO)
    remedy = "delete it, or give another folder"
    foreign = sorted(path.name for path in out.iterdir() if path.name not in roots) if out.exists() else []
    if foreign:
        raise ValueError(f"{out} holds {foreign[0]!r}, which is no part of a stand-in; {remedy}")
    wanted = f"size {size}, seed {seed}, edition {_EDITION}"
    markers = {out / root / STANDIN_MARKER: _MARKER_TEXT.format(corpus=root, wanted=wanted) for root in roots}
    for marker in markers:
        if marker.exists():
            found = marker.read_text(encoding="utf-8").strip().rsplit("\n", 1)[-1]
            if found != wanted:
                raise ValueError(f"{marker.parent} is a stand-in of {found}, not of {wanted}; {remedy}")
        elif marker.parent.exists() and any(path != part_of(marker) for path in marker.parent.iterdir()):
            raise ValueError(f"{marker.parent} has no {STANDIN_MARKER}, so it may be the real corpus; {remedy}")
    for marker, text in markers.items():
        write_once(marker, text)
