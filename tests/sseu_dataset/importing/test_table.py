"""Tables of six shapes give the same lines; where a line can be read in no way, or in two, it is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_dataset import DatasetError
from sseu_dataset.importing.table import Check, Table, read_table
from sseu_dataset.tables.delimited import Fault, describe_faults
from tests.sseu_dataset.importing.exported import write_csv, write_jsonl

LINES = [
    {"file": "a.wav", "snr": "5", "events": "Dog;Cat", "text": "Well, we ask, and wait."},
    {"file": "b.wav", "snr": "-10", "events": "", "text": 'He said "no" twice'},
    {"file": "c.wav", "snr": "inf", "events": "Dog", "text": "plain"},
]


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit() or text == "inf"


CHECKS: dict[str, Check] = {
    "file": lambda text: text.endswith(".wav") and "," not in text,
    "snr": _is_number,
    "events": lambda text: set(text.split(";")) <= {"Dog", "Cat", ""},
    "text": lambda text: True,
}


def read(text: str, checks: dict[str, Check] | None = None) -> Table:
    return read_table(text.encode(), "t", checks or CHECKS)


@pytest.mark.parametrize(
    ("form", "separator", "quoted", "joined"),
    [
        ("comma", ",", True, 0),
        ("comma", ",", False, 1),
        ("tab", "\t", True, 0),
        ("tab", "\t", False, 0),
        ("semicolon", ";", True, 0),
        ("JSON lines", "", True, 0),
    ],
)
def test_six_shapes_hold_the_same(form: str, separator: str, quoted: bool, joined: int, tmp_path: Path) -> None:
    place = tmp_path / "t"
    path = write_csv(place, LINES, separator, quoted) if separator else write_jsonl(place, LINES)
    found = read_table(path.read_bytes(), "t", CHECKS)
    assert (found.form, found.faults, found.joined) == (form, (), joined)
    assert [line.cells for line in found.lines] == LINES


def test_a_text_in_the_middle_is_found_where_all_others_can_be_told() -> None:
    found = read("file,text,snr,events\na.wav,yes, no, and so on,5,Dog\n")
    assert found.lines[0].cells["text"] == "yes, no, and so on"
    table = "file,text,speaker,snr,events\na.wav,yes, no, p225,5,Dog\n"
    assert read(table, {**CHECKS, "speaker": None}).lines[0].cells["text"] == "yes, no"
    assert describe_faults(read(table).faults) == [
        "line 2: 6 fields under 5 columns, and text may be 'yes' or 'yes, no': quote the text"
    ]


def test_a_column_that_nobody_needs_may_hold_anything() -> None:
    found = read("comment,file,snr,events,text\none, two,a.wav,5,Dog,yes, no\n")
    assert found.lines[0].cells == {"file": "a.wav", "snr": "5", "events": "Dog", "text": "yes, no"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a.wav,5,Dog", "3 fields under 4 columns: columns are missing or shifted"),
        ("a.wav,5,Dgo,yes, no", "which fit but for events 'Dgo' or events 'Dgo,yes': not known or not there"),
        (
            "gone.txt,5,Dog,yes, no",
            "5 fields under 4 columns, which fit but for file 'gone.txt': not known or not",
        ),
        (
            "a.wav,five,Dog,yes, no",
            "5 fields under 4 columns, which fit but for snr 'five': not known or not there",
        ),
        ("5,a.wav,Dog,yes, no", "5 fields under 4 columns, and no way of joining them gives a file that exists"),
        ('"a.wav,5,Dog', "a quotation mark opens a field that is never closed"),
        ('a.wav,5,Dog,"yes" and, no', "its quotation marks cannot be read"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, reason: str) -> None:
    found = read(f"file,snr,events,text\n{line}\nb.wav,5,Dog,yes\n")
    assert reason in describe_faults(found.faults)[0]
    assert describe_faults(found.faults)[0].startswith("line 2: ")
    assert [one.cells["file"] for one in found.lines] == ["b.wav"]


def test_a_quoted_text_goes_on_over_lines() -> None:
    found = read('file,snr,events,text\r\na.wav,5,Dog,"yes,\r\nno"\r\nb.wav,5,Dog,yes\r\n')
    assert [one.cells["text"] for one in found.lines] == ["yes,\nno", "yes"]
    assert [one.number for one in found.lines] == [2, 4]


def test_json_lines_name_absent_fields_and_odd_values() -> None:
    found = read('{"file": "a.wav", "snr": 5, "events": ["Dog"], "text": null}\n{"file": "b.wav", "snrs": 5}\n7\n')
    assert found.lines[0].cells == {"file": "a.wav", "snr": "5", "events": ["Dog"], "text": ""}
    assert describe_faults(found.faults) == [
        "line 2: not readable as a JSON object (no field 'snr'; did you mean 'snrs'?)",
        "line 3: not readable as a JSON object (not an object)",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty table"),
        (b"file,snr,events,txt\n", "no column 'text', which the map names; did you mean 'txt'?"),
        (b"a.wav,5,Dog,yes\n", "A table without a line of names needs one"),
        (b"file,snr,events,text,text\n", "the column 'text' is there twice"),
        (b"file,snr,events,text\na.wav,5,Dog,caf\xe9\n", "line 2, byte 36 of the file, is not UTF-8 text"),
        (b"[{}]", "a JSON array; write one object a line"),
    ],
)
def test_a_table_of_no_shape_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(DatasetError) as error:
        read_table(content, "t", CHECKS)
    assert message in str(error.value)


def test_equal_faults_stand_in_one_line() -> None:
    assert describe_faults([Fault(9, "a"), Fault(3, "a"), Fault(8, "a"), Fault(5, "b")]) == [
        "lines 3, 8-9: a",
        "line 5: b",
    ]
