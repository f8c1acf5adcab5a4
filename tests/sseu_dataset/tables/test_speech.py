"""What a table of speech gives, what it leaves out, and what it is refused for."""

from __future__ import annotations

import re
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from sseu_dataset.corpora.source import Speech
from sseu_dataset.records import CorpusError, Settings, Utterance
from sseu_dataset.tables.speech import MIN_S, read_speech_table
from tests.sseu_dataset.tables.own_tables import SPEECH, changed, own_speech, with_column, write_table
from tests.sseu_dataset.tiny_corpora import noise, write_audio


def read(table: Path, min_s: float = MIN_S, max_s: float = 10.0) -> Speech:
    settings = Settings(speech_min_s=min_s, speech_max_s=max_s)
    return read_speech_table(table, "CC0", settings, table.parent / "headers.sqlite", progress=False)


def test_a_table_becomes_utterances(tmp_path: Path) -> None:
    found = read(own_speech(tmp_path))
    assert (found.corpus, found.licence, found.root, found.language) == ("letters", "letters: CC0", tmp_path, "en")
    assert [item.utterance_id for item in found.utterances] == ["four", "one", "three", "two"]
    one = Utterance("one", "anna", "F", None, "A sentence of our own.", "A sentence of our own.", "a/one.wav")
    assert found.utterances[1] == one
    assert found.utterances[3].transcript == '"Another", she said.'
    assert found.max_samples == {"one": 2 * 44_100, "two": 3 * 44_100, "three": 4 * 44_100, "four": 5 * 44_100}
    assert found.deviations == ("speech of the table letters instead of VCTK",)
    assert [astuple(note) for note in found.issues.notes] == [
        ("letters.tsv", "2 files of 16000 Hz, resampled to 44100 Hz")
    ]
    assert not found.issues.problems
    assert not found.issues.excluded


def test_quotes_of_a_spreadsheet_and_a_byte_order_mark_are_no_text(tmp_path: Path) -> None:
    table = changed(SPEECH, 2, "text", '"She said ""no"" twice."')
    found = read(own_speech(tmp_path, f"\ufeff{table}".replace("\n", "\r\n")))
    assert found.utterances[1].transcript == 'She said "no" twice.'


def test_ids_and_accents_of_their_own(tmp_path: Path) -> None:
    table = with_column(with_column(SPEECH, "utterance", ["u1", "u2", "", "u 4"]), "accent", ["Scottish", "", "", ""])
    found = read(own_speech(tmp_path, table)).utterances
    assert [(item.utterance_id, item.speaker_accent) for item in found] == [
        ("three", None),
        ("u 4", None),
        ("u1", "Scottish"),
        ("u2", None),
    ]


def test_other_columns_are_named_and_may_have_been_meant(tmp_path: Path) -> None:
    notes = read(own_speech(tmp_path, with_column(SPEECH, "acent", ["x"] * 4))).issues.notes
    assert notes[0].reason == "columns not used: acent; did you mean 'accent'?"


def test_lengths_outside_the_settings_are_left_out_and_listed(tmp_path: Path) -> None:
    table = own_speech(tmp_path)
    write_audio(tmp_path / "b/four.wav", noise("long", 10.5, 16_000), 16_000)
    found = read(table, min_s=2.5, max_s=3.5)
    assert [item.utterance_id for item in found.utterances] == ["two"]
    assert [astuple(issue) for issue in found.issues.excluded] == [
        ("a/one.wav", "lasts 2.000 s, shorter than 2.5 s"),
        ("b/three.wav", "lasts 4.000 s, longer than 3.5 s"),
        ("b/four.wav", "lasts 10.500 s, longer than a clip of 10 s"),
    ]


def test_missing_and_unreadable_files_are_problems_with_their_lines(tmp_path: Path) -> None:
    table = own_speech(tmp_path, SPEECH.replace("b/four.wav", "b/four.mp3"))
    (tmp_path / "a/one.wav").unlink()
    (tmp_path / "b/three.wav").write_bytes(b"<html>not found</html>")
    (tmp_path / "b/four.mp3").write_bytes(b"ID3 a song")
    found = read(table)
    assert [item.utterance_id for item in found.utterances] == ["two"]
    reasons = {issue.path: issue.reason for issue in found.issues.problems}
    assert reasons["a/one.wav"] == ("missing; correct the table, or restore the file (line 2 of letters.tsv)")
    assert re.search(r"not a wav file.* \(line 4 of letters.tsv\)", reasons["b/three.wav"])
    assert reasons["b/four.mp3"] == "a .mp3 file, only .flac and .wav are read; convert it (line 5 of letters.tsv)"


