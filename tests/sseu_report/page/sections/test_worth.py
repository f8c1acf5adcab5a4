"""What scores are worth on the page: floors beside scores, what a floor is not, and averages that are not alike."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, get_args

import pytest

from sseu_models.kinds import Kind
from sseu_models.records import Question, Reply
from sseu_models.results.record import IntervalRecord
from sseu_models.results.scores_file import SkillRecord
from sseu_report.entries import ScoredEntry
from sseu_report.findings.collect import collect_findings
from sseu_report.page.render import PageTable
from sseu_report.page.sections.asked import HOW_TO_READ
from sseu_report.page.sections.chapters import finding_tables
from sseu_report.page.sections.worth import worth_table
from sseu_report.tables.paper_tables import condition_table, strategy_table

OVER = (
    "Averages of these modes are over different conditions, not comparable: "
    "independent over +inf, 10, 5, 0, -5, -10 (WER); 10, 5, 0, -5, -10, -inf (mACC, mAP). "
    "joint over 10, 5, 0, -5, -10 (WER, mACC, mAP)."
)


def guesses(question: Question) -> Reply:
    return Reply(text="Transcript: please call stella\nScene: Home\nEvents: Dog")


@pytest.fixture(scope="module")
def asked(make_scored: Any) -> ScoredEntry:
    return make_scored("guesser", guesses, modes=("independent", "joint"))  # type: ignore[no-any-return]


def tables_of(*scored: ScoredEntry) -> dict[str, PageTable]:
    return {table.caption: table for table in finding_tables(collect_findings(scored))}


def test_floors_stand_in_parentheses_as_the_scores_do(asked: ScoredEntry) -> None:
    worth = tables_of(asked)["What the scores are worth"]
    place = worth.header.index("its score, %")
    assert asked.entry.limitations
    assert all(re.fullmatch(r"\(.+\)", str(row[place])) for row in worth.rows)
    assert any("The floors of WER are held fixed" in note for note in worth.notes)


def test_a_skill_without_an_interval_says_why(asked: ScoredEntry) -> None:
    findings = collect_findings((asked,))
    (name, modes), *_ = findings.worth.items()
    skill = {"wer": {"sentence": SkillRecord(floor=70.0, floor_interval=None, skill=20.0, interval=None)}}
    bare = worth_table(replace(findings, worth={name: [replace(modes[0], skill=skill)]}))
    assert any(note.startswith("A skill without an interval: nothing tells how much it varies") for note in bare.notes)
    known = {"wer": {"sentence": skill["wer"]["sentence"].replace(interval=IntervalRecord(low=10.0, high=30.0))}}
    full = worth_table(replace(findings, worth={name: [replace(modes[0], skill=known)]}))
    assert not any("A skill without an interval" in note for note in full.notes)


def test_averages_over_different_conditions_are_named_below_every_table_that_has_them(asked: ScoredEntry) -> None:
    tables = tables_of(asked)
    for caption in ("What the scores are worth", "By corpus of the background", "Scenes"):
        assert OVER in tables[caption].notes


def test_modes_of_the_same_conditions_need_no_such_note(make_scored: Any) -> None:
    alike = make_scored("alike", guesses, modes=("joint", "cot"))
    assert not any("not comparable: " in note for table in tables_of(alike).values() for note in table.notes)


def test_tables_say_over_how_many_classes_a_mean_is(asked: ScoredEntry) -> None:
    left_out = asked.entry.modes["joint"].left_out
    scenes = f"mACC over {6 - len(left_out.scenes)} of 6 scenes."
    events = f"mAP over {18 - len(left_out.events)} of 18 events."
    assert left_out.scenes
    assert left_out.events
    for metric, note, other in (("macc", scenes, events), ("map", events, scenes)):
        table = condition_table([asked.entry], metric)
        assert table is not None
        assert note in table.notes
        assert other not in table.notes
    both = strategy_table([asked.entry])
    assert both is not None
    assert {scenes, events} <= set(both.notes)


def test_every_mark_beside_a_name_is_explained() -> None:
    text = " ".join(HOW_TO_READ)
    for kind in set(get_args(Kind)) - {"system", "front end"}:
        assert f"({kind})" in text
    assert "control:scene" in text
