"""Hazards: markup in untrusted text, anywhere it is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sseu_leaderboard.intake.verified import BoardCell, BoardFactor
from sseu_leaderboard.web.board import View
from sseu_leaderboard.web.page import render_accepted, render_board, render_curve, render_refused
from tests.sseu_leaderboard.made_records import make_verified
from tests.sseu_leaderboard.web.test_board import FACTORS, make_row, places

HOSTILE = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script></td></table>${alert(3)}{{alert(4)}}"


class Seen(HTMLParser):
    """Every element with its attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def check_harmless(html: str) -> Seen:
    seen = Seen(html)
    for tag, attributes in seen.tags:
        assert tag not in ("script", "img", "iframe", "style")
        assert not [name for name in attributes if name.startswith("on")]
        assert not str(attributes.get("href", "")).startswith("javascript")
    return seen


def test_untrusted_text_is_never_markup() -> None:
    row = make_row(
        HOSTILE,
        {"average": 10.0, "0": 12.0},
        id="abc",
        remarks=(HOSTILE,),
        embedder=HOSTILE,
        prompts=HOSTILE,
        date=HOSTILE,
    )
    view = View(entry="abc")
    board = check_harmless(render_board(places([row], view), view, (HOSTILE,)))
    assert board.text.count(HOSTILE) >= 5
    assert HOSTILE in check_harmless(render_curve(row, [row], view)).text
    assert HOSTILE in check_harmless(render_refused(HOSTILE)).text
    cells = {"joint": {"wer": {"average": BoardCell(1.0, 0.5, 2.0)}}}
    verified = make_verified(HOSTILE, flags=(HOSTILE,), notes=(HOSTILE,), cells=cells)
    assert check_harmless(render_accepted(verified, "Kept.")).text.count(HOSTILE) == 3


def test_the_table_shows_score_deviation_interval_and_ranks() -> None:
    rows = [make_row("a", {"average": 10.0}, error=0.005), make_row("b", {"average": 12.345}, error=0.005)]
    text = Seen(render_board(places(rows, View()), View())).text
    assert "WER (%), lower is better, mode independent; ranked by Average" in text
    assert "12.35 ± 0.1" in text or "12.34 ± 0.1" in text
    assert "[2–2]" in text


def test_a_score_without_interval_says_so_and_the_line_below_says_why() -> None:
    cells = {"independent": {"wer": {"average": BoardCell(12.0)}}}
    one = replace(FACTORS[0], stratum=(0,), sizes=(20.0,))
    rows = [make_row("a", {}, cells=cells, factors={"independent": {"wer": (one,)}})]
    text = Seen(render_board(places(rows, View()), View())).text
    assert "12.00no interval" in text
    assert "no interval: one speaker only." in text
    assert "clusters are" not in text
    flat = [make_row("a", {}, cells=cells, factors={"independent": {"wer": FACTORS}})]
    text = Seen(render_board(places(flat, View()), View())).text
    assert "no interval: no cluster changes the score, or one holds all there is." in text
    reported = [make_row("a", {}, cells=cells, factors={}, kind="reported")]
    assert "interval" not in Seen(render_board(places(reported, View()), View())).text


def test_scenes_of_one_recording_are_named_below_the_table() -> None:
    factor = BoardFactor(("recording",), 1, (0, 1, 1), (4.0, 4.0, 2.0), ("Home", "Restaurant"))
    cell = BoardCell(12.0, 10.0, 14.0, None, (11.0, 13.0, 12.0))
    cells = {"independent": {"macc": {"average": cell}}}
    row = make_row("a", {}, cells=cells, factors={"independent": {"macc": (factor,)}})
    view = View(task="asc")
    text = Seen(render_board(places([row], view), view)).text
    assert "intervals of mACC: clusters are recording." in text
    assert "intervals of mACC are too narrow, and p values and ranks look surer than they are: only" in text
    assert "only one recording each of Home." in text


def test_the_sorted_head_says_its_direction() -> None:
    rows = [make_row("a", {"average": 10.0})]
    for view, expected in ((View(), "ascending"), (View(reverse=True), "descending")):
        heads = [attributes for tag, attributes in Seen(render_board(places(rows, view), view)).tags if tag == "th"]
        assert [head["aria-sort"] for head in heads if head.get("aria-sort", "none") != "none"] == [expected]


@pytest.mark.parametrize("value", [0.0, 99.0, 5_000.0])
def test_a_curve_stays_in_its_frame(value: float) -> None:
    row = make_row("a", {"0": value, "5": value})
    for tag, attributes in Seen(render_curve(row, [row], View())).tags:
        if tag == "circle":
            assert 0 <= float(str(attributes["cy"])) <= 300


def test_an_empty_board_has_a_message() -> None:
    assert "No rows match." in render_board([], View())
    assert "Choose a system" in render_curve(None, [], View())


def test_scores_on_a_custom_dataset_are_in_parentheses_and_the_papers_are_not() -> None:
    reasons = ("custom dataset (synthetic stand-in corpora <b>)",)
    custom = replace(make_row("ours", {"average": 10.0, "0": 12.0}, error=0.01), limitations=reasons)
    papers = make_row("theirs", {"average": 11.0, "0": 13.0})
    seen = check_harmless(render_board(places([custom, papers], View()), View()))
    assert re.search(r"\(10\.00 ± 0\.1\)\(\d+\.\d\d–\d+\.\d\d\)", seen.text)
    assert "11.00" in seen.text
    assert "(11.00" not in seen.text
    assert f"Scores in parentheses are not scores of the whole benchmark: {reasons[0]}." in seen.text
    assert "parentheses" not in Seen(render_board(places([papers], View()), View())).text
    curves = [Seen(render_curve(row, [custom, papers], View())) for row in (custom, papers)]
    fills = [{attributes["fill"] for tag, attributes in one.tags if tag == "circle"} for one in curves]
    assert fills == [{"none"}, {"#0a58ca"}]
    assert ["Hollow points" in one.text for one in curves] == [True, False]
    cells = {"joint": {"wer": {"average": BoardCell(1.0, 0.5, 2.0)}}}
    verified = make_verified(cells=cells, limitations=reasons)
    text = Seen(render_accepted(verified, "Kept.")).text
    assert "(1.00)(0.50–2.00)" in text
    assert reasons[0] in text
