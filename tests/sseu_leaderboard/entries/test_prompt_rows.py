"""A system asked with several prompt sets on the board: one row, with the interval of the report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_dataset import load
from sseu_leaderboard.entries.prompt_rows import over_prompts
from sseu_leaderboard.entries.rows import BoardRow, row_of
from sseu_leaderboard.entries.view import View
from sseu_leaderboard.intake.confinement import Scorer, verify_confined
from sseu_leaderboard.web.serving import Board
from sseu_models.prompts import PROMPT_SETS
from sseu_models.records import Question, Reply
from sseu_report.entries import read_entries, score_entries
from sseu_report.prompt_sets import together
from tests.sseu_hub.made_submissions import make_submission
from tests.sseu_models.scripted import plain_reply


def by_wording(built: Path) -> Callable[[Question], Reply]:
    """Drops words from the end of what is said: by the wording, the run and the clip."""
    said = {row["id"]: row["transcript"] for row in load(built).remove_columns("audio")}

    def reply(question: Question) -> Reply:
        if question.task != "asr":
            return plain_reply(question)
        lost = hashlib.sha256(f"{question.clip_id} {question.seed}".encode()).digest()[0] % 3
        lost += int(question.prompt.id[-1])
        return Reply(text=" ".join(said[question.clip_id].split()[:-lost]))

    return reply


@pytest.fixture(scope="module")
def roots(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """For each prompt set the folder with the run and its submission."""
    found = []
    for name in PROMPT_SETS:
        root = tmp_path_factory.mktemp(name)
        make_submission(built, root, "scripted:worded", reply=by_wording(built), prompts=name)
        found.append(root)
    return found


@pytest.fixture
def board(tmp_path: Path, scorer: Scorer) -> Board:
    return Board(tmp_path / "results", tmp_path / "cache", scorer, accept=True)


def submit(board: Board, folder: Path) -> None:
    assert "It was stored and is on the board." in board.check([str(folder / f) for f in FILES])


FILES = ("result.json", "answers.jsonl.gz")


def verified(board: Board) -> list[BoardRow]:
    return [row for row in board.rows if row.kind == "verified"]


def test_three_sets_become_one_row_with_the_interval_of_the_report(board: Board, roots: list[Path]) -> None:
    submit(board, roots[0] / "submission")
    (alone,) = verified(board)
    assert "one prompt set" in alone.remarks
    for root in roots[1:]:
        submit(board, root / "submission")
    (row,) = verified(board)
    assert "over 3 prompt sets" in row.remarks
    assert "one prompt set" not in row.remarks
    assert (row.prompts, row.runs) == ("project-1, project-2, project-3", 2)
    scored = score_entries(read_entries([root / "run" for root in roots]))
    whole = together(scored).scores["independent"]
    cell, interval = row.metric(View(), "wer")["average"], whole.intervals("wer")["all"]
    assert interval is not None
    assert cell.value == pytest.approx(whole.value("wer"))
    assert (cell.low, cell.high) == pytest.approx((interval.low, interval.high), abs=0.02)
    before = alone.metric(View(), "wer")["average"]
    assert None not in (before.low, before.high, cell.low, cell.high)
    assert (cell.high or 0) - (cell.low or 0) > (before.high or 0) - (before.low or 0)
    assert cell.runs == pytest.approx(whole.run_means("wer"))
    page = board.show(View())
    assert "over 3 prompt sets" in page
    assert page.count('<tr class="entry verified') == 1
    said = board.check([str(roots[1] / "submission" / name) for name in (*FILES, "scores.json")])
    assert "these answers are on the board already" in said


def test_two_sets_hold_the_runs_and_a_second_try_of_a_set_stands_alone(board: Board, roots: list[Path]) -> None:
    for root in roots[:2]:
        submit(board, root / "submission")
    (row,) = verified(board)
    scored = score_entries(read_entries([root / "run" for root in roots[:2]]))
    interval = together(scored).scores["independent"].intervals("wer")["all"]
    cell = row.metric(View(), "wer")["average"]
    assert interval is not None
    assert (cell.low, cell.high) == pytest.approx((interval.low, interval.high), abs=0.02)
    assert len(cell.runs) == 4


def test_only_what_differs_in_the_wording_alone_is_one_row(board: Board, roots: list[Path], built: Path) -> None:

    one, other = (row_of(verify_confined(root / "submission", board.scorer), "2026-01-01") for root in roots[:2])
    assert len(over_prompts([one, other])) == 1
    for changed in (
        replace(other, asked="another setting"),
        replace(other, kind="flagged"),
        replace(other, version="1.1.0"),
        replace(other, prompts="mine"),
        replace(other, prompts=one.prompts),
    ):
        assert [row.remarks[-1] for row in over_prompts([one, changed])] == ["one prompt set"] * 2
    again = over_prompts([one, replace(one, id="b" * 32), other])
    assert [row.remarks[-1] for row in again] == ["over 2 prompt sets", "one prompt set"]
