"""Verification: a sound folder passes, and every kind of damage is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sseu_dataset import CorpusError, DatasetError, verify
from sseu_dataset.building.verify import Difference
from sseu_dataset.mixing import pcm_sha256
from sseu_dataset.recipe import read_recipe, recipe_sha256, write_recipe
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.samples import read_pcm
from sseu_dataset.schema import config_name
from sseu_metric import CONDITIONS
from tests.sseu_dataset.tiny_corpora import RATE_HZ, TinyCorpora, noise, write_audio

Rows = list[dict[str, Any]]
Samples = np.ndarray[Any, Any]


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "copy")
    return tmp_path / "copy"


def shard(folder: Path, config: str) -> Path:
    return folder / "data" / config / "test-00000-of-00001.parquet"


def change(folder: Path, config: str, edit: Callable[[Rows], Rows]) -> None:
    """Rewrite one file with other rows and the same schema."""
    table = pq.read_table(shard(folder, config))
    pq.write_table(pa.Table.from_pylist(edit(table.to_pylist()), schema=table.schema), shard(folder, config))


def with_samples(row: dict[str, Any], samples: Samples, honest: bool) -> dict[str, Any]:
    audio = {"bytes": encode_flac(samples), "path": row["audio"]["path"]}
    return row | {"audio": audio} | ({"pcm_sha256": pcm_sha256(samples)} if honest else {})


def problems(folder: Path) -> str:
    return "\n".join(verify(folder, progress=False).problems)


def test_a_sound_folder_passes_and_equals_its_sources(built: Path, pristine_corpora: TinyCorpora) -> None:
    alone = verify(built, progress=False)
    assert (alone.rows, alone.problems, alone.differing) == (63, (), None)
    compared = verify(built, **pristine_corpora.folders, progress=False)
    assert (compared.rows, compared.problems, compared.differing) == (63, (), {})


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("transcript", "Something else.", "_snr_0: transcript is 'Something else.', recipe and samples imply '"),
        ("scene", 5, "_snr_0: scene is 5, recipe and samples imply"),
        ("events", [0, 1, 2], "_snr_0: events is [0, 1, 2], recipe and samples imply"),
        ("event_segments", [], "_snr_0: event_segments is [], recipe and samples imply"),
        ("speaker_gender", "X", "_snr_0: speaker_gender is 'X'"),
        ("snr_clip_db", 1.0, "_snr_0: snr_clip_db is 1.0, recipe and samples imply 0.0"),
        ("snr_overlap_db", None, "_snr_0: snr_overlap_db is None"),
        ("snr_db", 5.0, "_snr_0: snr_db is 5.0, recipe and samples imply 0.0"),
        ("gain_db", -3.0, "_snr_0: gain_db is -3.0"),
        ("version", "2.0.0", "_snr_0: version is '2.0.0'"),
        ("recipe", "paper", "_snr_0: recipe is 'paper', recipe and samples imply 'partial'"),
        ("licence", "CC0", "_snr_0: licence is 'CC0'"),
        ("pcm_sha256", "0" * 64, "_snr_0: pcm_sha256 is '000"),
        ("id", "x", "x: stored in place of"),
    ],
)
def test_a_changed_column_is_named(copy: Path, column: str, value: object, message: str) -> None:
    change(copy, "snr_0", lambda rows: [rows[0] | {column: value}, *rows[1:]])
    assert message in problems(copy)


def test_changed_samples_are_named_by_their_hash_and_counted_beside_the_sources(
    copy: Path, pristine_corpora: TinyCorpora
) -> None:
    def edit(rows: Rows) -> Rows:
        samples = read_pcm(rows[2]).copy()
        samples[1000:1010] += 3
        return [*rows[:2], with_samples(rows[2], samples, honest=False), *rows[3:]]

    change(copy, "snr_5", edit)
    found = verify(copy, **pristine_corpora.folders, progress=False)
    assert "_snr_5: pcm_sha256 is" in "\n".join(found.problems)
    assert "its samples do not have the SHA-256 in the manifest" in "\n".join(found.problems)
    assert list((found.differing or {}).values()) == [Difference(10, 3)]


def with_value(samples: Samples, place: int, value: int) -> Samples:
    changed = samples.copy()
    changed[place] = value
    return changed


@pytest.mark.parametrize(
    ("configs", "edit", "message"),
    [
        (["snr_-5"], lambda samples: (samples * 0.8).astype(np.int16), "an SNR of -5 dB came out as"),
        (["snr_-10"], lambda samples: with_value(samples, 5, -32768), "a peak of 32768 exceeds -1 dBFS (29204)"),
        (["snr_inf"], lambda samples: with_value(samples, 0, 1), "the +inf row is not silent outside the utterance"),
        (["snr_inf"], lambda samples: with_value(samples, -1, 1), "the +inf row is not silent outside the utterance"),
        ([config_name(name) for name in CONDITIONS], lambda samples: samples // 2, "dBFS, by its gain at"),
        (["snr_10"], lambda samples: samples[:-1], "_snr_10: 440999 samples instead of 441000"),
    ],
)
def test_wrong_samples_are_named_even_with_honest_hashes(
    copy: Path, configs: list[str], edit: Callable[[Samples], Samples], message: str
) -> None:
    for config in configs:
        change(copy, config, lambda rows: [with_samples(rows[0], edit(read_pcm(rows[0])), honest=True), *rows[1:]])
    assert message in problems(copy)


def test_rows_in_another_order_or_number_are_named(copy: Path) -> None:
    change(copy, "snr_10", lambda rows: rows[::-1])
    assert "_snr_10: stored in place of" in problems(copy)
    change(copy, "snr_10", lambda rows: rows[:-1])
    assert "data/snr_10/test-00000-of-00001.parquet: 8 rows, the recipe has 9" in problems(copy)


def test_missing_and_foreign_files_are_named(copy: Path) -> None:
    shard(copy, "snr_10").rename(copy / "data" / "snr_10" / "extra.parquet")
    assert problems(copy).splitlines() == [
        "data/snr_10/test-00000-of-00001.parquet: missing",
        "data/snr_10/extra.parquet: does not belong here",
    ]


def test_a_torn_file_is_named(copy: Path) -> None:
    data = shard(copy, "snr_10").read_bytes()
    shard(copy, "snr_10").write_bytes(data[: len(data) // 2])
    assert "data/snr_10/test-00000-of-00001.parquet: not readable as Parquet" in problems(copy)


def test_other_columns_are_named(copy: Path) -> None:
    table = pq.read_table(shard(copy, "snr_10")).drop_columns(["licence"])
    pq.write_table(table, shard(copy, "snr_10"))
    assert "its columns or their types are not those of the dataset" in problems(copy)


def test_what_the_build_did_not_make_is_named(copy: Path) -> None:
    for name in ("stray.txt", "result.json", "eval.yaml", ".gitattributes"):  # the last two are a repository's
        (copy / name).write_text("")
    assert verify(copy, progress=False).problems == (
        "result.json: does not belong here; move it elsewhere",
        "stray.txt: does not belong here; move it elsewhere",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe_sha256": "0" * 64}, "manifest.json: recipe_sha256 does not follow"),
        ({"recipe": "custom"}, "manifest.json: recipe does not follow"),
        ({"reasons": []}, "manifest.json: reasons does not follow"),
        ({"sources": {}}, "manifest.json: sources does not follow"),
    ],
)
def test_a_changed_manifest_is_named(copy: Path, change: dict[str, object], message: str) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | change))
    assert message in problems(copy)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("README.md", "# SSEU-Bench", "README.md: its YAML is unreadable or lists no configurations"),
        ("README.md", "---\nconfigs: [\n---\n", "README.md: its YAML is unreadable or lists no configurations"),
        ("README.md", "---\nconfigs:\n- config_name: all\n---\n", "README.md: the configuration snr_-5 is not listed"),
        ("excluded.tsv", "path\treason\n", "excluded.tsv: lists 0 files, the manifest says 1"),
        ("excluded.tsv", "x\n", "excluded.tsv: not a table of path and reason"),
        ("README.md", None, "README.md: missing"),
        ("excluded.tsv", None, "excluded.tsv: missing"),
        ("counts.png", None, "counts.png: missing"),
        ("croissant.json", None, "croissant.json: missing"),
        ("croissant.json", "{", "croissant.json: the whole text (Expecting property name"),
        ("croissant.json", "[]", "croissant.json: the whole text ("),
    ],
)
def test_card_figure_and_exclusions_are_looked_at(copy: Path, name: str, text: str | None, message: str) -> None:
    if text is None:
        (copy / name).unlink()
    else:
        (copy / name).write_text(text)
    assert message in problems(copy)


def test_an_onset_that_does_not_fit_is_named_beside_the_sources(copy: Path, pristine_corpora: TinyCorpora) -> None:
    recipe = read_recipe(copy / "recipe.parquet")
    late = replace(recipe.pairs[0], speech_onset_samples=440_000)
    write_recipe(replace(recipe, pairs=(late, *recipe.pairs[1:])), copy / "recipe.parquet")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["recipe_sha256"] = recipe_sha256(read_recipe(copy / "recipe.parquet"))
    (copy / "manifest.json").write_text(json.dumps(manifest))
    found = verify(copy, **pristine_corpora.folders, progress=False)
    assert any(problem.startswith(f"{late.pair_id}: an utterance of ") for problem in found.problems)


def test_what_is_no_dataset_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no manifest\.json, so this is not a finished dataset folder"):
        verify(tmp_path)
    (tmp_path / "x.partial").mkdir()
    with pytest.raises(DatasetError, match="an unfinished build; run its command again"):
        verify(tmp_path / "x.partial")


def test_all_corpora_or_none(built: Path, pristine_corpora: TinyCorpora) -> None:
    with pytest.raises(DatasetError, match="all sources are needed: --desed, --maestro missing"):
        verify(built, vctk=pristine_corpora.vctk)


def test_other_sources_are_refused_by_name(built: Path, corpora: TinyCorpora) -> None:
    write_audio(corpora.clip("aaaaaaaaaaa_0_10"), noise("other", 10, RATE_HZ), RATE_HZ)
    with pytest.raises(CorpusError, match=r"aaaaaaaaaaa_0_10\.wav: SHA-256 is"):
        verify(built, **corpora.folders, progress=False)
