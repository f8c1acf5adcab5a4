"""The table of names: complete, without contradictions, and read as a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.match_table import fold_name, meaning_of, names_of

AUDIOSET = (Path(__file__).parent / "audioset_names.txt").read_text().splitlines()
"""The display names of AudioSet's classes; five of them are labels of ours."""

LABELS = {"asc": SCENES, "at": EVENTS}


def test_it_knows_all_of_audioset_and_many_names_more() -> None:
    assert len(set(AUDIOSET)) == 527
    assert [name for name in AUDIOSET if meaning_of("at", name) is None or meaning_of("asc", name) is None] == []
    as_written = {name for name, _ in names_of("at")} | set(EVENTS)
    assert [name for name in AUDIOSET if name not in as_written and name != "Vacuum cleaner"] == []
    known = {fold_name(name) for task in LABELS for name, _ in names_of(task)}
    assert len(known - {fold_name(name) for name in AUDIOSET}) >= 300


@pytest.mark.parametrize("task", LABELS)
def test_no_name_stands_twice_and_none_is_a_label(task: str) -> None:
    folded = [fold_name(name) for name, _ in names_of(task)]
    assert sorted({name for name in folded if folded.count(name) > 1}) == []
    assert set(folded) & {fold_name(label) for label in LABELS[task]} == set()
    assert "" not in folded


@pytest.mark.parametrize("task", LABELS)
def test_every_label_has_names_and_every_meaning_a_reason(task: str) -> None:
    meanings = [meaning for _, meaning in names_of(task)]
    assert {label for meaning in meanings for label in meaning.labels} == set(LABELS[task])
    assert {len(meaning.labels) for meaning in meanings} <= {0, 1, 2}
    # Only a train whose direction is not told has two labels.
    pairs = {meaning.labels for meaning in meanings if len(meaning.labels) == 2}
    assert pairs == ({("Metro Approaching", "Metro Leaving")} if task == "at" else set())
    assert all(meaning.reason.strip() for meaning in meanings)


@pytest.mark.parametrize(
    ("name", "event", "scene"),
    [
        ("Bark", ["Dog"], []),
        ("Bow-wow", ["Dog"], []),
        ("Chirp, tweet", ["Birds Singing"], []),
        ("chirp", ["Birds Singing"], []),
        ("Sizzle", ["Frying"], []),
        ("Train", ["Metro Approaching", "Metro Leaving"], ["Metro Station"]),
        ("train station platform", [], ["Metro Station"]),
        ("Inside, small room", [], ["Home"]),
        ("Animal", [], []),
        ("Music", [], []),
        ("a man speaking", [], []),
        ("supermarket", [], ["Grocery Store"]),
        ("a café", [], ["Restaurant"]),
        ("dishes clinking", ["Dishes"], []),
        ("traffic noise", ["Car"], ["City Center"]),
        ("狗叫声", ["Dog"], []),
        ("超市", [], ["Grocery Store"]),
        ("a kettle boiling", [], []),
        ("a door that nobody ever wrote of", None, None),
        ("", None, None),
    ],
)
def test_names_mean_what_a_person_reads(name: str, event: list[str] | None, scene: list[str] | None) -> None:
    for task, expected in (("at", event), ("asc", scene)):
        found = meaning_of(task, name)
        assert (None if found is None else list(found.labels)) == expected


@pytest.mark.parametrize("task", LABELS)
def test_a_label_means_itself_however_it_is_written(task: str) -> None:
    for label in LABELS[task]:
        for text in (label, label.upper(), f" the  {label.lower()} ", f"the sound of a {label}", f"{label} noises"):
            found = meaning_of(task, text)
            assert found is not None, text
            assert found.labels == (label,)


def test_folding_takes_no_name_away() -> None:
    assert [
        fold_name(text) for text in ("noise", "Sounds", "the", "a bus", "glass", "Dogs barking.", "The noise of cars")
    ] == [
        "noise",
        "sound",
        "the",
        "bus",
        "glass",
        "dog barking",
        "car",
    ]
