"""The layout `stems`: the same rows, samples and fingerprints as the full layout, from less."""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest

from sseu_dataset import DatasetError, Settings, build, load, load_audio, measure, remix, stems, verify
from sseu_dataset.building import shards
from sseu_dataset.manifest import read_manifest
from sseu_dataset.mixing import PEAK_LIMIT
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.samples import decode_pcm
from sseu_dataset.rows.stored import FETCH_AGAIN
from sseu_dataset.rows.wav import encode_wav
from sseu_dataset.schema import STEMS
from tests.sseu_dataset.tampering import Rows, change_manifest, change_rows
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial, differing_files


def by_condition(folder: Path, number: int = 0) -> dict[str, dict[str, Any]]:
    rows = load(folder)
    pair_id = sorted(set(rows["pair_id"]))[number]
    return {row["condition"]: row for row in rows if row["pair_id"] == pair_id}


@pytest.fixture
def copy(built_stems: Path, tmp_path: Path) -> Path:
    shutil.copytree(built_stems, tmp_path / "copy")
    return tmp_path / "copy"


def test_rows_and_samples_are_those_of_the_full_layout(built: Path, built_stems: Path) -> None:
    full, mixed = load(built), load(built_stems)
    assert mixed.features == full.features
    columns = [name for name in full.column_names if name != "audio"]
    assert mixed.select_columns(columns).to_list() == full.select_columns(columns).to_list()
    for one, other in zip(full, mixed, strict=True):
        assert np.array_equal(load_audio(one), load_audio(other))  # both checked against the hash of the row
    for config in ("snr_inf", "snr_-5", "snr_-inf"):
        assert load(built_stems, config)["id"][:] == load(built, config)["id"][:]
    assert read_manifest(built_stems).fingerprints == read_manifest(built).fingerprints


def test_only_what_tells_the_layout_differs_in_the_manifest(built: Path, built_stems: Path) -> None:
    text = (built_stems / "manifest.json").read_text()
    assert text.replace(',\n "layout": "stems"', "") == (built / "manifest.json").read_text()
    assert (built_stems / "recipe.parquet").read_bytes() == (built / "recipe.parquet").read_bytes()


def test_each_speech_is_stored_once_and_datasets_alone_gives_the_stems(built_stems: Path) -> None:
    rows = datasets.load_dataset(str(built_stems), split="test").cast_column("audio", datasets.Audio(decode=False))
    speech = [row for row in rows if row["signal"] == "speech"]
    backgrounds = [row for row in rows if row["signal"] == "background"]
    assert len(backgrounds) == read_manifest(built_stems).pairs > len(speech)
    assert {row["speech_sha256"] for row in backgrounds} == {row["speech_sha256"] for row in speech}
    clips = datasets.load_dataset(str(built_stems), "snr_0", split="test")
    assert clips["audio"] == [None] * len(backgrounds)
    with pytest.raises(DatasetError, match=r"no audio bytes\. Load it with sseu_dataset\.load"):
        load_audio(clips[0])


def test_the_formula_of_the_card_makes_the_mixture(built_stems: Path) -> None:
    stored = {row["id"]: row for row in _stored(built_stems)}
    speech = {row["speech_sha256"]: row for row in stored.values() if row["signal"] == "speech"}
    for row in load(built_stems, "snr_-5"):
        background = stored[row["pair_id"]]
        mixed, noise = np.zeros(441_000), decode_pcm(background)
        mixed[: len(noise)] = noise * background["background_gain"] * 10 ** (5 / 20)
        voice, onset = decode_pcm(speech[background["speech_sha256"]]), round(background["speech_onset_s"] * 44_100)
        mixed[onset : onset + len(voice)] += voice * background["speech_gain"]
        assert np.abs(np.rint(mixed) - decode_pcm(row)).max() <= 1  # libm's power may differ in the last digit


def _stored(folder: Path) -> Any:
    rows = datasets.load_dataset(str(folder), STEMS, split="test")
    return rows.cast_column("audio", datasets.Audio(decode=False))


def test_whole_recordings_are_stored_as_wav(built_stems: Path) -> None:
    stored = _stored(built_stems)
    assert {(row["signal"], row["audio"]["bytes"][:4], Path(row["audio"]["path"]).suffix) for row in stored} == {
        ("speech", b"RIFF", ".wav"),
        ("background", b"RIFF", ".wav"),
    }


