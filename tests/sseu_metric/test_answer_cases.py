"""Answers in the styles of many model families are read as a person would read them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.scripts import load_script

PROJECT = Path(__file__).parents[2]


def table_maker() -> ModuleType:
    return load_script("docs/make_answer_table.py")


MAKER = table_maker()
CASES = MAKER.cases()
DISAGREED = {
    "a second sentence about the speaker may be spoken too": "Spoken text: I think the others went ahead. The speaker",
    "people say this to each other": "Sorry, I didn't catch that.",
    "what a place is like belongs to its name": "The recording took place in a workshop, where someone hammers",
    "a time beside a remark is not worth a rule": "* Swing creaking (intermittent, 0:01-0:08)",
}
"""Arguable cases that are read otherwise: why, and how they begin."""


@pytest.mark.parametrize("case", CASES, ids=[f"{number} {case['kind']}" for number, case in enumerate(CASES)])
def test_the_case_is_read(case: dict[str, Any]) -> None:
    disagreed = case["text"].startswith(tuple(DISAGREED.values()))
    assert MAKER.verdict(case) == ("misread" if disagreed else "read")


def test_what_is_disagreed_with_is_arguable() -> None:
    assert sum(case["text"].startswith(tuple(DISAGREED.values())) for case in CASES) == len(DISAGREED)
    assert all(case["severity"] == "C" for case in CASES if case["text"].startswith(tuple(DISAGREED.values())))


def test_the_table_in_the_documentation_is_made_from_the_cases() -> None:
    page = (PROJECT / "docs" / "answers.md").read_text(encoding="utf-8")
    assert MAKER.tables(CASES) in page, "make it again: python docs/make_answer_table.py"


def test_what_articles_do_is_as_the_documentation_says() -> None:
    try:
        made = MAKER.articles(CASES)
    except ImportError as error:
        pytest.skip(f"the default embedder is not installed: {error}")
    assert made in (PROJECT / "docs" / "answers.md").read_text(encoding="utf-8"), "python docs/make_answer_table.py"
