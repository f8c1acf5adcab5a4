"""Interrupted builds: stopped at any moment, continued by the same command, and nothing of anybody else touched."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sseu_dataset
from sseu_dataset import DatasetError, Settings
from sseu_dataset.files import locked
from sseu_dataset.manifest import read_manifest
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial, differing_files

SCRIPT = Path(__file__).resolve().parents[3] / "build_dataset.py"


def run_until(command: list[str | Path], condition: str, folder: Path, how: signal.Signals) -> int:
    """Start a build, send it a signal as soon as a file like `condition` is there, and return its exit code."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(folder.glob(condition)) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(how)
    return process.wait()


@pytest.fixture(scope="module")
def small_blocks(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """A build in blocks of two pairs, so that it can be stopped half-way; the folder to make is missing at the end."""
    runner = tmp_path_factory.mktemp("runner") / "small_blocks.py"
    runner.write_text(
        "import runpy, sys\n"
        f"sys.path.insert(0, {str(SCRIPT.parent)!r})\n"
        "from sseu_dataset.building import shards\n"
        "shards.PAIRS_PER_SHARD = 2\n"
        f"sys.argv[0] = {str(SCRIPT)!r}\n"
        f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')\n"
    )
    return [sys.executable, runner, *pristine_corpora.options, "--allow-partial", "--workers", "1", "--out"]


@pytest.fixture(scope="module")
def unbroken(small_blocks: list[str | Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build in small blocks makes that nobody stops."""
    out = tmp_path_factory.mktemp("unbroken") / "sseu-bench"
    subprocess.run([*small_blocks, out], check=True, capture_output=True)
    return out


@pytest.mark.long
@pytest.mark.parametrize(
    ("condition", "how"),
    [
        (".dataset/.data/snr_0/*.partial", signal.SIGKILL),
        (".journals/00000.json", signal.SIGKILL),
        (".journals/00003.json", signal.SIGKILL),
        (".dataset/README.md*", signal.SIGKILL),
        (".dataset/data", signal.SIGKILL),
        (".dataset/.data/snr_0/*.partial", signal.SIGINT),
        (".dataset/data", signal.SIGINT),
    ],
)
def test_a_stopped_build_is_continued_to_the_same_folder(
    small_blocks: list[str | Path], unbroken: Path, tmp_path: Path, condition: str, how: signal.Signals
) -> None:
    command = [*small_blocks, tmp_path / "stopped"]
    partial = tmp_path / "stopped.partial"
    code = run_until(command, condition, partial, how)
    if partial.exists():
        assert code in (-how, 130)
        assert_not_loadable(partial)
        if (tmp_path / "stopped").exists():  # stopped after its last rename: nothing of it may be missing
            assert differing_files(tmp_path / "stopped", unbroken) == []
        else:
            assert_not_loadable(tmp_path / "stopped")
    subprocess.run(command, check=True, capture_output=True)
    assert differing_files(tmp_path / "stopped", unbroken) == []
    assert not partial.exists()


@pytest.mark.parametrize("condition", [".dataset/.data/stems/*.partial", ".journals/00001.json", ".dataset/README.md*"])
def test_a_killed_build_of_stems_is_continued_to_the_same_folder(
    small_blocks: list[str | Path], tmp_path: Path, condition: str
) -> None:
    whole, stopped = ([*small_blocks, tmp_path / name, "--layout", "stems"] for name in ("whole", "stopped"))
    subprocess.run(whole, check=True, capture_output=True)
    run_until(stopped, condition, tmp_path / "stopped.partial", signal.SIGKILL)
    subprocess.run(stopped, check=True, capture_output=True)
    assert differing_files(tmp_path / "stopped", tmp_path / "whole") == []
    assert not (tmp_path / "stopped.partial").exists()


def assert_not_loadable(folder: Path) -> None:
    import datasets

    with pytest.raises((FileNotFoundError, datasets.exceptions.DataFilesNotFoundError)):
        datasets.load_dataset(str(folder), split="test")
    with pytest.raises((DatasetError, FileNotFoundError)):
        sseu_dataset.load(folder)


def test_confirmed_blocks_are_not_made_again(small_blocks: list[str | Path], tmp_path: Path) -> None:
    command = [*small_blocks, tmp_path / "out"]
    run_until(command, ".journals/00001.json", tmp_path / "out.partial", signal.SIGKILL)
    first = tmp_path / "out.partial" / ".dataset" / ".data" / "snr_0" / "test-00000-of-00005.parquet"
    made = first.stat().st_mtime_ns
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "out" / "data" / "snr_0" / first.name).stat().st_mtime_ns == made


def test_an_unfinished_build_of_another_recipe_is_not_continued(
    pristine_corpora: TinyCorpora, small_blocks: list[str | Path], tmp_path: Path
) -> None:
    run_until([*small_blocks, tmp_path / "out"], ".journals/00000.json", tmp_path / "out.partial", signal.SIGKILL)
    with pytest.raises(DatasetError, match="is an unfinished build of another recipe"):
        build_partial(tmp_path / "out", pristine_corpora, settings=Settings(seed=1))


def test_two_builds_do_not_write_into_one_folder(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    with (
        locked(tmp_path / "out.partial" / "recipe.sha256", "taken"),
        pytest.raises(DatasetError, match="another build is writing here"),
    ):
        build_partial(tmp_path / "out", pristine_corpora)


def test_a_full_disk_stops_the_build_and_the_same_command_continues(
    pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    """A limit on file sizes stands in for the full disk: the same error path, another number."""
    command = [str(SCRIPT), *pristine_corpora.options, "--allow-partial", "--out", str(tmp_path / "out")]
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, -1)); "
        f"sys.argv = sys.argv[1:]; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    stopped = subprocess.run([sys.executable, "-c", limited, *command], capture_output=True, text=True)
    assert stopped.returncode == 1, stopped.stderr
    assert "raise the limit on file sizes, then run the same command again: it continues" in stopped.stderr
    assert not (tmp_path / "out").exists()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    assert (tmp_path / "out" / "manifest.json").exists()


def test_a_work_folder_of_somebody_else_is_neither_used_nor_removed(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    for name in ("out.partial", "done", "done.partial"):
        shutil.copytree(built, tmp_path / name)
    with pytest.raises(DatasetError, match=r"out\.partial, the build's work folder, holds something else"):
        build_partial(tmp_path / "out", pristine_corpora)
    build_partial(tmp_path / "done", pristine_corpora)
    for name in ("out.partial", "done.partial"):
        assert differing_files(built, tmp_path / name) == []


def test_what_a_stopped_build_left_beside_its_result_is_removed(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "out")
    sha256 = read_manifest(built).recipe_sha256
    for claim, stays in (("0" * 64, True), (sha256, False)):
        (tmp_path / "out.partial" / ".journals").mkdir(parents=True, exist_ok=True)
        (tmp_path / "out.partial" / "recipe.sha256").write_text(claim)
        build_partial(tmp_path / "out", pristine_corpora)
        assert (tmp_path / "out.partial").exists() == stays
