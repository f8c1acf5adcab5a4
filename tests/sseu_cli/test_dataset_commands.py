"""`sseu build`, `verify`, `measure`: messages and exit codes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import sseu_dataset.download.corpora
from sseu_cli.main import main
from sseu_dataset.download.archives import OFFICIAL, Archive
from sseu_dataset.download.fetch import fetch
from tests.sseu_cli.conftest import Sseu
from tests.sseu_dataset.tiny_corpora import TinyCorpora, write_audio


def test_downloaded_corpora_are_built_from(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fetching itself is tested in test_download.py; here only that its folders reach the build."""

    def download(folder: Path, *, announce: Callable[[str], None], archives: Sequence[Archive]) -> dict[str, Path]:
        names = list(dict.fromkeys(archive.corpus for archive in archives))
        announce(f"{', '.join(names)} into {folder}")
        return {name: pristine_corpora.folders[name] for name in names}

    monkeypatch.setattr(sseu_dataset.download.corpora, "download", download)
    words = ["--download", str(tmp_path / "corpora"), "--allow-partial", "--pairs", "1", "--out"]
    assert main(["build", *words, str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.startswith(f"vctk, desed, maestro into {tmp_path / 'corpora'}\n1 pairs")
    given = ["--vctk", str(pristine_corpora.vctk), "--maestro", str(pristine_corpora.maestro)]
    assert main(["build", *given, *words, str(tmp_path / "out2")]) == 0
    assert capsys.readouterr().out.startswith(f"desed into {tmp_path / 'corpora'}\n1 pairs")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("--recipe hf://elsewhere", "hf://elsewhere: a recipe on the Hub is hf://datasets/<owner>/<name>"),
        ("--recipe nothing.parquet", "nothing.parquet: no such recipe"),
        ("--recipe {built}/recipe.parquet --pairs 3", "a recipe determines all settings"),
        ("--recipe {built}/recipe.parquet --allow-partial", "a recipe determines every source file"),
        ("--pairs 0", "0 pairs; at least 1 is needed"),
        ("--workers 0", "0 workers; at least 1 is needed"),
        ("--vctk {built}", "VCTK: no corpus in"),
        ("--out {built}/data", "data is not empty and no dataset"),
    ],
)
def test_a_wrong_argument_is_told_before_hours_of_downloading(
    built: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: str,
    message: str,
) -> None:
    monkeypatch.setattr(sseu_dataset.download.corpora, "download", lambda *_, **__: pytest.fail("downloads"))
    words = ["--download", str(tmp_path), "--out", str(tmp_path / "out"), *wrong.format(built=built).split()]
    assert main(["build", *words]) == 2
    assert message in capsys.readouterr().err


