"""Limits on file sizes, full disks, logs that are removed and outputs that nobody reads: message and exit code."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_models.results.log import Answer, AnswerLog, read_log
from tests.sseu_cli.conftest import Done, assert_refused
from tests.sseu_dataset.tiny_corpora import TinyCorpora

RUN = ("run", "--system", "control:random", "--embedder", "exact", "--runs", "1", "--data")
SAME = ", then run the same command again: it continues"


def limited(*words: str | Path, limit_bytes: int, **variables: str) -> Done:
    """A command that may write no file larger than a limit."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    command = [sys.executable, "-m", "sseu_cli", *map(str, words)]
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, env=environment, check=False)


def in_shell(line: str, **variables: str) -> Done:
    command = line.replace("sseu ", f"{sys.executable} -m sseu_cli ", 1)
    environment = {**os.environ, **variables}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.long
@pytest.mark.parametrize("limit_bytes", [1 << 13, 1 << 16, 1 << 19])
def test_a_limit_on_file_sizes_stops_a_build_which_then_continues(
    pristine_corpora: TinyCorpora, built: Path, tmp_path: Path, limit_bytes: int
) -> None:
    words: tuple[str | Path, ...] = ("build", *pristine_corpora.options, "--allow-partial", "--out", tmp_path / "out")
    done = limited(*words, limit_bytes=limit_bytes)
    assert_refused(done, f"{tmp_path / 'out'}", 1)
    assert_refused(done, "File too large; raise the limit on file sizes" + SAME, 1)
    assert limited(*words, limit_bytes=1 << 30).returncode == 0
    assert (tmp_path / "out" / "manifest.json").read_bytes() == (built / "manifest.json").read_bytes()


@pytest.mark.long
def test_a_limit_on_file_sizes_stops_a_run_at_an_answer_which_then_continues(built: Path, tmp_path: Path) -> None:
    words = (*RUN, built, "--out", tmp_path / "out")
    assert limited(*RUN, built, "--out", tmp_path / "cached", limit_bytes=1 << 30).returncode == 0
    done = limited(*words, limit_bytes=1 << 13)
    assert_refused(done, f"error: {tmp_path / 'out' / 'answers.jsonl'}: File too large; raise the limit on file", 1)
    kept = list(read_log(tmp_path / "out" / "answers.jsonl"))
    assert kept
    assert limited(*words, limit_bytes=1 << 30).returncode == 0
    assert list(read_log(tmp_path / "out" / "answers.jsonl"))[: len(kept)] == kept


def test_a_cache_of_datasets_that_cannot_be_written_is_named(built: Path, tmp_path: Path) -> None:
    words = (*RUN, built, "--out", tmp_path / "out")
    done = limited(*words, limit_bytes=1 << 14, HF_DATASETS_CACHE=str(tmp_path / "cache"))
    assert_refused(done, f"error: {tmp_path / 'cache'}: File too large", 1)
    assert "Traceback" not in done.stderr


def test_a_draft_that_does_not_fit_is_named(built: Path, tmp_path: Path) -> None:
    (tmp_path / "drafts").mkdir()
    words = ("publish", "dataset", built, "--repo", "my-lab/sseu-bench", "--dry-run")
    done = limited(*words, limit_bytes=1 << 12, TMPDIR=str(tmp_path / "drafts"))
    assert_refused(done, f"error: {tmp_path / 'drafts'}/sseu-publish-", 1)
    assert_refused(done, "File too large; raise the limit on file sizes", 1)
    assert not list((tmp_path / "drafts").iterdir())


def test_a_full_disk_of_a_report_is_named(built: Path, tmp_path: Path) -> None:
    assert in_shell(f"sseu {' '.join(RUN)} {built} --out {tmp_path / 'run'}").returncode == 0
    done = limited("report", tmp_path / "run", "--out", tmp_path / "report", limit_bytes=1 << 16)
    assert_refused(done, f"{tmp_path / 'report'}", 1)
    assert_refused(done, "File too large; raise the limit on file sizes", 1)


def made_answer(name: str) -> Answer:
    return Answer(name, None, None, "independent", "asr", 0, "system", "0" * 64, "0" * 64, "ok", text="a word")


@pytest.mark.parametrize("how", ["removed", "renamed", "replaced"])
def test_a_log_that_is_gone_stops_the_run_at_the_next_answer(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    path = folder / "answers.jsonl"
    with AnswerLog(path) as log:
        log.append(made_answer("a"))
        if how == "renamed":
            folder.rename(tmp_path / "elsewhere")
        else:
            shutil.rmtree(folder)
        if how == "replaced":
            folder.mkdir()
            path.touch()
        with pytest.raises(OSError, match="it was removed or replaced during the run") as caught:
            log.append(made_answer("b"))
        assert caught.value.filename == str(path)
        assert folder.exists() == (how == "replaced")


def test_only_answers_that_are_on_the_disk_are_confirmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`append` and `sync` count an answer once, and never before the flush that covers it."""
    flushed: list[int] = []
    plain = os.fsync

    def fsync(descriptor: int) -> None:
        plain(descriptor)
        flushed.append(len((tmp_path / "answers.jsonl").read_bytes().splitlines()))

    monkeypatch.setattr(os, "fsync", fsync)
    confirmed = 0
    with AnswerLog(tmp_path / "answers.jsonl") as log:
        for number in range(50):
            confirmed += log.append(made_answer(str(number)))
            assert confirmed <= (flushed[-1] if flushed else 0)
        confirmed += log.sync()
    assert confirmed == flushed[-1] == 50
    assert len(flushed) < 50


PIPE, FULL = "| true; exit ${PIPESTATUS[0]}", ">/dev/full"
NO_SPACE = "error: standard output: No space left on device; free some disk space"


@pytest.mark.parametrize(
    ("words", "output", "code", "message"),
    [
        ("--help", PIPE, 141, ""),
        ("--help", ">&-", 0, ""),
        ("--help", "2>&-", 0, ""),
        ("--help", "2>/dev/full", 0, ""),
        ("--help", FULL, 1, NO_SPACE),
        ("--version", FULL, 1, NO_SPACE),
        ("run --help", PIPE, 141, ""),
        ("systems list", PIPE, 141, ""),
        ("systems list", ">&-", 0, ""),
        ("systems list", FULL, 1, NO_SPACE),
        ("verify {built}", PIPE, 141, ""),
        ("verify {built}", "2>&-", 0, ""),
        ("verify {built}", FULL, 1, NO_SPACE),
    ],
)
def test_an_output_that_nobody_reads_ends_the_command_without_a_word(
    built: Path, words: str, output: str, code: int, message: str
) -> None:
    done = in_shell(f"sseu {words.format(built=built)} {output}")
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(message)
    assert len(done.stderr.splitlines()) == bool(message)
