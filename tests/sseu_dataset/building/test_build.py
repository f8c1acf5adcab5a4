"""The build as a whole: the folder it makes, exactness, resuming, and what it refuses."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import sseu_dataset
from sseu_dataset import CorpusError, DatasetError, Settings, build
from sseu_dataset.building.build import check_request
from sseu_dataset.manifest import fingerprint, read_manifest
from sseu_dataset.recipe import read_recipe, write_recipe
from tests.sseu_dataset.tiny_corpora import RATE_HZ, VCTK_RATE_HZ, TinyCorpora, noise, write_audio

SCRIPT = Path(__file__).resolve().parents[3] / "build_dataset.py"


def differing_files(left: Path, right: Path) -> list[str]:
    """Files that are not byte-equal in both folders."""
    names = {
        path.relative_to(folder).as_posix() for folder in (left, right) for path in folder.rglob("*") if path.is_file()
    }
    return sorted(name for name in names if not _equal(left / name, right / name))


def _equal(left: Path, right: Path) -> bool:
    return left.exists() and right.exists() and filecmp.cmp(left, right, shallow=False)


def test_folder_holds_what_the_design_names(built: Path) -> None:
    names = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    shards = {f"data/snr_{name}/test-00000-of-00001.parquet" for name in ("inf", "10", "5", "0", "-5", "-10", "-inf")}
    assert names == shards | {"README.md", "counts.png", "excluded.tsv", "manifest.json", "recipe.parquet"}
    assert not built.with_name("sseu-bench.partial").exists()


def test_manifest_counts_and_names(built: Path) -> None:
    manifest = read_manifest(built)
    assert (manifest.pairs, len(manifest.pcm_sha256), manifest.recipe) == (9, 63, "partial")
    assert manifest.version == sseu_dataset.VERSION
    assert manifest.reasons == [
        "VCTK speakers with text: 109 expected, 4 found",
        "DESED clips without speech: 378 expected, 5 found",
        "MAESTRO-Real windows: 739 expected, 4 found",
    ]
    assert manifest.fingerprints["all"] == fingerprint(manifest.pcm_sha256.items())
    assert "MAESTRO-Real/development_audio/city_center/city_center_02.wav" in manifest.sources
    assert manifest.packages["soxr"] == "1.1.0"


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
    assert (mixture["id"], mixture["snr"], mixture["snr_db"]) == ("city_center_02@10_snr_5", 2, 5.0)
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
        table = pq.read_table(path).drop_columns(["audio"])
        for column in table.columns:
            if column.type == "double":
                values = column.drop_null().to_numpy()
                assert np.isfinite(values).all()


def test_row_groups_are_small(built: Path) -> None:
    metadata = pq.ParquetFile(built / "data" / "snr_0" / "test-00000-of-00001.parquet").metadata
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [8, 1]


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_change_nothing(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, workers: int) -> None:
    build(tmp_path / "again", **pristine_corpora.folders, allow_partial=True, workers=workers, progress=False)
    assert differing_files(built, tmp_path / "again") == []


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
    command = [
        sys.executable,
        str(SCRIPT),
        *pristine_corpora.options,
        "--allow-partial",
        "--out",
        str(tmp_path / "again"),
    ]
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
    assert read_manifest(tmp_path / "again").pcm_sha256 == read_manifest(built).pcm_sha256


def test_a_finished_build_is_left_alone(built: Path, pristine_corpora: TinyCorpora) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    result = build(built, **pristine_corpora.folders, allow_partial=True, progress=False)
    assert result.resumed_pairs == 9
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before


def test_an_empty_folder_is_filled(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    build(tmp_path / "out", **pristine_corpora.folders, allow_partial=True, progress=False, settings=Settings(pairs=1))
    assert (tmp_path / "out" / "manifest.json").exists()


def test_a_folder_with_something_else_is_refused(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(DatasetError, match="mine is not empty and no dataset; give another --out or remove it"):
        build(tmp_path / "mine", **pristine_corpora.folders, allow_partial=True, progress=False)
    with pytest.raises(DatasetError, match="holds a build of another recipe"):
        build(built, **pristine_corpora.folders, allow_partial=True, progress=False, settings=Settings(seed=5))


def run_until(command: list[str | Path], condition: str, folder: Path, how: signal.Signals) -> int:
    """Start a build, send it a signal as soon as a file like `condition` is there, and return its exit code."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(folder.glob(condition)) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(how)
    return process.wait()


