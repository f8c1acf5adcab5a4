"""Reading VCTK: layouts, pool, texts, and what the official release is known to lack."""

from __future__ import annotations

import csv
import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_dataset.corpora.folders import locate
from sseu_dataset.corpora.source import Speech
from sseu_dataset.corpora.vctk import CORPUS, LAYOUTS, clean_transcript, read_vctk
from sseu_dataset.records import CorpusError, Settings, SourceIssue
from tests.sseu_dataset.tiny_corpora import TinyCorpora, noise, write_audio


def read(corpora: TinyCorpora, tmp_path: Path, settings: Settings | None = None) -> Speech:
    return read_vctk(corpora.vctk, settings or Settings(), tmp_path / "headers.sqlite")


def ids(pool: Speech) -> list[str]:
    return [utterance.utterance_id for utterance in pool.utterances]


POOL = ["p225_021", "p226_021", "p226_022", "p228_021", "s5_008"]


def test_pool_is_mic1_with_text_of_8_to_10_s(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    pool = read(pristine_corpora, tmp_path)
    assert ids(pool) == POOL  # 8.0 and 10.0 s are in
    assert (pool.deviations, pool.shortfalls) == ((), ("VCTK speakers with text: 109 expected, 4 found",))
    assert pool.issues.excluded == [SourceIssue("wav48_silence_trimmed/p315/p315_001_mic1.flac", "no text")]
    assert not pool.issues.problems
    assert not pool.issues.notes


def test_speaker_and_text(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    utterances = {item.utterance_id: item for item in read(pristine_corpora, tmp_path).utterances}
    bracket, utterance = utterances["p228_021"], utterances["s5_008"]
    assert bracket.transcript_raw == "A sentence with a stray bracket. )"
    assert bracket.transcript == "A sentence with a stray bracket."
    assert (utterance.speaker_id, utterance.speaker_gender, utterance.speaker_accent) == ("s5", "F", "British")
    assert utterance.transcript == "We also need a small plastic snake (and a big toy frog)."
    assert utterance.file == "wav48_silence_trimmed/s5/s5_008_mic1.flac"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Please call Stella.", "Please call Stella."),
        ("Please call Stella.  )", "Please call Stella."),
        ('"The rainbow is a division. "', "The rainbow is a division."),
        ('"Quoted and bracketed." )', "Quoted and bracketed."),
        ("He said (quietly) no.", "He said (quietly) no."),
        ("It ends in (brackets)", "It ends in (brackets)"),
        ('"Yes," he said, "no"', 'Yes," he said, "no'),
        (" ) ", ""),
        ('""', ""),
    ],
)
def test_clean_transcript(raw: str, clean: str) -> None:
    assert clean_transcript(raw) == clean


