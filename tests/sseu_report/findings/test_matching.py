"""How much of a score is matching: one sentence for each system and mode, and the names behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.findings.matching import find_matching
from sseu_report.page.sections.chapters import finding_tables
from tests.sseu_models.scripted import plain_reply
from tests.sseu_report.made_report import says

BETWEEN = "What lies between a name and a label"
NAMES = "Names that the embedder and the table of names read differently"


def test_a_system_that_says_kitchen_is_read_by_the_table_and_missed_by_exact(make_scored: Any) -> None:
    one = make_scored("words", says("", "a kitchen", "Bark; quokka <b>"), limit=None)
    control = make_scored("control", says("", "a kitchen", "Bark"), frontend="silence")
    (found,) = [one for one in find_matching(one.entry) if one.mode == "independent"]
    scores = one.entry.modes["independent"]
    macc, events = found.by_metric["macc"], found.by_metric["map"]
    assert (macc.by_embedder, events.by_embedder) == (scores.macc, scores.map)
    assert macc.difference > 0
    assert f"mACC 0.00 through the embedder, {macc.by_table:.2f} through the table of names (+" in found.sentence
    named = macc.named + events.named
    assert f"of {named:,} names the table does not know {events.unknown / named:.0%}" in found.sentence

    findings = collect_findings([one, control])
    assert set(findings.matching) == {"scripted:words"}
    in_file = json.loads(json.dumps(as_json(findings)))["matching"]["scripted:words"][0]
    assert in_file["by_metric"]["map"]["disagreements"][0]["name"] == "Bark"
    tables = {table.caption: table for table in finding_tables(findings)}
    (row,) = tables[BETWEEN].rows
    assert found.sentence in str(row[2])
    assert str(row[2]).startswith("(") == bool(findings.limitations["scripted:words"])
    assert ("scripted:words", "independent", "mACC", "kitchen", "Home", str(macc.named)) in tables[NAMES].rows
    assert [row[3] for row in tables[NAMES].rows if row[2] == "mAP"] == ["Bark"]


def test_where_the_readings_agree_no_name_is_listed(make_scored: Any) -> None:
    one = make_scored("labels", plain_reply)
    findings = collect_findings([one])
    tables = {table.caption: table for table in finding_tables(findings)}
    assert "(0.0" in str(tables[BETWEEN].rows[0][2])
    assert NAMES not in tables


def test_a_mode_without_words_has_no_finding(make_scored: Any) -> None:
    entry = make_scored("silent", says("only words", "", "")).entry
    assert ": nothing was named" in find_matching(entry)[0].sentence
    modes = {mode: scores.replace(matching={}) for mode, scores in entry.modes.items()}
    assert find_matching(replace(entry, scores=entry.scores.replace(modes=modes))) == ()
