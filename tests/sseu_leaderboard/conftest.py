"""A reference and submissions made from the tiny dataset."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sseu_dataset import Settings, build
from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.intake.reference import BoardReference, read_reference, write_reference
from tests.sseu_dataset.tiny_corpora import TinyCorpora
from tests.sseu_hub.made_submissions import make_submission


@pytest.fixture(scope="session")
def references_file(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("references") / "references.jsonl"
    write_reference(str(built), path)
    return path


@pytest.fixture(scope="session")
def other_snrs(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset at 15 and 0 dB and the two ends."""
    out = tmp_path_factory.mktemp("other") / "sseu-bench"
    build(out, **pristine_corpora.folders, settings=Settings(snrs_db=(15.0, 0.0)), allow_partial=True, progress=False)
    return out


@pytest.fixture(scope="session")
def reference(references_file: Path) -> BoardReference:
    return read_reference(references_file)


@pytest.fixture(scope="session")
def pristine(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound submission that no test may change."""
    return make_submission(built, tmp_path_factory.mktemp("pristine"), "scripted:plain")


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(pristine, tmp_path / "submission"))


@pytest.fixture
def scorer(references_file: Path) -> Scorer:
    return Scorer(references_file, "exact", allow_custom=True)
