"""What a table of backgrounds gives, and what it is refused for."""

from __future__ import annotations

import re
from dataclasses import astuple
from pathlib import Path

import pytest

from sseu_dataset.corpora.source import Backgrounds
from sseu_dataset.records import Background, CorpusError, EventSegment
from sseu_dataset.tables.background import read_background_table
from tests.sseu_dataset.tables.own_tables import BACKGROUND, changed, own_background, with_column
from tests.sseu_dataset.tiny_corpora import noise, write_audio


def read(table: Path) -> Backgrounds:
    return read_background_table(table, "CC0", table.parent / "headers.sqlite", progress=False)


def test_a_table_becomes_clips(tmp_path: Path) -> None:
    found = read(own_background(tmp_path))
    assert (found.corpus, found.licence, found.root, found.expected) == ("places", "places: CC0", tmp_path, None)
    assert found.selected == [
        Background("k1", "places", "kitchen/k1.wav", 0, "Home", (EventSegment("Dishes", 0.5, 4.0),), "k1"),
        Background(
            "street@0",
            "places",
            "street.wav",
            0,
            "City Center",
            (EventSegment("Car", 1.0, 3.5), EventSegment("Footsteps", 2.0, 4.0), EventSegment("Car", 3.5, 10.0)),
            "street",
        ),
        Background("street@10", "places", "street.wav", 10, "City Center", (), "street"),
    ]
    assert [astuple(note) for note in found.issues.notes] == [
        ("places.tsv", "1 file of 22050 Hz, resampled to 44100 Hz")
    ]
    assert found.deviations == ("backgrounds of the table places instead of DESED and MAESTRO-Real",)


def test_the_order_of_lines_changes_nothing(tmp_path: Path) -> None:
    header, *lines = BACKGROUND.splitlines()
    found = read(own_background(tmp_path, "\n".join([header, *reversed(lines)])))
    assert found.selected == read(own_background(tmp_path)).selected


def test_corpora_and_ids_of_their_own(tmp_path: Path) -> None:
    table = with_column(with_column(BACKGROUND, "corpus", ["Street"] * 4 + [""]), "clip", ["s0"] * 3 + ["", "k"])
    found = read(own_background(tmp_path, table)).selected
    assert [(item.background_id, item.corpus) for item in found] == [
        ("k", "places"),
        ("s0", "Street"),
        ("street@10", "Street"),
    ]


def test_missing_files_are_problems_each_once(tmp_path: Path) -> None:
    table = own_background(tmp_path)
    (tmp_path / "street.wav").unlink()
    found = read(table)
    assert [item.background_id for item in found.selected] == ["k1"]
    assert [astuple(issue) for issue in found.issues.problems] == [
        ("street.wav", "missing; correct the table, or restore the file (line 2 of places.tsv)")
    ]


