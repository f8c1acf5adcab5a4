"""The page as text: nothing untrusted becomes markup, and the policy allows nothing but its own script and style."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from sseu_report.page.clips.records import AnswerView, ClipCard, RawText, TaskView
from sseu_report.page.first_screen import FirstScreen, Line, ScreenCell, ScreenColumn, ScreenRow
from sseu_report.page.render import (
    Block,
    ClipSection,
    Page,
    PagePlot,
    PageTable,
    Section,
    add_clips,
    render_page,
    script_json,
)

NASTY = "</script><script>alert(1)</script><!-- </textarea> <img src=x onerror=alert(2)> & \" ' \u2028 ]]>"
VOID = {"meta", "link", "img", "input", "br"}


def card(text: str = "fine", number: int = 0) -> ClipCard:
    view = TaskView(
        "asr",
        "missed",
        "plain",
        "the whole text",
        0,
        1,
        ["WER 100 %"],
        [("substituted", text, text), ("inserted", "", text)],
    )
    return ClipCard(
        f"clip {number}",
        "pair",
        "0",
        "Home",
        ["Dog"],
        text,
        text,
        text,
        [text],
        None,
        None,
        [],
        [AnswerView(0, "joint", [view], [RawText("all", text, len(text))])],
    )


def screen(text: str) -> FirstScreen:
    cell = ScreenCell(text, text, "not worse", 50.0, 50.0, 40.0, 60.0)
    rows = [
        ScreenRow(1, text, "", "look-0", "", "", [cell, None]),
        ScreenRow(None, text, "oracle", "look-grey", "", "", [cell]),
    ]
    column = ScreenColumn("WER", "speech", "lower is better", 100.0, [Line(80.0, text, "floor")], text)
    return FirstScreen(text, "joint", [column, column], rows, [text], [text], [text])


def whole_page(text: str = "fine", clips: ClipSection | None = None) -> str:
    table = PageTable(text, ("System", text), [(text, "1.00")], notes=[text])
    plot = PagePlot(text, "<svg xmlns='http://www.w3.org/2000/svg'/>", text)
    section = Section("tables", text, [Block(text, text, [text], [plot], [table])])
    page = render_page(Page(text, screen(text), {"csv": text}, [plot], [plot], [section], [text]))
    return add_clips(page, ClipSection([text], [card(text)]) if clips is None else clips)


class Reader(HTMLParser):
    """Collects elements, checks that each is closed, and keeps the content of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.raw.append((self.open[-1], data))


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def shape(reader: Reader) -> list[str]:
    return [tag for tag, _ in reader.tags]


def test_hostile_texts_change_no_element() -> None:
    assert shape(read(whole_page(NASTY))) == shape(read(whole_page()))


def test_hostile_texts_come_through_the_data_unchanged() -> None:
    html = whole_page(NASTY)
    data = next(text for tag, text in read(html).raw if text.startswith('{"systems"'))
    assert "<" not in data
    values = json.loads(data)
    assert values["systems"] == [NASTY]
    (answer,) = values["clips"][0]["answers"]
    assert answer["raw"][0]["text"] == NASTY
    assert answer["tasks"][0]["alignment"][0] == ["substituted", NASTY, NASTY]
    assert "<img src=x" not in html


def test_a_lone_surrogate_stays_ascii_in_the_data() -> None:
    assert json.loads(script_json({"text": "\ud800"})) == {"text": "\ud800"}
    assert script_json("\ud800").isascii()


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json([float("nan")])


def test_the_policy_names_the_script_and_the_style_that_are_there() -> None:
    reader = read(whole_page())
    policy = next(attrs["content"] for tag, attrs in reader.tags if attrs.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    style = next(text for tag, text in reader.raw if tag == "style")
    script = [text for tag, text in reader.raw if tag == "script"][-1]
    for kind, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy


def test_nothing_is_loaded_from_elsewhere_and_no_code_stands_in_attributes() -> None:
    html = whole_page()
    for tag, attrs in read(html).tags:
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, name)
            assert name != "style", tag
            if name in ("src", "href"):
                assert (value or "").startswith(("data:", "#")), (tag, name, value)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|import\(|fetch\(", html)
    assert not re.search(r"@import|url\(", html)


def test_tables_have_headers_captions_and_a_box_to_scroll_in() -> None:
    html = whole_page("words")
    assert '<th scope="col">System</th>' in html
    assert '<th scope="row">words</th>' in html
    assert '<caption class="hidden">words</caption>' in html  # the heading above says it
    assert '<div class="scroll" role="region" aria-label="words" tabindex="0">' in html


def test_a_page_without_clips_has_no_filters_and_says_why() -> None:
    html = whole_page(clips=ClipSection(["no dataset"]))
    assert 'id="filters"' not in html
    assert "no dataset" in html
