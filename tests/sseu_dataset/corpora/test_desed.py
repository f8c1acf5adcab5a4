"""Reading DESED: selection, segments, and everything that can be wrong with its table."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from sseu_dataset.corpora.desed import read_desed, read_table, select_clips
from sseu_dataset.corpora.source import Backgrounds
from sseu_dataset.records import PAPER_PAIRS, Background, CorpusError, EventSegment, SourceIssue
from tests.sseu_dataset.tiny_corpora import TinyCorpora, noise, write_audio

AUDIO = "audio/eval/public"


def read(corpora: TinyCorpora, tmp_path: Path) -> Backgrounds:
    return read_desed(corpora.desed, tmp_path / "headers.sqlite")


def by_id(clips: Backgrounds) -> dict[str, Background]:
    return {background.background_id: background for background in clips.selected}


def test_clips_without_speech_are_backgrounds_of_home(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    clips = read(pristine_corpora, tmp_path)
    assert list(by_id(clips)) == [
        "-bbbbbbbbbb_5_10",
        "aaaaaaaaaaa_0_10",
        "c c é cccc_30_40",
        "ddddddddddd_1_11",
        "eeeeeeeeeee_7_16",
    ]
    assert {background.scene for background in clips.selected} == {"Home"}
    assert clips.issues == type(clips.issues)()


def test_segments_are_cut_at_ten_seconds_and_later_ones_left_out(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    backgrounds = by_id(read(pristine_corpora, tmp_path))
    assert backgrounds["aaaaaaaaaaa_0_10"].segments == (
        EventSegment("Cat", 1.203, 1.983),
        EventSegment("Cat", 4.02, 10.0),
    )
    assert backgrounds["ddddddddddd_1_11"].segments == (EventSegment("Blender", 2.0, 3.0),)


def test_both_layouts(corpora: TinyCorpora, tmp_path: Path) -> None:
    below = read(corpora, tmp_path)
    shutil.move(corpora.desed / "dataset", tmp_path / "flat")
    flat = read_desed(tmp_path / "flat", tmp_path / "headers.sqlite")
    assert flat.selected == below.selected


def test_windows_line_ends_and_byte_order_mark(corpora: TinyCorpora, tmp_path: Path) -> None:
    before = read(corpora, tmp_path).selected
    text = corpora.table.read_text(encoding="utf-8").replace("\n", "\r\n")
    corpora.table.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(corpora, tmp_path).selected == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("aaaaaaaaaaa_0_10.wav\t1.0\t2.0\tUnicorn", "unknown label 'Unicorn'"),
        ("aaaaaaaaaaa_0_10.wav\t5.0\t2.0\tCat", "offset 2.0 s is before it"),
        ("aaaaaaaaaaa_0_10.wav\tsoon\t2.0\tCat", "onset 'soon' or offset '2.0' is not a number"),
        ("aaaaaaaaaaa_0_10.wav\t\t\t", "onset '' or offset '' is not a number"),
        ("aaaaaaaaaaa_0_10.wav\tnan\t2.0\tCat", "is not finite"),
        ("aaaaaaaaaaa_0_10.wav\t0\tinf\tCat", "is not finite"),
        ("aaaaaaaaaaa_0_10.wav\t-1\t2\tCat", "onset -1 s is negative"),
        ("aaaaaaaaaaa_0_10.wav\t1.0\t2.0", "3 columns instead of 4"),
    ],
)
def test_a_broken_row_takes_its_clip_out_and_is_named(
    corpora: TinyCorpora, tmp_path: Path, row: str, reason: str
) -> None:
    with corpora.table.open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    clips = read(corpora, tmp_path)
    (problem,) = clips.issues.problems
    assert problem.path == f"{AUDIO}/aaaaaaaaaaa_0_10.wav"
    assert reason in problem.reason
    assert "public.tsv line 12" in problem.reason
    assert "aaaaaaaaaaa_0_10" not in by_id(clips)


def test_a_broken_row_of_a_clip_with_speech_is_not_needed(corpora: TinyCorpora, tmp_path: Path) -> None:
    with corpora.table.open("a", encoding="utf-8") as file:
        file.write("fffffffffff_2_12.wav\t5.0\t2.0\tCat\n")
    corpora.clip("fffffffffff_2_12").unlink()
    assert not read(corpora, tmp_path).issues.problems


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "../x.wav", "/etc/x.wav", "a\\b.wav", ".wav", "x.mp3", ""])
def test_names_that_lead_out_of_the_corpus_are_refused(corpora: TinyCorpora, tmp_path: Path, name: str) -> None:
    with corpora.table.open("a", encoding="utf-8") as file:
        file.write(f"{name}\t1.0\t2.0\tCat\n")
    (problem,) = read(corpora, tmp_path).issues.problems
    assert problem.path == "metadata/eval/public.tsv line 12"
    assert "is not the bare name of a wav file in the corpus" in problem.reason


def test_a_symbolic_link_out_of_the_corpus_is_refused(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.clip("aaaaaaaaaaa_0_10").rename(tmp_path / "outside.wav")
    corpora.clip("aaaaaaaaaaa_0_10").symlink_to(tmp_path / "outside.wav")
    (problem,) = read(corpora, tmp_path).issues.problems
    assert problem.reason == "a symbolic link that leads out of the corpus"


def test_a_missing_file_is_named(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.clip("aaaaaaaaaaa_0_10").unlink()
    clips = read(corpora, tmp_path)
    assert clips.issues.problems == [
        SourceIssue(f"{AUDIO}/aaaaaaaaaaa_0_10.wav", "named in public.tsv but missing; fetch it again")
    ]
    assert len(clips.selected) == 4


def test_an_error_page_under_a_wav_name_is_named(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.clip("aaaaaaaaaaa_0_10").write_text("<!DOCTYPE html>")
    (problem,) = read(corpora, tmp_path).issues.problems
    assert problem == SourceIssue(
        f"{AUDIO}/aaaaaaaaaaa_0_10.wav", "not a wav file, it begins with '<!DOCTYPE html>'; fetch it again"
    )


def test_files_no_row_names_and_other_rates_are_noted(corpora: TinyCorpora, tmp_path: Path) -> None:
    write_audio(corpora.clip("zzzzzzzzzzz_0_10"), noise("z", 10, 44_100), 44_100)
    write_audio(corpora.clip("eeeeeeeeeee_7_16"), noise("e", 9, 8_000), 8_000)
    assert read(corpora, tmp_path).issues.notes == [
        SourceIssue(f"{AUDIO}/eeeeeeeeeee_7_16.wav", "8000 Hz, resampled to 44100 Hz"),
        SourceIssue(f"{AUDIO}/zzzzzzzzzzz_0_10.wav", "not named in public.tsv, not used"),
    ]


def test_another_table_is_not_taken_for_desed(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.table.write_text("filename,onset,offset,event_label\n")
    with pytest.raises(CorpusError, match=r"the columns are \['filename,onset,offset,event_label'\]"):
        read(corpora, tmp_path)


def test_metadata_of_the_real_corpus_gives_378_clips(metadata: Path) -> None:
    table = read_table(metadata / "desed_public_eval.tsv")
    assert (len(table.events), table.broken, table.unreadable) == (2765, {}, [])
    backgrounds = select_clips(table.events)
    assert len(backgrounds) == PAPER_PAIRS["DESED"] == 378
    counts = Counter(event for item in backgrounds for event in {segment.event for segment in item.segments})
    assert counts == {
        "Running Water": 69,
        "Vacuum Cleaner": 68,
        "Dog": 57,
        "Alarm Bell Ringing": 54,
        "Dishes": 46,
        "Cat": 44,
        "Frying": 36,
        "Electric Shaver Toothbrush": 28,
        "Blender": 19,
    }
