"""Put the metric into evaluate's cache of modules, where `evaluate.load("sseu")` finds it from every folder.

A bare name means a module of Hugging Face's own organisations, which this one is not in; where the Hub has none or
cannot be reached, evaluate takes the newest of `<modules cache>/evaluate_modules/metrics/evaluate-metric--sseu/<64
hexadecimal digits>/`. That is where the files go, with the digest of their content as the folder's name.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

_SIBLING = re.compile(r"^from \.(\w+) import ", re.MULTILINE)


def source_files() -> list[Path]:
    """`sseu.py` and the neighbours it imports, the main file first."""
    main = Path(__file__).with_name("sseu.py")
    names = dict.fromkeys(_SIBLING.findall(main.read_text(encoding="utf-8")))
    return [main, *(main.with_name(f"{name}.py") for name in names)]


def module_folder() -> Path:
    """Where evaluate looks for the versions of the module `sseu`; `HF_MODULES_CACHE` and `HF_HOME` move it."""
    from evaluate import config

    return Path(config.HF_MODULES_CACHE) / "evaluate_modules" / "metrics" / "evaluate-metric--sseu"


def install() -> Path:
    """Install this version and drop any other.

    A version appears whole or not at all, and before the one it replaces goes. Installing again changes nothing.

    Returns:
        The folder of the installed version.

    Raises:
        OSError: The cache cannot be written.
    """
    from filelock import FileLock

    contents = {path.name: path.read_bytes() for path in source_files()} | {"__init__.py": b""}
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{len(contents[name])}\0".encode() + contents[name])
    folder = module_folder()
    version = folder / digest.hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    for package in (folder, folder.parent, folder.parent.parent):
        (package / "__init__.py").touch()
    with FileLock(f"{folder}.lock"):  # the lock that evaluate itself takes
        if {path.name: path.read_bytes() for path in version.glob("*.py")} != contents:
            new = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
            new.chmod(0o755)
            for name, content in contents.items():
                (new / name).write_bytes(content)
            _discard(version)
            new.rename(version)
        for other in folder.iterdir():
            if other.is_dir() and other != version:
                _discard(other)
    return version


def remove() -> bool:
    """Remove every version; return whether there was one."""
    folder = module_folder()
    there = folder.is_dir()
    if there:
        _discard(folder)
    Path(f"{folder}.lock").unlink(missing_ok=True)
    return there


def _discard(folder: Path) -> None:
    """Remove a folder under another name first, so that a half-removed one is never taken for a version."""
    if folder.exists():
        doomed = Path(tempfile.mkdtemp(prefix="old-", dir=folder.parent)) / "old"
        folder.rename(doomed)
        shutil.rmtree(doomed.parent)
