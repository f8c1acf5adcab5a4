"""Loading: with `datasets`, without torchcodec, as stems, and what is refused."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import soxr

from sseu_cli.dataset_commands import build as build_command
from sseu_dataset import DatasetError, load, load_audio, load_manifest, measure, stems, verify
from sseu_dataset.building import shards
from sseu_dataset.building.shards import shard_paths
from sseu_dataset.mixing import amplitude_ratio, pcm_sha256
from sseu_dataset.rows.samples import read_pcm
from sseu_dataset.schema import arrow_schema, config_name, features
from sseu_metric import CONDITIONS, EVENTS, SCENES
from tests.sseu_dataset.tampering import change_rows, shard
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial


def undecoded(dataset: Any) -> Any:
    return dataset.cast_column("audio", datasets.Audio(decode=False))


def pair_of(built: Path, pair_id: str) -> dict[str, dict[str, Any]]:
    rows = load(built)
    return {row["condition"]: row for row in rows if row["pair_id"] == pair_id}


def test_features_are_what_datasets_itself_would_write() -> None:
    declared = features()
    assert datasets.Features.from_dict(declared).to_dict() == declared
    theirs = datasets.Features.from_dict(declared).arrow_schema
    ours = arrow_schema()
    assert ours.names == theirs.names
    assert json.loads(ours.metadata[b"huggingface"]) == json.loads(theirs.metadata[b"huggingface"])


def test_every_configuration_loads(built: Path) -> None:
    names = datasets.get_dataset_config_names(str(built))
    assert names == ["all", *(config_name(condition) for condition in CONDITIONS)]
    assert datasets.get_dataset_default_config_name(str(built)) == "all"
    assert len(load(built)) == 63
    for condition in CONDITIONS:
        rows = load(built, config_name(condition))
        assert rows["condition"] == [condition] * 9


def test_class_labels_and_lists_round_trip(built: Path) -> None:
    rows = load(built, "snr_0")
    assert rows.features["scene"].names == list(SCENES)
    assert rows.features["events"].feature.names == list(EVENTS)
    row = next(row for row in rows if row["pair_id"] == "city_center_02@0")
    assert SCENES[row["scene"]] == "City Center"
    assert [EVENTS[number] for number in row["events"]] == ["Car", "Large Vehicle"]
    assert row["event_segments"] == [
        {"event": 14, "onset_s": 0.0, "offset_s": 1.0},
        {"event": 11, "onset_s": 3.0, "offset_s": 10.0},
    ]


def test_streaming_gives_the_same_rows(built: Path) -> None:
    stream = undecoded(datasets.load_dataset(str(built), "snr_-5", split="test", streaming=True))
    assert list(stream) == list(load(built, "snr_-5"))


def test_bare_name_in_the_working_directory(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sseu-bench").symlink_to(built)
    monkeypatch.chdir(tmp_path)
    assert len(undecoded(datasets.load_dataset("sseu-bench", "snr_inf", split="test"))) == 9


def test_samples_are_those_that_were_hashed(built: Path) -> None:
    for row in load(built, "snr_-10"):
        samples = load_audio(row)
        assert samples.dtype == np.float32
        assert samples.shape == (441_000,)
        assert pcm_sha256((samples * 32768).astype(np.int16)) == row["pcm_sha256"]


def test_other_rates_are_resampled_by_soxr_vhq(built: Path) -> None:
    row = load(built, "snr_0")[0]
    resampled = load_audio(row, 16_000)
    assert resampled.dtype == np.float32
    assert resampled.shape == (160_000,)
    assert np.array_equal(resampled, soxr.resample(load_audio(row), 44_100, 16_000, quality="VHQ"))
    assert np.array_equal(load_audio(row, 44_100), load_audio(row))


def test_torchcodec_decodes_to_the_same_samples(built: Path) -> None:
    try:
        import torchcodec  # noqa: F401 - only whether it can be imported
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"torchcodec cannot be imported here (it needs torch and FFmpeg's libraries): {str(error)[:80]}")
    decoded = datasets.load_dataset(str(built), "snr_5", split="test")
    for theirs, row in zip(decoded, load(built, "snr_5"), strict=True):
        assert theirs["audio"]["sampling_rate"] == 44_100
        assert np.array_equal(theirs["audio"]["array"], load_audio(row))


def test_stems_sum_to_every_mixture(built: Path) -> None:
    pair = pair_of(built, "-bbbbbbbbbb_5_10")
    for condition in CONDITIONS:
        speech, background = stems(pair, condition)
        ratio = 1 if condition in ("+inf", "-inf") else amplitude_ratio(-float(condition))
        assert np.abs(speech + background - read_pcm(pair[condition])).max() <= 1 + ratio / 2
    speech, background = stems(pair, "+inf")
    assert speech.any()
    assert not background.any()
    speech, background = stems(pair, "-inf")
    assert background.any()
    assert not speech.any()


def test_stems_refuse_what_is_not_a_pair(built: Path) -> None:
    pair = pair_of(built, "city_center_02@0")
    with pytest.raises(ValueError, match="'loud' is not a condition"):
        stems(pair, "loud")
    with pytest.raises(DatasetError, match=r"the pair lacks its row '-inf'"):
        stems({name: row for name, row in pair.items() if name != "-inf"}, "0")
    with pytest.raises(DatasetError, match="rows of several pairs"):
        stems(pair | {"-inf": pair_of(built, "city_center_02@10")["-inf"]}, "0")


def test_audio_that_is_not_there(built: Path) -> None:
    row = load(built, "snr_0")[0]
    for audio in (None, {"bytes": None, "path": "x.flac"}, object()):
        with pytest.raises(DatasetError, match=r"no audio bytes\. Load it with sseu_dataset\.load") as error:
            load_audio({**row, "audio": audio})
        command = re.search("filled by `(.*)`", str(error.value))
        assert command is not None
        words = command[1].split()
        assert words[:2] == ["sseu", "build"]
        recipe = build_command.make_context("build", words[2:]).params["recipe"]
        assert recipe.startswith("hf://datasets/<owner>/<name>@<tag>/")


def test_audio_that_is_something_else(built: Path) -> None:
    row = load(built, "snr_0")[0]
    with pytest.raises(DatasetError, match=r"its FLAC bytes cannot be decoded"):
        load_audio({**row, "audio": {"bytes": b"<html>", "path": None}})
    wav = io.BytesIO()
    soundfile.write(wav, np.zeros(10), 16_000, format="WAV")
    with pytest.raises(DatasetError, match=r"\('WAV', 'PCM_16', 1, 16000\) instead of 16-bit mono FLAC"):
        load_audio({**row, "audio": {"bytes": wav.getvalue(), "path": None}})


def test_a_folder_has_no_other_configuration_and_no_revision(built: Path) -> None:
    with pytest.raises(DatasetError, match=r"no configuration 'snr_3'; there are all, snr_inf, snr_10"):
        load(built, "snr_3")
    with pytest.raises(DatasetError, match=r"a revision .* belongs to a Hub repository"):
        load(built, revision="v1.0.0")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "sseu-bensh",
            r"sseu-bensh: no such dataset folder \(did you mean sseu-bench\?\); the Hub was not asked, since",
        ),
        ("./sseu-bensh", r"no such dataset folder \(did you mean sseu-bench\?\); the Hub was not asked"),
        ("elsewhere", r"elsewhere: no such dataset folder; the Hub was not asked, since a repository is owner/name"),
        ("a/b/c", r"a/b/c: no such dataset folder; the Hub was not asked"),
        ("sseu-bench/manifest.json", r"no such dataset folder but a file \(did you mean its folder, sseu-bench\?\)"),
        (
            "demo/sseu-bnch",
            r"no such dataset folder \(did you mean demo/sseu-bench\?\); and the Hub has no dataset demo/ss",
        ),
        (
            "nobody/nothing",
            r"no such dataset folder; and the Hub has no dataset nobody/nothing with a manifest\.json, or",
        ),
    ],
)
def test_a_mistyped_folder_is_answered_with_both_possibilities(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    for place in ("sseu-bench", "demo/sseu-bench"):
        (tmp_path / place).symlink_to(built)
    with pytest.raises(DatasetError, match=message):
        load(name)


def test_rows_that_are_not_the_manifests_are_refused(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(built, copy)
    path = copy / "data" / "snr_0" / "test-00000-of-00001.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("pcm_sha256")
    pq.write_table(table.set_column(column, "pcm_sha256", [["0" * 64] * len(table)]), path)
    with pytest.raises(DatasetError, match=r"snr_0: not the rows of its manifest: the samples of 9 rows differ"):
        load(copy, "snr_0")
    assert len(load(copy, "snr_5")) == 9


def test_another_version_is_read_but_neither_verified_nor_measured(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "sseu-bench-2"))
    manifest = json.loads((built / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": "2.0.0"}))
    change_rows(folder, "snr_0", lambda rows: [row | {"version": "2.0.0"} for row in rows])
    assert load_manifest(folder).version == "2.0.0"
    assert load(folder, "snr_0")["id"] == load(built, "snr_0")["id"]
    refusal = r"is version 2\.0\.0, this package builds 1\.0\.0rc1 .* install version 2\.0\.0 of the package"
    for check in (verify, measure):
        with pytest.raises(DatasetError, match=refusal):
            check(folder, progress=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"manifest\.json: Invalid JSON: EOF.*; build or fetch the dataset again"),
        ("[]", r"manifest\.json: Input should be an object, found \[\]"),
        ('{"schema_version": 2}', r"version: Field required \(and 13 more faults\)"),
        ('{"schema_version": 9}', "dataset format 9, this package reads 2; update the package"),
        (
            '{"schema": 1}',
            "dataset format 1, this package reads 2; make the dataset anew.*: sseu build",
        ),
    ],
)
def test_broken_manifests(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DatasetError, match=message):
        load(tmp_path)


def test_a_folder_is_read_as_it_is_now(built: Path, tmp_path: Path) -> None:
    """`datasets` alone would give the rows it has read before from a folder of this name and card."""
    places = [tmp_path / name / "sseu-bench" for name in ("one", "another")]
    for place in places:
        shutil.copytree(built, place)
        assert len(load(place, "snr_0")) == 9
    path = shard(places[0], "snr_0")
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(DatasetError, match="only one of the two has 1 row"):
        load(places[0], "snr_0")
    assert len(load(places[1], "snr_0")) == 9


def test_files_that_are_torn_or_missing_are_refused(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    path = shard(tmp_path / "copy", "snr_0")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(
        DatasetError, match=r"test-00000-of-00001.parquet: it cannot be read as Parquet \(Parquet magic bytes not"
    ):
        load(tmp_path / "copy", "snr_0")
    path.unlink()
    with pytest.raises(DatasetError, match="copy: no Parquet files of snr_0 in its data; build or fetch"):
        load(tmp_path / "copy", "snr_0")
    with pytest.raises(DatasetError, match="only one of the two has 9 rows"):
        load(tmp_path / "copy")


def test_a_full_dataset_has_several_files_a_condition_and_streams_as_many(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [block[0].parent.name for block in shard_paths(tmp_path, list(map(config_name, CONDITIONS)), 1117)]
    assert files == ["snr_inf"] * 18
    monkeypatch.setattr(shards, "PAIRS_PER_SHARD", 5)
    out = tmp_path / "sseu-bench"
    build_partial(out, pristine_corpora)
    assert verify(out, progress=False).problems == ()
    rows = datasets.load_dataset(str(out), "snr_0", split="test", streaming=True)
    assert rows.num_shards == 2
    assert [len(list(undecoded(rows.shard(2, number)))) for number in (0, 1)] == [5, 4]
    assert load(out, "snr_0")["id"][:] == [row["id"] for row in undecoded(rows)]