@pytest.mark.parametrize(
    ("line", "column", "cell", "message"),
    [
        (4, "scene", "City Centre", "line 4: the scene 'City Centre' is none of Home, Restaurant, City Center"),
        (4, "scene", "City Centre", "did you mean 'City Center'?"),
        (
            4,
            "label",
            "Footstep",
            "line 4: the label 'Footstep' is none of the 18 of this benchmark; did you mean",
        ),
        (4, "label", "Speech", "if it is speech, leave out the clip)"),
        (4, "label", "", "line 4: onset '2', offset '4', label '': give all three, or none"),
        (4, "onset", "two", "line 4: onset 'two' or offset '4' is not a number of seconds"),
        (
            4,
            "onset",
            "5",
            "line 4: Footsteps from 5 to 4 s is not within 0 to 10 s of its clip, or ends before it begins",
        ),
        (4, "onset", "-1", "line 4: Footsteps from -1 to 4 s is not within"),
        (
            4,
            "onset",
            "nan",
            "line 4: onset 'nan' or offset '4' is not a number of seconds; write one such as 2",
        ),
        (
            4,
            "onset",
            "1,2",
            "onset '1,2' or offset '4' is not a number of seconds; write one, with a point: 1.2",
        ),
        (4, "onset", "1_0", "line 4: onset '1_0' or"),
        (4, "onset", "1e0", "line 4: onset '1e0' or"),
        (4, "onset", "\u0663", "is not a number of seconds"),
        (
            5,
            "start",
            "5",
            "line 5: the clip of street.wav at 5 s overlaps that at 0 s on line 2; clips of a file are",
        ),
        (4, "recording", "st\u202ereet", "line 4: the recording 'st\\u202ereet' holds U+202E, which controls"),
        (4, "offset", "10.5", "line 4: Footsteps from 2 to 10.5 s is not within"),
        (4, "recording", "", "line 4: the recording is empty"),
        (4, "recording", "other", "line 4: the recording 'other' contradicts 'street' on line 2, of the same clip"),
        (4, "scene", "Home", "line 4: the scene 'Home' contradicts 'City Center' on line 2"),
        (4, "start", "", "line 4: the clip 'street' contradicts 'street@0' on line 2"),
        (4, "start", "1.5", "line 4: the start '1.5' is no whole number of seconds"),
        (4, "start", "-3", "line 4: the start '-3' is no whole number of seconds"),
        (5, "start", "25", "line 5: street.wav ends at 25.000 s, before the start of the clip at 25 s"),
        (5, "start", "0", "line 5: a line without an event, but the clip has other lines; remove this one"),
        (3, "onset", "3.0", "line 3: Car from 3 to 10 s overlaps the one from 1 to 3.5 s on line 2; make one line of"),
        (4, "file", "../street.wav", "line 4: '../street.wav' has '..'; name the file by its path below"),
        (6, "offset", "4.5", "line 6: Dishes from 0.5 to 4.5 s is outside its clip, which ends at 4.000 s"),
        (
            6,
            "file",
            "kitchen/street@0.wav",
            "line 6: the id street@0 is that of street.wav on line 2 too; give each",
        ),
        (
            1,
            "recording",
            "record",
            "in its first line, which has file, scene, onset, offset, label, record, start; did",
        ),
    ],
)
def test_what_a_table_is_refused_for(tmp_path: Path, line: int, column: str, cell: str, message: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(message)):
        read(own_background(tmp_path, changed(BACKGROUND, line, column, cell)))


def test_a_line_twice(tmp_path: Path) -> None:
    doubled = BACKGROUND + BACKGROUND.splitlines()[3]
    with pytest.raises(CorpusError, match="line 7: Footsteps from 2 to 4 s is on line 4 too; remove one"):
        read(own_background(tmp_path, doubled))


@pytest.mark.parametrize("corpus", ["DESED", "a/b"])
def test_a_corpus_that_cannot_be_called_so(tmp_path: Path, corpus: str) -> None:
    table = with_column(BACKGROUND, "corpus", [corpus] * 5)
    with pytest.raises(CorpusError, match=r"lines 2-6: corpus: .*choose another name"):
        read(own_background(tmp_path, table))


def test_several_faults_of_a_line_and_a_missing_file_are_named_at_once(tmp_path: Path) -> None:
    table = own_background(tmp_path, changed(changed(BACKGROUND, 4, "scene", "Hom"), 4, "label", "Step"))
    (tmp_path / "kitchen/k1.wav").unlink()
    with pytest.raises(CorpusError) as refused:
        read(table)
    assert [line[:24] for line in str(refused.value).splitlines()[1:]] == [
        "  line 4: the scene 'Hom",
        "  line 4: the label 'Ste",
        "  kitchen/k1.wav: missin",
        "change it and run the co",
    ]


def test_a_clip_of_no_length_is_refused(tmp_path: Path) -> None:
    table = own_background(tmp_path, "".join(f"{line}\n" for line in BACKGROUND.splitlines()[:5]))
    write_audio(tmp_path / "street.wav", noise("street", 10.5, 44_100, 0.1), 44_100)
    with pytest.raises(CorpusError, match=r"line 5: the clip of street.wav at 10 s lasts 0.500 s, at least 1 s are"):
        read(table)
