"""A reference and submissions made from the tiny dataset."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sseu_dataset import Settings, build
from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.intake.reference import BoardReference, read_references, write_references
from tests.sseu_dataset.other_version import as_version
from tests.sseu_dataset.tiny_corpora import TinyCorpora
from tests.sseu_hub.made_submissions import make_submission


@pytest.fixture(scope="session")
def references(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the reference of one version."""
    folder = tmp_path_factory.mktemp("references")
    write_references(str(built), folder)
    return folder


@pytest.fixture(scope="session")
def other_snrs(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset at 15 and 0 dB and the two ends."""
    out = tmp_path_factory.mktemp("other") / "sseu-bench"
    build(out, **pristine_corpora.folders, settings=Settings(snrs_db=(15.0, 0.0)), allow_partial=True, progress=False)
    return out


@pytest.fixture(scope="session")
def newer(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows as version 1.1.0 of the dataset."""
    return as_version(built, tmp_path_factory.mktemp("newer") / "sseu-bench-1.1.0", "1.1.0")


@pytest.fixture
def both_references(references: Path, newer: Path, tmp_path: Path) -> Path:
    """A folder with the references of two versions, to be changed."""
    folder = Path(shutil.copytree(references, tmp_path / "references"))
    write_references(str(newer), folder)
    return folder


@pytest.fixture(scope="session")
def reference(references: Path) -> BoardReference:
    return read_references(references).by_version[VERSION]


@pytest.fixture(scope="session")
def pristine(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound submission that no test may change."""
    return make_submission(built, tmp_path_factory.mktemp("pristine"), "scripted:plain")


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(pristine, tmp_path / "submission"))


@pytest.fixture
def scorer(references: Path) -> Scorer:
    return Scorer(references, "exact", allow_custom=True)
