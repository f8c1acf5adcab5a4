"""Builds with the rule `diverse`: rows, verification, rebuilding, refusals."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import sseu_dataset
from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.describing.columns import column_text
from sseu_dataset.parallel import worker_count
from sseu_dataset.planning.plan import Execution
from sseu_dataset.planning.rebuild import differences
from sseu_dataset.planning.sources import Corpora
from sseu_dataset.recipe import read_recipe, write_recipe
from sseu_dataset.records import RATE_HZ, CorpusError, Cut, DatasetError, Pair, Recipe, Settings
from sseu_dataset.streaming.exclusion import Exclusion, sentence_key
from tests.sseu_dataset.diverse.conftest import DIVERSE
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial, differing_files, write_audio


def recipe_of(folder: Path) -> Recipe:
    return read_recipe(folder / "recipe.parquet")


def differing(recipe: Recipe, corpora: TinyCorpora, tmp_path: Path) -> list[str]:
    execution = Execution(worker_count(2), False, tmp_path / "headers")
    return [f"{one.path}: {one.reason}" for one in differences(Corpora(**corpora.folders), recipe, execution=execution)]


def test_rows_name_every_utterance_with_its_times(built_diverse: Path, talkative: TinyCorpora) -> None:
    rows = sseu_dataset.load(built_diverse, "snr_inf")
    pairs = {pair.pair_id: pair for pair in recipe_of(built_diverse).pairs}
    assert len(rows) == len(pairs) == 9
    said = [segment["utterance_id"] for row in rows for segment in row["speech_segments"]]
    assert len(set(said)) == len(said)
    for row in rows:
        segments, parts = row["speech_segments"], pairs[row["pair_id"]].speech
        assert 2 <= len(segments) == len(parts) <= 4
        assert row["utterance_id"] == " + ".join(segment["utterance_id"] for segment in segments)
        assert row["transcript"] == " ".join(segment["transcript"] for segment in segments)
        assert segments[0]["onset_s"] == row["speech_onset_s"]
        assert segments[-1]["offset_s"] == pytest.approx(row["speech_onset_s"] + row["speech_duration_s"])
        assert 8 <= row["speech_duration_s"] <= 10
        samples = sseu_dataset.load_audio(row)
        for segment, part in zip(segments, parts, strict=True):
            assert part.cut is not None
            first = round(segment["onset_s"] * RATE_HZ)
            heard = samples[first : first + part.cut.samples]
            source = read_clip(talkative.vctk / part.utterance.file)[part.cut.first_sample :][: part.cut.samples]
            assert np.corrcoef(heard, source)[0, 1] > 0.9999
        for one, other in pairwise(segments):
            assert 0.2 <= other["onset_s"] - one["offset_s"] <= 0.6
            pause = samples[round(one["offset_s"] * RATE_HZ) : round(other["onset_s"] * RATE_HZ)]
            assert 0 < np.abs(pause).max() < 0.01 * np.abs(samples).max()


def test_the_whole_speech_has_the_level(built_diverse: Path) -> None:
    for row in sseu_dataset.load(built_diverse, "snr_inf"):
        first, count = round(row["speech_onset_s"] * RATE_HZ), round(row["speech_duration_s"] * RATE_HZ)
        speech = sseu_dataset.load_audio(row)[first : first + count].astype(np.float64)
        level_db = 10 * np.log10(np.mean(speech**2))
        assert level_db == pytest.approx(-26 + row["gain_db"], abs=0.01)


def test_it_is_named_and_numbered_apart(built_diverse: Path) -> None:
    made = sseu_dataset.load_manifest(built_diverse)
    assert made.version.endswith("+d1")
    assert made.recipe == "custom" or "expected" in " ".join(made.reasons)
    assert made.settings == DIVERSE
    card = (built_diverse / "README.md").read_text(encoding="utf-8")
    assert f"# SSEU-Bench D1 {made.version}" in card
    pairs = recipe_of(built_diverse).pairs
    sentences = [part.utterance.transcript for pair in pairs for part in pair.speech]
    words = sum(len(sentence.split()) for sentence in sentences)
    assert f"**no sentence is said twice**. {len(sentences)} sentences of {words} words" in card
    assert "two to four utterances of one speaker" in card
    assert "Low text diversity" not in card
    assert "other speech in a few other clips" in card
    assert column_text("all", "utterance_id", recipe_of(built_diverse)).startswith("Ids of the recordings")


def test_a_folder_is_verified_and_rebuilt(built_diverse: Path, talkative: TinyCorpora, tmp_path: Path) -> None:
    assert sseu_dataset.verify(built_diverse, progress=False).problems == ()
    found = sseu_dataset.verify(built_diverse, **talkative.folders, progress=False)
    assert (found.problems, found.differing) == ((), {})
    again = sseu_dataset.build(
        tmp_path / "again", **talkative.folders, recipe=built_diverse / "recipe.parquet", progress=False
    )
    assert again.differing_rows == []
    assert differing_files(built_diverse, tmp_path / "again") == []


def test_the_number_of_workers_changes_nothing(built_diverse: Path, talkative: TinyCorpora, tmp_path: Path) -> None:
    build_partial(tmp_path / "one", talkative, settings=DIVERSE, workers=1)
    assert differing_files(built_diverse, tmp_path / "one") == []


def test_stems_give_the_same_mixtures(built_diverse: Path, talkative: TinyCorpora, tmp_path: Path) -> None:
    stems = build_partial(tmp_path / "stems", talkative, settings=DIVERSE, layout="stems").manifest
    assert stems.row_hashes == sseu_dataset.load_manifest(built_diverse).row_hashes
    stored = pq.read_table(next((tmp_path / "stems" / "data" / "stems").iterdir())).to_pylist()
    assert {(row["signal"], row["audio"]["bytes"][:4]) for row in stored} == {
        ("speech", b"fLaC"),
        ("background", b"RIFF"),
    }
    rows = sseu_dataset.load(tmp_path / "stems", "snr_0")
    for row, other in zip(rows, sseu_dataset.load(built_diverse, "snr_0"), strict=True):
        np.testing.assert_array_equal(sseu_dataset.load_audio(row), sseu_dataset.load_audio(other))
    assert sseu_dataset.verify(tmp_path / "stems", **talkative.folders, progress=False).problems == ()


def changed(recipe: Recipe, place: int, change: Callable[[Pair], Pair]) -> Recipe:
    pairs = list(recipe.pairs)
    pairs[place] = change(pairs[place])
    return replace(recipe, pairs=tuple(pairs))


def with_cut(part: int, **fields: int) -> Callable[[Pair], Pair]:
    def change(pair: Pair) -> Pair:
        speech = list(pair.speech)
        assert isinstance(speech[part].cut, Cut)
        speech[part] = replace(speech[part], cut=replace(speech[part].cut, **fields))  # type: ignore[type-var]
        return replace(pair, speech=tuple(speech))

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_cut(0, first_sample=7), "speech_first_sample: the recipe says 7, the corpus"),
        (with_cut(1, samples=44_100), "speech_samples: the recipe says 44100, the corpus"),
        (with_cut(1, pause_samples=9_000), "pause_samples: the recipe says 9000, the corpus"),
        (lambda pair: replace(pair, speech_onset_samples=1), "speech_onset_samples: the recipe says 1, the corpus"),
        (lambda pair: replace(pair, speech=pair.speech[::-1]), "pause_samples: the recipe says"),
        (lambda pair: replace(pair, speech=pair.speech[:1]), "it has 1 utterances, not 2 to 4"),
    ],
)
def test_changes_of_a_recipe_are_found(
    built_diverse: Path, talkative: TinyCorpora, tmp_path: Path, change: Callable[[Pair], Pair], message: str
) -> None:
    recipe = recipe_of(built_diverse)
    assert differing(recipe, talkative, tmp_path) == []
    assert any(message in one for one in differing(changed(recipe, 2, change), talkative, tmp_path))


def test_a_sentence_that_is_said_twice_is_found(built_diverse: Path, talkative: TinyCorpora, tmp_path: Path) -> None:
    recipe = recipe_of(built_diverse)
    other = recipe.pairs[0].speech
    found = differing(changed(recipe, 2, lambda pair: replace(pair, speech=other)), talkative, tmp_path)
    assert any(f"is said in {recipe.pairs[0].pair_id} too" in one for one in found)


def test_uncut_recordings_are_no_diverse_recipe(built_diverse: Path, talkative: TinyCorpora, tmp_path: Path) -> None:
    recipe = recipe_of(built_diverse)
    whole = changed(recipe, 0, lambda pair: replace(pair, speech=(replace(pair.speech[0], cut=None),)))
    found = differing(whole, talkative, tmp_path)
    assert any("speech_first_sample: the recipe says nothing, the corpus" in one for one in found)


def test_an_edition_is_drawn_again(talkative: TinyCorpora, tmp_path: Path) -> None:
    settings = Settings(rule="diverse", seed=5, edition="spring")
    build_partial(tmp_path / "spring", talkative, settings=settings)
    recipe = recipe_of(tmp_path / "spring")
    assert recipe.version.endswith("+d1.spring")
    assert differing(recipe, talkative, tmp_path) == []
    one, other = recipe.pairs[:2]
    swapped = [replace(one, speech=other.speech), replace(other, speech=one.speech), *recipe.pairs[2:]]
    found = differing(replace(recipe, pairs=tuple(swapped)), talkative, tmp_path)
    assert any(f"utterance_id: the recipe gives it {other.utterance.utterance_id}, the draw" in one for one in found)


def test_a_broken_recording_is_left_out_and_named(talkative: TinyCorpora, tmp_path: Path) -> None:
    shutil.copytree(talkative.root, tmp_path / "corpora")
    corpora = TinyCorpora(tmp_path / "corpora")
    whole = corpora.recording("p226_030").read_bytes()
    corpora.recording("p226_030").write_bytes(whole[:-3000])
    short = read_clip(corpora.recording("p228_030"))
    write_audio(corpora.recording("p228_030"), short[25_000:], RATE_HZ)
    with pytest.raises(CorpusError, match=r"p226_030_mic1.flac: (truncated|unreadable)"):
        sseu_dataset.build(tmp_path / "out", **corpora.folders, settings=DIVERSE, progress=False)
    result = build_partial(tmp_path / "out", corpora, settings=DIVERSE)
    excluded = (tmp_path / "out" / "excluded.tsv").read_text(encoding="utf-8")
    assert "p226_030_mic1.flac\t" in excluded
    assert "p228_030_mic1.flac\t" in excluded
    assert "it may have been cut off" in excluded
    assert result.manifest.excluded == excluded.count("\n") - 1
    assert sseu_dataset.verify(tmp_path / "out", **corpora.folders, progress=False).problems == ()


def test_too_few_sentences_are_refused(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nothing to mix: 0 usable sentences \(0 different sentences that not all"):
        build_partial(tmp_path / "out", pristine_corpora, settings=DIVERSE)
    assert not (tmp_path / "out").exists()


def test_a_recipe_whose_speech_is_longer_than_the_clip_is_refused(built_diverse: Path, tmp_path: Path) -> None:
    long = changed(recipe_of(built_diverse), 0, with_cut(1, samples=400_000))
    write_recipe(long, tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=r"begin with a pause or do not fit into the clip"):
        read_recipe(tmp_path / "recipe.parquet")


def test_training_hears_none_of_the_utterances(built_diverse: Path) -> None:
    recipe = recipe_of(built_diverse)
    exclusion = Exclusion.of(recipe, speakers=True)
    parts = [part for pair in recipe.pairs for part in pair.speech]
    assert {part.utterance.utterance_id for part in parts} <= exclusion.utterances
    assert {sentence_key(part.utterance.transcript) for part in parts} <= exclusion.sentences
    assert {part.sha256 for part in parts} <= exclusion.files_sha256


def spoken_table(folder: Path, talkative: TinyCorpora, lines: int) -> Path:
    """Recordings of the corpus in a table, with ids such as `p1_001`, which in VCTK are read by all speakers."""
    rows = ["file\ttext\tspeaker\tlanguage\tutterance"]
    for number in range(lines):
        name = f"p225_{25 + number:03}"
        shutil.copy(talkative.recording(name), folder / f"{number}.flac")
        rows.append(f"{number}.flac\t{talkative.text(name).read_text().strip()}\tanna\ten\tp1_{number + 1:03}")
    table = folder / "letters.tsv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return table


def test_lines_of_a_table_are_not_those_of_vctk(talkative: TinyCorpora, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "speech": spoken_table(tmp_path, talkative, 20),
        "desed": talkative.desed,
        "maestro": talkative.maestro,
    }
    settings = Settings(rule="diverse", pairs=1)
    result = sseu_dataset.build(
        tmp_path / "out", **given, speech_licence="CC0", settings=settings, allow_partial=True, progress=False
    )
    assert [note.reason for note in result.issues.notes if note.path == "letters"] == [
        "20 different sentences in 20 recordings; of nearly equal ones the first counts"
    ]


def test_recordings_without_quiet_ends_are_named_where_too_few_are_left(talkative: TinyCorpora, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "speech": spoken_table(tmp_path, talkative, 2),
        "desed": talkative.desed,
        "maestro": talkative.maestro,
    }
    for number in range(2):
        clip = read_clip(tmp_path / f"{number}.flac")
        write_audio(tmp_path / f"{number}.flac", clip[RATE_HZ // 2 : -RATE_HZ // 2], RATE_HZ)
    with pytest.raises(CorpusError) as refused:
        sseu_dataset.build(
            tmp_path / "out", **given, speech_licence="CC0", settings=DIVERSE, allow_partial=True, progress=False
        )
    lines = str(refused.value).splitlines()
    assert "0 usable sentences by 0 speakers are too few" in lines[0]
    assert lines[1] == "not among them are 2 recordings:"
    assert lines[2].startswith("  letters/0.flac: only 0.0")
    assert lines[2].endswith("it may have been cut off (line 2 of letters.tsv)")
