"""The whole circle by the command line: build, publish without audio, rebuild from the Hub, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_dataset.manifest import read_manifest
from sseu_hub.local import RunningHub, running_hub
from tests.sseu_dataset.tiny_corpora import TinyCorpora

pytestmark = pytest.mark.hub

ROOT = Path(__file__).resolve().parents[3]
REPO, TAG = "sseu/sseu-bench", "v1.0.0rc1"
Done = subprocess.CompletedProcess[str]


def run(hub: RunningHub, home: Path, *words: str | Path) -> Done:
    command = [sys.executable, *words]
    return subprocess.run(
        command, env=hub.env(home), cwd=ROOT, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL
    )


def rebuild(hub: RunningHub, home: Path, recipe: str, corpora: TinyCorpora, out: Path) -> Done:
    return run(hub, home, "-m", "sseu_cli", "build", "--recipe", recipe, *corpora.options, "--out", out)


@pytest.fixture(scope="module")
def hub(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A Hub with the benchmark, published without audio, and a dataset that is none of ours."""
    home = tmp_path_factory.mktemp("publisher")
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        done = run(running, home, "-m", "sseu_cli", "publish", "dataset", built, "--repo", REPO)
        assert done.returncode == 0, done.stderr
        create = "from huggingface_hub import HfApi; HfApi().create_repo('sseu/another', repo_type='dataset')"
        assert run(running, home, "-c", create).returncode == 0
        yield running


@pytest.mark.parametrize("tag", [f"@{TAG}", ""])
def test_the_published_recipe_gives_every_sample_again(
    hub: RunningHub, built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, tag: str
) -> None:
    recipe = f"hf://datasets/{REPO}{tag}/recipe.parquet"
    done = rebuild(hub, tmp_path / "home", recipe, pristine_corpora, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert f"63 of 63 clips have the samples and references of the manifest beside {recipe}" in done.stdout
    assert "differs" not in done.stdout
    made, published = read_manifest(tmp_path / "out"), read_manifest(built)
    assert made.pcm_sha256 == published.pcm_sha256
    assert made.recipe_sha256 == published.recipe_sha256
    assert (tmp_path / "out" / "excluded.tsv").read_bytes() == (built / "excluded.tsv").read_bytes()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("sseu/nothing", "it cannot be fetched from the Hub"),
        (f"{REPO}@v9.9.9", "it cannot be fetched from the Hub"),
        ("sseu/another", "the repository holds no recipe.parquet at this revision"),
    ],
)
def test_a_recipe_that_is_not_there_is_named(
    hub: RunningHub, pristine_corpora: TinyCorpora, tmp_path: Path, place: str, message: str
) -> None:
    recipe = f"hf://datasets/{place}/recipe.parquet"
    done = rebuild(hub, tmp_path / "home", recipe, pristine_corpora, tmp_path / "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
