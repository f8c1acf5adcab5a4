"""Reading MAESTRO-Real: windows, labels, and everything that can be wrong with an annotation."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from sseu_dataset.corpora.maestro import (
    EVENTS,
    NOT_TARGETS,
    SCENES,
    Annotation,
    read_annotation,
    read_maestro,
    select_windows,
)
from sseu_dataset.corpora.source import Backgrounds
from sseu_dataset.records import PAPER_PAIRS, EventSegment
from tests.sseu_dataset.tiny_corpora import TinyCorpora, noise, write_audio


def read(corpora: TinyCorpora, tmp_path: Path) -> Backgrounds:
    return read_maestro(corpora.maestro, tmp_path / "headers.sqlite")


def test_windows_with_an_active_target_are_kept(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    windows = read(pristine_corpora, tmp_path)
    # city_center_02 is annotated to 27 s: no third window. grocery_store_04 from 10 s holds only talking.
    assert {item.background_id: item.scene for item in windows.selected} == {
        "city_center_02@0": "City Center",
        "city_center_02@10": "City Center",
        "grocery_store_04@0": "Grocery Store",
        "residential_area_03@0": "Residential Area",
    }
    assert not windows.issues.problems


def test_segments_are_runs_of_active_seconds_within_the_window(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    backgrounds = {item.background_id: item for item in read(pristine_corpora, tmp_path).selected}
    assert backgrounds["city_center_02@0"].segments == (EventSegment("Large Vehicle", 0, 1), EventSegment("Car", 3, 10))
    assert backgrounds["city_center_02@10"].segments == (EventSegment("Car", 0, 4),)
    assert backgrounds["residential_area_03@0"].segments == (
        EventSegment("Children Voices", 0, 1),
        EventSegment("Birds Singing", 2, 5),
        EventSegment("Birds Singing", 7, 8),
    )
    assert backgrounds["city_center_02@10"].source_recording_id == "city_center_02"


def test_every_spelling_of_the_17_labels_is_known(tmp_path: Path) -> None:
    labels = [*EVENTS, *NOT_TARGETS]
    assert len(labels) == 17
    for spell in (str, str.upper, lambda text: text.replace(" ", "_"), lambda text: f" {text.replace(' ', '  ')} "):
        path = tmp_path / "x.txt"
        path.write_text("".join(f"0.0\t1.0\t{spell(label)}\t0.9\n" for label in labels))
        assert read_annotation(path).values == {event: {0: 0.9} for event in EVENTS.values()}


def test_active_means_more_than_one_half(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("0\t1\tcar\t0.5\n1\t2\tcar\t0.5000001\n\n2\t3\tcar\t1.0034\n")
    annotation = read_annotation(path)
    assert annotation == Annotation({"Car": {0: 0.5, 1: 0.5000001, 2: 1.0034}}, 3)
    assert [annotation.is_active("Car", second) for second in range(4)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0.0\t1.0\tcar", "3 columns instead of start, end, label, value"),
        ("0.0\t1.0\tcar\tloud", "start, end or value is not a number"),
        ("0.0\t1.0\tunicorn\t0.9", "unknown label 'unicorn'"),
        ("1.0\t0.0\tcar\t0.9", "not whole seconds one apart"),
        ("0.5\t1.5\tcar\t0.9", "not whole seconds one apart"),
        ("-1.0\t0.0\tcar\t0.9", "not whole seconds one apart"),
        ("nan\tnan\tcar\t0.9", "not whole seconds one apart"),
        ("1e300\t1e300\tcar\t0.9", "not whole seconds one apart"),
        ("0.0\t1.0\tcar\tnan", "value nan is not between 0 and 1"),
        ("0.0\t1.0\tcar\t7", "value 7 is not between 0 and 1"),
        ("0.0\t1.0\tcar\t-0.1", "value -0.1 is not between 0 and 1"),
    ],
)
def test_a_broken_line_takes_its_recording_out_and_is_named(
    corpora: TinyCorpora, tmp_path: Path, line: str, reason: str
) -> None:
    with corpora.annotation("grocery_store_04").open("a") as file:
        file.write(line + "\n")
    windows = read(corpora, tmp_path)
    (problem,) = windows.issues.problems
    assert problem.path == "development_audio/grocery_store/grocery_store_04.wav"
    assert problem.reason.startswith("line 41: ")
    assert reason in problem.reason
    assert "Grocery Store" not in {item.scene for item in windows.selected}


def test_missing_annotation_and_missing_audio_are_named(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.annotation("grocery_store_04").unlink()
    corpora.window_file("city_center_02").unlink()
    assert {problem.path.rsplit("/", 1)[1]: problem.reason for problem in read(corpora, tmp_path).issues.problems} == {
        "city_center_02.wav": "missing; fetch it again",
        "grocery_store_04.wav": "its annotation development_annotation/soft_labels_grocery_store/grocery_store_04.txt "
        "is missing; fetch it again",
    }


def test_audio_much_shorter_than_its_annotation_is_named(corpora: TinyCorpora, tmp_path: Path) -> None:
    write_audio(corpora.window_file("grocery_store_04"), noise("g", 12.0, 44_100), 44_100)
    (problem,) = read(corpora, tmp_path).issues.problems
    assert problem.reason == "annotated to 20 s, but its audio ends at 12.0 s; fetch it again"


def test_a_broken_header_is_named(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.window_file("grocery_store_04").write_bytes(b"")
    (problem,) = read(corpora, tmp_path).issues.problems
    assert problem.reason == "empty file (0 bytes); fetch it again"


def test_a_symbolic_link_out_of_the_corpus_is_refused(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.annotation("grocery_store_04").rename(tmp_path / "outside.txt")
    corpora.annotation("grocery_store_04").symlink_to(tmp_path / "outside.txt")
    (problem,) = read(corpora, tmp_path).issues.problems
    assert "symbolic link that leads out of the corpus" in problem.reason


def test_other_files_and_rates_are_noted(corpora: TinyCorpora, tmp_path: Path) -> None:
    write_audio(corpora.window_file("grocery_store_04"), noise("g", 20.0, 96_000), 96_000)
    write_audio(corpora.maestro / "development_audio" / "beach" / "beach_01.wav", noise("b", 1, 44_100), 44_100)
    windows = read(corpora, tmp_path)
    assert {note.path.rsplit("/", 1)[1]: note.reason for note in windows.issues.notes} == {
        "beach_01.wav": "not named like a recording of the five scenes, not used",
        "grocery_store_04.wav": "96000 Hz, resampled to 44100 Hz",
    }
    assert len(windows.selected) == 4


def test_metadata_of_the_real_corpus_gives_739_windows(metadata: Path) -> None:
    active: dict[str, dict[str, set[int]]] = {}
    annotated_s: Counter[str] = Counter()
    talking: dict[str, set[int]] = {}
    with (metadata / "maestro_dev_hard_labels.csv").open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name, second = row["filename"], int(float(row["onset"]))
            label = row["event_label"].replace("_", " ")
            annotated_s[name] = max(annotated_s[name], int(float(row["offset"])))
            if label in EVENTS:
                active.setdefault(name, {}).setdefault(EVENTS[label], set()).add(second)
            else:
                assert label == "people talking"
                talking.setdefault(name, set()).add(second)
    windows = []
    for name, end_s in sorted(annotated_s.items()):
        labels = {event: dict.fromkeys(seconds, 1.0) for event, seconds in active.get(name, {}).items()}
        scene = SCENES[name.rsplit("_", 1)[0]]
        windows += select_windows(f"development_audio/x/{name}", scene, Annotation(labels, end_s))
    assert len(windows) == PAPER_PAIRS["MAESTRO-Real"] == 739
    assert Counter(window.scene for window in windows) == {
        "City Center": 237,
        "Residential Area": 222,
        "Metro Station": 194,
        "Restaurant": 64,
        "Grocery Store": 22,
    }
    counts = Counter(event for window in windows for event in {segment.event for segment in window.segments})
    assert counts == {
        "Car": 400,
        "Footsteps": 240,
        "Birds Singing": 163,
        "Large Vehicle": 115,
        "Metro Approaching": 81,
        "Metro Leaving": 69,
        "Dishes": 57,
        "Children Voices": 34,
        "Brakes Squeaking": 28,
        "Wind Blowing": 26,
    }
    with_talking = [
        window
        for window in windows
        if talking.get(f"{window.source_recording_id}.wav", set()) & set(range(window.offset_s, window.offset_s + 10))
    ]
    assert len(with_talking) == 303
    assert len({window.source_recording_id for window in windows}) == 48