def test_rows_are_mixed_in_threads_and_in_other_processes(built_stems: Path) -> None:
    rows = load(built_stems)
    expected = [load_audio(row) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: load_audio(rows[number]), range(len(rows))))
    assert all(map(np.array_equal, expected, found))
    again = pickle.loads(pickle.dumps(rows))  # as a DataLoader's workers get it
    assert np.array_equal(load_audio(again[40]), expected[40])
    picked = rows.select([9, 3]).select_columns(["audio", "id", "pcm_sha256"])
    assert [np.array_equal(load_audio(row), expected[number]) for row, number in zip(picked, (9, 3), strict=True)]
    assert rows["audio"][3]["path"] == f"{rows['id'][3]}.wav"


def test_what_was_mapped_keeps_its_own_audio_or_is_mixed_still(built_stems: Path) -> None:
    rows = load(built_stems, "snr_0")
    longer = rows.map(lambda row: {"letters": len(row["transcript"])})
    assert np.array_equal(load_audio(longer[3]), load_audio(rows[3]))
    silence = {"bytes": encode_wav(np.zeros(441_000, np.int16)), "path": "silence.wav"}
    silent = rows.map(lambda row: {"audio": silence}, features=rows.features)
    assert not decode_pcm(silent[3]).any()
    with pytest.raises(DatasetError, match="its audio is not the row's own"):
        load_audio(silent[3])


def test_rows_that_are_no_longer_mixed_have_no_audio_and_say_why(
    built: Path, built_stems: Path, tmp_path: Path
) -> None:
    rows, full = load(built_stems, "snr_0"), load(built, "snr_0")
    rows.with_format(None).save_to_disk(tmp_path / "saved")
    rows.to_parquet(tmp_path / "rows.parquet")
    read = datasets.Dataset.from_parquet(str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path / "cache"))
    for lost in (
        datasets.load_from_disk(tmp_path / "saved"),
        read.cast_column("audio", datasets.Audio()),
        datasets.concatenate_datasets([rows, full]),
        rows.with_format("numpy"),
        rows.with_transform(lambda batch: batch),
    ):
        assert lost[0]["audio"] is None
        with pytest.raises(DatasetError, match="layout `stems` are mixed as they are read, and no longer after concat"):
            load_audio(lost[0])
    both = datasets.concatenate_datasets([rows, load(built_stems, "snr_5")])  # of one folder
    assert [load_audio(row).any() for row in both] == [True] * 2 * len(rows)
    renamed = rows.rename_column("audio", "sound")
    assert renamed[0]["sound"] is None
    with pytest.raises(DatasetError, match="and no longer after concatenate_datasets with other datasets, with_format"):
        load_audio(renamed[0])
    assert np.array_equal(load_audio(datasets.concatenate_datasets([full, rows])[0]), load_audio(rows[0]))
    assert np.array_equal(
        load_audio(rows.cast_column("audio", datasets.Audio(sampling_rate=16_000))[0]), load_audio(rows[0])
    )


def test_audio_is_mixed_by_the_id(built_stems: Path) -> None:
    rows = load(built_stems, "snr_0")
    with pytest.raises(
        DatasetError, match=r"stems: audio is mixed by the column id; keep it: select_columns\(\['id', "
    ):
        rows.select_columns("audio")[0]
    other = rows.map(lambda row: {"id": "mine"})
    with pytest.raises(DatasetError, match="stems: no stems of a row mine; leave the column id as `load` gave it"):
        other[0]


def test_the_stems_are_no_configuration_of_load(built: Path, built_stems: Path) -> None:
    with pytest.raises(DatasetError, match=r"no configuration 'stems'; .*, snr_-inf; `datasets.load_dataset` gives"):
        load(built_stems, "stems")
    with pytest.raises(DatasetError, match=r"no configuration 'stems'; .*, snr_-inf$"):
        load(built, "stems")


def test_stems_add_up_to_the_mixture(built_stems: Path) -> None:
    pair = by_condition(built_stems)
    for condition, row in pair.items():
        speech, background = stems(pair, condition)
        assert np.array_equal(np.rint(speech + background), decode_pcm(row))


