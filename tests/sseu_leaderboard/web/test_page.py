"""Hazards: markup in untrusted text, anywhere it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from sseu_dataset.records import VERSION
from sseu_leaderboard.entries.rows import BoardRow
from sseu_leaderboard.entries.view import DETAILS, View
from sseu_leaderboard.intake.reference import BoardReference
from sseu_leaderboard.intake.verified import BoardCell, BoardFactor, pack
from sseu_leaderboard.web.curves import render_curves
from sseu_leaderboard.web.page import render_board
from sseu_leaderboard.web.uploads import render_accepted, render_refused
from sseu_report.appearance import PALETTE
from tests.sseu_leaderboard.entries.test_ranking import FACTORS, make_row, places
from tests.sseu_leaderboard.made_records import make_verified

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


ASR = View(task="asr")


def shown(rows: Sequence[BoardRow], view: View = ASR, **more: Any) -> Seen:
    """The table of a view, checked for markup of others."""
    return check_harmless(render_board(places(rows, view), view, **more))


def heads(seen: Seen) -> list[str]:
    return [str(given["data-sort"]) for tag, given in seen.tags if tag == "button" and "data-sort" in given]


def test_untrusted_text_is_never_markup() -> None:
    row = make_row(
        HOSTILE,
        {"average": 10.0, "0": 12.0, "5": 11.0},
        id="abc",
        remarks=(HOSTILE,),
        embedder=HOSTILE,
        prompts=HOSTILE,
        date=HOSTILE,
        marks={"independent": {"wer": (HOSTILE,)}},
        submissions=(HOSTILE,),
    )
    view = View(task="asr", entry="abc", columns=("average", "0", *DETAILS))
    looks = {HOSTILE: PALETTE[0]}
    board = check_harmless(render_board(places([row], view), view, (HOSTILE,), looks=looks))
    assert board.text.count(HOSTILE) >= 5
    assert "${alert(3)}{{alert(4)}}" in check_harmless(render_curves([row], looks, view, chosen=row)).text
    assert HOSTILE in check_harmless(render_refused(HOSTILE)).text
    cells = {"joint": {"wer": {"average": BoardCell(1.0, 0.5, 2.0)}}}
    verified = make_verified(HOSTILE, flags=(HOSTILE,), notes=(HOSTILE,), cells=cells)
    assert check_harmless(render_accepted(verified, "Kept.")).text.count(HOSTILE) == 3


def test_the_table_shows_score_interval_and_ranks() -> None:
    rows = [make_row("a", {"average": 10.0}, error=0.005), make_row("b", {"average": 12.345}, error=0.005)]
    text = shown(rows).text
    assert "Ranked by WER, Average, in brackets the ranks that are open" in text
    assert re.search(r"12\.3[45]12\.3\d–12\.3\d", text)
    assert "[2–2]" in text


def test_the_first_view_has_the_three_metrics_and_no_empty_column() -> None:
    def cells(**values: float) -> dict[str, Any]:
        return {"independent": {name: {"average": BoardCell(value)} for name, value in values.items()}}

    rows = [make_row("a", {}, cells=cells(wer=5.0, macc=60.0, map=40.0)), make_row("b", {}, cells=cells(wer=6.0))]
    assert heads(shown(rows, View())) == ["average", "name", "wer", "macc", "map", "date"]
    assert heads(shown(rows[1:], View())) == ["average", "name", "wer", "date"]
    assert heads(shown(rows)) == ["name", "average", "date"]


def test_the_embedder_stands_where_it_counts() -> None:
    columns = ("average", "embedder")
    words = [make_row("a", {"average": 10.0})]
    assert heads(shown(words, View(task="asr", columns=columns))) == ["name", "average"]
    assert "Text embedder" not in shown(words).text
    events = [make_row("a", {"average": 10.0}, "map", embedder="lab/mini@0123")]
    seen = shown(events, View(task="at", columns=columns))
    assert heads(seen) == ["name", "average", "embedder"]
    assert "Text embedder of verified mACC and mAP: lab/mini@0123." in seen.text


def test_a_doubtful_score_says_why_beside_it_and_below_the_table() -> None:
    seen = shown([make_row("a", {"average": 10.0}, marks={"independent": {"wer": ("noise does not raise it",)}})])
    flags = [given["aria-label"] for tag, given in seen.tags if tag == "span" and given.get("class") == "doubt"]
    assert flags == ["doubtful: noise does not raise it"]
    assert "⚑ a, WER: noise does not raise it." in seen.text


def test_the_best_is_bold_and_what_cannot_be_told_from_it_is_marked() -> None:
    rows = [make_row(name, {"average": value}, error=1.0) for name, value in (("a", 10.0), ("b", 10.5), ("c", 30.0))]
    html = render_board(places(rows, ASR), ASR)
    assert re.findall(r"<b>(\d+\.\d+)</b>|(\d+\.\d+)†", html) == [("10.00", ""), ("", "10.50")]


def test_every_tab_says_which_data_it_is_about_and_what_is_not_the_benchmark(reference: BoardReference) -> None:
    rows = [make_row("a", {"average": 10.0})]
    for task in ("all", "asr"):
        text = shown(rows, View(task=task), dataset=reference.dataset).text
        recipe = reference.dataset.recipe
        said = f"SSEU-Bench {VERSION} · recipe {recipe} · 9 pairs at 7 signal-to-noise ratios · asked independent"
        assert said in text
        assert f"Not the benchmark: {recipe} dataset" in text
    whole = reference.dataset.replace(recipe="paper", pairs=1117, reasons=())
    assert "Not the benchmark" not in shown(rows, dataset=whole).text


def test_a_hundred_rows_are_shown_and_the_others_on_request() -> None:
    cells = [{"independent": {"wer": {"average": BoardCell(10.0 + number)}}} for number in range(101)]
    rows = [make_row(f"system {number}", {}, cells=one) for number, one in enumerate(cells)]
    seen = shown(rows)
    assert sum("data-row" in given for _, given in seen.tags) == 100
    assert "Show all 101 rows" in seen.text
    assert sum("data-row" in given for _, given in shown(rows, View(task="asr", every=True)).tags) == 101


def test_a_chosen_row_opens_below_itself() -> None:
    rows = [make_row(name, {"average": 10.0, "0": 12.0, "5": 11.0}, submissions=(f"lab--{name}/x",)) for name in "ab"]
    html = render_board(places(rows, replace(ASR, entry="a")), replace(ASR, entry="a"))
    assert html.index('data-row="a"') < html.index('class="opened"') < html.index('data-row="b"')
    assert "lab--a/x" in html
    assert "lab--b/x" not in html


def test_a_score_without_interval_says_so_and_the_line_below_says_why() -> None:
    cells = {"independent": {"wer": {"average": BoardCell(12.0)}}}
    one = replace(FACTORS[0], stratum=(0,), sizes=(20.0,))
    rows = [make_row("a", {}, cells=cells, factors={"independent": {"wer": (one,)}})]
    text = shown(rows).text
    assert "12.00no interval" in text
    assert "no interval: one speaker only." in text
    assert "clusters are" not in text
    flat = [make_row("a", {}, cells=cells, factors={"independent": {"wer": FACTORS}})]
    assert "no interval: no cluster changes the score, or one holds all there is." in shown(flat).text
    reported = [make_row("a", {}, cells=cells, factors={}, kind="reported")]
    assert "no interval" not in shown(reported).text


def test_scenes_of_one_recording_are_named_below_the_table() -> None:
    factor = BoardFactor(("recording",), 1, (0, 1, 1), (4.0, 4.0, 2.0), ("Home", "Restaurant"))
    cell = BoardCell(12.0, 10.0, 14.0, None, pack((11.0, 13.0, 12.0)))
    cells = {"independent": {"macc": {"average": cell}}}
    row = make_row("a", {}, cells=cells, factors={"independent": {"macc": (factor,)}})
    text = shown([row], View(task="asc")).text
    assert "intervals of mACC: clusters are recording." in text
    sure = "too narrow, and p values and ranks look surer than they are"
    assert f"intervals of mACC are {sure}: only one recording each of Home." in text


def test_the_sorted_head_says_its_direction() -> None:
    rows = [make_row("a", {"average": 10.0})]
    for view, expected in ((ASR, "ascending"), (View(task="asr", reverse=True), "descending")):
        found = [given for tag, given in shown(rows, view).tags if tag == "th"]
        assert [head["aria-sort"] for head in found if head.get("aria-sort", "none") != "none"] == [expected]


@pytest.mark.parametrize("value", [0.0, 99.0, 5_000.0])
def test_a_curve_stays_in_its_frame(value: float) -> None:
    row = make_row("a", {"0": value, "5": value})
    found = [
        re.fullmatch(r"translate\((\S+) (\S+)\) scale\(.*\)", str(given["transform"]))
        for tag, given in Seen(render_curves([row], {}, ASR, chosen=row)).tags
        if "transform" in given
    ]
    assert len(found) == 2
    assert all(place is not None and 0 <= float(place[2]) <= 210 for place in found)


def test_a_curve_is_broken_before_the_two_ends() -> None:
    row = make_row("a", {"+inf": 5.0, "5": 10.0, "0": 20.0})
    lines = [given for tag, given in Seen(render_curves([row], {}, ASR, chosen=row)).tags if tag == "polyline"]
    assert [len(str(line["points"]).split()) for line in lines] == [2]


def test_an_empty_board_has_a_message() -> None:
    assert "No rows match." in shown([]).text


def test_scores_on_a_custom_dataset_are_in_parentheses_and_the_papers_are_not() -> None:
    reasons = ("custom dataset (synthetic stand-in corpora <b>)",)
    scores = {"average": 10.0, "0": 12.0, "5": 11.0}
    custom = replace(make_row("ours", scores, error=0.01), limitations=reasons)
    papers = make_row("theirs", {"average": 14.0, "0": 16.0, "5": 15.0})
    seen = shown([custom, papers])
    assert re.search(r"\(10\.00\)\(\d+\.\d\d–\d+\.\d\d\)", seen.text)
    assert "14.00" in seen.text
    assert "(14.00" not in seen.text
    assert f"Scores in parentheses are not scores of the whole benchmark: {reasons[0]}." in seen.text
    assert "parentheses" not in shown([papers]).text
    opened = [shown([custom, papers], replace(ASR, entry=name)) for name in ("ours", "theirs")]
    fills = [{given["fill"] for tag, given in one.tags if "transform" in given} for one in opened]
    assert fills == [{"none"}, {"currentColor"}]
    assert ["Hollow points" in one.text for one in opened] == [True, False]
    cells = {"joint": {"wer": {"average": BoardCell(1.0, 0.5, 2.0)}}}
    text = Seen(render_accepted(make_verified(cells=cells, limitations=reasons), "Kept.")).text
    assert "(1.00)(0.50–2.00)" in text
    assert reasons[0] in text
