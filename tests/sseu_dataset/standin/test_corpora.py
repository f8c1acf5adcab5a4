"""Stand-in corpora: layout, counts, resuming, refusals."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import soundfile

from sseu_dataset.corpora import maestro
from sseu_dataset.corpora.desed import read_desed
from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_dataset.corpora.maestro import read_maestro
from sseu_dataset.corpora.vctk import read_vctk
from sseu_dataset.records import Settings, SourceIssues
from sseu_dataset.standin.corpora import make_standin
from sseu_dataset.standin.files import Size
from sseu_metric.labels import EVENTS

pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")


def test_every_corpus_root_says_that_it_is_a_standin(demo: Path) -> None:
    assert {path.name for path in demo.iterdir()} == {"VCTK-Corpus-0.92", "DESED", "MAESTRO_Real_development"}
    for root in demo.iterdir():
        text = (root / STANDIN_MARKER).read_text(encoding="utf-8")
        assert f"this is not {root.name}" in text
        assert "size demo, seed 0" in text


def test_vctk_layout_and_pool(demo: Path, tmp_path: Path) -> None:
    root, cache = demo / "VCTK-Corpus-0.92", tmp_path / "headers"
    pool = read_vctk(root, Settings(), cache)
    assert (pool.deviations, pool.shortfalls) == ((), ("VCTK speakers with text: 109 expected, 8 found",))
    assert len(pool.utterances) == len({item.transcript for item in pool.utterances}) == 40
    assert {item.speaker_gender for item in pool.utterances} == {"F", "M"}
    assert len({item.speaker_accent for item in pool.utterances}) >= 3
    without_text = [issue.path.rsplit("/", 1)[1] for issue in pool.issues.excluded]
    assert without_text == ["p225_007_mic1.flac", "p315_001_mic1.flac"]
    assert (pool.issues.problems, pool.issues.notes) == ([], [])
    assert len(read_vctk(root, Settings(speech_min_s=2, speech_max_s=5), cache).utterances) == 8 + 8 * 8
    files = sorted(root.glob("wav48_silence_trimmed/*/*.flac"))
    first, second = ({path.stem[:-5] for path in files if path.stem.endswith(mic)} for mic in ("_mic1", "_mic2"))
    assert first - second == {"p315_001"}
    for path in files:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.format, info.subtype) == (48_000, 1, "FLAC", "PCM_16")


def test_desed_layout_and_counts(demo: Path, tmp_path: Path) -> None:
    clips = read_desed(demo / "DESED", tmp_path / "headers")
    assert clips.issues == SourceIssues()
    assert len(clips.selected) == 22
    counts = Counter(event for clip in clips.selected for event in {segment.event for segment in clip.segments})
    assert counts == dict.fromkeys(EVENTS[:9], 3)
    infos = {path.stem: soundfile.info(path) for path in clips.root.glob("audio/eval/public/*.wav")}
    assert len(infos) == 25
    assert any(name.startswith("-") for name in infos)
    for name, info in infos.items():
        identifier, start, end = name.rsplit("_", 2)
        assert len(identifier) == 11
        assert (info.samplerate, info.subtype, info.duration) == (44_100, "PCM_16", int(end) - int(start))
    for clip in clips.selected:
        assert all(
            segment.onset_s < segment.offset_s <= infos[clip.background_id].duration for segment in clip.segments
        )
    assert {info.channels for info in infos.values()} == {1, 2}
    assert sum(info.duration < 10 for info in infos.values()) == 4


def test_maestro_layout_and_selection(demo: Path, tmp_path: Path) -> None:
    windows = read_maestro(demo / "MAESTRO_Real_development", tmp_path / "headers")
    assert windows.issues == SourceIssues()
    assert Counter(window.scene for window in windows.selected) == {
        "Restaurant": 3,
        "City Center": 4,
        "Grocery Store": 3,
        "Metro Station": 4,
        "Residential Area": 4,
    }
    events = {segment.event for window in windows.selected for segment in window.segments}
    assert events == set(maestro.EVENTS.values())
    table = (windows.root / "development_metadata.csv").read_text(encoding="utf-8").splitlines()[1:]
    durations = dict(line.split("\t") for line in table)
    for path in windows.root.glob("development_audio/*/*.wav"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (44_100, 2, "PCM_16")
        assert info.duration == float(durations.pop(path.stem)) >= 50
    assert not durations


def pcm_hashes(out: Path) -> dict[Path, str]:
    """SHA-256 of the samples of every sound file, and of the bytes of every other file."""
    hashes = {}
    for path in (path for path in out.rglob("*") if path.is_file()):
        is_audio = path.suffix in (".wav", ".flac")
        data = soundfile.read(path, dtype="int16")[0].tobytes() if is_audio else path.read_bytes()
        hashes[path.relative_to(out)] = hashlib.sha256(data).hexdigest()
    return hashes


@pytest.mark.long
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