@pytest.fixture(scope="module")
def small_blocks(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The start of a command that builds in blocks of two pairs, so that a tiny build can be stopped half-way."""
    runner = tmp_path_factory.mktemp("runner") / "small_blocks.py"
    runner.write_text(
        "import runpy, sys\n"
        f"sys.path.insert(0, {str(SCRIPT.parent)!r})\n"
        "from sseu_dataset.building import build, shards, verify\n"
        "shards.PAIRS_PER_SHARD = build.PAIRS_PER_SHARD = verify.PAIRS_PER_SHARD = 2\n"
        f"sys.argv[0] = {str(SCRIPT)!r}\n"
        f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')\n"
    )
    return [sys.executable, runner]


@pytest.fixture(scope="module")
def unbroken(
    pristine_corpora: TinyCorpora, small_blocks: list[str | Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What a build in small blocks makes that nobody stops."""
    out = tmp_path_factory.mktemp("unbroken") / "sseu-bench"
    command = [*small_blocks, *pristine_corpora.options, "--allow-partial", "--workers", "1", "--out", out]
    subprocess.run(command, check=True, capture_output=True)
    return out


@pytest.mark.parametrize(
    ("condition", "how"),
    [
        (".dataset/.data/snr_0/*.unfinished", signal.SIGKILL),
        (".journals/00000.json", signal.SIGKILL),
        (".journals/00003.json", signal.SIGKILL),
        (".dataset/README.md*", signal.SIGKILL),
        (".dataset/data", signal.SIGKILL),
        (".dataset/.data/snr_0/*.unfinished", signal.SIGINT),
        (".dataset/data", signal.SIGINT),
    ],
)
def test_a_stopped_build_is_continued_to_the_same_folder(
    pristine_corpora: TinyCorpora,
    small_blocks: list[str | Path],
    unbroken: Path,
    tmp_path: Path,
    how: signal.Signals,
    condition: str,
) -> None:
    command = [*small_blocks, *pristine_corpora.options, "--allow-partial", "--workers", "1", "--out"]
    partial = tmp_path / "stopped.partial"
    code = run_until([*command, tmp_path / "stopped"], condition, partial, how)
    if partial.exists():
        assert code in (-how, 130)
        assert_not_loadable(partial)
        assert_not_loadable(tmp_path / "stopped")
    subprocess.run([*command, tmp_path / "stopped"], check=True, capture_output=True)
    assert differing_files(tmp_path / "stopped", unbroken) == []
    assert not partial.exists()


def assert_not_loadable(folder: Path) -> None:
    import datasets

    with pytest.raises((FileNotFoundError, datasets.exceptions.DataFilesNotFoundError)):
        datasets.load_dataset(str(folder), split="test")
    with pytest.raises((DatasetError, FileNotFoundError)):
        sseu_dataset.load(folder)


def test_confirmed_blocks_are_not_made_again(
    pristine_corpora: TinyCorpora, small_blocks: list[str | Path], tmp_path: Path
) -> None:
    command = [*small_blocks, *pristine_corpora.options, "--allow-partial", "--workers", "1", "--out", tmp_path / "out"]
    run_until(command, ".journals/00001.json", tmp_path / "out.partial", signal.SIGKILL)
    first = tmp_path / "out.partial" / ".dataset" / ".data" / "snr_0" / "test-00000-of-00005.parquet"
    made = first.stat().st_mtime_ns
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "out" / "data" / "snr_0" / first.name).stat().st_mtime_ns == made


def test_an_unfinished_build_of_another_recipe_is_not_continued(
    pristine_corpora: TinyCorpora, small_blocks: list[str | Path], tmp_path: Path
) -> None:
    command = [*small_blocks, *pristine_corpora.options, "--allow-partial", "--out", tmp_path / "out"]
    run_until(command, ".journals/00000.json", tmp_path / "out.partial", signal.SIGKILL)
    with pytest.raises(DatasetError, match="is an unfinished build of another recipe"):
        build(
            tmp_path / "out", **pristine_corpora.folders, allow_partial=True, progress=False, settings=Settings(seed=1)
        )


