"""Hazards: names that look like another's, links, copied answers, caches of others, checks that are interrupted."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sseu_leaderboard.entries.rows import tell_apart
from sseu_leaderboard.entries.view import ALL_TASKS, View, parse_view, query_of
from sseu_leaderboard.intake.check import verify
from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.intake.reference import BoardReference
from sseu_leaderboard.intake.scored import score_all
from sseu_leaderboard.intake.store import list_submissions
from sseu_leaderboard.intake.verified import Verified
from sseu_leaderboard.web.serving import Board
from sseu_metric.exact_embedder import ExactEmbedder
from sseu_models.results.folder import read_result
from tests.sseu_hub.made_submissions import edit, make_submission, read_lines, speaking, write_lines
from tests.sseu_leaderboard.entries.test_ranking import make_row
from tests.sseu_leaderboard.made_records import make_verified

PROJECT = Path(__file__).resolve().parents[3]
NAME = "2026-03-04-0123abcd"


def judge(folder: Path, reference: BoardReference) -> Verified:
    return verify(folder, {reference.dataset.version: reference}, embedder=ExactEmbedder(), allow_custom=True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hf:lab/mod\u0435l", r"'hf:lab/mod\\u0435l', contains '\\u0435' \(CYRILLIC SMALL LETTER IE\)"),
        ("hf:lab/model\u0301\u0301\u0301", "COMBINING ACUTE ACCENT"),
        ("hf:\u05d0\u05d1 12", "HEBREW LETTER ALEF"),
        ("hf:lab/model\u202e", "not printable"),
        ("hf:lab/\u200bmodel", "not printable"),
        ("hf:lab/model\n", r"contains '\\n'"),
        (" hf:lab/model", "single spaces"),
        ("hf:lab  model", "single spaces"),
        ("", "single spaces"),
    ],
)
@pytest.mark.parametrize("place", ["system", "frontend", "prompts"])
def test_a_name_that_looks_like_another_is_refused(
    folder: Path, reference: BoardReference, name: str, message: str, place: str
) -> None:
    def rename(values: dict[str, Any]) -> None:
        if place == "system":
            values["system"] = name
        elif place == "frontend":
            values["frontend"]["name"] = name
        else:
            values["prompts"]["set"] = name

    edit(folder, "result.json", rename)
    if place == "system":
        write_lines(folder, [{**line, "system": name} for line in read_lines(folder)])
    with pytest.raises(ValueError, match=message):
        judge(folder, reference)


@pytest.mark.parametrize("name", ["scores.json", "submission.json", "result.json", "answers.jsonl.gz"])
def test_a_submission_with_links_is_ignored(pristine: Path, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"token": "hf_secret"}')
    folder = Path(shutil.copytree(pristine, tmp_path / "results" / "lab--model" / NAME))
    assert len(list_submissions(tmp_path / "results")) == 1
    (folder / name).unlink()
    (folder / name).symlink_to(secret)
    assert list_submissions(tmp_path / "results") == []


def test_an_invalid_date_is_ignored(pristine: Path, tmp_path: Path) -> None:
    for date in ("2026-99-99", "0000-00-00", "٢٠٢٦-01-01"):
        shutil.copytree(pristine, tmp_path / "results" / "lab--model" / f"{date}-0123abcd")
    assert list_submissions(tmp_path / "results") == []


def test_two_of_one_name_on_one_day_can_be_told_apart(built: Path, tmp_path: Path, scorer: Scorer) -> None:
    for number, name in enumerate(("hf:lab/model", "hf:Lab/Model")):
        made = make_submission(built, tmp_path / str(number), name, reply=speaking(f"word{number}"))
        shutil.copytree(made, tmp_path / "results" / "lab--model" / f"2026-03-04-0123abc{number}")
    board = Board(tmp_path / "results", tmp_path / "cache", scorer)
    board.refresh()
    rows = [row for row in board.rows if row.kind == "verified"]
    assert [row.system for row in rows] == ["hf:lab/model", "hf:Lab/Model"]
    assert [row.remarks for row in rows] == [("one prompt set", f"submission {row.id[:8]}") for row in rows]
    assert len({row.id for row in rows}) == 2


def test_copied_answers_are_marked_and_remove_nobody(pristine: Path, tmp_path: Path, scorer: Scorer) -> None:
    """The copy may have any name, and an earlier date than the original."""
    shutil.copytree(pristine, tmp_path / "results" / "lab--model" / NAME)
    copy = Path(shutil.copytree(pristine, tmp_path / "results" / "copy" / "2020-01-01-0123abcd"))
    again = Path(shutil.copytree(pristine, tmp_path / "results" / "again" / "2020-01-01-0123abcd"))
    (copy / "submission.json").unlink()
    edit(copy, "result.json", lambda values: values.update(system="hf:copy/model"))
    own = {"system": "hf:copy/model", "settings_sha256": read_result(copy).settings_sha256}
    write_lines(copy, [line | own for line in reversed(read_lines(copy))])
    board = Board(tmp_path / "results", tmp_path / "cache", scorer)
    board.refresh()
    remarks = {row.name: row.remarks for row in board.rows if row.kind == "verified"}
    assert remarks.keys() == {"scripted:plain", "model"}
    assert "same answers as model, submission " in remarks["scripted:plain"][-1]
    assert "same answers as scripted:plain, submission " in remarks["model"][-1]
    assert board.refused == (
        (f"again/{again.name}", "its folder belongs to again, its submission.json names lab/model"),
    )


def test_reported_rows_are_not_copies_of_each_other() -> None:
    rows = [make_row(name, {"average": 1.0}) for name in ("a", "b")]
    assert [row.remarks for row in tell_apart(rows[:1])] == [()]


def test_a_cache_that_others_may_write_to_is_not_trusted(tmp_path: Path, scorer: Scorer) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(ValueError, match=r"belongs to another user or everybody may write to it.*give another --cache"):
        score_all(tmp_path / "results", cache, scorer)
    cache.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(cache, 12_345, -1)
        with pytest.raises(ValueError, match="give another --cache"):
            score_all(tmp_path / "results", cache, scorer)
    assert score_all(tmp_path / "results", tmp_path / "new" / "cache", scorer).verified == ()
    assert not (tmp_path / "new" / "cache").stat().st_mode & stat.S_IWOTH


def test_a_record_whose_writer_was_killed_is_made_anew(pristine: Path, tmp_path: Path, scorer: Scorer) -> None:
    shutil.copytree(pristine, tmp_path / "results" / "lab--model" / NAME)
    code = f"""
