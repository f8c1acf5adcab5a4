"""Hazards: uploads of other files, two at once, invented clicks, settings that contradict each other."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset.published.versions import VersionsFile, VersionStatus, statuses
from sseu_dataset.records import VERSION
from sseu_leaderboard.entries.view import Choices, View, default_view
from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.intake.reference import read_references
from sseu_leaderboard.intake.store import list_submissions
from sseu_leaderboard.web.server import serve_board
from sseu_leaderboard.web.serving import Board, click, view_of
from sseu_leaderboard.web.uploads import collect
from tests.sseu_hub.made_submissions import edit, make_submission, speaking

NEWER = "1.1.0"
PROJECT = Path(__file__).resolve().parents[3]
NAMES = ("result.json", "answers.jsonl.gz")


@pytest.fixture
def board(tmp_path: Path, scorer: Scorer) -> Board:
    made = Board(tmp_path / "results", tmp_path / "cache", scorer, accept=True)
    made.refresh()
    return made


def paths(folder: Path, *names: str) -> list[str]:
    return [str(folder / name) for name in names or NAMES]


def test_a_good_upload_is_kept_and_ranked(board: Board, folder: Path) -> None:
    said = board.check(paths(folder))
    assert "Accepted:" in said
    assert "It was stored and is on the board." in said
    assert "Note: submitted without scores.json." in said
    table = board.show(View())
    assert "scripted:plain" in table
    assert 'class="entry verified"' in table
    again = board.check(paths(folder, "result.json", "answers.jsonl.gz", "scores.json"))
    assert "these answers are on the board already, as scripted:plain" in again
    assert len(list_submissions(board.results)) == 1


def test_a_board_that_only_checks_keeps_nothing(board: Board, folder: Path) -> None:
    board.accept = False
    assert "It was checked but not stored" in board.check(paths(folder))
    assert list_submissions(board.results) == []


def test_two_submissions_at_once_both_stand(board: Board, built: Path, folder: Path, tmp_path: Path) -> None:
    other = make_submission(built, tmp_path / "other", "scripted:other", reply=speaking("others"))
    threads = [threading.Thread(target=board.check, args=(paths(one),)) for one in (folder, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.name for row in board.rows if row.kind == "verified") == [
        "scripted:other",
        "scripted:plain",
    ]


def test_a_bad_upload_is_refused_and_changes_nothing(board: Board, folder: Path) -> None:
    board.check(paths(folder))
    before = board.rows
    edit(folder, "result.json", lambda values: values["dataset"].update(fingerprint="f" * 64))
    assert "its transcripts or labels are not" in board.check(paths(folder))
    assert board.rows == before


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "result.json and answers.jsonl.gz missing"),
        (("result.json",), "answers.jsonl.gz missing"),
        (("result.json", "result.json", "answers.jsonl.gz"), "result.json was uploaded twice"),
        (("result.json", "../../../etc/passwd"), "'passwd' is not part of a submission"),
        (("result.json", "submission.json"), "'submission.json' is not part of a submission"),
    ],
)
def test_other_files_are_refused(folder: Path, tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(ValueError, match=message):
        collect([str(folder / name) for name in names], target)


def test_a_huge_head_is_not_even_copied(folder: Path, tmp_path: Path) -> None:
    with (folder / "result.json").open("ab") as file:
        file.truncate(1 << 30)
    with pytest.raises(ValueError, match=r"result\.json: 1073741824 bytes, at most 1048576 are allowed"):
        collect(paths(folder), tmp_path)


def test_clicks() -> None:
    view = click(View(), {"sort": "5"})
    assert (view.sort, view.reverse) == ("5", False)
    assert click(view, {"sort": "5"}).reverse is True
    assert click(view, {"sort": "<script>"}) == view
    opened = click(view, {"entry": "paper-kimi-audio", "sort": ""})
    assert opened.entry == "paper-kimi-audio"
    assert click(opened, {"entry": "paper-kimi-audio"}) == view
    assert click(view, {"every": "1"}).every is True
    assert click(view, {"every": "2"}) == view


def test_controls_that_a_browser_invents_are_plain() -> None:
    assert view_of([None, 3, "9.9", "x", {"a": 1}, ["y"], [], "yes", 7, "1"]) == View()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"give one of --results \(a folder\) and --results-repo"),
        ({"results": "r", "results_repo": "lab/r"}, r"give one of --results \(a folder\) and --results-repo"),
        ({"results_repo": "lab/r", "accept": True}, "--accept stores uploads in a folder; give --results"),
        ({"results": "r", "every_s": float("nan")}, "--every-s nan: at least 1 is needed"),
        ({"results_repo": "lab"}, "'lab' is no dataset id of the Hub"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    references: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        serve_board(references, **settings)


def test_a_missing_reference_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no such folder of references, .*; make it with: sseu board reference"):
        serve_board(tmp_path / "none", results=tmp_path)


def test_a_submission_of_the_hub_is_read_with_its_model(board: Board, pristine: Path) -> None:
    shutil.copytree(pristine, board.results / "lab--model" / "2026-03-04-0123abcd")
    board.refresh()
    row = next(row for row in board.rows if row.kind == "verified")
    assert (row.url, row.date) == ("https://huggingface.co/lab/model", "2026-03-04")


def test_a_bad_folder_hides_no_other(board: Board, pristine: Path) -> None:
    shutil.copytree(pristine, board.results / "lab--model" / "2026-03-04-0123abcd")
    bad = Path(shutil.copytree(pristine, board.results / "bad" / "2026-01-01-0123abcd"))
    (bad / "answers.jsonl.gz").write_bytes(b"no gzip")
    board.refresh()
    assert [row.kind for row in board.rows].count("verified") == 1
    assert board.refused == (("bad/2026-01-01-0123abcd", "answers.jsonl.gz: not gzip, or damaged (Error -3 while decompressing data: incorrect header check); upload it again"),)  # fmt: skip  # noqa: E501
    board.scorer = replace(board.scorer, allow_custom=False)
    board.refresh()
    assert [row.kind for row in board.rows].count("verified") == 0


@pytest.fixture
def two_versions(tmp_path: Path, newer: Path, pristine: Path, both_references: Path) -> Board:
    """A board that holds two versions, with a submission on each, and the older one withdrawn."""
    gone = {VERSION: VersionStatus("withdrawn", "one dog is a cat", "2026-03-04")}
    (both_references / "versions.json").write_text(VersionsFile(statuses([VERSION, NEWER], gone)).to_json())
    held = read_references(both_references)
    scorer = Scorer(both_references, "exact", allow_custom=True)
    choices = Choices(versions=held.versions)
    made = Board(tmp_path / "results", tmp_path / "cache", scorer, True, choices, held.statuses)
    shutil.copytree(pristine, made.results / "lab--model" / "2026-03-04-0123abcd")
    (tmp_path / "newer").mkdir()
    other = make_submission(newer, tmp_path / "newer", "scripted:plain")
    shutil.copytree(other, made.results / "lab--model" / "2026-03-09-0123abcd")
    made.refresh()
    return made


def test_each_submission_is_scored_and_shown_with_its_own_version(two_versions: Board) -> None:
    rows = [row for row in two_versions.rows if row.kind == "verified"]
    assert [(row.name, row.version, row.remarks) for row in rows] == [
        ("scripted:plain", version, ("model lab/model", "one prompt set")) for version in (VERSION, NEWER)
    ]
    assert two_versions.choices.versions == (NEWER, VERSION)
    assert two_versions.label(VERSION) == f"{VERSION} (withdrawn)"
    assert two_versions.label(NEWER) == NEWER
    table = two_versions.show(default_view(two_versions.choices))
    assert f"<strong>SSEU-Bench {NEWER}</strong>" in table
    assert table.count('<tr class="entry verified') == 1
    assert "was withdrawn" not in table
    table = two_versions.show(View())
    assert f"<strong>SSEU-Bench {VERSION}</strong>" in table
    assert table.count('<tr class="entry verified') == 1
    assert f"SSEU-Bench {VERSION} was withdrawn on 2026-03-04: one dog is a cat; use {NEWER}." in table


def test_a_withdrawn_version_keeps_its_rows_and_takes_no_new_ones(two_versions: Board, folder: Path) -> None:
    before = two_versions.rows
    said = two_versions.check(paths(folder))
    reason = f"SSEU-Bench {VERSION} was withdrawn on 2026-03-04: one dog is a cat; use {NEWER}"
    assert f"Refused.</strong> {reason}; later submissions on it are not taken" in said
    edit(folder, "submission.json", lambda values: values.update(model="lab/late"))
    shutil.copytree(folder, two_versions.results / "lab--late" / "2026-03-05-0123abcd")
    two_versions.refresh()
    assert two_versions.refused == (
        ("lab--late/2026-03-05-0123abcd", f"{reason}; later submissions on it are not taken"),
    )
    assert two_versions.rows == before
