"""Where a build works and where it puts its folder: `<out>.partial`, renamed to `out` when everything is there.

A folder is a work folder only with `recipe.sha256` in it: what a build did not make is neither used nor removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sseu_dataset import manifest
from sseu_dataset.folder_lock import locked
from sseu_dataset.records import DatasetError

# Hidden names, so that `load_dataset("<out>.partial")` finds nothing, neither samples nor our own tables.
DATASET, JOURNALS = ".dataset", ".journals"
_CLAIM = "recipe.sha256"  # it is a work folder, of this recipe, and locked while a build writes


def absolute(out: Path | str) -> Path:
    """The path with nothing relative in it; a symbolic link stays one, so that `check_place` sees it."""
    return Path(os.path.abspath(out))


def check_place(out: Path) -> None:
    """Raise a DatasetError where `out` holds something else than a dataset, or cannot be put in place at the end."""
    _refuse_fixed(out)
    if _is_empty(out):
        _check_work(work_path(out))
    elif not (out / manifest.FILE_NAME).is_file():
        raise DatasetError(f"{out} is not empty; give another --out or remove it")


def _check_work(work: Path) -> None:
    _refuse_fixed(work)
    if not _is_empty(work) and not (work / _CLAIM).is_file():
        raise DatasetError(
            f"{work} is where the build would be prepared, but it holds something else; move it or give another --out"
        )


def _refuse_fixed(folder: Path) -> None:
    """Refuse what no folder can be renamed to or from."""
    if folder.is_symlink() or os.path.ismount(folder):
        kind = "symbolic link" if folder.is_symlink() else "mount point"
        raise DatasetError(f"{folder} is a {kind}, which cannot be replaced by a folder; give a folder inside it")


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def is_finished(out: Path, recipe_sha256: str) -> bool:
    """Whether `out` holds this very build already; raises where it holds another."""
    if _is_empty(out):
        return False
    if manifest.read_manifest(out).recipe_sha256 == recipe_sha256:
        return True
    raise DatasetError(f"{out} holds a build of another recipe; give another --out or remove it")


def work_path(out: Path) -> Path:
    """Where the build of `out` is prepared."""
    return out.with_name(out.name + ".partial")


def remove(work: Path) -> None:
    """Remove a work folder that this process has locked, the claim last; what a build did not make stays."""
    for name in (DATASET, JOURNALS):
        shutil.rmtree(work / name, ignore_errors=True)
    with suppress(OSError):
        (work / _CLAIM).unlink()
        work.rmdir()


def remove_leftover(work: Path, recipe_sha256: str) -> None:
    """Remove what a build of this recipe left that was stopped after its last rename; not being able to is no harm."""
    if (work / _CLAIM).is_file():
        with suppress(DatasetError, OSError), locked(work / _CLAIM, str(work)) as file:
            if file.read() == recipe_sha256:
                remove(work)


@contextmanager
def work_folder(out: Path, recipe_sha256: str, announce: Callable[[str], None]) -> Iterator[Path]:
    """`<out>.partial`, for this process alone, continuing only a build of the same recipe."""
    work = work_path(out)
    _check_work(work)
    work.mkdir(parents=True, exist_ok=True)
    taken = f"{work}: another build is writing here; wait for it or give another --out"
    with locked(work / _CLAIM, taken) as file:
        begun = file.read()
        if not begun:
            file.write(recipe_sha256)
            file.flush()
            os.fsync(file.fileno())
        elif begun != recipe_sha256:
            raise DatasetError(
                f"{work} is an unfinished build of another recipe (other settings, or the corpora have changed); "
                "remove it or give another --out"
            )
        else:
            announce(f"continuing the unfinished build in {work}")
        for name in (DATASET, JOURNALS):
            (work / name).mkdir(exist_ok=True)
        yield work