@pytest.mark.parametrize("snr_db", [7.5, -20.0])
def test_another_snr_is_what_a_build_makes(
    snr_db: float, built_stems: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    settings = Settings(snrs_db=(*Settings().snrs_db, snr_db))
    build_partial(tmp_path / "other", pristine_corpora, settings=settings)
    expected, found = (load(folder, snr_db=snr_db) for folder in (tmp_path / "other", built_stems))
    names = [name for name in found.column_names if name != "audio"]
    assert found.select_columns(names).to_list() == expected.select_columns(names).to_list()
    for row in found:
        assert np.abs(decode_pcm(row).astype(int)).max() <= PEAK_LIMIT
        assert decode_pcm(row).any()


def test_an_snr_of_the_build_is_its_row_sample_for_sample(built_stems: Path) -> None:
    pair = by_condition(built_stems)
    assert type(remix(pair, -40)["snr_db"]) is float
    again = remix({name: pair[name] for name in ("+inf", "-inf")}, 0.0)
    assert again["pcm_sha256"] == pair["0"]["pcm_sha256"]
    assert again["gain_db"] == pair["0"]["gain_db"]


def test_measured_alike(built: Path, built_stems: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyloudnorm")
    for name, folder in (("full", built), ("stems", built_stems)):
        shutil.copytree(folder, tmp_path / name)
        measure(tmp_path / name, progress=False)
        assert verify(tmp_path / name, progress=False).problems == ()
    columns = ["id", "snr_active_db", "snr_loudness_db"]
    one, other = (load(tmp_path / name).select_columns(columns).to_list() for name in ("full", "stems"))
    assert one == other
    assert any(row["snr_active_db"] is not None for row in one)


def test_a_sound_folder_is_verified_alone_and_against_its_sources(
    built_stems: Path, pristine_corpora: TinyCorpora
) -> None:
    alone = verify(built_stems, progress=False)
    assert (alone.rows, alone.problems, alone.differing) == (63, (), None)
    compared = verify(built_stems, **pristine_corpora.folders, progress=False)
    assert (compared.rows, compared.problems, compared.differing) == (63, (), {})


def one_step_louder(row: dict[str, Any]) -> dict[str, Any]:
    samples = decode_pcm(row).copy()
    samples[1000:2000] += 1
    encode = encode_flac if row["signal"] == "speech" else encode_wav
    return row | {"audio": {"bytes": encode(samples), "path": row["audio"]["path"]}}


@pytest.mark.parametrize(
    ("signal", "edit", "message"),
    [
        ("speech", one_step_louder, "its samples do not have the SHA-256 in the manifest"),
        ("background", one_step_louder, "its samples do not have the SHA-256 in the manifest"),
        ("background", lambda row: row | {"speech_gain": row["speech_gain"] * 1.001}, "background: speech_gain is"),
        ("background", lambda row: row | {"speech_onset_s": 0.25}, "background: speech_onset_s is 0.25, recipe and"),
        ("background", lambda row: row | {"speech_sha256": "0" * 64}, "background: speech_sha256 is '0000"),
        ("speech", lambda row: row | {"licence": "CC0"}, "speech: licence is 'CC0', recipe and samples imply"),
        ("speech", lambda row: row | {"audio": None}, "no audio bytes"),
        (
            "speech",
            lambda row: row | {"id": "p999_001"},
            "not those of the recipe in its order: the speech p999_001 stands in place of the speech",
        ),
    ],
)
def test_what_was_changed_in_a_stem_is_named(
    copy: Path, signal: str, edit: Callable[[dict[str, Any]], dict[str, Any]], message: str
) -> None:
    def first_changed(rows: Rows) -> Rows:
        number = next(number for number, row in enumerate(rows) if row["signal"] == signal)
        return [*rows[:number], edit(rows[number]), *rows[number + 1 :]]

    change_rows(copy, STEMS, first_changed)
    assert message in "\n".join(verify(copy, progress=False).problems)


def test_samples_that_are_not_the_rows_own_stop_whoever_decodes_them(copy: Path) -> None:
    change_rows(copy, STEMS, lambda rows: [one_step_louder(row) for row in rows])
    rows = load(copy)
    with pytest.raises(DatasetError, match="its audio is not the row's own"):
        load_audio(rows[0])


def change_and_load_error(folder: Path, edit: Callable[[Rows], Rows]) -> str:
    change_rows(folder, STEMS, edit)
    with pytest.raises(DatasetError) as error:
        load(folder)
    return str(error.value)


def damaged(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"audio": row["audio"] | {"bytes": b"RIFF" + bytes(40)}}


def test_a_damaged_stem_is_named_with_folder_and_remedy(copy: Path) -> None:
    change_rows(copy, STEMS, lambda rows: [damaged(row) if row["signal"] == "speech" else row for row in rows])
    rows = load(copy)
    with pytest.raises(
        DatasetError, match=r"copy, stems: speech \S+: its .* be decoded .*; build or fetch the dataset"
    ):
        rows[0]


def test_stems_twice_or_without_audio_are_named(copy: Path, built_stems: Path) -> None:
    last = _stored(built_stems)[-1]
    assert (last["signal"], found := last["id"])[0] == "background"
    assert change_and_load_error(copy, lambda rows: [*rows, rows[-1]]).endswith(
        f"copy, stems: the background {found} is there twice; {FETCH_AGAIN}"
    )
    assert change_and_load_error(copy, lambda rows: [*rows[:-2], rows[-1] | {"audio": None}]).endswith(
        f"copy, stems: the background {found} has no audio; {FETCH_AGAIN}"
    )
    assert change_and_load_error(copy, lambda rows: rows[:-1]).endswith(
        f"copy, stems: the background {found} is missing; {FETCH_AGAIN}"
    )


def test_stems_in_another_order_are_called_so(copy: Path) -> None:
    change_rows(copy, STEMS, lambda rows: rows[::-1])
    (problem,) = verify(copy, progress=False).problems
    assert "its rows are not those of the recipe in its order: the background" in problem
    assert load_audio(load(copy)[0]).any()  # their order matters to nothing else


def test_a_manifest_of_the_other_layout_is_noticed(copy: Path) -> None:
    change_manifest(copy, layout="full")
    with pytest.raises(DatasetError, match="manifest says the layout full, and data/stems is there; build or fetch"):
        load(copy)


def test_missing_stems_are_named(copy: Path) -> None:
    change_rows(copy, STEMS, lambda rows: [row for row in rows if row["signal"] == "background"])
    assert f"data/{STEMS}/" in verify(copy, progress=False).problems[0]
    utterance = change_and_load_error(copy, lambda rows: rows)
    assert re.search(r"copy, stems: the speech \S+ is missing; build or fetch the dataset again", utterance)
    shutil.rmtree(copy / "data" / STEMS)
    with pytest.raises(DatasetError, match="manifest says the layout stems, and data/stems is missing; build or fetch"):
        load(copy)
    assert f"data/{STEMS}/test-00000-of-00001.parquet: missing" in verify(copy, progress=False).problems


def test_audio_in_a_row_of_the_layout_is_a_fault(copy: Path) -> None:
    change_rows(copy, "snr_0", lambda rows: [rows[0] | {"audio": {"bytes": b"", "path": "a"}}, *rows[1:]])
    assert "it has audio, which the layout stems stores apart" in verify(copy, progress=False).problems[0]


def test_a_folder_of_the_other_layout_is_neither_used_nor_continued(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "out")
    with pytest.raises(DatasetError, match="holds this build in the layout full; give another --out or remove it"):
        build_partial(tmp_path / "out", pristine_corpora, layout="stems")
    (tmp_path / "new.partial").mkdir()
    (tmp_path / "new.partial" / "recipe.sha256").write_text(f"{read_manifest(built).recipe_sha256} stems")
    with pytest.raises(DatasetError, match="is an unfinished build in another layout; continue it in that one"):
        build_partial(tmp_path / "new", pristine_corpora)


def test_either_layout_is_rebuilt_from_the_recipe_of_the_other(
    built: Path, built_stems: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    folders = pristine_corpora.folders
    recipe = built / "recipe.parquet"
    made = build(tmp_path / "stems", **folders, recipe=recipe, layout="stems", progress=False)
    assert made.differing_rows == []
    assert differing_files(tmp_path / "stems", built_stems) == []
    back = build(tmp_path / "full", **folders, recipe=tmp_path / "stems" / "recipe.parquet", progress=False)
    assert back.differing_rows == []
    assert differing_files(tmp_path / "full", built) == []


def test_blocks_share_speech_and_a_stopped_build_keeps_what_was_confirmed(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "PAIRS_PER_SHARD", 2)
    build_partial(tmp_path / "whole", pristine_corpora, layout="stems")
    assert verify(tmp_path / "whole", progress=False).problems == ()
    calls = []

    def stop_at_the_third(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return shards.write_block(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("sseu_dataset.building.fill.write_block", stop_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            build_partial(tmp_path / "out", pristine_corpora, layout="stems")
    again = build_partial(tmp_path / "out", pristine_corpora, layout="stems")
    assert again.resumed_pairs == 4
    assert differing_files(tmp_path / "out", tmp_path / "whole") == []
