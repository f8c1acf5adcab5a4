"""Hazards: invalid links, numbers that are not the paper's, entries that are no systems."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sseu_leaderboard.entries.rows import model_url, paper_rows, row_of
from sseu_leaderboard.entries.view import View
from sseu_leaderboard.intake.verified import BoardCell
from sseu_leaderboard.notices import Notice
from sseu_models.kinds import Kind
from tests.sseu_leaderboard.entries.test_ranking import names
from tests.sseu_leaderboard.made_records import make_verified

VERIFIED = make_verified()


@pytest.mark.parametrize(
    ("system", "model", "url"),
    [
        ("hf:Qwen/Qwen2-Audio-7B-Instruct", None, "https://huggingface.co/Qwen/Qwen2-Audio-7B-Instruct"),
        ("api:some@http://host", "lab/model", "https://huggingface.co/lab/model"),
        ("hf:lab/model@abc123", None, "https://huggingface.co/lab/model"),
        ("hf:javascript:alert(1)", None, None),
        ('hf:a/b" onmouseover="x', None, None),
        ("hf:../..", None, None),
        ("noisy", None, None),
    ],
)
def test_only_what_can_be_a_model_is_a_link(system: str, model: str | None, url: str | None) -> None:
    assert model_url(replace(VERIFIED, system=system, model=model)) == url


def test_a_front_end_stands_in_the_name() -> None:
    assert row_of(replace(VERIFIED, frontend="enhancer"), "2026-01-01").name == "model + enhancer"
    assert row_of(replace(VERIFIED, flags=("x",)), "2026-01-01").kind == "flagged"


def test_the_paper_s_rows_are_the_paper_s() -> None:
    rows = paper_rows()
    assert names(rows, View(task="asr"))[:2] == ["Kimi-Audio", "Qwen2-Audio-Instruct"]
    assert names(rows, View(task="asc"))[0] == "LAION-CLAP"
    qwen = next(row for row in rows if row.name == "Qwen2-Audio-Instruct")
    assert qwen.metric(View(), "wer").get("-10") == BoardCell(37.71, std=0.2)
    assert qwen.metric(View(), "wer").get("average") == BoardCell(14.50, std=0.1)
    assert qwen.metric(View(), "wer").get("finite") == BoardCell(16.59, std=0.1)
    assert qwen.metric(View(mode="joint"), "map").get("finite") == BoardCell(16.52, std=1.1)
    five = [
        cell.value for c in ("10", "5", "0", "-5", "-10") if (cell := qwen.metric(View(), "wer").get(c)) is not None
    ]
    assert sum(five) / 5 == pytest.approx(16.59, abs=0.01)


def test_only_systems_are_ranked_and_the_others_say_what_they_are() -> None:
    kinds: tuple[Kind, ...] = ("system", "front end", "oracle", "control", "baseline")
    marks = {"independent": {"wer": ("doubt",)}}
    made = {kind: row_of(replace(VERIFIED, kind=kind, marks=marks), "2026-01-01") for kind in kinds}
    assert {kind: row.kind for kind, row in made.items()} == {
        "system": "verified", "front end": "apart", "oracle": "apart", "control": "apart", "baseline": "apart"
    }  # fmt: skip
    assert made["control"].remarks == ("control, not ranked",)
    assert (made["system"].marks, made["control"].marks) == (marks, {})
    retired = row_of(VERIFIED, "2026-01-01", "lab--model/x", Notice("withdrawn", "2026-02-02", why="wrong"))
    assert (retired.kind, retired.remarks) == ("retired", ("withdrawn on 2026-02-02: wrong",))
