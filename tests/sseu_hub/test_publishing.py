"""Hazards: audio or labels lost or leaked, a manifest that contradicts its rows, a damaged folder published."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
import yaml

from sseu_dataset import build
from sseu_dataset.loading import load
from sseu_dataset.records import DatasetError
from sseu_dataset.rows.samples import load_audio, read_pcm
from sseu_hub.audio_permissions import Audio
from sseu_hub.publishing import METRIC_NAME, eval_yaml, metric_files, prepare_dataset, push_metric
from tests.sseu_dataset.tables.own_tables import own_background, own_speech


@pytest.fixture(params=["full", "stems"])
def any_layout(request: pytest.FixtureRequest, built: Path, built_stems: Path) -> Path:
    """A dataset folder in either layout."""
    return built if request.param == "full" else built_stems


def test_without_audio_everything_but_the_audio_stays(any_layout: Path, tmp_path: Path) -> None:
    out = prepare_dataset(any_layout, tmp_path / "out", progress=False).folder
    for path in sorted(any_layout.rglob("*.parquet")):
        ours, theirs = pq.read_table(path), pq.read_table(out / path.relative_to(any_layout))
        assert theirs.schema.equals(ours.schema, check_metadata=True)
        if "audio" in ours.column_names:
            assert theirs.column("audio").null_count == theirs.num_rows
            ours, theirs = ours.drop(["audio"]), theirs.drop(["audio"])
        assert theirs.equals(ours)
    assert (out / "manifest.json").read_bytes() == (any_layout / "manifest.json").read_bytes()
    rows = load(out, "snr_0")  # checks the fingerprint against the manifest
    assert rows[0]["audio"] is None
    with pytest.raises(DatasetError, match="a dataset published without audio is filled by"):
        load_audio(rows[0])


def test_no_audio_bytes_are_left(any_layout: Path, tmp_path: Path) -> None:
    out = prepare_dataset(any_layout, tmp_path / "out", progress=False).folder
    audio = (b"fLaC", b"WAVE")
    assert not any(mark in path.read_bytes() for path in out.rglob("*") if path.is_file() for mark in audio)
    assert any(mark in path.read_bytes() for path in any_layout.rglob("*.parquet") for mark in audio)


def test_audio_of_speech_is_that_of_speech_alone_and_has_its_hash(any_layout: Path, tmp_path: Path) -> None:
    out = prepare_dataset(any_layout, tmp_path / "out", audio="speech", progress=False).folder
    for row in load(out):
        alone = row["condition"] == "+inf"
        assert (row["audio"] is not None) == alone
        assert row["background_corpus"] is None or not alone
        if alone:
            assert hashlib.sha256(read_pcm(row).astype("<i2").tobytes()).hexdigest() == row["pcm_sha256"]


def test_of_stems_only_the_speech_is_published_with_speech(built_stems: Path, tmp_path: Path) -> None:
    out = prepare_dataset(built_stems, tmp_path / "out", audio="speech", progress=False).folder
    stems = datasets.load_dataset(str(out), "stems", split="test").cast_column("audio", datasets.Audio(decode=False))
    assert {row["signal"]: row["audio"] is not None for row in stems} == {"speech": True, "background": False}
    assert not any(b"WAVE" in path.read_bytes() for path in out.rglob("*.parquet"))


@pytest.mark.parametrize(("audio", "gated"), [("none", False), ("speech", False), ("all", True)])
def test_the_card_says_what_is_there(any_layout: Path, tmp_path: Path, audio: Audio, gated: bool) -> None:
    made = prepare_dataset(any_layout, tmp_path / "out", audio=audio, private=True, progress=False)
    _, front, body = (made.folder / "README.md").read_text().split("---\n", 2)
    values = yaml.safe_load(front)
    assert ("extra_gated_prompt" in values) == gated
    assert ("hf://datasets/" in body) == (not gated)
    assert ("must not be\nredistributed" in body) == gated
    sizes = {info["config_name"]: info["splits"][0]["num_bytes"] for info in values["dataset_info"]}
    on_disk = {
        path.name: sum(file.stat().st_size for file in path.iterdir()) for path in (made.folder / "data").iterdir()
    }
    assert sizes == on_disk | {"all": sum(size for name, size in on_disk.items() if name != "stems")}


def test_preparing_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    one, two = (prepare_dataset(built, tmp_path / name, progress=False) for name in ("one", "two"))
    assert one.tag == "v1.0.0rc1"
    assert one.sizes_bytes == two.sizes_bytes
    assert all((one.folder / name).read_bytes() == (two.folder / name).read_bytes() for name in one.sizes_bytes)


def test_a_damaged_folder_is_not_published(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "damaged"))
    next(folder.glob("data/snr_5/*.parquet")).unlink()
    with pytest.raises(ValueError, match=r"1 problems, nothing is published; build it again\n  data/snr_5/.*missing"):
        prepare_dataset(folder, tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_all_audio_needs_a_private_repository(built: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give --private"):
        prepare_dataset(built, tmp_path / "out", audio="all", private=False, progress=False)


def test_eval_yaml_has_a_task_for_every_metric_and_mode_and_only_on_request(built: Path, tmp_path: Path) -> None:
    values = yaml.safe_load(eval_yaml("some-framework"))
    assert values["evaluation_framework"] == "some-framework"
    assert [task["id"] for task in values["tasks"]] == [
        f"{mode}{task}" for mode in ("", "joint_", "cot_") for task in ("asr_wer", "asc_macc", "at_map")
    ]
    assert "eval.yaml" not in prepare_dataset(built, tmp_path / "without", progress=False).sizes_bytes
    assert "eval.yaml" in prepare_dataset(built, tmp_path / "with", framework="x", progress=False).sizes_bytes


def test_the_space_has_the_metric_its_page_and_its_card() -> None:
    files = metric_files()
    assert {"sseu.py", "labels.py", "wer.py", "app.py", "README.md", "requirements.txt", "tests.py"} <= files.keys()
    assert "__main__.py" not in files
    assert files["README.md"].startswith(b"---\ntitle:")


def test_the_space_has_the_metric_s_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"must be called {METRIC_NAME}"):
        push_metric("lab/other", tmp_path / "space", private=False, announce=print)


def test_a_dataset_of_tables_is_published_by_its_own_licences(tmp_path: Path) -> None:
    built = build(
        tmp_path / "free",
        speech=own_speech(tmp_path / "s"),
        background=own_background(tmp_path / "b"),
        speech_licence="CC0 1.0",
        background_licence="CC BY 4.0",
        progress=False,
    ).folder
    with pytest.raises(ValueError, match=r"letters \(speech, by table\) among it, under 'CC0 1.0'"):
        prepare_dataset(built, tmp_path / "unstated", audio="all", progress=False)
    made = prepare_dataset(built, tmp_path / "out", audio="all", tables_redistributable=True, progress=False)
    assert not made.gated
    card = (made.folder / "README.md").read_text()
    assert "extra_gated_prompt" not in card
    assert "| letters (speech, by table)" in card
    assert not any(words in card for words in ("must not be\nredistributed", "zenodo.org", "yamagishi2019vctk"))
    assert all(row["audio"] is not None for row in load(made.folder))
    silent = prepare_dataset(built, tmp_path / "silent", progress=False).folder
    assert "--speech letters.tsv --background places.tsv --out sseu-bench" in (silent / "README.md").read_text()
