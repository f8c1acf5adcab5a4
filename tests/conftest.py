"""What every test may use: tiny corpora in the official layouts, and real ones where they lie beside the project."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from sseu_dataset import build
from sseu_dataset.describing import card_plot
from sseu_dataset.records import Recipe
from sseu_dataset.standin.corpora import make_standin
from sseu_report.caching import result_cache
from tests.sseu_dataset.editions.sealed import SealedEdition, make_sealed
from tests.sseu_dataset.tiny_corpora import TinyCorpora, make_tiny_corpora

# Read at import by the libraries: no test may reach the network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
# The rows of each dataset that a test makes: away from the user's, and removed at the end.
_rows = tempfile.TemporaryDirectory(prefix="sseu-tests-")
os.environ["HF_DATASETS_CACHE"] = _rows.name

# How long an example takes depends on the machine and what else it does.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

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


@pytest.fixture(scope="session")
def sealed(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> SealedEdition:
    """A sealed edition of the tiny corpora, which no test may change."""
    return make_sealed(tmp_path_factory.mktemp("sealed"), pristine_corpora)


@pytest.fixture(scope="session")
def built_stems(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in the layout `stems`."""
    out = tmp_path_factory.mktemp("built-stems") / "sseu-bench"
    build(out, **pristine_corpora.folders, layout="stems", allow_partial=True, progress=False)
    return out


@pytest.fixture(scope="session", autouse=True)
def plots_of_cards() -> Iterator[None]:
    """The plot of a card, most of the time of a tiny build, is drawn once for equal pairs and attenuations."""
    drawn: dict[tuple[str, str], bytes] = {}
    draw = card_plot.write_plot

    def write_plot(
        recipe: Recipe, gains_db: Mapping[str, float], snrs_db: Mapping[str, Sequence[float]], path: Path
    ) -> None:
        key = repr(recipe), repr(sorted(gains_db.items()))
        if key in drawn:
            path.write_bytes(drawn[key])
        else:
            draw(recipe, gains_db, snrs_db, path)
            drawn[key] = path.read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card_plot, "write_plot", write_plot)
        yield


@pytest.fixture(scope="session", autouse=True)
def analyses_are_not_kept() -> Iterator[None]:
    """Every test computes what it shows; those of the cache name a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(result_cache, "default_folder", lambda: None)
        yield


@pytest.fixture
def corpora(pristine_corpora: TinyCorpora, tmp_path: Path) -> TinyCorpora:
    """A copy of the tiny corpora, to be broken."""
    shutil.copytree(pristine_corpora.root, tmp_path / "corpora", symlinks=True)
    return TinyCorpora(tmp_path / "corpora")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stand-in corpora of the small size, made once for all processes, which no test may change."""
    pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    with FileLock(root / "demo.lock"):
        make_standin(root / "demo", "demo", progress=False)  # does nothing where all files are there
    return root / "demo"


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


INTEGRATION = (
    "benchmarks",
    "sseu_cli/test_damaged_inputs.py",
    "sseu_cli/test_dataset_commands.py",
    "sseu_cli/test_report_commands.py",
    "sseu_cli/test_run_commands.py",
    "sseu_dataset/building/test_build.py",
    "sseu_dataset/building/test_measure.py",
    "sseu_dataset/building/test_partial.py",
    "sseu_dataset/building/test_rebuild.py",
    "sseu_dataset/building/test_resume.py",
    "sseu_dataset/building/test_tampering.py",
    "sseu_dataset/building/test_verify.py",
    "sseu_dataset/describing",
    "sseu_dataset/standin/test_corpora.py",
    "sseu_dataset/test_loading.py",
    "sseu_hub/test_publishing.py",
    "sseu_leaderboard/intake/test_confinement.py",
    "sseu_leaderboard/intake/test_hostile.py",
    "sseu_leaderboard/intake/test_check.py",
    "sseu_leaderboard/test_harnesses.py",
    "sseu_leaderboard/test_results_repo.py",
    "sseu_leaderboard/test_space.py",
    "sseu_leaderboard/web",
    "sseu_metric/test_app.py",
    "sseu_metric/test_install.py",
    "sseu_metric/test_normalisers.py",
    "sseu_metric/test_sentence_embedder.py",
    "sseu_metric/test_sseu.py",
    "sseu_models/results/test_terminal.py",
    "sseu_models/running",
    "sseu_models/systems/hf",
    "sseu_models/systems/asr/test_pocketsphinx.py",
    "sseu_models/systems/test_clap.py",
    "sseu_models/systems/worker",
    "sseu_report/comparison",
    "sseu_report/findings/test_embedders.py",
    "sseu_report/page",
    "sseu_report/plots",
    "sseu_report/test_browser.py",
    "sseu_report/test_writing.py",
    "test_docs.py",
    "test_notebook.py",
    "test_packaging.py",
    "test_plausible.py",
    "test_readme.py",
    "test_train_example.py",
)
"""What takes its time: whole builds, runs, reports and pages, models, processes. `make quick` leaves it out."""

LONG = (
    "benchmarks/test_edition_differences.py",
    "benchmarks/test_layout_speed.py",
    "sseu_cli/test_broken_outputs.py",
    "sseu_cli/test_damaged_inputs.py",
    "sseu_cli/test_endpoints.py",
    "sseu_cli/test_import_command.py",
    "sseu_cli/test_plan_command.py",
    "sseu_cli/test_run_commands.py",
    "sseu_dataset/building/test_resume.py",
    "sseu_dataset/building/test_tampering.py",
    "sseu_dataset/diverse/test_build.py",
    "sseu_dataset/editions/test_check.py",
    "sseu_dataset/importing/test_build.py",
    "sseu_leaderboard/entries/test_prompt_rows.py",
    "sseu_leaderboard/test_notices.py",
    "sseu_leaderboard/web/test_browser.py",
    "sseu_leaderboard/web/test_serving.py",
    "sseu_models/running/test_restart.py",
    "sseu_models/systems/hf/test_generation.py",
    "sseu_models/systems/hf/test_likelihood.py",
    "sseu_models/systems/hf/test_system.py",
    "sseu_models/systems/hf/test_upstream_log.py",
    "sseu_models/systems/worker/test_environments.py",
    "sseu_report/caching/test_result_cache.py",
    "sseu_report/comparison/test_systems.py",
    "sseu_report/findings/test_validity_hallucinations.py",
    "sseu_report/page/test_plots.py",
    "sseu_report/test_browser.py",
    "sseu_report/test_characters.py",
    "sseu_report/test_prompt_sets.py",
    "sseu_report/test_writing.py",
    "test_train_example.py",
)
"""What is slow: browsers, damaged inputs and outputs by the hundred, servers, restarts, models, whole reports."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes its time, and put the longest test first, so that it does not run alone at the end."""
    folder = Path(__file__).parent
    for names, marker in ((INTEGRATION, pytest.mark.integration), (LONG, pytest.mark.long)):
        places = [folder / name for name in names]
        missing = [str(place) for place in places if not place.exists()]
        assert not missing, f"listed in {__file__} and gone: {', '.join(missing)}"
        for item in items:
            if any(place == item.path or place in item.path.parents for place in places):
                item.add_marker(marker)
    items.sort(key=lambda item: "test_blocks_run_in_order" not in item.nodeid)
