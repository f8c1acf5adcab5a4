"""What is packed: no audio, no result, nothing that the README makes; all data and type markers."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_dataset.records import VERSION

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = {path.parent.name for path in PROJECT.glob("sseu_*/__init__.py")}
UNTRACKED = shutil.ignore_patterns(".git", ".venv*", "demo", "__pycache__", ".*_cache", ".hypothesis", "_build", "dist")
AUDIO = (b"fLaC", b"RIFF", b"OggS", b"PAR1")
MADE = (
    "demo/corpora/DESED/dataset/audio/eval/public/a.wav",
    "demo/sseu-bench/data/snr_0/test-00000-of-00001.parquet",
    "sseu-bench/data/all/test-00000-of-00001.parquet",
    "sseu-bench.partial/data/all/test-00000-of-00001.parquet",
    "hub/blobs/0123",
    "hub/hub.log",
    "hub-cache/datasets/a.arrow",
    "hub.log",
    "references/v1.0.0.jsonl",
    "references.scored/a.json",
    "results/demo/answers.jsonl",
    "report/audio/a.flac",
    "report/report.html",
    "build/train/a.wav",
    "dist/a.whl",
    "docs/_build/a.html",
)
"""Files that the README's commands make, and what else may lie in a checkout; ignored by git."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which everything was tried."""
    folder = tmp_path_factory.mktemp("packing") / "project"
    shutil.copytree(PROJECT, folder, ignore=UNTRACKED, symlinks=True)
    for place in (*MADE, "my-benchmark/data/all/a.parquet", "VCTK-Corpus-0.92/a.flac"):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"fLaC" * 10)
    return folder


@pytest.fixture(scope="module")
def packed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with sdist and wheel."""
    out = tmp_path_factory.mktemp("packed")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(out)], cwd=tree, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return out


def sources(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of the sdist."""
    (path,) = folder.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            assert file is not None, f"{member.name} is no plain file"
            yield member.name.partition("/")[2], file.read()


def test_the_sdist_holds_no_audio_and_nothing_that_was_made(packed: Path) -> None:
    found = dict(sources(packed))
    assert {"README.md", "pyproject.toml", "sseu_cli/main.py", "tests/test_packaging.py"} <= found.keys()
    assert [name for name, data in found.items() if data.startswith(AUDIO)] == []
    assert [name for name in found if not (PROJECT / name).is_file()] == ["PKG-INFO"]


def test_the_wheel_holds_the_packages_with_their_data_and_types(packed: Path) -> None:
    (path,) = packed.glob("*.whl")
    assert path.name == f"sseu_bench-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, f"sseu_bench-{VERSION}.dist-info"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    kept = {".py", ".typed", ".toml", ".css", ".html", ".js", ".j2", ".csv", ".json", ".txt", ".md"}
    for package in PACKAGES:
        data = {path for path in (PROJECT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert {path.suffix for path in data} <= kept
        assert {path.relative_to(PROJECT).as_posix() for path in data} <= names


def test_the_metadata_is_sound(packed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, packed.iterdir())],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout
    head = dict(sources(packed))["PKG-INFO"].decode().partition("\n\n")[0]
    for line in (f"Version: {VERSION}", "License-Expression: Apache-2.0", "Requires-Python: >=3.11"):
        assert line in head.splitlines()
    assert "Author" not in head


def test_what_the_readme_makes_is_ignored_by_git(tree: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    done = subprocess.run(["git", "-C", str(tree), "check-ignore", *MADE], capture_output=True, text=True)
    assert set(done.stdout.split()) == set(MADE)


def test_every_package_is_checked_and_packed() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
    assert set(settings["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    assert set(settings["hatch"]["build"]["targets"]["sdist"]["only-include"]) >= PACKAGES
    assert set(settings["mypy"]["files"]) >= PACKAGES
