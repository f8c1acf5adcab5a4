"""Gaps in words and in the tables of the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sseu_report.entries import read_entries, score_entries
from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.findings.validity.gaps import find_mode_gaps
from sseu_report.page.sections.validity import gap_table, group_table, worst_table
from tests.sseu_metric.test_gaps import spoken


def test_the_sentence_names_groups_speakers_and_whether_it_may_be_chance() -> None:
    (found,) = find_mode_gaps({"independent": spoken(400, harder=0.3)})
    assert found.mode == "independent"
    text = found.sentence
    assert text.startswith("By gender ")
    assert "points [" in text
    assert "which may be chance" in text
    assert "by accent English (6 speakers) minus " in text
    assert "the largest of 3, of which 2 can be told from 0" in text
    assert "the worst tenth of 18 speakers has WER " in text
    assert "where chosen by other clips" in text
    (found,) = find_mode_gaps({"independent": spoken(speaker_id=None, speaker_gender=None, speaker_accent=None)})
    assert found.sentence == "No gap by sentence can be measured, too few speakers"


def test_the_tables_show_gaps_groups_and_what_is_left_out(folders: Any) -> None:
    scored = score_entries(read_entries(folders))
    findings = collect_findings(scored)
    name = scored[0].entry.name
    made = {name: find_mode_gaps({"independent": spoken(400, harder=0.3), "joint": spoken(speaker_gender=None)})}
    shown = replace(findings, gaps=made)
    table = gap_table(shown)
    assert [row[1:3] for row in table.rows] == [
        ("independent", "by gender"),
        ("independent", "by accent"),
        ("independent", "by sentence"),
        ("joint", "by accent"),
        ("joint", "by sentence"),
    ]
    assert str(table.rows[1][3]).startswith("English (6 speakers), ")
    assert table.rows[1][-1] == "2 of 3"
    assert "Left out: gender: the references name none." in table.notes
    assert any(note.startswith(f"{name}, independent: By gender") for note in table.notes)
    assert [row[1:3] for row in worst_table(shown).rows] == [("independent", "18"), ("joint", "18")]
    groups = group_table(shown)
    assert {row[1] for row in groups.rows} == {"independent"}
    assert len([row for row in groups.rows if row[2] == "accent"]) == 3
    assert as_json(made)[name][0]["gaps"]["groupings"]["accent"]["pairs"] == 3