def test_one_folder_below_is_found(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    pool = read_vctk(pristine_corpora.root, Settings(), tmp_path / "headers.sqlite")
    assert pool.root == pristine_corpora.vctk


def test_layout_of_release_080(corpora: TinyCorpora, tmp_path: Path) -> None:
    old = tmp_path / "VCTK-Corpus"
    for path in corpora.vctk.glob("wav48_silence_trimmed/*/*_mic1.flac"):
        name = path.stem.removesuffix("_mic1")
        write_audio(old / "wav48" / path.parent.name / f"{name}.wav", noise(name, 9.0, 48_000), 48_000)
    shutil.copytree(corpora.vctk / "txt", old / "txt")
    (old / "speaker-info.txt").write_text(
        "ID  AGE  GENDER  ACCENTS  REGION\n225  23  F    English    Southern  England\n"
    )
    pool = read_vctk(old, Settings(), tmp_path / "headers.sqlite")
    assert (pool.deviations, pool.shortfalls) == (("VCTK 0.80 instead of 0.92",), ())
    assert pool.utterances[0].file == "wav48/p225/p225_003.wav"
    assert pool.utterances[0].speaker_accent == "English"


def test_speech_bounds_are_exact_decimals(corpora: TinyCorpora, tmp_path: Path) -> None:
    assert ids(read(corpora, tmp_path, Settings(speech_min_s=8.2, speech_max_s=9.1))) == ["p225_021", "s5_008"]


def test_missing_and_empty_texts_are_excluded_and_listed(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.text("p225_021").unlink()
    corpora.text("p226_021").write_text(" \n")
    pool = read(corpora, tmp_path)
    assert ids(pool) == POOL[2:]
    reasons = {issue.path.rsplit("/", 1)[1]: issue.reason for issue in pool.issues.excluded}
    assert reasons == {
        "p225_021_mic1.flac": "no text",
        "p226_021_mic1.flac": "its text is empty",
        "p315_001_mic1.flac": "no text",
    }


@pytest.mark.parametrize("content", [b"", b"<html>not here</html>", b"fLaC but no more"])
def test_a_file_without_header_is_a_problem(corpora: TinyCorpora, tmp_path: Path, content: bytes) -> None:
    corpora.recording("p225_003").write_bytes(content)
    (problem,) = read(corpora, tmp_path).issues.problems
    assert problem.path == "wav48_silence_trimmed/p225/p225_003_mic1.flac"
    assert problem.reason.endswith("fetch it again")


def test_text_that_is_not_utf8(corpora: TinyCorpora, tmp_path: Path) -> None:
    corpora.text("p225_021").write_bytes(b"caf\xe9")
    (problem,) = read(corpora, tmp_path).issues.problems
    assert (problem.path, problem.reason[:14]) == ("txt/p225/p225_021.txt", "not UTF-8 text")


@pytest.mark.parametrize("what", ["recording", "text", "folder"])
def test_symbolic_links_out_of_the_corpus_are_refused(corpora: TinyCorpora, tmp_path: Path, what: str) -> None:
    outside = tmp_path / "outside"
    if what == "folder":
        corpora.recording("p225_021").parent.rename(outside)
        corpora.recording("p225_021").parent.symlink_to(outside)
    else:
        path = corpora.recording("p225_021") if what == "recording" else corpora.text("p225_021")
        path.rename(outside)
        path.symlink_to(outside)
    pool = read(corpora, tmp_path)
    assert "p225_021" not in ids(pool)
    assert [problem.reason for problem in pool.issues.problems] == ["a symbolic link that leads out of the corpus"]


def test_symbolic_links_within_the_corpus_are_fine(corpora: TinyCorpora, tmp_path: Path) -> None:
    path = corpora.recording("p225_021")
    path.rename(corpora.vctk / "elsewhere.flac")
    path.symlink_to(corpora.vctk / "elsewhere.flac")
    assert ids(read(corpora, tmp_path)) == POOL


def test_other_rates_and_names_are_noted(corpora: TinyCorpora, tmp_path: Path) -> None:
    write_audio(corpora.recording("p225_021"), noise("x", 8.5, 96_000), 96_000)
    (corpora.recording("p225_021").parent / "notes.txt").write_text("x")
    pool = read(corpora, tmp_path)
    assert ids(pool) == POOL
    assert sorted(note.reason for note in pool.issues.notes) == [
        "96000 Hz instead of 48000 Hz",
        "not named like a recording, not used",
    ]


def test_unknown_speakers_have_no_gender(corpora: TinyCorpora, tmp_path: Path) -> None:
    (corpora.vctk / "speaker-info.txt").write_text("ID AGE GENDER ACCENTS\np225 23 F English\n")
    pool = read(corpora, tmp_path)
    genders = {item.speaker_id: item.speaker_gender for item in pool.utterances}
    assert genders == {"p225": "F", "p226": None, "p228": None, "s5": None}
    assert {note.reason for note in pool.issues.notes} == {
        "its speaker is not in speaker-info.txt: gender and accent are unknown"
    }


def test_wrong_folder_says_what_was_looked_for_and_found(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    with pytest.raises(CorpusError) as caught:
        read_vctk(tmp_path, Settings(), tmp_path / "headers.sqlite")
    assert "Expected wav48_silence_trimmed and txt and speaker-info.txt or wav48 and txt" in str(caught.value)
    assert "found music" in str(caught.value)
    with pytest.raises(CorpusError, match="is not a folder"):
        read_vctk(tmp_path / "nowhere", Settings(), tmp_path / "headers.sqlite")


def test_a_neighbour_that_may_not_be_read_is_passed_by(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "vctk").symlink_to(pristine_corpora.vctk)
    stat = os.stat

    def refuse(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if "lost+found/" in os.fsdecode(path):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return stat(path, *args, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert locate(CORPUS, tmp_path, LAYOUTS) == (tmp_path / "vctk", "0.92")


def test_names_that_are_not_utf8_are_listed_readable(corpora: TinyCorpora, tmp_path: Path) -> None:
    folder = corpora.recording("p225_021").parent
    (folder / os.fsdecode(b"caf\xe9.flac")).write_bytes(b"")
    (tmp_path / os.fsdecode(b"\xe9")).mkdir()
    named = {note.path for note in read(corpora, tmp_path).issues.notes}
    assert r"wav48_silence_trimmed/p225/caf\udce9.flac" in named
    with pytest.raises(CorpusError, match=r"found .*\\udce9"):
        locate(CORPUS, tmp_path, LAYOUTS)


def test_header_cache_is_used_and_never_trusted_blindly(corpora: TinyCorpora, tmp_path: Path) -> None:
    before = read(corpora, tmp_path)
    cache = tmp_path / "headers.sqlite"
    assert cache.exists()
    assert read(corpora, tmp_path) == before
    write_audio(corpora.recording("p225_003"), noise("x", 9.0, 48_000), 48_000)  # size and time change
    assert "p225_003" in ids(read(corpora, tmp_path))
    cache.write_bytes(b"no database" * 100)
    assert ids(read(corpora, tmp_path)) == sorted([*POOL, "p225_003"])


def test_metadata_of_the_real_corpus_gives_about_104_speakers(metadata: Path) -> None:
    """With file length estimated as end of speech + 0.47 s (docs/protocol.md)."""
    with (metadata / "vctk_utterances.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    lengths_s = {
        f"{row['speaker']}_{row['line']}": float(row["speech_end_s"]) + 0.47 for row in rows if row["transcript"]
    }
    pool = {name: length_s for name, length_s in lengths_s.items() if 8 <= length_s <= 10}
    assert len(pool) == 244
    assert len({name.split("_")[0] for name in pool}) == 104
    assert np.mean(list(pool.values())) == pytest.approx(8.769, abs=0.001)


def test_metadata_transcripts_lose_their_brackets_and_quotes(metadata: Path) -> None:
    with (metadata / "vctk_utterances.tsv").open(encoding="utf-8") as file:
        texts = [row["transcript"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    raw = [text for text in texts if text]
    assert sum(text.endswith(")") for text in raw) == 1902
    assert sum(text.startswith('"') for text in raw) == 292
    clean = [clean_transcript(text) for text in raw]
    assert all(clean)
    assert not any(text.endswith(")") for text in clean)
    assert not any(text.startswith('"') and text.endswith('"') for text in clean)