import os, signal, sys
from pathlib import Path
from sseu_leaderboard.intake import scored
from sseu_leaderboard.intake.confinement import Scorer
scored.os.replace = lambda source, target: os.kill(os.getpid(), signal.SIGKILL)
scored.score_all(Path({str(tmp_path / "results")!r}), Path({str(tmp_path / "cache")!r}),
                 Scorer(Path({str(scorer.references)!r}), "exact", allow_custom=True))
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == -9
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".partial"]
    found = score_all(tmp_path / "results", tmp_path / "cache", scorer)
    assert len(found.verified) == 1
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".json"]


def test_files_that_change_while_they_are_checked_are_not_kept(pristine: Path, tmp_path: Path, scorer: Scorer) -> None:
    folder = Path(shutil.copytree(pristine, tmp_path / "results" / "lab--model" / NAME))

    def change(judged: Path, scorer: Scorer) -> Verified:
        (folder / "scores.json").write_text("{}")
        return make_verified(sha256="0" * 64)

    found = score_all(tmp_path / "results", tmp_path / "cache", scorer, verify=change)
    assert [reason for _, reason in found.refused] == ["its files changed while they were checked"]
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_check_that_broke_off_is_not_repeated_by_the_same_board(
    pristine: Path, tmp_path: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(pristine, tmp_path / "results" / "lab--model" / NAME)
    python, count = tmp_path / "python", tmp_path / "count"
    python.write_text(f"#!/bin/sh\necho x >> {count}\nkill -KILL $$\n")
    python.chmod(0o755)
    board = Board(tmp_path / "results", tmp_path / "cache", scorer)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(python))
        board.refresh()
        board.refresh()
    assert count.read_text() == "x\n"
    assert "ended by signal 9" in board.refused[0][1]
    other = Board(tmp_path / "results", tmp_path / "cache", scorer)
    other.refresh()
    assert other.refused == ()


def test_a_check_ends_with_its_board(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "v1.0.jsonl")  # a check that waits for ever
    code = f"""
from pathlib import Path
from sseu_leaderboard.intake.confinement import Scorer, verify_confined
verify_confined(Path({str(folder)!r}), Scorer(Path({str(tmp_path)!r}), "exact"))
"""
    board = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
    try:
        child = _wait_for_child(board.pid)
        time.sleep(1.0)  # it imports, then waits
        assert Path(f"/proc/{child}").exists()
    finally:
        board.kill()
        board.wait(10)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split():
        assert time.monotonic() < deadline, "the check outlives its board"
        time.sleep(0.05)


def _wait_for_child(pid: int) -> int:
    deadline = time.monotonic() + 10
    while not (found := Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(found[0])


def test_an_address_without_unicode_or_end_is_cut() -> None:
    view, faults = parse_view({"search": "\ud800x", "entry": "e" * 1_000_000, "task": "t" * 1_000_000})
    assert (view.search, len(view.entry), view.task) == ("?x", 100, ALL_TASKS)
    assert sum(map(len, faults)) < 200
    assert query_of(view).startswith("search=%3Fx")
    assert View().search == ""
