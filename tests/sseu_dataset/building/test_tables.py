"""Builds of tables: alone, beside an official corpus, checked, built again from the recipe, and with equal samples."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sseu_dataset import BuildResult, DatasetError, Settings, build, load, load_manifest, verify
from sseu_dataset.corpora.folders import STANDIN_MARKER, STANDIN_REASON
from sseu_dataset.licences import STANDIN_LICENCE
from sseu_dataset.planning.sources import Corpora, read_sources
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import CorpusError, Table
from tests.sseu_dataset.diverse.signals import RATE_HZ, recording
from tests.sseu_dataset.tables.own_tables import SPEECH, changed, own_background, own_speech, write_table
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial, differing_files, write_audio

LICENCES: dict[str, Any] = {"speech_licence": "CC0 1.0", "background_licence": "CC BY 4.0, https://example.org"}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("tables")
    speech = own_speech(root / "s", SPEECH.replace("\ten\t", "\tde\t"))
    return {"speech": speech, "background": own_background(root / "b")}


@pytest.fixture(scope="module")
def custom(tables: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    return build(tmp_path_factory.mktemp("built") / "custom", **tables, **LICENCES, progress=False)


def test_a_build_of_two_tables(custom: BuildResult) -> None:
    recipe, made = read_recipe(custom.folder / "recipe.parquet"), custom.manifest
    assert recipe.name == "custom"
    assert recipe.reasons == (
        "speech_min_s is 1.0 instead of 8.0",
        "speech of the table letters instead of VCTK",
        "backgrounds of the table places instead of DESED and MAESTRO-Real",
    )
    assert recipe.tables == (
        Table("speech", "letters", "CC0 1.0"),
        Table("background", "places", "CC BY 4.0, https://example.org"),
    )
    assert (recipe.language, made.language, load_manifest(custom.folder).language) == ("de", "de", "de")
    assert {source.split("/")[0] for source in made.sources} == {"letters", "places"}
    rows = load(custom.folder)
    assert set(rows["pair_id"]) == {"k1", "street@0", "street@10"}
    for condition, licence in (
        ("snr_inf", "letters: CC0 1.0"),
        ("snr_0", "letters: CC0 1.0 + places: CC BY 4.0, https://example.org"),
        ("snr_-inf", "places: CC BY 4.0, https://example.org"),
    ):
        assert set(load(custom.folder, condition)["licence"]) == {licence}


def test_it_verifies_alone_and_with_its_tables(custom: BuildResult, tables: dict[str, Any]) -> None:
    assert verify(custom.folder, progress=False).problems == ()
    found = verify(custom.folder, **tables, progress=False)
    assert (found.problems, found.differing) == ((), {})


def test_its_recipe_builds_it_again(custom: BuildResult, tables: dict[str, Any], tmp_path: Path) -> None:
    again = build(tmp_path / "again", recipe=custom.folder / "recipe.parquet", **tables, progress=False)
    assert again.differing_rows == []
    assert differing_files(custom.folder, again.folder) == []


def test_a_changed_text_is_found_by_verify_and_stops_a_rebuild(
    custom: BuildResult, tables: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(tables["speech"].parent, tmp_path / "s")
    used = read_recipe(custom.folder / "recipe.parquet").pairs[0].utterance
    line = 2 + ["a/one.wav", "a/two.flac", "b/three.wav", "b/four.wav"].index(used.file)
    text = changed(tables["speech"].read_text(), line, "text", "Something else.")
    other = {**tables, "speech": write_table(tmp_path / "s" / "letters.tsv", text)}
    problems = verify(custom.folder, **other, progress=False).problems
    assert any("transcript: the recipe says" in problem and "Something else." in problem for problem in problems)
    with pytest.raises(CorpusError, match="the recipe and the corpora differ in"):
        build(tmp_path / "again", recipe=custom.folder / "recipe.parquet", **other, progress=False)
    write_table(other["speech"], tables["speech"].read_text().replace("\tde\t", "\tnl\t"))
    problems = verify(custom.folder, **other, progress=False).problems
    assert problems == ("recipe: language: the recipe says 'de', the corpus 'nl'",)


def official_tables(corpora: TinyCorpora) -> dict[str, Any]:
    """The tables that describe what the readers of the official corpora find in them; each in a folder above them."""
    found = read_sources(
        Corpora(corpora.vctk, corpora.desed, corpora.maestro), Settings(), corpora.root / "h.sqlite", progress=False
    )
    with open(corpora.vctk / "spoken.tsv", "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["file", "text", "speaker", "language", "gender", "accent", "utterance"])
        for item in found.speech.utterances:
            who = (item.speaker_id, "en", item.speaker_gender, item.speaker_accent, item.utterance_id)
            writer.writerow([item.file, item.transcript, *who])
    with open(corpora.root / "heard.tsv", "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["file", "scene", "onset", "offset", "label", "recording", "start", "clip"])
        for corpus in found.backgrounds:
            for clip in corpus.selected:
                path = (corpus.root / clip.file).relative_to(corpora.root)
                place = (clip.source_recording_id, clip.offset_s, clip.background_id)
                for event in clip.segments:
                    writer.writerow([path, clip.scene, event.onset_s, event.offset_s, event.event, *place])
    return {"speech": corpora.vctk / "spoken.tsv", "background": corpora.root / "heard.tsv"}


def test_the_official_corpora_by_table_have_the_same_samples(corpora: TinyCorpora, tmp_path: Path) -> None:
    """Equal ids draw equal pairs, so the readers and the tables give one benchmark; only names and licences differ."""
    official = build_partial(tmp_path / "official", corpora)
    described = official_tables(corpora)
    settings = Settings()
    both = build(tmp_path / "both", **described, **LICENCES, settings=settings, progress=False)
    assert both.manifest.pcm_sha256 == official.manifest.pcm_sha256
    sources: dict[str, Any]
    for name, sources in (
        ("speech", {"speech": described["speech"], "desed": corpora.desed, "maestro": corpora.maestro}),
        ("background", {"background": described["background"], "vctk": corpora.vctk}),
    ):
        licence: dict[str, Any] = {f"{name}_licence": "CC0"}
        one = build(tmp_path / name, **sources, **licence, settings=settings, allow_partial=True, progress=False)
        assert one.manifest.recipe == "custom"
        assert one.manifest.pcm_sha256 == official.manifest.pcm_sha256
        assert verify(one.folder, **sources, progress=False).problems == ()


def test_what_is_missing_or_broken_is_left_out_if_allowed(tables: dict[str, Any], tmp_path: Path) -> None:
    for role in ("speech", "background"):
        shutil.copytree(tables[role].parent, tmp_path / role)
    (tmp_path / "speech" / "a" / "one.wav").unlink()
    (tmp_path / "background" / "kitchen" / "k1.wav").write_bytes(b"RIFF")
    write_audio(tmp_path / "speech" / "b" / "three.wav", np.zeros(3 * RATE_HZ), RATE_HZ)
    given: dict[str, Any] = {
        "speech": tmp_path / "speech" / "letters.tsv",
        "background": tmp_path / "background" / "places.tsv",
    }
    with pytest.raises(CorpusError) as refused:
        build(tmp_path / "out", **given, **LICENCES, progress=False)
    text = str(refused.value)
    assert text.startswith("some sources cannot be used:\n  letters/a/one.wav: missing; correct the table,")
    assert "  places/kitchen/k1.wav: " in text
    assert "(line 6 of places.tsv)" in text
    assert (
        "letters/b/three.wav: digital silence from 0 s on; it has no level from which to set an SNR (line 4 of" in text
    )
    assert "excluded.tsv" not in text
    assert "fetch it again" not in text
    made = build(tmp_path / "out", **given, **LICENCES, allow_partial=True, progress=False).manifest
    assert (made.recipe, made.pairs, made.excluded) == ("custom", 2, 3)
    assert "3 source items left out, see excluded.tsv" in made.reasons


def test_what_is_wrong_with_both_tables_is_said_at_once(tables: dict[str, Any], tmp_path: Path) -> None:
    for role in ("speech", "background"):
        shutil.copytree(tables[role].parent, tmp_path / role)
    spoken, heard = tmp_path / "speech" / "letters.tsv", tmp_path / "background" / "places.tsv"
    (tmp_path / "speech" / "a" / "one.wav").unlink()
    heard.write_text(changed(heard.read_text(), 6, "scene", "Hom"))
    given: dict[str, Any] = {"speech": spoken, "background": heard, **LICENCES}
    with pytest.raises(CorpusError, match=r"line 6: the scene 'Hom'[^$]*\n  letters/a/one.wav: missing"):
        build(tmp_path / "out", **given, progress=False)
    spoken.write_text(changed(spoken.read_text(), 3, "speaker", ""))
    with pytest.raises(CorpusError, match=r"line 3: the speaker is empty[^$]*line 6: the scene 'Hom'"):
        build(tmp_path / "out", **given, progress=False)


def test_nothing_is_said_of_annotators_and_synthesis_that_no_table_says(custom: BuildResult) -> None:
    assert "annotations_creators" not in (custom.folder / "README.md").read_text()
    assert "rai:hasSyntheticData" not in json.loads((custom.folder / "croissant.json").read_text())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"speech_licence": None}, "--speech-licence is missing: under which licence is the audio that "),
        ({"background_licence": None}, "--background-licence is missing: "),
        ({"speech_licence": " "}, "the licence ' ' of the table letters is not one line of"),
        ({"speech_licence": "a\nb"}, "of the table letters is not one line of"),
        ({"vctk": "x"}, "--speech is given and --vctk too: leave out one or the other"),
        ({"desed": "x", "maestro": "y"}, "--background is given and --desed and --maestro too"),
        ({"speech": None}, "--speech-licence is that of a table: give --speech with it"),
        ({"speech": None, "speech_licence": None}, "all sources are needed: --vctk missing; a table of --speech or of"),
        ({"settings": Settings()}, "nothing to mix: 0 utterances of 8 to 10 s with text, 3 backgrounds; see docs/tab"),
        ({"settings": Settings(pairs=4, speech_min_s=1)}, "4 pairs are asked for, but there are 3 backgrounds"),
    ],
)
def test_what_a_build_of_tables_is_refused_for(
    tables: dict[str, Any], tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        build(tmp_path / "out", **{**tables, **LICENCES, **change}, progress=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"speech": None}, "all sources are needed: --speech missing"),
        (
            {"speech": None, "vctk": "VCTK"},
            "the recipe's speech is of the table letters: give --speech letters.tsv",
        ),
        ({"speech": "other.tsv"}, "the recipe's speech is of the table letters, other.tsv has another name: rename"),
    ],
)
def test_other_sources_than_the_recipes(
    custom: BuildResult, tables: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(DatasetError, match=re.escape(message)):
        verify(custom.folder, **{**tables, **change}, progress=False)


def test_another_licence_than_the_recipes(custom: BuildResult, tables: dict[str, Any], tmp_path: Path) -> None:
    message = "the recipe's speech is of the table letters under 'CC0 1.0', not 'GPL': leave out --speech-licence"
    with pytest.raises(DatasetError, match=re.escape(message)):
        build(
            tmp_path / "out",
            recipe=custom.folder / "recipe.parquet",
            **tables,
            speech_licence="GPL",
            progress=False,
        )


def test_a_table_does_not_stand_in_for_an_official_corpus(built: Path, tables: dict[str, Any]) -> None:
    message = "the recipe's speech is not of a table: give --vctk instead of --speech"
    with pytest.raises(DatasetError, match=re.escape(message)):
        verify(built, **tables, progress=False)


def test_speech_and_backgrounds_have_names_of_their_own(tables: dict[str, Any], tmp_path: Path) -> None:
    same = own_background(tmp_path, name="letters.tsv")
    with pytest.raises(CorpusError, match="speech and backgrounds are both called letters; rename one of the tables"):
        build(tmp_path / "out", speech=tables["speech"], background=same, **LICENCES, progress=False)


def test_card_and_croissant_say_what_it_is_made_of(custom: BuildResult) -> None:
    card = (custom.folder / "README.md").read_text()
    assert yaml.safe_load(card.split("---\n")[1])["language"] == "de"
    assert re.search(r"\| answer +\| CER ", card)
    assert re.search(r"\| letters \(speech, by table\) +\| CC0 1\.0 ", card)
    assert re.search(r"\| places \(background, by table\) +\| CC BY 4\.0, https://example\.org ", card)
    croissant = json.loads((custom.folder / "croissant.json").read_text())
    assert croissant["inLanguage"] == "de"
    assert [licence["name"] for licence in croissant["license"]] == [
        "letters (speech, by table): CC0 1.0",
        "places (background, by table): CC BY 4.0, https://example.org",
    ]
    claims = json.dumps({key: value for key, value in croissant.items() if key.startswith(("rai:", "prov:"))})
    assert not re.search("English|YouTube|Rainbow|Mechanical Turk", claims)


def test_beside_a_stand_in_each_source_has_its_own_licence(
    corpora: TinyCorpora, tables: dict[str, Any], tmp_path: Path
) -> None:
    for root in (corpora.desed, corpora.maestro):
        (root / STANDIN_MARKER).write_text("synthetic")
    sources: dict[str, Any] = {"speech": tables["speech"], "desed": corpora.desed, "maestro": corpora.maestro}
    made = build(tmp_path / "out", **sources, speech_licence="CC0 1.0", progress=False)
    assert made.manifest.reasons[-1] == STANDIN_REASON
    assert set(load(made.folder, "snr_0")["licence"]) == {f"letters: CC0 1.0 + {STANDIN_LICENCE}"}
    assert "| Stand-in for DESED" in (made.folder / "README.md").read_text()
    assert verify(made.folder, **sources, progress=False).problems == ()


def test_a_recipe_of_tables_cannot_have_an_official_name(custom: BuildResult, tmp_path: Path) -> None:
    recipe = read_recipe(custom.folder / "recipe.parquet")
    with pytest.raises(ValueError, match="it is named `partial`, but its sources are not official: only `custom` fits"):
        replace(recipe, name="partial")
    with pytest.raises(ValueError, match="two of its tables have the same role"):
        replace(recipe, tables=recipe.tables[:1] * 2)
    with pytest.raises(ValueError, match="'a/b' cannot be the name of a corpus"):
        Table("speech", "a/b", "CC0")


def test_short_recordings_of_a_table_are_joined_by_the_rule_diverse(tables: dict[str, Any], tmp_path: Path) -> None:
    lines = ["file\ttext\tspeaker\tlanguage"]
    words = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
    for number, word in enumerate(words):
        write_audio(tmp_path / f"{word}.wav", recording(0.4, 2.3, 0.4, seed=number), RATE_HZ)
        lines.append(f"{word}.wav\tDas Wort {word} und {word * 2} {number * 1001}\tanna\tde")
    table = write_table(tmp_path / "zahlen.tsv", "\n".join(lines))
    sources: dict[str, Any] = {"speech": table, "background": tables["background"]}
    settings = Settings(rule="diverse", pairs=2)
    made = build(tmp_path / "out", **sources, **LICENCES, settings=settings, progress=False)
    pairs = read_recipe(made.folder / "recipe.parquet").pairs
    assert all(len(pair.speech) > 1 for pair in pairs)
    assert made.manifest.recipe == "custom"
    assert "speech of the table zahlen instead of VCTK" in made.manifest.reasons
    found = verify(made.folder, **sources, progress=False)
    assert (found.problems, found.differing) == ((), {})


def test_by_default_the_whole_speech_of_joined_recordings_lasts_8_to_10_s(tables: dict[str, Any]) -> None:
    corpora = Corpora(speech=tables["speech"], speech_licence="CC0")
    assert corpora.settings() == Settings(speech_min_s=1.0)
    assert corpora.settings("diverse") == Settings(rule="diverse")
    assert Corpora().settings() == Settings()
