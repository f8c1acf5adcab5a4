"""The wheel in an empty virtual environment, used from an empty folder. Run by `make wheel-check`; it installs."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from sseu_dataset.records import VERSION
from tests.sseu_dataset.tiny_corpora import TinyCorpora

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(900)]
PROJECT = Path(__file__).resolve().parents[1]
Run = Callable[..., str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", str(wheel)], check=True)
    return folder


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which everything is run, empty at first."""
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="module")
def run(environment: Path, here: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`run("sseu", ...)` or `run("python", ...)` of the environment; standard output of what must succeed."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HF_", "XDG_"))}
    own = {"HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1"}

    def run_in(program: str, *words: str | Path) -> str:
        done = subprocess.run(
            [environment / "bin" / program, *words], cwd=here, env=kept | own, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{program} {words}: {done.stdout}{done.stderr}"
        return done.stdout

    return run_in


@pytest.fixture(scope="module")
def dataset(run: Run, here: Path, pristine_corpora: TinyCorpora) -> Path:
    """`sseu-bench`, in the folder where everything is run."""
    run("sseu", "build", *pristine_corpora.options, "--allow-partial", "--out", "sseu-bench")
    return here / "sseu-bench"


def test_the_command_is_there(run: Run, here: Path) -> None:
    assert list(here.iterdir()) == []
    assert run("sseu", "--help").startswith("Usage: sseu ")
    assert run("sseu", "--version") == f"sseu-bench {VERSION}\n"


def test_only_our_packages_are_installed(run: Run, environment: Path) -> None:
    (folder,) = environment.glob("lib/*/site-packages")
    ours = {path.parent.name for path in folder.glob("*/py.typed") if path.parent.name.startswith("sseu_")}
    assert ours == {path.parent.name for path in PROJECT.glob("sseu_*/__init__.py")}
    for foreign in ("tests", "leaderboard", "docs", "examples", "benchmarks"):
        assert not (folder / foreign).exists()


def test_the_benchmark_is_built_verified_and_loaded(run: Run, dataset: Path, pristine_corpora: TinyCorpora) -> None:
    said = run("sseu", "verify", "sseu-bench", *pristine_corpora.options)
    assert "each text, label and sample is what the corpora give" in said
    code = "from datasets import load_dataset; rows = load_dataset('sseu-bench', split='test'); print(len(rows))"
    assert run("python", "-c", code).strip() == "63"


def test_a_system_answers_and_is_scored(run: Run, dataset: Path, here: Path) -> None:
    asked = ("run", "--system", "control:majority", "--embedder", "exact", "--runs", "1")
    assert "results in results/control-majority\n" in run("sseu", *asked)
    assert (here / "results" / "control-majority" / "scores.json").is_file()


def test_the_metric_loads_by_its_bare_name(run: Run, dataset: Path) -> None:
    run("sseu", "metric", "install")
    code = (
        "import evaluate\nfrom sseu_dataset import load\nfrom sseu_metric.controls import ground_truth\n"
        "rows = load('sseu-bench').remove_columns('audio').to_list()\n"
        "found = evaluate.load('sseu').compute(predictions=ground_truth(rows), references=rows, embedder='exact')\n"
        "print(found['wer'], found['macc'])"
    )
    assert run("python", "-c", code).strip() == "0.0 100.0"


def test_a_type_checker_sees_the_types(environment: Path, tmp_path: Path) -> None:
    """Mypy reads what is installed; a `str` in place of the list of predictions must be found."""
    user = tmp_path / "user.py"
    user.write_text("from sseu_metric import score\nreveal_type(score)\nscore(1, [])\n")
    command = [sys.executable, "-m", "mypy", "--python-executable", str(environment / "bin" / "python"), str(user)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "def (predictions: " in done.stdout
    assert 'incompatible type "int"' in done.stdout
    assert "import-untyped" not in done.stdout


def test_stand_in_corpora_need_one_more_package(run: Run, here: Path) -> None:
    """Of the extra `demo` only the synthesiser: the rest of it is a gigabyte of torch, and is not asked here."""
    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    run("python", "-m", "pip", "install", "-q", *(one for one in extras["demo"] if "espeakng" in one))
    run("sseu", "standin", "--out", "corpora")
    assert {path.name for path in (here / "corpora").iterdir()} >= {"VCTK-Corpus-0.92", "DESED"}
