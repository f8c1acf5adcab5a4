"""Nothing of the excluded benchmark is heard: by id, by sentence, by speaker and by the bytes of the files."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pytest

from sseu_dataset import BackgroundClip, DatasetError, SpeechRecording, mixtures, read_backgrounds, read_speech
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import Pair
from sseu_dataset.streaming.exclusion import Exclusion, sentence_key
from tests.sseu_dataset.streaming.own_sources import own_background, own_speech
from tests.sseu_dataset.tiny_corpora import TinyCorpora


@pytest.fixture
def pair(built: Path) -> Pair:
    return read_recipe(built / "recipe.parquet").pairs[0]


def changed_speech(root: Path, **fields: str) -> SpeechRecording:
    item = own_speech(root)[0]
    return replace(item, utterance=replace(item.utterance, **fields))


def recording_of(pair: Pair) -> str:
    return pair.background.source_recording_id


def changed_background(root: Path, **fields: Any) -> BackgroundClip:
    item = own_background(root)[0]
    return replace(item, background=replace(item.background, **fields))


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("speaker", lambda root, pair: changed_speech(root, speaker_id=pair.utterance.speaker_id)),
        ("utterance", lambda root, pair: changed_speech(root, utterance_id=pair.utterance.utterance_id)),
        ("sentence", lambda root, pair: changed_speech(root, transcript=f"({pair.utterance.transcript.upper()})!")),
        ("file", lambda root, pair: changed_speech(root, file="copy.flac")),
    ],
)
def test_speech_that_the_benchmark_has_is_left_out(
    reason: str,
    change: Callable[[Path, Pair], SpeechRecording],
    pair: Pair,
    built: Path,
    pristine_corpora: TinyCorpora,
    tmp_path: Path,
) -> None:
    speech, background = own_speech(tmp_path), own_background(tmp_path)
    guilty = change(tmp_path, pair)
    if reason == "file":
        shutil.copy(pristine_corpora.vctk / pair.utterance.file, guilty.path)
    stream = mixtures([guilty, *speech[1:]], background, exclude=built)
    assert {item.utterance.utterance_id for item in stream.speech} == {f"own{n % 2}_{n}" for n in (1, 2, 3)}
    with pytest.raises(DatasetError, match=f"excluding .*sseu-bench leaves no speech: of 1, 1 by {reason}; give"):
        mixtures([guilty], background, exclude=built)
    allowed = mixtures([guilty, *speech[1:]], background, exclude=built, exclude_speakers=False)
    assert len(allowed.speech) == 3 + (reason == "speaker")


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("recording", lambda root, pair: changed_background(root, source_recording_id=recording_of(pair))),
        ("clip", lambda root, pair: changed_background(root, background_id=pair.pair_id)),
        ("file", lambda root, pair: changed_background(root, file="copy.wav")),
    ],
)
def test_backgrounds_that_the_benchmark_has_are_left_out(
    reason: str,
    change: Callable[[Path, Pair], BackgroundClip],
    pair: Pair,
    built: Path,
    pristine_corpora: TinyCorpora,
    tmp_path: Path,
) -> None:
    speech, background = own_speech(tmp_path), own_background(tmp_path)
    guilty = change(tmp_path, pair)
    if reason == "file":
        root = pristine_corpora.desed / "dataset" if pair.background.corpus == "DESED" else pristine_corpora.maestro
        shutil.copy(root / pair.background.file, guilty.path)
    stream = mixtures(speech, [guilty, *background[2:]], exclude=built)
    assert [item.background.source_recording_id for item in stream.background] == ["street1"] * 2 + ["street2"] * 2
    with pytest.raises(DatasetError, match=f"leaves no background: of 1, 1 by {reason}; give sources"):
        mixtures(speech, [guilty], exclude=built)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_benchmarks_own_corpora_leave_nothing(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    speech = read_speech(pristine_corpora.vctk)
    background = read_backgrounds(desed_folder=pristine_corpora.desed, maestro_folder=pristine_corpora.maestro)
    message = r"leaves no speech: of \d+, \d+ by speaker.*; .*, or allow its speakers with exclude_speakers=False"
    with pytest.raises(DatasetError, match=message):
        mixtures(speech, own_background(tmp_path), exclude=built)
    with pytest.raises(DatasetError, match=r"leaves no background: of 9, 9 by recording"):
        mixtures(own_speech(tmp_path), background, exclude=built)
    heard = read_recipe(built / "recipe.parquet")
    stream = mixtures(
        [*speech, *own_speech(tmp_path)],
        [*background, *own_background(tmp_path)],
        exclude=built,
        exclude_speakers=False,
        stop=30,
    )
    rows = list(stream)
    assert not {row["utterance_id"] for row in rows} & {pair.utterance.utterance_id for pair in heard.pairs}
    assert not {row["source_recording_id"] for row in rows} & {
        pair.background.source_recording_id for pair in heard.pairs
    }
    texts = {sentence_key(pair.utterance.transcript) for pair in heard.pairs}
    assert not {sentence_key(row["transcript"]) for row in rows} & texts


def test_folder_recipe_file_and_recipe_exclude_the_same(pair: Pair, built: Path, tmp_path: Path) -> None:
    speech = [*own_speech(tmp_path)[1:], changed_speech(tmp_path, speaker_id=pair.utterance.speaker_id)]
    background = own_background(tmp_path)
    file = built / "recipe.parquet"
    streams = [mixtures(speech, background, exclude=one) for one in (built, str(built), file, read_recipe(file))]
    assert all(stream == streams[0] for stream in streams)
    assert len(streams[0].speech) == 3


def test_a_dataset_without_recipe_is_known_by_its_rows(pair: Pair, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "imported")
    (tmp_path / "imported" / "recipe.parquet").unlink()
    speech, background = own_speech(tmp_path), own_background(tmp_path)
    guilty = [
        changed_speech(tmp_path, speaker_id=pair.utterance.speaker_id),
        changed_speech(tmp_path, utterance_id=pair.utterance.utterance_id),
        changed_speech(tmp_path, utterance_id="own", transcript=pair.utterance.transcript),
    ]
    clip = changed_background(tmp_path, source_recording_id=recording_of(pair))
    stream = mixtures([*guilty, *speech[1:]], [clip, *background[2:]], exclude=tmp_path / "imported")
    assert stream == mixtures([*guilty, *speech[1:]], [clip, *background[2:]], exclude=built)
    assert (len(stream.speech), len(stream.background)) == (3, 4)


def test_each_sentence_of_a_clip_with_several_is_known() -> None:
    segments = [{"utterance_id": f"p1_{n}", "transcript": text} for n, text in enumerate(["One.", "And two!"])]
    row = {"pair_id": "a", "source_recording_id": "b", "utterance_id": None, "speaker_id": "p1"}
    rows = datasets.Dataset.from_list([{**row, "transcript": "One. And two!", "speech_segments": segments}])
    found = Exclusion.of_rows(rows, [], speakers=True)
    assert found.utterances == {"p1_0", "p1_1"}
    assert found.sentences == {"one", "andtwo", "oneandtwo"}


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(DatasetError, match=re.escape("no such recipe; a dataset folder holds it as recipe.parquet")):
        mixtures(own_speech(tmp_path), own_background(tmp_path), exclude=tmp_path / "missing.parquet")
    with pytest.raises(DatasetError, match=r"no manifest\.json, so this is not a finished dataset folder"):
        mixtures(own_speech(tmp_path), own_background(tmp_path), exclude=tmp_path / "other")
