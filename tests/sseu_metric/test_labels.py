"""The label lists are a contract: order, spelling and number."""

from __future__ import annotations

from sseu_metric import CONDITIONS, EVENTS, SCENES


def test_numbers_are_the_papers() -> None:
    assert (len(SCENES), len(EVENTS), len(CONDITIONS)) == (6, 18, 7)


def test_labels_are_unique_and_in_title_case() -> None:
    for labels in (SCENES, EVENTS):
        assert len(set(labels)) == len(labels)
        assert all(label == label.title() for label in labels)


def test_order_is_fixed() -> None:
    assert (SCENES[0], SCENES[-1]) == ("Home", "Residential Area")
    assert (EVENTS[0], EVENTS[8], EVENTS[9], EVENTS[17]) == (
        "Alarm Bell Ringing",
        "Vacuum Cleaner",
        "Birds Singing",
        "Wind Blowing",
    )
    assert CONDITIONS == ("+inf", "10", "5", "0", "-5", "-10", "-inf")
