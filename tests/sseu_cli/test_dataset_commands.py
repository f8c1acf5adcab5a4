"""`sseu build`, `verify`, `measure`: messages and exit codes."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import sseu_dataset.download.corpora
from sseu_dataset.download.archives import OFFICIAL, Archive
from sseu_dataset.download.fetch import fetch
from tests.sseu_cli.conftest import Sseu, assert_refused
from tests.sseu_dataset.tiny_corpora import TinyCorpora


def test_downloaded_corpora_are_built_from(
    sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetching itself is tested in test_download.py; here only that its folders reach the build."""

    def download(folder: Path, *, announce: Callable[[str], None], archives: Sequence[Archive]) -> dict[str, Path]:
        names = list(dict.fromkeys(archive.corpus for archive in archives))
        announce(f"{', '.join(names)} into {folder}")
        return {name: pristine_corpora.folders[name] for name in names}

    monkeypatch.setattr(sseu_dataset.download.corpora, "download", download)
    given = ["--vctk", pristine_corpora.vctk, "--maestro", pristine_corpora.maestro]
    for names, words in (("vctk, desed, maestro", []), ("desed", given)):
        place = ["--download", tmp_path / "corpora", "--out", tmp_path / names]
        done = sseu("build", *words, *place, "--allow-partial", "--pairs", "1")
        assert done.stdout.startswith(f"{names} into {tmp_path / 'corpora'}\n1 pair, "), done.stderr
        assert done.returncode == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("--recipe hf://elsewhere", "hf://elsewhere: a recipe on the Hub is hf://datasets/<owner>/<name>"),
        ("--recipe nothing.parquet", "nothing.parquet: no such recipe"),
        ("--recipe {built}/recipe.parquet --pairs 3", "a recipe determines all settings"),
        ("--recipe {built}/recipe.parquet --allow-partial", "a recipe determines every source file"),
        ("--pairs 0", "0 pairs; at least 1 is needed"),
        ("--pairs many", "'many' is not a valid integer"),
        ("--snrs 90", "exceed -40 to 40 dB"),
        ("--snrs 5,inf", "the SNRs (5.0, inf): each must be finite; the ends, speech alone and"),
        ("--snrs nan", "each must be finite"),
        ("--snrs=-5,x", "'-5,x': numbers with commas between them are needed"),
        ("--workers 0", "0 workers; at least 1 is needed"),
        ("--vctk {built}", "VCTK: no corpus in"),
        ("--out {built}/manifest.json", "manifest.json is a file; choose another --out"),
        ("--out {built}/data", "data is not empty and no dataset; give another --out"),
    ],
)
def test_a_wrong_argument_is_refused_before_hours_of_downloading(
    sseu: Sseu, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, message: str
) -> None:
    monkeypatch.setattr(sseu_dataset.download.corpora, "download", lambda *_, **__: pytest.fail("downloads"))
    words = wrong.format(built=built).split()
    assert_refused(sseu("build", "--download", tmp_path, "--out", tmp_path / "out", *words), message)


