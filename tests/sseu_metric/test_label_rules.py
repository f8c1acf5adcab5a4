"""Events of a row under other rules: by hand, with Hypothesis, and the counts of the official labels."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_metric.label_ceiling import Relevances
from sseu_metric.label_rules import (
    AS_LABELLED,
    RULES,
    LabelCounts,
    LabelRule,
    events_under,
    soft_relevances,
)
from sseu_metric.labels import EVENTS
from sseu_metric.result_tables import label_counts_text

METADATA = Path(__file__).parents[3] / "shared" / "metadata"
CAR, WIND, DOG, DISHES = (EVENTS.index(name) for name in ("Car", "Wind Blowing", "Dog", "Dishes"))


def soft(**values: list[float]) -> dict[str, Any]:
    """A row with soft values; its hard labels are those of the dataset's rule."""
    by_id = {EVENTS.index(name.replace("_", " ")): of for name, of in values.items()}
    labels = [{"event": event, "values": of} for event, of in by_id.items()]
    events = sorted(event for event, of in by_id.items() if max(of) > 0.5)
    return {"events": events, "event_segments": [], "soft_labels": labels}


def hard(*segments: tuple[str, float, float]) -> dict[str, Any]:
    """A row with onsets and offsets."""
    found = [{"event": EVENTS.index(name), "onset_s": on, "offset_s": off} for name, on, off in segments]
    return {"events": sorted({one["event"] for one in found}), "event_segments": found, "soft_labels": None}


def test_soft_values_by_threshold_and_seconds() -> None:
    row = soft(Car=[0.9, 0.9, 0.0, 0.65, *[0.0] * 6], Wind_Blowing=[0.5, *[0.35] * 3, *[0.0] * 6])
    assert events_under(row, AS_LABELLED) == [CAR] == row["events"]
    assert events_under(row, LabelRule(0.3, None)) == [CAR, WIND]
    assert events_under(row, LabelRule(0.3, 3.0)) == [CAR, WIND]
    assert events_under(row, LabelRule(0.4, 2.0)) == [CAR]
    assert events_under(row, LabelRule(0.5, 3.0)) == [CAR]  # three seconds in all, not in a row
    assert events_under(row, LabelRule(0.7, 3.0)) == []
    assert events_under(row, LabelRule(0.7, 0.5)) == [CAR]  # the values are by second
    assert events_under(row, LabelRule(0.5, None)) == events_under(row, LabelRule(0.5, 1.0))


def test_segments_by_duration_alone_and_overlaps_count_once() -> None:
    row = hard(("Dog", 0.0, 0.3), ("Dog", 0.2, 0.4), ("Dog", 5.0, 5.2), ("Dishes", 1.0, 4.0))
    for threshold in (0.3, 0.7):
        assert events_under(row, LabelRule(threshold, None)) == sorted([DOG, DISHES])
    assert events_under(row, LabelRule(0.5, 0.5)) == sorted([DOG, DISHES])  # 0.4 s and 0.2 s
    assert events_under(row, LabelRule(0.5, 1.0)) == [DISHES]
    assert events_under(row, LabelRule(0.5, 3.0)) == [DISHES]
    assert events_under(hard(("Dog", 0.1, 0.4)), LabelRule(0.5, 0.5)) == []
    assert events_under(hard(("Dog", 0.1, 0.6)), LabelRule(0.5, 0.5)) == [DOG]  # 0.6 - 0.1 is below 0.5 in floats
    named = {"events": ["Dog"], "event_segments": [{"event": "Dog", "onset_s": 0, "offset_s": 2}], "soft_labels": None}
    assert events_under(named, LabelRule(0.5, 2.0)) == events_under(named, AS_LABELLED) == [DOG]


def test_relevances_are_the_largest_value_and_at_most_one() -> None:
    assert soft_relevances(soft(Car=[0.2, 1.05], Wind_Blowing=[0.0, 0.4])) == {CAR: 1.0, WIND: 0.4}
    assert soft_relevances(hard(("Dog", 0.0, 0.1))) == {DOG: 1.0}


@given(st.lists(st.floats(0, 1.1), min_size=10, max_size=10))
def test_stricter_rules_have_no_more_events(values: list[float]) -> None:
    row = soft(Car=values)
    found = {rule: len(events_under(row, rule)) for rule in RULES}
    for one in RULES:
        for other in RULES:
            if one.threshold >= other.threshold and (one.min_activity_s or 1) >= (other.min_activity_s or 1):
                assert found[one] <= found[other]


def test_every_combination_is_tried_once_and_the_datasets_rule_is_among_them() -> None:
    assert len(set(RULES)) == len(RULES) == 25
    assert AS_LABELLED in RULES
    assert str(AS_LABELLED) == "threshold 0.5, as labelled"
    assert str(LabelRule(0.7, 0.5)) == "threshold 0.7, 0.5 s"


def test_counts_as_a_table() -> None:
    counts = Relevances.of({"a": soft(Car=[0.6, 0.0]), "b": hard(("Dog", 0.0, 0.7))}).counts()
    assert counts[AS_LABELLED] == LabelCounts(2, 0, 2)
    assert counts[LabelRule(0.6, 1.0)] == LabelCounts(0, 2, 0)
    lines = label_counts_text(counts).splitlines()
    assert lines[0].startswith("2 pairs of clip and event, 2 events; ")
    assert lines[1].split("  ")[0] == "labels (clips without)"
    assert [text.strip() for text in lines[1].split(">")[1:]] == ["0.3", "0.4", "0.5", "0.6", "0.7"]
    assert lines[2].split()[2:] == ["2", "(0)"] * 3 + ["1", "(1)"] * 2
    assert lines[4].split() == ["1", "s", "or", "more", *(["1", "(1)"] * 3), *(["0", "(2)"] * 2)]


@pytest.mark.skipif(not METADATA.is_dir(), reason="the metadata of the official corpora are not at hand")
def test_counts_of_the_official_hard_labels() -> None:
    def table(name: str) -> list[dict[str, str]]:
        with (METADATA / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter="\t"))

    names = {name.casefold().replace(" ", "_"): name for name in EVENTS} | {"cutlery_and_dishes": "Dishes"}
    clips: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for row in table("desed_public_eval.tsv"):
        clips[row["filename"]].append((row["event_label"].casefold(), float(row["onset"]), float(row["offset"])))
    rows = [
        hard(*((names[label], on, min(off, 10)) for label, on, off in events if on < 10))
        for events in clips.values()
        if all(label != "speech" for label, _, _ in events)
    ]
    assert len(rows) == 378
    windows: defaultdict[tuple[str, int], defaultdict[str, list[float]]] = defaultdict(
        lambda: defaultdict(lambda: [0.0] * 10)
    )
    ends: defaultdict[str, int] = defaultdict(int)
    for row in table("maestro_dev_hard_labels.csv"):
        second = int(float(row["onset"]))
        ends[row["filename"]] = max(ends[row["filename"]], second + 1)
        label = row["event_label"].replace(" ", "_")
        if label != "people_talking":
            windows[row["filename"], second // 10][names[label].replace(" ", "_")][second % 10] = 1.0
    rows += [soft(**of) for (name, window), of in sorted(windows.items()) if 10 * (window + 1) <= ends[name]]
    assert len(rows) == 1117
    counts = Relevances.of({str(number): row for number, row in enumerate(rows)}).counts()
    assert counts[AS_LABELLED] == LabelCounts(1634, 0, 18)
    assert (counts[LabelRule(0.5, 2.0)].labels, counts[LabelRule(0.5, 2.0)].unlabelled) == (1465, 65)