def test_out_is_looked_at_before_the_corpora_are_read(
    sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    """They are incomplete, which is found by reading them; what is said is what is found first."""
    (tmp_path / "thesis.txt").write_text("x")
    done = sseu("build", *pristine_corpora.options, "--out", tmp_path)
    assert (done.returncode, "is not empty and no dataset; give another --out" in done.stderr) == (2, True)


def test_a_network_that_fails_is_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/development_audio.zip"
    nobody = [replace(archive, url=url, size_bytes=1000, unpacked_bytes=1000) for archive in OFFICIAL]
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("sseu_dataset.download.archives.OFFICIAL", nobody)
    monkeypatch.setattr(sseu_dataset.download.corpora, "fetch", partial(fetch, retries=0))
    assert main(["build", "--download", str(tmp_path / "corpora"), "--out", str(tmp_path / "out")]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {url}: given up after 1 attempts without progress; the last one: no connection")
    assert "run the same command again later" in shown


def test_missing_corpora_are_asked_for(sseu: Sseu) -> None:
    done = sseu("build", "--vctk", "x")
    assert done.returncode == 2
    assert "--desed, --maestro missing: give the three corpora, or --download DIR to fetch them" in done.stderr


def test_a_wrong_folder_is_exit_2(sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    done = sseu("build", "--vctk", tmp_path, "--desed", tmp_path, "--maestro", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "error: VCTK: no corpus in" in done.stderr
    assert "Traceback" not in done.stderr


def test_incomplete_corpora_are_exit_2(sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    done = sseu("build", *pristine_corpora.options, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "DESED clips without speech: 378 expected, 5 found" in done.stderr


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def add_row(corpora: TinyCorpora, row: str) -> None:
    with corpora.table.open("a", encoding="utf-8") as table:
        table.write(row + "\n")


def link_out(path: Path) -> None:
    outside = path.parents[5] / "outside.wav"
    path.rename(outside)
    path.symlink_to(outside)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda corpora: cut(corpora.recording("p225_021")), "p225_021_mic1.flac: "),
        (lambda corpora: corpora.recording("p226_021").write_bytes(b""), "p226_021_mic1.flac: empty file (0 bytes)"),
        (lambda corpora: cut(corpora.clip("aaaaaaaaaaa_0_10")), "aaaaaaaaaaa_0_10.wav: truncated, "),
        (
            lambda corpora: corpora.clip("ddddddddddd_1_11").write_text("<html>"),
            "ddddddddddd_1_11.wav: not a wav file, it begins with '<html>'",
        ),
        (
            lambda corpora: write_audio(corpora.clip("aaaaaaaaaaa_0_10"), np.zeros(441_000), 44_100),
            "aaaaaaaaaaa_0_10.wav: digital silence from 0 s on",
        ),
        (
            lambda corpora: write_audio(corpora.clip("aaaaaaaaaaa_0_10"), np.full(441_000, np.nan), 44_100, "FLOAT"),
            "aaaaaaaaaaa_0_10.wav: contains NaN or infinite samples",
        ),
        (lambda corpora: corpora.clip("aaaaaaaaaaa_0_10").unlink(), "aaaaaaaaaaa_0_10.wav: "),
        (lambda corpora: link_out(corpora.clip("aaaaaaaaaaa_0_10")), "a symbolic link that leads out of the corpus"),
        (lambda corpora: add_row(corpora, "gggggggggg_0_10.wav\t1\t2\tCat"), "gggggggggg_0_10.wav: "),
        (lambda corpora: add_row(corpora, "aaaaaaaaaaa_0_10.wav\t1\t2\tTrumpet"), "Trumpet"),
        (lambda corpora: add_row(corpora, "aaaaaaaaaaa_0_10.wav\t3\t2\tCat"), "aaaaaaaaaaa_0_10.wav: "),
        (lambda corpora: add_row(corpora, "aaaaaaaaaaa_0_10.wav\tone\t2\tCat"), "one"),
        (lambda corpora: corpora.annotation("grocery_store_04").unlink(), "grocery_store_04.wav: no annotation"),
        (lambda corpora: corpora.annotation("city_center_02").write_text("x\n"), "city_center_02.wav: line 1: "),
    ],
)
def test_a_broken_source_is_named_and_exit_2(
    corpora: TinyCorpora,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[TinyCorpora], object],
    message: str,
) -> None:
    damage(corpora)
    assert main(["build", *corpora.options, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert not (tmp_path / "out").exists()
    assert main(["build", *corpora.options, "--out", str(tmp_path / "out"), "--allow-partial", "--pairs", "1"]) == 0
    assert "left out, see excluded.tsv" in capsys.readouterr().out


def test_bad_settings_are_exit_2(sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    done = sseu("build", *pristine_corpora.options, "--out", tmp_path / "out", "--snrs", "90")
    assert (done.returncode, "exceed -40 to 40 dB" in done.stderr) == (2, True)
    assert sseu("build", "--pairs", "many").returncode == 2
    done = sseu("build", "--snrs=-5,x")
    assert (done.returncode, "'-5,x': numbers with commas between them are needed" in done.stderr) == (2, True)
    done = sseu("build", "--workers", "0", *pristine_corpora.options, "--out", tmp_path / "out")
    assert (done.returncode, "0 workers; at least 1 is needed" in done.stderr) == (2, True)


def test_a_place_that_cannot_be_written_is_exit_1(sseu: Sseu, pristine_corpora: TinyCorpora) -> None:
    done = sseu("build", *pristine_corpora.options, "--allow-partial", "--out", "/proc/sseu-bench")
    assert done.returncode == 1
    assert "/proc/sseu-bench.partial" in done.stderr
    assert "then run the same command again: it continues" in done.stderr


def test_build_verify_and_rebuild(sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sseu("build", *pristine_corpora.options, "--allow-partial", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "63 clips, recipe partial, version 1.0.0rc1" in done.stdout
    assert "excluded by rule: 1" in done.stdout
    done = sseu("verify", out, *pristine_corpora.options)
    assert (done.returncode, "63 clips are as recipe and manifest say and equal to its sources" in done.stdout) == (
        0,
        True,
    )
    done = sseu("build", *pristine_corpora.options, "--recipe", out / "recipe.parquet", "--out", tmp_path / "again")
    assert done.returncode == 0
    assert "63 of 63 clips have the samples of the manifest beside" in done.stdout


def test_verify_of_a_damaged_folder_is_exit_1(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(built, tmp_path / "copy")
    (tmp_path / "copy" / "data" / "snr_0" / "test-00000-of-00001.parquet").unlink()
    done = sseu("verify", tmp_path / "copy")
    assert done.returncode == 1
    assert "wrong: data/snr_0/test-00000-of-00001.parquet: missing" in done.stdout


def test_verify_of_something_else_is_exit_2(sseu: Sseu, tmp_path: Path) -> None:
    done = sseu("verify", tmp_path)
    assert (done.returncode, "not a finished dataset folder" in done.stderr) == (2, True)


@pytest.mark.parametrize("definitions", ["loud", "active,loud"])
def test_measure_knows_its_definitions(sseu: Sseu, built: Path, definitions: str) -> None:
    done = sseu("measure", built, "--definitions", definitions)
    assert (done.returncode, "unknown SNR definitions ['loud']" in done.stderr) == (2, True)