def test_a_network_that_fails_is_exit_1(sseu: Sseu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/development_audio.zip"
    nobody = [replace(archive, url=url, size_bytes=1000, unpacked_bytes=1000) for archive in OFFICIAL]
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("sseu_dataset.download.archives.OFFICIAL", nobody)
    monkeypatch.setattr(sseu_dataset.download.corpora, "fetch", partial(fetch, retries=0))
    done = sseu("build", "--download", tmp_path / "corpora", "--out", tmp_path / "out")
    assert_refused(done, f"error: {url}: given up after 1 attempts without progress; the last one: no connection", 1)
    assert "run the same command again later" in done.stderr


def test_missing_and_incomplete_corpora_are_named(sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    asked = "--desed, --maestro missing: give the three corpora, or --download DIR to fetch them"
    assert_refused(sseu("build", "--vctk", "x"), asked)
    counted = "DESED clips without speech: 378 expected, 5 found"
    assert_refused(sseu("build", *pristine_corpora.options, "--out", tmp_path / "out"), counted)
    (tmp_path / "thesis.txt").write_text("x")  # --out is looked at before the corpora are read
    assert_refused(sseu("build", *pristine_corpora.options, "--out", tmp_path), "is not empty and no dataset")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda corpora: corpora.recording("p226_021").write_bytes(b""), "p226_021_mic1.flac: empty file (0 bytes)"),
        (lambda corpora: corpora.table.open("a").write("aaaaaaaaaaa_0_10.wav\t1\t2\tTrumpet\n"), "Trumpet"),
        (lambda corpora: corpora.annotation("city_center_02").write_text("x\n"), "city_center_02.wav: line 1: "),
    ],
)
def test_a_broken_source_is_named_and_left_out_on_request(
    sseu: Sseu, corpora: TinyCorpora, tmp_path: Path, damage: Callable[[TinyCorpora], object], message: str
) -> None:
    damage(corpora)
    command = ("build", *corpora.options, "--out", tmp_path / "out")
    assert_refused(sseu(*command), message)
    assert not (tmp_path / "out").exists()
    done = sseu(*command, "--allow-partial", "--pairs", "1")
    assert (done.returncode, "left out, see excluded.tsv" in done.stdout) == (0, True)


def test_a_place_that_cannot_be_written_is_exit_1(sseu: Sseu, pristine_corpora: TinyCorpora) -> None:
    done = sseu("build", *pristine_corpora.options, "--allow-partial", "--out", "/proc/sseu-bench")
    assert_refused(done, "/proc/sseu-bench.partial", 1)


def test_build_verify_and_rebuild(sseu: Sseu, pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sseu("build", *pristine_corpora.options, "--allow-partial", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "63 clips, recipe partial, version 1.0.0rc1" in done.stdout
    lines = done.stdout.splitlines()
    (own,) = [number for number, line in enumerate(lines) if " pairs of clip and event, " in line]
    labels = lines[own].split()[0]
    assert lines[own + 2].split()[:2] == ["as", "labelled"]
    assert lines[own + 2].split()[6:8] == [labels, "(0)"]  # threshold 0.5
    assert lines[own + 6].startswith("3 s or more ")
    assert "excluded by rule: 1" in done.stdout
    done = sseu("verify", out, *pristine_corpora.options)
    assert done.returncode == 0
    compared = "and each text, label and sample is what the corpora give"
    assert f"63 clips agree with recipe and manifest, {compared}" in done.stdout
    done = sseu("build", *pristine_corpora.options, "--recipe", out / "recipe.parquet", "--out", tmp_path / "again")
    assert done.returncode == 0
    assert "63 of 63 clips have the samples and references of the manifest beside" in done.stdout


def test_verify_of_a_damaged_folder_is_exit_1(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    (tmp_path / "copy" / "data" / "snr_0" / "test-00000-of-00001.parquet").unlink()
    done = sseu("verify", tmp_path / "copy")
    assert done.returncode == 1
    assert "wrong: data/snr_0/test-00000-of-00001.parquet: missing" in done.stdout


def test_verify_and_measure_refuse_what_they_do_not_know(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    assert_refused(sseu("verify", tmp_path), "not a finished dataset folder")
    assert_refused(sseu("measure", built, "--definitions", "active,loud"), "unknown SNR definitions ['loud']")


def test_standin_says_first_what_is_synthetic(sseu: Sseu, demo: Path) -> None:
    """Where all files are there already it says the same."""
    done = sseu("standin", "--out", demo)
    assert done.returncode == 0
    first, last = done.stdout.splitlines()
    assert first.startswith(
        "All of it is synthetic: speech from a speech synthesiser (eSpeak NG), events and scenes from"
    )
    assert last == f"{demo}: stand-in corpora (demo)"
