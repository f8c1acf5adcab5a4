"""Other labels in a report: real answers, ties, what is said, and a dataset without the columns."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from sseu_metric.label_rules import AS_LABELLED, RULES
from sseu_metric.labels import EVENTS
from sseu_models.records import Question, Reply
from sseu_report.comparison.systems import compare_entries
from sseu_report.entries import ScoredEntry
from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.findings.validity import labels
from sseu_report.findings.validity.labels import LabelChanges, LabelTie, find_label_changes, tie_notes, tie_text
from sseu_report.page.sections.validity import label_table
from sseu_report.page.sections.winners import rank_table


def naming(*events: str) -> Any:
    def reply(question: Question) -> Reply:
        return Reply(text="; ".join(events) if question.task == "at" else "nothing")

    return reply


@pytest.fixture(scope="module")
def two(make_scored: Any) -> list[ScoredEntry]:
    """One hears a dog in every clip, the other a car."""
    return [make_scored(name, naming(*events), limit=None) for name, events in (("dog", ["Dog"]), ("car", ["Car"]))]


def changes(systems: list[ScoredEntry]) -> LabelChanges:
    found = find_label_changes(systems)
    assert isinstance(found, LabelChanges)
    return found


def test_the_datasets_rule_gives_the_scores_of_the_report(two: list[ScoredEntry]) -> None:
    found = changes(two)
    official = RULES.index(AS_LABELLED)
    assert found.rules[official] == "threshold 0.5, as labelled"
    for one in two:
        (mode,) = found.systems[one.entry.name]
        assert mode.scores.by_rule[official] == pytest.approx(one.scores["independent"].value("map"))
        skill = one.entry.modes["independent"].skill["map"]
        for floor in ("corpus", "scene"):
            assert found.floors[floor].by_rule[official] == pytest.approx(skill[floor]["all"].floor)
    assert found.floors["labels"].by_rule[official] == pytest.approx(100)
    rows = {row["pair_id"]: row for row in two[0].dataset.references if row["scene"] is not None}
    assert found.counts[official].labels == sum(len(row["events"]) for row in rows.values())
    assert found.differing == 0
    assert found.pairs == 1


def test_an_order_that_a_rule_turns_over_is_a_tie(two: list[ScoredEntry], monkeypatch: pytest.MonkeyPatch) -> None:
    import sseu_metric.label_ceiling as ceiling

    official = RULES.index(AS_LABELLED)
    steady = [20.0] * len(RULES)
    moving = [25.0] * len(RULES)
    moving[-1] = 15.0
    given = cycle((steady, moving))
    real = ceiling.map_under_rules

    def made(scores: Any, relevances: Any) -> Any:
        found = real(scores, relevances)
        assert found is not None
        return replace(found, by_rule=tuple(next(given)))

    monkeypatch.setattr(ceiling, "map_under_rules", made)
    found = changes(two)
    (tie,) = found.ties
    names = [one.entry.name for one in two]
    assert (tie.first, tie.second, tie.difference, tie.lowest) == (names[1], names[0], 5.0, -5.0)
    assert tie.rule == found.rules[-1] == "threshold 0.7, 3 s"
    assert tie_text(tie) == (
        f"{names[1]} and {names[0]}, independent, are tied: +5.00 points of mAP with the labels of the dataset, -5.00 "
        "with threshold 0.7, 3 s"
    )
    (mode,) = found.systems[names[1]]
    assert mode.sentence.startswith(
        "mAP 25.00 lies between 15.00 (threshold 0.7, 3 s) and 25.00 (threshold 0.7, as labelled) by what counts"
    )
    assert mode.scores.by_rule[official] == 25.0
    assert tie_notes(*two) == [f"{tie_text(tie)}."]
    table = rank_table(replace(collect_findings(two), labels=found))
    assert {str(row[4]).endswith(" (tie)") for row in table.rows if row[2] == "mAP"} == {True}
    assert not any("tie" in str(row[4]) for row in table.rows if row[2] != "mAP")
    assert f"{tie_text(tie)}." in table.notes


def test_comparing_systems_says_which_order_the_labels_turn_over(
    two: list[ScoredEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = compare_entries(*two).warnings
    assert not any("are tied" in note for note in notes)
    assert not any("(tie)" in str(row[4]) for row in rank_table(collect_findings(two)).rows)
    monkeypatch.setattr(labels, "_ties", lambda found: (1, [LabelTie("independent", "b", "a", 1, -2, "rule")]))
    assert "b and a, independent, are tied: +1.00 points of mAP with the labels of the dataset, -2.00 with rule." in (
        compare_entries(*two).warnings
    )
    old = [
        replace(one, dataset=replace(one.dataset, rows=one.dataset.rows.remove_columns(["soft_labels"]))) for one in two
    ]
    assert tie_notes(*old) == []


def test_the_sentence_says_how_often_it_is_above_each_floor(two: list[ScoredEntry]) -> None:
    found = changes(two)
    for name in found.systems:
        (mode,) = found.systems[name]
        for floor, words in (("corpus", "knowing the corpus alone"), ("scene", "knowing the scene alone")):
            above = sum(a > b for a, b in zip(mode.scores.by_rule, found.floors[floor].by_rule, strict=True))
            assert mode.above[floor] == above
            expected = f"above {words} by no rule" if not above else words
            assert expected in mode.sentence


def test_the_table_has_every_rule_the_floors_and_the_sentences(two: list[ScoredEntry]) -> None:
    findings = collect_findings(two)
    table = label_table(findings)
    assert table.header[3:] == (*(f"threshold {one}" for one in (0.3, 0.4, 0.5, 0.6, 0.7)), "soft-label mAP")
    heads = list(dict.fromkeys(row[0] for row in table.rows))
    assert heads == [
        "knowing the corpus alone",
        "knowing the scene alone",
        "the dataset's labels as answers",
        *(one.entry.name for one in two),
    ]
    assert len(table.rows) == 5 * 3 + 6 * len(two)
    assert table.rows[-1][2] == "as labelled, within corpus"
    assert [row[2] for row in table.rows[:5]] == ["as labelled", "0.5 s", "1 s", "2 s", "3 s"]
    assert any(note.startswith("Of 1 pairs of systems with the same clips and mode") for note in table.notes)
    assert "mACC and WER stay" in table.notes[0]
    assert as_json(findings.labels)["rules"][2] == "threshold 0.5, as labelled"


def test_other_events_than_the_rules_give_are_counted(two: list[ScoredEntry]) -> None:
    changed = two[0].dataset.rows.map(lambda row: {"events": [EVENTS.index("Cat")] if row["events"] else []})
    dataset = replace(two[0].dataset, rows=changed)
    assert changes([replace(two[0], dataset=dataset)]).differing > 0


def test_a_dataset_without_the_columns_says_what_is_left_out(two: list[ScoredEntry]) -> None:
    dataset = replace(two[0].dataset, rows=two[0].dataset.rows.remove_columns(["soft_labels"]))
    old = replace(two[0], dataset=dataset)
    reason = "no scores under other labels: the dataset lacks the columns soft_labels"
    assert find_label_changes([old]) == reason
    findings = collect_findings([old])
    assert findings.labels is None
    assert reason in findings.problems
    assert not label_table(findings).rows


def test_no_map_no_finding(two: list[ScoredEntry]) -> None:
    speech = replace(two[0], scores={"independent": two[0].scores["independent"].where(condition="+inf")})
    assert find_label_changes([speech]) is None
    assert find_label_changes([]) is None
