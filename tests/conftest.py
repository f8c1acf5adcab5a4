"""What every test may use: tiny corpora in the official layouts, and real ones where they lie beside the project."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sseu_dataset import build
from tests.sseu_dataset.tiny_corpora import TinyCorpora, make_tiny_corpora

# Read at import by the libraries: no test may reach the network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def pristine_corpora(tmp_path_factory: pytest.TempPathFactory) -> TinyCorpora:
    """Tiny corpora that no test may change."""
    return make_tiny_corpora(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="session")
def built(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder made from the tiny corpora, which no test may change."""
    out = tmp_path_factory.mktemp("built") / "sseu-bench"
    build(out, **pristine_corpora.folders, allow_partial=True, progress=False)
    return out


@pytest.fixture
def corpora(pristine_corpora: TinyCorpora, tmp_path: Path) -> TinyCorpora:
    """A copy of the tiny corpora, to be broken."""
    shutil.copytree(pristine_corpora.root, tmp_path / "corpora", symlinks=True)
    return TinyCorpora(tmp_path / "corpora")


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers and datasets are remembered per test run, not in the user's home."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def metadata() -> Path:
    """The genuine tables of the official corpora."""
    folder = SHARED / "metadata"
    if not folder.is_dir():
        pytest.skip(f"the genuine metadata are not in {folder}")
    return folder


@pytest.fixture(scope="session")
def real_corpora() -> TinyCorpora:
    """Real recordings in the official layouts."""
    folder = SHARED / "corpora"
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not in {folder}")
    return TinyCorpora(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test first, so that it does not run alone at the end."""
    items.sort(key=lambda item: "test_blocks_run_in_order" not in item.nodeid)
