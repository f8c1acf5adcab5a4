"""What a stream refuses to be made of, and what the readers leave out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_dataset import BackgroundClip, EventSegment, SpeechRecording, mixtures, read_backgrounds, read_speech
from sseu_dataset.licences import STANDIN_LICENCE
from tests.sseu_dataset.streaming.own_sources import own_background, own_speech
from tests.sseu_dataset.tables import own_tables as tables
from tests.sseu_dataset.tiny_corpora import TinyCorpora, noise, write_audio

Sources = tuple[list[SpeechRecording], list[BackgroundClip]]


def missing_file(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    background[0].path.unlink()


def other_audio(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    speech[1].path.write_bytes(b"ID3 an MP3 file under this name")


def too_long(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    write_audio(speech[1].path, noise("long", 10.5, 16_000), 16_000)


def no_text(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    speech[1] = replace(speech[1], utterance=replace(speech[1].utterance, transcript=" "))


def twice(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    speech.append(speech[1])


def late(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    background[1] = replace(background[1], background=replace(background[1].background, offset_s=25))


def unknown_scene(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    background[1] = replace(background[1], background=replace(background[1].background, scene="Beach"))


def unknown_event(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    segments = (EventSegment("Rain", 0.0, 1.0),)
    background[1] = replace(background[1], background=replace(background[1].background, segments=segments))


def backwards(speech: list[SpeechRecording], background: list[BackgroundClip]) -> None:
    segments = (EventSegment("Car", 3.0, 1.0),)
    background[1] = replace(background[1], background=replace(background[1].background, segments=segments))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (missing_file, "street0.wav: no such file (1 of 7 are missing); fetch the corpus again"),
        (other_audio, "own1_1.wav: not a wav file, it begins with 'ID3 an MP3 file'"),
        (too_long, "the utterance own1_1 lasts 10.50 s"),
        (no_text, "the utterance own1_1 has no text; leave it out"),
        (twice, "the utterance own1_1 is there twice"),
        (late, "the background street0@10 begins at 25 s"),
        (unknown_scene, "the background street0@10: the scene 'Beach' is none of Home"),
        (unknown_event, "the background street0@10: the event 'Rain' is none of the 18"),
        (backwards, "the background street0@10: Car from 3.0 to 1.0 s is not within 0 to 10 s"),
    ],
)
def test_bad_sources_are_refused_by_name(
    fault: Callable[[list[SpeechRecording], list[BackgroundClip]], None], message: str, tmp_path: Path
) -> None:
    speech, background = own_speech(tmp_path), own_background(tmp_path)
    fault(speech, background)
    with pytest.raises(ValueError, match=re.escape(message)):
        mixtures(speech, background, exclude=None)


def test_the_readers_say_what_they_leave_out(corpora: TinyCorpora) -> None:
    corpora.recording("p226_022").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"VCTK: \d+ files are left out, the first of them .*"):
        speech = read_speech(corpora.vctk, min_s=2.0)
    names = {item.utterance.utterance_id for item in speech}
    assert {"p225_003", "p225_021"} <= names
    assert not {"p226_022", "p228_024"} & names  # broken; longer than a clip
    assert all(item.path.is_file() for item in speech)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_stand_ins_bear_their_own_licence(demo: Path) -> None:
    speech = read_speech(demo / "VCTK-Corpus-0.92")
    background = read_backgrounds(desed_folder=demo / "DESED", maestro_folder=demo / "MAESTRO_Real_development")
    assert {item.licence for item in speech} | {item.licence for item in background} == {STANDIN_LICENCE}
    assert {item.background.corpus for item in background} == {"DESED", "MAESTRO-Real"}


def test_tables_are_read_as_corpora_are(tmp_path: Path) -> None:
    speech = read_speech(table=tables.own_speech(tmp_path / "s"), licence="CC0 1.0", min_s=2.5)
    background = read_backgrounds(table=tables.own_background(tmp_path / "b"), licence="CC BY 4.0")
    assert [item.utterance.utterance_id for item in speech] == ["four", "three", "two"]
    assert [item.background.background_id for item in background] == ["k1", "street@0", "street@10"]
    row = next(iter(mixtures(speech, background, exclude=None, snr_db=[0.0])))
    assert row["licence"] == "letters: CC0 1.0 + places: CC BY 4.0"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "needs the folder of VCTK or a table, one of them"),
        ({"vctk_folder": "x", "table": "y", "licence": "CC0"}, "needs the folder of VCTK or a table, one of them"),
        ({"table": "speech.tsv"}, "speech.tsv: give its licence too, which stands in every row"),
        ({"table": "speech.tsv", "licence": "CC0"}, "speech.tsv: no such table"),
    ],
)
def test_what_speech_is_not_read(given: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_speech(**given)  # type: ignore[arg-type]
