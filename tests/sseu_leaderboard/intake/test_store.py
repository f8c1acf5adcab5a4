"""Hazards: names that lead outside, two writers at once, a process killed in mid-write, a full board."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sseu_leaderboard.intake.store import add_submission, folder_name, hash_files, list_submissions, sweep

PROJECT = Path(__file__).resolve().parents[3]


def make_upload(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(content)
    (folder / "answers.jsonl.gz").write_bytes(b"answers " + content.encode())
    return folder


@pytest.mark.parametrize(
    "system",
    ["../../etc/passwd", "/etc/passwd", "..", ".", "", "a/../../b", "con\x00trol", "<script>alert(1)</script>",
     "x" * 500, "-rf", ".partial-x", "ä" * 50, "a\\..\\b", "hf:lab/model"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(tmp_path: Path, system: str) -> None:
    results = tmp_path / "results"
    kept = add_submission(results, make_upload(tmp_path / "upload", "one"), system, now_s=0)
    assert kept.resolve().parent.parent == results.resolve()
    assert kept.name.startswith("1970-01-01-")
    assert [stored.folder for stored in list_submissions(results)] == [kept]
    assert len(folder_name(system)) <= 96
    assert {path.name for path in tmp_path.iterdir()} == {"results", "upload"}


def test_only_the_files_of_a_submission_are_kept(tmp_path: Path) -> None:
    upload = make_upload(tmp_path / "upload", "one")
    (upload / "evil.py").write_text("import os")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (upload / "scores.json").symlink_to(secret)
    kept = add_submission(tmp_path / "results", upload, "lab/model")
    assert sorted(path.name for path in kept.iterdir()) == ["answers.jsonl.gz", "result.json"]


def test_the_same_files_are_kept_once(tmp_path: Path) -> None:
    results = tmp_path / "results"
    kept = add_submission(results, make_upload(tmp_path / "one", "same"), "first")
    with pytest.raises(ValueError, match=r"these files were submitted before, on \d{4}-\d\d-\d\d, as first"):
        add_submission(results, make_upload(tmp_path / "two", "same"), "second")
    assert [stored.folder for stored in list_submissions(results)] == [kept]


def test_a_full_board_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseu_leaderboard.intake.store.MAX_SUBMISSIONS", 2)
    for number in range(2):
        add_submission(tmp_path / "results", make_upload(tmp_path / f"{number}", f"{number}"), "model")
    with pytest.raises(ValueError, match="the board holds 2 submissions, its limit"):
        add_submission(tmp_path / "results", make_upload(tmp_path / "more", "more"), "model")
    make_upload(tmp_path / "results" / "model" / "2026-03-04-0123abcd", "written by somebody else")
    with pytest.raises(ValueError, match="more than 2 submissions; move old ones"):
        list_submissions(tmp_path / "results")


@pytest.mark.parametrize("same", [True, False])
def test_two_at_once_do_not_mix(tmp_path: Path, same: bool) -> None:
    results, outcomes = tmp_path / "results", []
    uploads = [make_upload(tmp_path / f"{n}", "same" if same else f"content {n}") for n in range(8)]
    start = threading.Barrier(len(uploads))

    def add(upload: Path) -> None:
        start.wait()
        try:
            outcomes.append(str(add_submission(results, upload, "model")))
        except ValueError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=add, args=(upload,)) for upload in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = list_submissions(results)
    assert len(stored) == (1 if same else 8)
    assert {one.sha256 for one in stored} == {hash_files(upload) for upload in uploads}
    assert sum("submitted" in outcome for outcome in outcomes) == (7 if same else 0)
    assert not list(results.glob(".partial-*"))


def test_a_process_killed_in_mid_write_leaves_nothing_that_counts(tmp_path: Path) -> None:
    results = tmp_path / "results"
    other = add_submission(results, make_upload(tmp_path / "other", "other"), "other")
    before = hash_files(other)
    upload = make_upload(tmp_path / "upload", "upload")
    code = f"""
import os, signal
from pathlib import Path
from sseu_leaderboard.intake import store
copy = store._copy
def copy_one_and_die(source, target):
    copy(source, target)
    os.kill(os.getpid(), signal.SIGKILL)
store._copy = copy_one_and_die
store.add_submission(Path({str(results)!r}), Path({str(upload)!r}), "model")
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False)
    assert ended.returncode == -signal.SIGKILL
    left = list(results.glob(".partial-*"))
    assert [path.name for path in left[0].iterdir()] == ["result.json"]
    assert [stored.folder for stored in list_submissions(results)] == [other]
    assert hash_files(other) == before
    add_submission(results, upload, "model")
    assert len(list_submissions(results)) == 2
    assert sweep(results) == 0  # it could be somebody's who is still writing
    assert sweep(results, now_s=time.time() + 4_000) == 1
    assert not list(results.glob(".partial-*"))
    assert len(list_submissions(results)) == 2


def test_links_and_other_names_are_passed_over(tmp_path: Path) -> None:
    results = tmp_path / "results"
    outside = make_upload(tmp_path / "outside" / "2026-01-01-abcdef12", "outside")
    (results / "model").mkdir(parents=True)
    (results / "linked").symlink_to(outside.parent)
    (results / "model" / "2026-01-01-abcdef12").symlink_to(outside)
    make_upload(results / "model" / "not-a-date", "x")
    make_upload(results / "model" / "2026-01-02-abcdef12", "x")
    (results / "model" / "2026-01-02-abcdef12" / "result.json").unlink()
    os.symlink(outside / "result.json", results / "model" / "2026-01-02-abcdef12" / "result.json")
    (results / "a file").write_text("x")
    assert list_submissions(results) == []
    assert list_submissions(tmp_path / "none") == []
