"""The build as a whole: the folder it makes, its rows, and exactness."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import sseu_dataset
from sseu_dataset import DatasetError, Settings
from sseu_dataset.fingerprints import fingerprint
from sseu_dataset.manifest import read_manifest
from sseu_dataset.recipe import read_recipe
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial, differing_files

SCRIPT = Path(__file__).resolve().parents[3] / "build_dataset.py"


def test_folder_holds_what_the_design_names(built: Path) -> None:
    names = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    shards = {f"data/snr_{name}/test-00000-of-00001.parquet" for name in ("inf", "10", "5", "0", "-5", "-10", "-inf")}
    described = {"README.md", "counts.png", "croissant.json"}
    assert names == shards | described | {"excluded.tsv", "manifest.json", "recipe.parquet"}
    assert not built.with_name("sseu-bench.partial").exists()


def test_manifest_counts_and_names_without_paths(built: Path, pristine_corpora: TinyCorpora) -> None:
    manifest = read_manifest(built)
    assert (manifest.pairs, len(manifest.pcm_sha256), manifest.recipe) == (9, 63, "partial")
    assert manifest.version == sseu_dataset.__version__
    assert manifest.reasons == [
        "VCTK speakers with text: 109 expected, 4 found",
        "DESED clips without speech: 378 expected, 5 found",
        "MAESTRO-Real windows: 739 expected, 4 found",
    ]
    assert manifest.fingerprints["all"] == fingerprint(manifest.row_hashes)
    assert "MAESTRO-Real/development_audio/city_center/city_center_02.wav" in manifest.sources
    assert manifest.packages["soxr"] == "1.1.0"
    text = (built / "manifest.json").read_text()
    assert str(pristine_corpora.root) not in text
    assert json.loads(text)["pcm"] == {"rate_hz": 44100, "channels": 1, "bits": 16, "samples": 441000}


def test_excluded_files_are_listed(built: Path) -> None:
    assert (built / "excluded.tsv").read_text() == (
        "path\treason\nVCTK/wav48_silence_trimmed/p315/p315_001_mic1.flac\tno text\n"
    )


def test_rows_follow_the_record(built: Path, pristine_corpora: TinyCorpora) -> None:
    pair = next(pair for pair in read_recipe(built / "recipe.parquet").pairs if pair.pair_id == "city_center_02@10")
    rows = {}
    for condition in ("inf", "5", "-inf"):
        table = pq.read_table(built / "data" / f"snr_{condition}" / "test-00000-of-00001.parquet")
        rows[condition] = next(row for row in table.to_pylist() if row["pair_id"] == pair.pair_id)
    mixture = rows["5"]
    assert (mixture["id"], mixture["condition"], mixture["snr_db"]) == ("city_center_02@10_snr_5", "5", 5.0)
    assert (mixture["scene"], mixture["events"]) == (2, [11])
    assert mixture["event_segments"] == [{"event": 11, "onset_s": 0.0, "offset_s": 4.0}]
    assert mixture["speech_onset_s"] == pair.speech_onset_samples / 44_100
    assert (mixture["background_offset_s"], mixture["background_duration_s"]) == (10.0, 10.0)
    assert mixture["source_recording_id"] == "city_center_02"
    assert mixture["snr_clip_db"] == pytest.approx(5.0, abs=0.05)
    assert mixture["snr_overlap_db"] == pytest.approx(5.0, abs=1.0)
    assert mixture["snr_active_db"] is mixture["snr_loudness_db"] is None
    assert mixture["licence"] == "VCTK: CC BY 4.0 + MAESTRO-Real: non-commercial, not to be redistributed"
    assert (mixture["recipe"], mixture["version"]) == ("partial", "1.0.0rc1")
    speech, background = rows["inf"], rows["-inf"]
    for name in ("scene", "snr_db", "snr_clip_db", "background_file", "background_corpus", "source_recording_id"):
        assert speech[name] is None
    assert (speech["events"], speech["event_segments"], speech["licence"]) == ([], [], "VCTK: CC BY 4.0")
    for name in ("utterance_id", "speaker_id", "speaker_gender", "speech_file", "speech_onset_s", "snr_clip_db"):
        assert background[name] is None
    assert (background["transcript"], background["transcript_raw"]) == ("", "")
    assert len({row["gain_db"] for row in rows.values()}) == 1


def test_no_number_is_nan_or_infinite(built: Path) -> None:
    for path in built.glob("data/*/*.parquet"):
        for column in pq.read_table(path).columns:
            if column.type == "double":
                assert np.isfinite(column.drop_null().to_numpy()).all()


def test_row_groups_are_small(built: Path) -> None:
    metadata = pq.ParquetFile(built / "data" / "snr_0" / "test-00000-of-00001.parquet").metadata
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [8, 1]


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_change_nothing(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, workers: int) -> None:
    build_partial(tmp_path / "again", pristine_corpora, workers=workers)
    assert differing_files(built, tmp_path / "again") == []


@pytest.mark.long
@pytest.mark.parametrize(
    "environment",
    [
        {"SOXR_USE_SIMD": "0"},
        {"OPENBLAS_CORETYPE": "Prescott"},
        {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"},
        {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"},
    ],
    ids=["soxr without SIMD", "OpenBLAS Prescott", "OpenBLAS Haswell", "NumPy without AVX"],
)
def test_samples_do_not_depend_on_the_processor(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, environment: dict[str, str]
) -> None:
    """The environment variables take these paths away from the libraries; unknown names are only warned about."""
    options = [*pristine_corpora.options, "--allow-partial", "--out", str(tmp_path / "again")]
    command = [sys.executable, str(SCRIPT), *options]
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
    assert read_manifest(tmp_path / "again").pcm_sha256 == read_manifest(built).pcm_sha256


def test_a_finished_build_is_left_alone(built: Path, pristine_corpora: TinyCorpora) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    result = build_partial(built, pristine_corpora)
    assert result.resumed_pairs == 9
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before


def test_a_folder_with_something_else_is_refused(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(DatasetError, match="mine is not empty and no dataset; give another --out or remove it"):
        build_partial(tmp_path / "mine", pristine_corpora)
    with pytest.raises(DatasetError, match="holds a build of another recipe"):
        build_partial(built, pristine_corpora, settings=Settings(seed=5))


def test_an_empty_folder_is_filled_even_the_current_one(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    build_partial(".", pristine_corpora, settings=Settings(pairs=1))
    assert (tmp_path / "here" / "manifest.json").exists()
    assert not (tmp_path / "here.partial").exists()


def test_real_recordings_give_what_their_readme_says(real_corpora: TinyCorpora, tmp_path: Path) -> None:
    result = build_partial(tmp_path / "out", real_corpora)
    recipe = read_recipe(tmp_path / "out" / "recipe.parquet")
    corpora = [pair.background.corpus for pair in recipe.pairs]
    assert (corpora.count("DESED"), corpora.count("MAESTRO-Real")) == (13, 9)
    pool = {"s5_008", "p225_021", "p225_023", "p226_021", "p228_021"}
    assert {pair.utterance.utterance_id for pair in recipe.pairs} <= pool
    assert result.manifest.reasons[0] == "VCTK speakers with text: 109 expected, 12 found"
    found = sseu_dataset.verify(tmp_path / "out", **real_corpora.folders, progress=False)
    assert (found.rows, found.problems, found.differing) == (154, (), {})


def test_missing_package_of_torch_is_not_needed(built: Path, tmp_path: Path) -> None:
    """Loading works where torch and torchcodec cannot be imported."""
    for name in ("torch", "torchcodec"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not here')\n")
    code = (
        f"import sseu_dataset; rows = sseu_dataset.load({str(built)!r}, 'snr_0'); "
        "print(len(rows), sseu_dataset.load_audio(rows[0], 16000).shape)"
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{SCRIPT.parent}", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "9 (160000,)"
