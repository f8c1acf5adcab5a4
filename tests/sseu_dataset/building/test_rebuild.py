"""Rebuilding a recipe: the same samples from the same files, and nothing from others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import sseu_dataset
from sseu_dataset import CorpusError, DatasetError, Settings, build
from sseu_dataset.building.build import check_request
from sseu_dataset.manifest import read_manifest
from sseu_dataset.planning.sources import Corpora
from sseu_dataset.recipe import read_recipe, write_recipe
from tests.sseu_dataset.tiny_corpora import RATE_HZ, TinyCorpora, differing_files, noise, write_audio


def test_a_recipe_rebuilds_the_same_samples(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    result = build(tmp_path / "again", **pristine_corpora.folders, recipe=built / "recipe.parquet", progress=False)
    assert result.differing_rows == []
    assert read_manifest(tmp_path / "again").pcm_sha256 == read_manifest(built).pcm_sha256
    assert differing_files(built, tmp_path / "again") == []


def test_a_recipe_alone_is_rebuilt_and_what_is_not_known_is_said(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    shutil.copy(built / "recipe.parquet", tmp_path)
    said: list[str] = []
    recipe_file = tmp_path / "recipe.parquet"
    folders = pristine_corpora.folders
    result = build(tmp_path / "out", **folders, recipe=recipe_file, progress=False, announce=said.append)
    assert result.differing_rows is None
    assert said[:2] == [
        "no manifest.json beside the recipe: the samples cannot be compared with the published ones",
        "no excluded.tsv beside the recipe: which source files were left out is unknown",
    ]
    assert "which were left out is unknown" in (tmp_path / "out" / "README.md").read_text()
    assert sseu_dataset.verify(tmp_path / "out", progress=False).problems == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [("manifest.json", "manifest.json: Invalid JSON"), ("excluded.tsv", "not a table of path and reason")],
)
def test_what_lies_broken_beside_a_recipe_is_told_first(built: Path, tmp_path: Path, name: str, message: str) -> None:
    shutil.copy(built / "recipe.parquet", tmp_path)
    (tmp_path / name).write_text("{")
    with pytest.raises(DatasetError, match=message):
        check(tmp_path / "out", recipe=tmp_path / "recipe.parquet")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda folder: (folder / "excluded.tsv").unlink(),
            r"excluded\.tsv is missing, which .*manifest\.json was made",
        ),
        (
            lambda folder: (folder / "manifest.json").write_text(
                (folder / "manifest.json").read_text().replace('"excluded": 1', '"excluded": 0')
            ),
            r"excluded\.tsv beside the recipe lists 1 files, manifest\.json says 0; fetch both again",
        ),
    ],
)
def test_the_list_of_exclusions_is_the_manifests(
    built: Path, tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    for name in ("recipe.parquet", "manifest.json", "excluded.tsv"):
        shutil.copy(built / name, tmp_path)
    spoil(tmp_path)
    with pytest.raises(DatasetError, match=message):
        check(tmp_path / "out", recipe=tmp_path / "recipe.parquet")


def check(out: Path, **request: Any) -> None:
    usual: dict[str, Any] = {
        "corpora": Corpora(),
        "settings": None,
        "recipe": None,
        "allow_partial": False,
        "workers": None,
    }
    check_request(out, **usual | request)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"allow_partial": True}, "leave out --allow-partial, or --recipe"),
        ({"settings": Settings(seed=1)}, "a recipe determines all settings"),
    ],
)
def test_a_recipe_excludes_other_choices(built: Path, tmp_path: Path, choice: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        check(tmp_path / "out", recipe=built / "recipe.parquet", **choice)


def test_an_utterance_that_does_not_fit_names_its_pair(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    recipe = read_recipe(built / "recipe.parquet")
    late = replace(recipe.pairs[3], speech_onset_samples=440_000)
    write_recipe(replace(recipe, pairs=(*recipe.pairs[:3], late, *recipe.pairs[4:])), tmp_path / "recipe.parquet")
    with pytest.raises(CorpusError, match=f"{late.pair_id}: speech_onset_samples: the recipe says 440000, the corpus"):
        build(tmp_path / "x", **pristine_corpora.folders, recipe=tmp_path / "recipe.parquet", progress=False)


def test_a_recipe_refuses_other_source_files_by_name(built: Path, corpora: TinyCorpora, tmp_path: Path) -> None:
    write_audio(corpora.clip("aaaaaaaaaaa_0_10"), noise("other", 10, RATE_HZ), RATE_HZ)
    with pytest.raises(
        CorpusError, match=r"(?s)made from other files.*aaaaaaaaaaa_0_10\.wav: SHA-256 is .*recipe says"
    ):
        build(tmp_path / "again", **corpora.folders, recipe=built / "recipe.parquet", progress=False)
    corpora.clip("aaaaaaaaaaa_0_10").unlink()
    with pytest.raises(CorpusError, match=r"aaaaaaaaaaa_0_10\.wav: named in the recipe but missing"):
        build(tmp_path / "again", **corpora.folders, recipe=built / "recipe.parquet", progress=False)


def test_a_recipe_cannot_reach_out_of_the_corpora(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    table = pq.read_table(built / "recipe.parquet")
    files = ["../../../../../etc/hostname"] * len(table)
    column = table.schema.get_field_index("background_file")
    pq.write_table(table.set_column(column, "background_file", [files]), tmp_path / "recipe.parquet")
    with pytest.raises(CorpusError, match="the recipe names a file outside the corpora"):
        build(tmp_path / "x", **pristine_corpora.folders, recipe=tmp_path / "recipe.parquet", progress=False)


def test_a_place_no_folder_can_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match=r"link is a symbolic link, .* give a folder inside it"):
        check(tmp_path / "link")
    with pytest.raises(DatasetError, match=r"/proc is a mount point, .* give a folder inside it"):
        check(Path("/proc"))
    (tmp_path / "out.partial").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match=r"out\.partial is a symbolic link"):
        check(tmp_path / "out")
    (tmp_path / "thesis.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=f"{tmp_path.name} is not empty and no dataset"):
        check(Path())
