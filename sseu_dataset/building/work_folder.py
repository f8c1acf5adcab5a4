"""The work folder of a build, `<out>.partial`, which is renamed to `out` when everything is complete.

A folder is a work folder only if it holds `recipe.sha256`: what a build did not make is neither used nor removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sseu_dataset import manifest
from sseu_dataset.files import locked
from sseu_dataset.records import DatasetError, Layout

# Hidden names, so that `load_dataset("<out>.partial")` finds nothing, neither samples nor our own tables.
DATASET, JOURNALS = ".dataset", ".journals"
_CLAIM = "recipe.sha256"  # marks a work folder, says of which recipe, and is locked while a build writes


def absolute(out: Path | str) -> Path:
    """The absolute path; symbolic links are not resolved, so that `check_output_folder` sees them."""
    return Path(os.path.abspath(out))


def check_output_folder(out: Path) -> None:
    """Check that `out` is free or holds a dataset, and that a folder can be renamed to it at the end.

    Raises:
        DatasetError: Something else is there.
    """
    _refuse_links_and_mounts(out)
    if out.is_file():
        raise DatasetError(f"{out} is a file; choose another --out")
    if _is_empty(out):
        _check_work(work_path(out))
    elif not (out / manifest.FILE_NAME).is_file():
        raise DatasetError(f"{out} is not empty and no dataset; give another --out or remove it")


def _check_work(work: Path) -> None:
    _refuse_links_and_mounts(work)
    if not _is_empty(work) and not (work / _CLAIM).is_file():
        raise DatasetError(f"{work}, the build's work folder, holds something else; move it away or give another --out")


def _refuse_links_and_mounts(folder: Path) -> None:
    """Refuse what a folder cannot be renamed to or from."""
    if folder.is_symlink() or os.path.ismount(folder):
        kind = "symbolic link" if folder.is_symlink() else "mount point"
        raise DatasetError(f"{folder} is a {kind}, which cannot be replaced by a folder; give a folder inside it")


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def is_finished(out: Path, recipe_sha256: str, layout: Layout) -> bool:
    """Whether `out` already holds this build.

    Raises:
        DatasetError: It holds another build.
    """
    if _is_empty(out):
        return False
    found = manifest.read_manifest(out)
    if found.recipe_sha256 != recipe_sha256:
        raise DatasetError(f"{out} holds a build of another recipe; give another --out or remove it")
    if found.layout != layout:
        raise DatasetError(f"{out} holds this build in the layout {found.layout}; give another --out or remove it")
    return True


def work_path(out: Path) -> Path:
    """The work folder of `out`."""
    return out.with_name(out.name + ".partial")


def remove(work: Path) -> None:
    """Remove a work folder that this process has locked, the claim last; what a build did not make stays."""
    for name in (DATASET, JOURNALS):
        shutil.rmtree(work / name, ignore_errors=True)
    with suppress(OSError):
        (work / _CLAIM).unlink()
        work.rmdir()


def remove_leftover(work: Path, recipe_sha256: str, layout: Layout) -> None:
    """Remove the work folder of a build of this recipe that was stopped after its last rename; failing is harmless."""
    if (work / _CLAIM).is_file():
        with suppress(DatasetError, OSError), locked(work / _CLAIM, str(work)) as file:
            if file.read() == _claim(recipe_sha256, layout):
                remove(work)


def _claim(recipe_sha256: str, layout: Layout) -> str:
    """What a work folder says of the build that it belongs to."""
    return recipe_sha256 if layout == "full" else f"{recipe_sha256} {layout}"


@contextmanager
def work_folder(out: Path, recipe_sha256: str, layout: Layout, announce: Callable[[str], None]) -> Iterator[Path]:
    """`<out>.partial`, locked for this process; it continues only a build of the same recipe and layout.

    Raises:
        DatasetError: Another build writes there, or the folder belongs to another recipe or to something else.
    """
    claim = _claim(recipe_sha256, layout)
    work = work_path(out)
    _check_work(work)
    work.mkdir(parents=True, exist_ok=True)
    taken = f"{work}: another build is writing here; wait for it or give another --out"
    with locked(work / _CLAIM, taken) as file:
        begun = file.read()
        if not begun:
            file.write(claim)
            file.flush()
            os.fsync(file.fileno())
        elif begun.split()[0] == recipe_sha256 and begun != claim:
            raise DatasetError(
                f"{work} is an unfinished build in another layout; continue it in that one, remove it or give another "
                "--out"
            )
        elif begun != claim:
            raise DatasetError(
                f"{work} is an unfinished build of another recipe (other settings, or the corpora have changed); "
                "remove it or give another --out"
            )
        else:
            announce(f"continuing the unfinished build in {work}")
        for name in (DATASET, JOURNALS):
            (work / name).mkdir(exist_ok=True)
        yield work
