"""Stand-in corpora: layout, counts, resuming, refusals."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import soundfile

from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_dataset.standin.corpora import make_standin
from sseu_dataset.standin.files import Size
from tests.sseu_dataset.standin.reading import (
    DESED_CLASSES,
    MAESTRO_TARGETS,
    desed_table,
    kept_windows,
    pcm_hashes,
    vctk_lengths,
)

pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")


def test_every_corpus_root_says_that_it_is_a_standin(demo: Path) -> None:
    assert {path.name for path in demo.iterdir()} == {"VCTK-Corpus-0.92", "DESED", "MAESTRO_Real_development"}
    for root in demo.iterdir():
        text = (root / STANDIN_MARKER).read_text(encoding="utf-8")
        assert f"this is not {root.name}" in text
        assert "size demo, seed 0" in text


def test_vctk_layout_and_pool(demo: Path) -> None:
    root = demo / "VCTK-Corpus-0.92"
    lengths = vctk_lengths(demo)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (root / "txt").glob("*/*.txt")}
    pool = {name for name, length_s in lengths.items() if 8 <= length_s <= 10}
    assert len(pool) == 41
    assert pool - texts.keys() == {"p315_001"}
    assert len({texts[name] for name in pool & texts.keys()}) == 40
    assert len({name.split("_")[0] for name in pool & texts.keys()}) == 8
    short = lengths.keys() - pool
    assert short - texts.keys() == {"p225_007"}
    assert all(2 <= lengths[name] <= 5 for name in short)
    second_mic = {path.stem.removesuffix("_mic2") for path in root.glob("wav48_silence_trimmed/*/*_mic2.flac")}
    assert lengths.keys() - second_mic == {"p315_001"}
    speakers = [line.split() for line in (root / "speaker-info.txt").read_text(encoding="utf-8").splitlines()]
    assert speakers[0][:4] == ["ID", "AGE", "GENDER", "ACCENTS"]
    assert {row[0] for row in speakers[1:]} == {name.split("_")[0] for name in lengths}
    assert {row[2] for row in speakers[1:]} == {"F", "M"}
    assert len({row[3] for row in speakers[1:]}) >= 3


def test_desed_layout_and_counts(demo: Path) -> None:
    events = desed_table(demo)
    audio = demo / "DESED/dataset/audio/eval/public"
    assert {path.name for path in audio.iterdir()} == events.keys()
    labels = {name: {label for _, _, label in rows} for name, rows in events.items()}
    without_speech = [found for found in labels.values() if "Speech" not in found]
    assert (len(labels), len(without_speech)) == (25, 22)
    counts = Counter(label for found in without_speech for label in found)
    assert counts.keys() == DESED_CLASSES
    assert min(counts.values()) >= 2
    assert any(name.startswith("-") for name in events)
    channels, short = set(), 0
    for name, rows in events.items():
        info = soundfile.info(audio / name)
        identifier, start, end = name.removesuffix(".wav").rsplit("_", 2)
        assert len(identifier) == 11
        assert (info.samplerate, info.subtype, info.duration) == (44_100, "PCM_16", int(end) - int(start))
        assert all(0 <= onset < offset <= info.duration for onset, offset, _ in rows)
        channels.add(info.channels)
        short += info.duration < 10
    assert channels == {1, 2}
    assert short == 4


def test_maestro_layout_and_selection(demo: Path) -> None:
    root = demo / "MAESTRO_Real_development"
    windows = kept_windows(demo)
    assert {scene: len(kept) for scene, kept in windows.items()} == {
        "cafe_restaurant": 3,
        "city_center": 4,
        "grocery_store": 3,
        "metro_station": 4,
        "residential_area": 4,
    }
    assert set().union(*(labels for kept in windows.values() for labels in kept)) == MAESTRO_TARGETS
    durations = dict(
        line.split("\t") for line in (root / "development_metadata.csv").read_text(encoding="utf-8").splitlines()[1:]
    )
    for path in root.glob("development_audio/*/*.wav"):
        info = soundfile.info(path)
        assert path.parent.name == path.stem.rsplit("_", 1)[0]
        assert (info.samplerate, info.channels, info.subtype) == (44_100, 2, "PCM_16")
        assert info.duration == float(durations.pop(path.stem)) >= 50
    assert not durations


def test_a_killed_run_is_completed_by_the_same_command(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpora"
    program = (
        "import sys, pathlib; from sseu_dataset.standin.corpora import make_standin as m; "
        "m(pathlib.Path(sys.argv[1]), 'demo')"
    )
    run = subprocess.Popen([sys.executable, "-c", program, str(out)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(out.rglob("*.wav"))) < 4 and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    made = {path: path.stat().st_mtime_ns for path in out.rglob("*.wav")}
    make_standin(out, "demo", progress=False)
    assert pcm_hashes(out) == pcm_hashes(demo)
    assert made
    assert {path: path.stat().st_mtime_ns for path in made} == made


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("thesis.txt", r"holds 'thesis\.txt', which is no part of a stand-in; delete it, or give another folder"),
        ("DESED/dataset/audio/a.wav", r"DESED has no STAND-IN\.txt, so it may be the real corpus; delete it"),
    ],
)
def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(b"mine")
    with pytest.raises(ValueError, match=message):
        make_standin(tmp_path, "demo", progress=False)
    assert [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()] == [b"mine"]


@pytest.mark.parametrize(
    ("size", "seed", "wanted"), [("full", 0, "size full, seed 0"), ("demo", 1, "size demo, seed 1")]
)
def test_a_standin_of_another_size_or_seed_is_refused(demo: Path, size: Size, seed: int, wanted: str) -> None:
    with pytest.raises(ValueError, match=rf"is a stand-in of size demo, seed 0, edition \d+, not of {wanted}"):
        make_standin(demo, size, seed=seed, progress=False)


def test_a_file_and_an_unknown_size_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ValueError, match="file is a file; give a folder"):
        make_standin(file, "demo", progress=False)
    with pytest.raises(ValueError, match="size 'huge' is neither 'demo' nor 'full'"):
        make_standin(tmp_path / "new", "huge", progress=False)  # type: ignore[arg-type]