def test_two_builds_do_not_write_into_one_folder(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "out.partial").mkdir()
    with (tmp_path / "out.partial" / "recipe.sha256").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DatasetError, match="another build is writing here"):
            build(tmp_path / "out", **pristine_corpora.folders, allow_partial=True, progress=False)


def test_incomplete_corpora_are_refused_with_all_reasons(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        build(tmp_path / "out", **pristine_corpora.folders, progress=False)
    message = str(caught.value)
    assert "DESED clips without speech: 378 expected, 5 found" in message
    assert "MAESTRO-Real windows: 739 expected, 4 found" in message
    assert "VCTK speakers with text: 109 expected, 4 found" in message
    assert "(sseu build --allow-partial)" in message
    assert not (tmp_path / "out").exists()


def break_everything(corpora: TinyCorpora) -> None:
    """A truncated, a silent and a NaN file, an error page and a missing annotation."""
    flac = corpora.recording("p225_021").read_bytes()
    corpora.recording("p225_021").write_bytes(flac[: len(flac) // 2])
    write_audio(corpora.recording("p226_021"), np.zeros(9 * VCTK_RATE_HZ), VCTK_RATE_HZ)
    samples = noise("x", 9, RATE_HZ)
    samples[5] = np.nan
    write_audio(corpora.clip("aaaaaaaaaaa_0_10"), samples, RATE_HZ, "FLOAT")
    corpora.clip("-bbbbbbbbbb_5_10").write_text("<html>")
    corpora.annotation("grocery_store_04").unlink()


def test_broken_sources_are_all_named_at_once(corpora: TinyCorpora, tmp_path: Path) -> None:
    break_everything(corpora)
    with pytest.raises(CorpusError) as caught:
        build(tmp_path / "out", **corpora.folders, progress=False)
    message = str(caught.value)
    for name in ("p225_021_mic1", "p226_021_mic1", "aaaaaaaaaaa_0_10", "-bbbbbbbbbb_5_10", "grocery_store_04"):
        assert name in message


def test_allow_partial_leaves_them_out_and_lists_them(corpora: TinyCorpora, built: Path, tmp_path: Path) -> None:
    break_everything(corpora)
    result = build(tmp_path / "out", **corpora.folders, allow_partial=True, progress=False)
    assert result.manifest.recipe == "partial"
    assert "DESED clips without speech: 378 expected, 3 found" in result.manifest.reasons
    assert "5 source items left out, see excluded.tsv" in result.manifest.reasons
    listed = (tmp_path / "out" / "excluded.tsv").read_text()
    for line in (
        "VCTK/wav48_silence_trimmed/p226/p226_021_mic1.flac\tdigital silence from 0 s on",
        "DESED/audio/eval/public/aaaaaaaaaaa_0_10.wav\tcontains NaN or infinite samples",
        "DESED/audio/eval/public/-bbbbbbbbbb_5_10.wav\tnot a wav file, it begins with '<html>'",
        "MAESTRO-Real/development_audio/grocery_store/grocery_store_04.wav\tno annotation",
    ):
        assert line in listed
    # What is left is paired as before, but for the two utterances that are gone.
    pairs = {pair.pair_id: pair for pair in read_recipe(built / "recipe.parquet").pairs}
    for pair in read_recipe(tmp_path / "out" / "recipe.parquet").pairs:
        before = pairs[pair.pair_id]
        assert pair == before or before.utterance.utterance_id in ("p225_021", "p226_021")


def test_what_is_listed_does_not_depend_on_where_the_corpora_lie(corpora: TinyCorpora, tmp_path: Path) -> None:
    break_everything(corpora)
    corpora.annotation("city_center_02").write_text("x\n")
    elsewhere = TinyCorpora(tmp_path / "disk: 2")
    shutil.copytree(corpora.root, elsewhere.root)
    listed = []
    for number, place in enumerate((corpora, elsewhere)):
        build(tmp_path / str(number), **place.folders, allow_partial=True, progress=False)
        listed.append((tmp_path / str(number) / "excluded.tsv").read_text())
    assert listed[0] == listed[1]
    assert "city_center_02.wav\tline 1: " in listed[0]


def test_nothing_left_to_mix(corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"nothing to mix: 0 utterances of 9\.99 to 9\.999 s with text, 9 backgrounds"
    ):
        build(
            tmp_path / "out",
            **corpora.folders,
            allow_partial=True,
            progress=False,
            settings=Settings(speech_min_s=9.99, speech_max_s=9.999),
        )


def test_more_pairs_than_backgrounds_are_refused(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="10 pairs are asked for, but there are 9 backgrounds"):
        build(
            tmp_path / "out",
            **pristine_corpora.folders,
            allow_partial=True,
            progress=False,
            settings=Settings(pairs=10),
        )


def test_any_deviation_names_the_result_custom(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    settings = Settings(seed=3, pairs=2, snrs_db=(20.0, -2.5), speech_min_s=8.5)
    result = build(tmp_path / "out", **pristine_corpora.folders, allow_partial=True, progress=False, settings=settings)
    assert result.manifest.recipe == "custom"
    assert result.manifest.reasons[:4] == [
        "seed is 3 instead of 0",
        "snrs_db is (20.0, -2.5) instead of (10.0, 5.0, 0.0, -5.0, -10.0)",
        "speech_min_s is 8.5 instead of 8.0",
        "pairs is 2 instead of None",
    ]
    assert result.manifest.conditions == ["+inf", "20", "-2.5", "-inf"]
    rows = sseu_dataset.load(tmp_path / "out", "snr_-2.5")
    assert [row["snr_clip_db"] for row in rows] == pytest.approx([-2.5, -2.5], abs=0.05)


def test_standins_are_named_custom_and_need_no_permission(corpora: TinyCorpora, tmp_path: Path) -> None:
    (corpora.desed / "STAND-IN.txt").write_text("synthetic")
    result = build(tmp_path / "out", **corpora.folders, progress=False)
    assert result.manifest.recipe == "custom"
    assert "synthetic stand-in corpora" in result.manifest.reasons


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


def check(out: Path, **request: Any) -> None:
    usual: dict[str, Any] = {
        "folders": {},
        "settings": None,
        "recipe": None,
        "allow_partial": False,
        "workers": None,
    }
    check_request(out, **usual | request)


def test_a_recipe_and_allow_partial_exclude_each_other(built: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="leave out --allow-partial, or --recipe"):
        check(tmp_path / "out", recipe=built / "recipe.parquet", allow_partial=True)


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


def test_the_current_folder_is_built_into(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    build(".", **pristine_corpora.folders, allow_partial=True, progress=False, settings=Settings(pairs=1))
    assert (tmp_path / "here" / "manifest.json").exists()
    assert not (tmp_path / "here.partial").exists()


def test_a_work_folder_of_somebody_else_is_neither_used_nor_removed(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    for name in ("out.partial", "done", "done.partial"):
        shutil.copytree(built, tmp_path / name)
    with pytest.raises(DatasetError, match=r"out\.partial, the build's work folder, holds something else"):
        build(tmp_path / "out", **pristine_corpora.folders, allow_partial=True, progress=False)
    build(tmp_path / "done", **pristine_corpora.folders, allow_partial=True, progress=False)
    for name in ("out.partial", "done.partial"):
        assert differing_files(built, tmp_path / name) == []


def test_what_a_stopped_build_left_beside_its_result_is_removed(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "out")
    sha256 = read_manifest(built).recipe_sha256
    for claim, stays in (("0" * 64, True), (sha256, False)):
        (tmp_path / "out.partial" / ".journals").mkdir(parents=True, exist_ok=True)
        (tmp_path / "out.partial" / "recipe.sha256").write_text(claim)
        build(tmp_path / "out", **pristine_corpora.folders, allow_partial=True, progress=False)
        assert (tmp_path / "out.partial").exists() == stays


def test_a_recipe_called_paper_must_be_the_papers(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    recipe = read_recipe(built / "recipe.parquet")
    write_recipe(replace(recipe, name="paper", reasons=()), tmp_path / "recipe.parquet")
    with pytest.raises(
        DatasetError, match=r"is named `paper`, but .*\(5 DESED \+ 4 MAESTRO-Real\).*378 DESED \+ 739 M"
    ):
        build(tmp_path / "x", **pristine_corpora.folders, recipe=tmp_path / "recipe.parquet", progress=False)


def test_an_utterance_that_does_not_fit_names_its_pair(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    recipe = read_recipe(built / "recipe.parquet")
    late = replace(recipe.pairs[3], speech_onset_samples=440_000)
    write_recipe(replace(recipe, pairs=(*recipe.pairs[:3], late, *recipe.pairs[4:])), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=f"^{late.pair_id}: an utterance of .* at 440000 .* do not fit into"):
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


def test_recipe_and_settings_exclude_each_other(built: Path, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="a recipe determines all settings"):
        build(tmp_path / "x", **pristine_corpora.folders, recipe=built / "recipe.parquet", settings=Settings(seed=1))


def test_an_snr_that_16_bits_cannot_hold_is_refused(corpora: TinyCorpora, tmp_path: Path) -> None:
    """One click far above a quiet background: at +40 dB its noise is below the last bit."""
    samples = noise("quiet", 10.0, RATE_HZ, 0.001)
    samples[:] = np.sign(samples) * 1e-4
    samples[1000] = 0.9
    write_audio(corpora.clip("aaaaaaaaaaa_0_10"), samples, RATE_HZ)
    with pytest.raises(CorpusError, match=r"an SNR of 40 dB came out as .* dB; 16-bit samples cannot represent it"):
        build(
            tmp_path / "x",
            **corpora.folders,
            allow_partial=True,
            progress=False,
            settings=Settings(snrs_db=(40.0, -40.0)),
        )


def test_real_recordings_give_what_their_readme_says(real_corpora: TinyCorpora, tmp_path: Path) -> None:
    result = build(tmp_path / "out", **real_corpora.folders, allow_partial=True, progress=False)
    recipe = read_recipe(tmp_path / "out" / "recipe.parquet")
    corpora = [pair.background.corpus for pair in recipe.pairs]
    assert (corpora.count("DESED"), corpora.count("MAESTRO-Real")) == (13, 9)
    assert {pair.utterance.utterance_id for pair in recipe.pairs} <= {
        "s5_008",
        "p225_021",
        "p225_023",
        "p226_021",
        "p228_021",
    }
    assert result.manifest.reasons[0] == "VCTK speakers with text: 109 expected, 12 found"
    found = sseu_dataset.verify(tmp_path / "out", **real_corpora.folders, progress=False)
    assert (found.rows, found.problems, found.differing) == (154, (), {})


def test_import_is_light() -> None:
    code = (
        "import sys, sseu_dataset; "
        "print([m for m in ('numpy', 'pyarrow', 'datasets', 'torch', 'soundfile', 'matplotlib') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == "[]"


def test_manifest_is_plain_json_without_times_or_paths(built: Path, pristine_corpora: TinyCorpora) -> None:
    text = (built / "manifest.json").read_text()
    assert str(pristine_corpora.root) not in text
    assert json.loads(text)["pcm"] == {"rate_hz": 44100, "channels": 1, "bits": 16, "samples": 441000}


def test_a_full_disk_stops_the_build_and_the_same_command_continues(
    pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    """A limit on file sizes stands in for the full disk: the same error path, another number."""
    command = [
        sys.executable,
        str(SCRIPT),
        *pristine_corpora.options,
        "--allow-partial",
        "--out",
        str(tmp_path / "out"),
    ]
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, -1)); "
        f"sys.argv = sys.argv[1:]; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    stopped = subprocess.run([sys.executable, "-c", limited, *command[1:]], capture_output=True, text=True)
    assert stopped.returncode == 1, stopped.stderr
    assert "raise the limit on file sizes, then run the same command again: it continues" in stopped.stderr
    assert not (tmp_path / "out").exists()
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "out" / "manifest.json").exists()


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


def test_copying_the_folder_keeps_it_sound(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    assert sseu_dataset.verify(tmp_path / "copy", progress=False).problems == ()
