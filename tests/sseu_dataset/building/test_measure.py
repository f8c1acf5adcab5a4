"""The expensive SNR definitions, added after the build."""

from __future__ import annotations

import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyloudnorm", reason="the extra `measure` is not installed")

from sseu_dataset import DatasetError, load, measure, verify
from sseu_dataset.building.level_measures import active_speech_level_db, loudness_lufs
from sseu_dataset.files import locked
from sseu_dataset.loading import stems
from sseu_dataset.manifest import read_manifest


@pytest.fixture(scope="module")
def measured(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured") / "sseu-bench"
    shutil.copytree(built, folder)
    assert measure(folder, ["active"], progress=False) == ["active"]
    assert measure(folder, ["loudness"], progress=False) == ["active", "loudness"]
    return folder


def test_columns_are_filled_where_there_is_an_snr(measured: Path) -> None:
    for row in load(measured):
        empty = row["snr_db"] is None
        assert (row["snr_active_db"] is None) == (row["snr_loudness_db"] is None) == empty
    assert read_manifest(measured).measured == ["active", "loudness"]


def test_values_are_those_of_the_stems(measured: Path) -> None:
    rows = load(measured)
    pair = {row["condition"]: row for row in rows if row["pair_id"] == "-bbbbbbbbbb_5_10"}
    row = pair["-5"]
    speech, background = stems(pair, "-5")
    onset, length = round(row["speech_onset_s"] * 44_100), round(row["speech_duration_s"] * 44_100)
    speech = speech[onset : onset + length] / 32768
    background = background[: round(row["background_duration_s"] * 44_100)] / 32768
    background_db = 10 * math.log10(np.mean(background**2))
    assert row["snr_active_db"] == pytest.approx(active_speech_level_db(speech, 44_100) - background_db, abs=0.01)
    quiet, loud = loudness_lufs(background, 44_100), loudness_lufs(speech, 44_100)
    assert quiet is not None
    assert loud is not None
    assert row["snr_loudness_db"] == pytest.approx(loud - quiet, abs=0.01)


def test_nothing_else_changes(built: Path, measured: Path) -> None:
    new = ("snr_active_db", "snr_loudness_db")
    for before, after in zip(load(built), load(measured), strict=True):
        assert {name: value for name, value in before.items() if name not in new} == {
            name: value for name, value in after.items() if name not in new
        }
    assert verify(measured, progress=False).problems == ()


@pytest.mark.long
def test_drafts_of_a_killed_run_are_no_fault_and_go(measured: Path) -> None:
    drafts = measured / ".measuring"
    script = (
        "import os, signal, sys\n"
        "from sseu_dataset import measure\nfrom sseu_dataset.building import shards\n"
        "shards._sync = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
        "measure(sys.argv[1], ['active'], progress=False)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(measured)]).returncode == -signal.SIGKILL
    assert any(drafts.iterdir())
    assert verify(measured, progress=False).problems == ()
    assert load(measured).num_rows == len(read_manifest(measured).pcm_sha256)
    measure(measured, ["active"], progress=False)
    assert not drafts.exists()
    assert verify(measured, progress=False).problems == ()


def test_two_runs_do_not_write_into_one_folder(measured: Path) -> None:
    before = sorted(measured.rglob("*"))
    with (
        locked(measured / "recipe.parquet", "taken"),
        pytest.raises(DatasetError, match="another process is measuring it; wait for it"),
    ):
        measure(measured, progress=False)
    assert sorted(measured.rglob("*")) == before


def test_unknown_definitions(built: Path) -> None:
    for wrong in (["loud"], []):
        with pytest.raises(DatasetError, match="choose from active, loudness"):
            measure(built, wrong)
