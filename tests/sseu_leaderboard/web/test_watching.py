"""Hazards: a board that shows yesterday's results, a Hub that is away, a broken newcomer, an endless thread."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.web.serving import Board
from sseu_leaderboard.web.watching import Watch, watch_folder, watching
from tests.sseu_hub.made_submissions import make_submission, speaking

NAME = "2026-03-04-0123abcd"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watch(tmp_path: Path, scorer: Scorer, said: list[str]) -> Watch:
    return watch_folder(Board(tmp_path / "results", tmp_path / "cache", scorer), said.append)


def names(watch: Watch) -> list[str]:
    return [row.name for row in watch.board.rows if row.kind == "verified"]


def test_only_a_change_is_read(watch: Watch, pristine: Path) -> None:
    assert watch.look()
    before = watch.board.ranking
    assert not watch.look()
    assert watch.board.ranking is before
    shutil.copytree(pristine, watch.board.results / "lab--model" / NAME)
    assert watch.look()
    assert names(watch) == ["scripted:plain"]
    shutil.rmtree(watch.board.results / "lab--model")
    assert watch.look()
    assert names(watch) == []


def test_a_submission_that_is_written_slowly_is_judged_again(watch: Watch, pristine: Path, said: list[str]) -> None:
    folder = Path(shutil.copytree(pristine, watch.board.results / "lab--model" / NAME))
    whole = (folder / "answers.jsonl.gz").read_bytes()
    (folder / "answers.jsonl.gz").write_bytes(whole[:1000])
    watch.look()
    assert said == [f"lab--model/{NAME} is refused: answers.jsonl.gz: truncated; upload it again"]
    (folder / "answers.jsonl.gz").write_bytes(whole)
    watch.look()
    assert (names(watch), len(said)) == (["scripted:plain"], 1)


def test_a_look_that_fails_is_made_again_and_changes_nothing(watch: Watch, pristine: Path) -> None:
    shutil.copytree(pristine, watch.board.results / "lab--model" / NAME)
    watch.look()
    before = watch.board.rows
    watch.state = lambda: "another"

    def fail(state: str) -> None:
        raise ValueError("away")

    watch.fetch = fail
    for _ in range(2):
        with pytest.raises(ValueError, match="away"):
            watch.look()
    assert watch.board.rows == before
    assert not watch.board.checking.locked()


def test_what_fails_is_said_once_and_the_thread_goes_on_and_ends(watch: Watch, said: list[str]) -> None:
    outcomes: Iterator[str] = iter(["seen"])
    watch.state = lambda: next(outcomes)  # then StopIteration, which nobody foresaw
    looks = threading.Event()
    watch.fetch = lambda state: looks.set()
    with watching(watch, 0.02):
        assert looks.wait(10)
        deadline = time.monotonic() + 10
        while not said and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        assert [thread.name for thread in threading.enumerate()].count("watching") == 1
    assert said == ["the results could not be read again (StopIteration())"]
    assert "watching" not in [thread.name for thread in threading.enumerate()]


def test_an_upload_and_a_look_at_once_both_stand(watch: Watch, pristine: Path, built: Path, tmp_path: Path) -> None:
    board = watch.board
    board.accept = True
    watch.look()
    other = make_submission(built, tmp_path / "other", "scripted:other", reply=speaking("others"))
    uploading = threading.Thread(
        target=board.check, args=([str(other / "result.json"), str(other / "answers.jsonl.gz")],)
    )
    uploading.start()
    shutil.copytree(pristine, board.results / "lab--model" / NAME)
    watch.look()
    uploading.join()
    watch.look()
    assert sorted(names(watch)) == ["scripted:other", "scripted:plain"]