@pytest.mark.parametrize(
    ("line", "column", "cell", "message"),
    [
        (3, "text", " ", "line 3: the text is empty: ''; give what is said"),
        (3, "text", "?!", "line 3: the text is empty: '?!'; give what is said"),
        (3, "speaker", "", "line 3: the speaker is empty"),
        (3, "language", "English", "line 3: the language 'English' is no tag such as en"),
        (3, "language", "", "line 3: the language '' is no tag"),
        (3, "file", "", "line 3: no file is named"),
        (3, "file", "/etc/passwd", "line 3: '/etc/passwd' is not relative to the table's folder"),
        (3, "file", "../a/one.wav", "line 3: '../a/one.wav' has '..'; name the file by its path below"),
        (3, "file", "b/../a/one.wav", "line 3: 'b/../a/one.wav' has '..'"),
        (3, "file", "a\\two.flac", "line 3: 'a\\\\two.flac' has a backslash; write / between folders and file"),
        (3, "text", "a" * 1001, "line 3: 1001 characters in the column 'text', at most 1000 are allowed: 'aaa"),
        (3, "text", "a\x1b[31m", "line 3: the text 'a\\x1b[31m' holds U+001B, which controls a screen"),
        (3, "text", "a\0", "line 3: the text 'a\\x00' holds U+0000"),
        (3, "speaker", "a\u202e", "line 3: the speaker 'a\\u202e' holds U+202E"),
        (3, "file", "out.wav", "line 3: 'out.wav' is a symbolic link that leads out of the table's folder"),
        (3, "file", "x" * 300, "is not the path of a file"),
        (3, "file", "./a//one.wav", "line 3: the file a/one.wav is on line 2 too; each recording has one line"),
        (3, "file", "b/one.wav", "line 3: the id one is that of a/one.wav on line 2 too; give each an id of its own"),
        (3, "file", "a|b.wav", "line 3: 'a|b' cannot be an id: it has"),
        (3, "text", "one\ttwo", "line 3: 6 fields under 5 columns: check the tabs"),
        (
            3,
            "language",
            "de",
            "2 languages: en on 3 (the first is line 2), de on 1 (the first is line 3)",
        ),
        (
            1,
            "text",
            "Text",
            "no column 'text' in its first line, which has file, Text, speaker, language, gender; did",
        ),
        (1, "gender", "text", "the column 'text' is there twice; rename one"),
    ],
)
def test_what_a_table_is_refused_for(tmp_path: Path, line: int, column: str, cell: str, message: str) -> None:
    outside = tmp_path / "outside.wav"
    write_audio(outside, noise("outside", 2, 16_000), 16_000)
    table = own_speech(tmp_path / "corpus", changed(SPEECH, line, column, cell))
    (tmp_path / "corpus" / "out.wav").symlink_to(outside)
    with pytest.raises(CorpusError, match=re.escape(message)) as refused:
        read(table)
    assert str(table) in str(refused.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    table = changed(changed(SPEECH, 2, "text", ""), 4, "language", "Deutsch")
    table = changed(changed(changed(table, 2, "speaker", ""), 5, "language", "de"), 3, "file", "a/none.wav")
    with pytest.raises(CorpusError) as refused:
        read(own_speech(tmp_path, table))
    first, *rest = str(refused.value).splitlines()[1:]
    assert first.startswith(
        "  2 languages: en on 2 (the first is line 2), de on 1 (the first is line 5); a dataset has one"
    )
    assert rest == [
        "  line 2: the text is empty: ''; give what is said, or leave the recording out",
        "  line 2: the speaker is empty; give each person an id, of any kind",
        "  line 4: the language 'Deutsch' is no tag such as en, de or zh (BCP 47)",
        "  a/none.wav: missing; correct the table, or restore the file (line 3 of letters.tsv)",
        "change it and run the command again",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SPEECH.splitlines()[0].encode(), "it has no row below its first line"),
        (b"", "an empty table"),
        (
            b"file\ttext\tspeaker\tlanguage\na.wav\tGr\xfcn\tx\tde\n",
            "line 2, byte 35 of the file, is not UTF-8",
        ),
        (
            b"file,text,speaker,language\na.wav,A.,x,en\n",
            "commas and no tab; save the table with tabs",
        ),
        (b"file;text;speaker;language\n", "its first line has semicolons and no tab"),
        (SPEECH.encode("utf-16"), "UTF-16, which Excel calls Unicode Text.* iconv -f UTF-16 -t UTF-8"),
        (SPEECH.encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8"),
        (SPEECH.encode("utf-16-be"), "iconv -f UTF-16BE -t UTF-8"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "letters.tsv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read(path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("VCTK.tsv", "the name VCTK means the official corpus; rename the table"),
        ("my+speech$.tsv", "cannot be the name of a corpus"),
        ("absent.tsv", "no such table"),
    ],
)
def test_names_of_tables(tmp_path: Path, name: str, message: str) -> None:
    if name != "absent.tsv":
        write_table(tmp_path / name, SPEECH)
    with pytest.raises(CorpusError, match=message):
        read(tmp_path / name)


def test_languages_are_one_however_they_are_written(tmp_path: Path) -> None:
    table = changed(changed(SPEECH, 2, "language", "EN"), 3, "language", "En")
    assert read(own_speech(tmp_path, table)).language == "en"
    assert read(own_speech(tmp_path, SPEECH.replace("\ten\t", "\tZH-hant-tw\t"))).language == "zh-Hant-TW"


def test_rates_of_no_speech_are_problems_and_channels_are_counted(tmp_path: Path) -> None:
    table = own_speech(tmp_path)
    write_audio(tmp_path / "a/one.wav", noise("slow", 2, 4_000), 4_000)
    both = np.stack([noise("left", 4, 44_100, 0.3), noise("right", 4, 44_100, 0.3)], axis=1)
    write_audio(tmp_path / "b/three.wav", both, 44_100)
    issues = read(table).issues
    assert [astuple(one) for one in issues.problems] == [
        ("a/one.wav", "4000 Hz are too few for speech and sounds, at least 8000 Hz are needed (line 2 of letters.tsv)")
    ]
    assert [one.reason for one in issues.notes] == ["1 file of 2 channels, averaged"]
