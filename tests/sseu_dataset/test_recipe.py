"""The recipe file: what is written is read back, and nothing else is taken for a recipe."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from sseu_dataset.pairing import pair_up
from sseu_dataset.recipe import read_recipe, recipe_sha256, write_recipe
from sseu_dataset.recipe_rows import RecipeRow
from sseu_dataset.records import CLIP_SAMPLES, Cut, DatasetError, Pair, Recipe, Settings, SpeechPart
from tests.sseu_dataset.test_pairing import BACKGROUNDS, LENGTHS, UTTERANCES


def make_recipe() -> Recipe:
    drawn = pair_up(BACKGROUNDS[:5], UTTERANCES, LENGTHS, Settings())
    pairs = tuple(Pair(bg, "a" * 64, (SpeechPart(utt, "b" * 64),), onset) for bg, utt, onset in drawn)
    return Recipe("custom", ("seed is 1 instead of 0",), Settings(seed=1, snrs_db=(2.5, 0.0)), pairs)


def test_a_recipe_survives_its_file(tmp_path: Path) -> None:
    recipe = make_recipe()
    write_recipe(recipe, tmp_path / "recipe.parquet")
    assert read_recipe(tmp_path / "recipe.parquet") == recipe


def cut_recipe(*cuts: Cut | None) -> Recipe:
    """A recipe whose first pair says utterances of one speaker, cut as given."""
    first, *others = make_recipe().pairs
    speaker = UTTERANCES[0].speaker_id
    said = [replace(utterance, speaker_id=speaker) for utterance in UTTERANCES[: len(cuts)]]
    parts = tuple(SpeechPart(one, "b" * 64, cut) for one, cut in zip(said, cuts, strict=True))
    return replace(make_recipe(), pairs=(replace(first, speech=parts, speech_onset_samples=7), *others))


def test_a_recipe_whose_speech_is_cut_from_several_recordings_survives_its_file(tmp_path: Path) -> None:
    recipe = cut_recipe(Cut(0, 100, 0), Cut(50, 200, 30))
    write_recipe(recipe, tmp_path / "recipe.parquet")
    assert read_recipe(tmp_path / "recipe.parquet") == recipe
    assert pq.read_table(tmp_path / "recipe.parquet").num_rows == len(recipe.pairs) + 1
    assert recipe_sha256(recipe) != recipe_sha256(cut_recipe(Cut(0, 100, 0), Cut(50, 200, 31)))
    utterance, parts = recipe.pairs[0].utterance, recipe.pairs[0].speech
    assert utterance.utterance_id == " + ".join(part.utterance.utterance_id for part in parts)
    assert utterance.transcript == " ".join(part.utterance.transcript for part in parts)


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ((None, None), r"a pair is listed twice \("),
        ((Cut(0, 100, 0), None), r"a pair is listed twice \("),
        ((Cut(0, 100, 1), Cut(0, 100, 0)), "begin with a pause or do not fit into the clip"),
        ((Cut(0, 100, 0), Cut(0, CLIP_SAMPLES, 0)), "begin with a pause or do not fit into the clip"),
        ((Cut(0, 100, 0), Cut(-1, 100, 0)), "a cut of 100 samples from -1 on, after a pause of 0, is none"),
        ((Cut(0, 100, 0), Cut(0, 0, 0)), "a cut of 0 samples from 0 on"),
    ],
)
def test_cuts_that_no_build_writes_are_refused(
    tmp_path: Path, cuts: tuple[Cut | None, Cut | None], message: str
) -> None:
    if Cut(0, 0, 0) in cuts or Cut(-1, 100, 0) in cuts:
        with pytest.raises(ValueError, match=message):
            write_recipe(cut_recipe(*cuts), tmp_path / "recipe.parquet")
        return
    write_recipe(cut_recipe(*cuts), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=message):
        read_recipe(tmp_path / "recipe.parquet")


def test_parts_of_several_speakers_or_places_are_refused(tmp_path: Path) -> None:
    recipe = cut_recipe(Cut(0, 100, 0), Cut(50, 200, 30))
    for column, value, message in (
        ("speaker_id", "p999", "its utterances are of several speakers"),
        ("speech_onset_samples", 8, "its rows give it several backgrounds or onsets"),
    ):
        write_recipe(recipe, tmp_path / "recipe.parquet")
        table = pq.read_table(tmp_path / "recipe.parquet")
        rows = table.to_pylist()
        rows[1][column] = value
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), tmp_path / "recipe.parquet")
        with pytest.raises(DatasetError, match=message):
            read_recipe(tmp_path / "recipe.parquet")


def test_recipe_hash_is_of_the_content() -> None:
    recipe = make_recipe()
    assert recipe_sha256(recipe) == recipe_sha256(make_recipe())
    moved = replace(recipe.pairs[0], speech_onset_samples=recipe.pairs[0].speech_onset_samples + 1)
    assert recipe_sha256(replace(recipe, pairs=(moved, *recipe.pairs[1:]))) != recipe_sha256(recipe)
    assert recipe_sha256(replace(recipe, pairs=recipe.pairs[::-1])) != recipe_sha256(recipe)


def test_fields_that_joined_later_change_no_hash() -> None:
    """The hash of version 1: fields that its recipes did not have are not in it, while they say nothing new."""
    recipe = make_recipe()
    settings = asdict(recipe.settings)
    assert (settings.pop("rule"), settings.pop("edition")) == ("paper", None)
    pairs = [
        {
            "background": asdict(pair.background),
            "background_sha256": pair.background_sha256,
            "utterance": asdict(pair.utterance),
            "speech_sha256": pair.speech[0].sha256,
            "speech_onset_samples": pair.speech_onset_samples,
        }
        for pair in recipe.pairs
    ]
    values = {
        "name": recipe.name,
        "reasons": recipe.reasons,
        "settings": settings,
        "pairs": pairs,
        "version": recipe.version,
    }
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert recipe_sha256(recipe) == hashlib.sha256(text.encode()).hexdigest()
    assert recipe_sha256(replace(recipe, language="de")) != recipe_sha256(recipe)


def test_what_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no such recipe; a dataset folder holds it as recipe\.parquet"):
        read_recipe(tmp_path / "recipe.parquet")
    (tmp_path / "a.parquet").write_text("no parquet")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    for name in ("a", "b"):
        with pytest.raises(DatasetError, match="not a recipe of this benchmark"):
            read_recipe(tmp_path / f"{name}.parquet")


def test_a_recipe_of_another_version_is_refused(tmp_path: Path) -> None:
    write_recipe(replace(make_recipe(), version="9.9.9"), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=r"of version 9\.9\.9, this code builds .*; use version 9\.9\.9 of the code"):
        read_recipe(tmp_path / "recipe.parquet")


def test_a_recipe_with_a_name_of_its_own_or_a_pair_twice_is_refused(tmp_path: Path) -> None:
    recipe = make_recipe()
    write_recipe(replace(recipe, name="official"), tmp_path / "name.parquet")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(DatasetError, match=r"name: Input should be 'paper', .* or 'imported', found 'official'"):
        read_recipe(tmp_path / "name.parquet")
    write_recipe(replace(recipe, pairs=recipe.pairs[:1] * 2), tmp_path / "twice.parquet")
    with pytest.raises(ValueError, match="it is named `imported`, but mixtures made elsewhere have no recipe"):
        replace(make_recipe(), name="imported")
    with pytest.raises(DatasetError, match="a pair is listed twice"):
        read_recipe(tmp_path / "twice.parquet")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"speech_onset_samples": -1}, "a speech onset of -1 samples is not within 0 to 440999"),
        ({"speech_onset_samples": CLIP_SAMPLES}, "a speech onset of 441000 samples"),
        ({"scene": "Moon"}, "the scene 'Moon' is none of Home, Restaurant"),
        ({"background_offset_s": -10}, "a background offset of -10 s is negative"),
        ({"event_segments": [{"event": "Whale", "onset_s": 0.0, "offset_s": 1.0}]}, "the event 'Whale' is none of"),
        (
            {"event_segments": [{"event": "Cat", "onset_s": 2.0, "offset_s": 1.0}]},
            "Cat from 2.0 to 1.0 s is not within",
        ),
        ({"event_segments": [{"event": "Cat", "onset_s": 2.0, "offset_s": float("nan")}]}, "Cat from 2.0 to nan s"),
    ],
)
def test_a_pair_that_no_build_writes_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    write_recipe(make_recipe(), tmp_path / "recipe.parquet")
    table = pq.read_table(tmp_path / "recipe.parquet")
    first, *others = table.to_pylist()
    pq.write_table(pa.Table.from_pylist([first | changes, *others], schema=table.schema), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=rf"0: {first['pair_id']}: {message}.*; fetch the recipe again"):
        read_recipe(tmp_path / "recipe.parquet")


def test_missing_unknown_and_mistyped_columns_are_named(tmp_path: Path) -> None:
    write_recipe(make_recipe(), tmp_path / "recipe.parquet")
    table = pq.read_table(tmp_path / "recipe.parquet")
    onset = table.schema.get_field_index("speech_onset_samples")
    for wrong, message in [
        (table.drop_columns(["scene"]), r"0\.scene: Field required \(and 4 more faults\)"),
        (table.append_column("extra", [[1] * len(table)]), r"0\.extra: Unexpected keyword argument, found 1"),
        (
            table.set_column(onset, "speech_onset_samples", [["7"] * len(table)]),
            "input should be a valid integer, found '7'",
        ),
    ]:
        pq.write_table(wrong, tmp_path / "wrong.parquet")
        with pytest.raises(DatasetError, match=f"(?i){message}"):
            read_recipe(tmp_path / "wrong.parquet")


def test_the_schema_of_a_row_lists_every_column(tmp_path: Path) -> None:
    write_recipe(make_recipe(), tmp_path / "recipe.parquet")
    schema = TypeAdapter(RecipeRow).json_schema()
    assert schema["required"] == pq.read_schema(tmp_path / "recipe.parquet").names
    assert schema["additionalProperties"] is False
