"""Stand-in corpora: layout, counts, sounds where the labels have them, determinism, resuming, refusals."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_dataset.standin import desed as standin_desed
from sseu_dataset.standin import draws as standin_draws
from sseu_dataset.standin import maestro as standin_maestro
from sseu_dataset.standin import sounds as standin_sounds
from sseu_dataset.standin import speech as standin_speech
from sseu_dataset.standin import vctk as standin_vctk
from sseu_dataset.standin.corpora import make_standin
from sseu_dataset.standin.files import Size

MAESTRO_TARGETS = {
    "birds_singing",
    "brakes_squeaking",
    "car",
    "children voices",
    "footsteps",
    "large_vehicle",
    "metro approaching",
    "metro leaving",
    "wind_blowing",
    "cutlery and dishes",
}
DESED_CLASSES = {
    "Alarm_bell_ringing",
    "Blender",
    "Cat",
    "Dishes",
    "Dog",
    "Electric_shaver_toothbrush",
    "Frying",
    "Running_water",
    "Vacuum_cleaner",
}

pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("standin") / "corpora"
    make_standin(out, "demo", progress=False)
    return out


def pcm_hashes(out: Path) -> dict[str, str]:
    """SHA-256 of the samples of every sound file, and of the bytes of every other file."""
    hashes = {}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        data = (
            soundfile.read(path, dtype="int16")[0].tobytes() if path.suffix in (".wav", ".flac") else path.read_bytes()
        )
        hashes[path.relative_to(out).as_posix()] = hashlib.sha256(data).hexdigest()
    return hashes


def desed_table(out: Path) -> dict[str, list[tuple[float, float, str]]]:
    table = out / "DESED/dataset/metadata/eval/public.tsv"
    events: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        assert next(rows) == ["filename", "onset", "offset", "event_label"]
        for name, onset, offset, label in rows:
            events[name].append((float(onset), float(offset), label))
    return events


def kept_windows(out: Path) -> dict[str, list[set[str]]]:
    """For each scene the target labels of each window that the paper's selection keeps."""
    windows: dict[str, list[set[str]]] = defaultdict(list)
    for path in sorted((out / "MAESTRO_Real_development/development_annotation").glob("*/*.txt")):
        active: dict[int, set[str]] = defaultdict(set)
        annotated_s = 0.0
        for line in path.read_text(encoding="utf-8").splitlines():
            start, end, label, value = line.split("\t")
            assert 0 <= float(value) <= 1
            assert float(end) == float(start) + 1
            annotated_s = max(annotated_s, float(end))
            if float(value) > 0.5 and label in MAESTRO_TARGETS:
                active[int(float(start)) // 10].add(label)
        scene = path.parent.name.removeprefix("soft_labels_")
        windows[scene] += [active[window] for window in range(int(annotated_s) // 10) if active[window]]
    return windows


def vctk_lengths(out: Path) -> dict[str, float]:
    """Length in seconds of every mic1 recording."""
    lengths = {}
    for path in (out / "VCTK-Corpus-0.92/wav48_silence_trimmed").glob("*/*_mic1.flac"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.format, info.subtype) == (48_000, 1, "FLAC", "PCM_16")
        lengths[path.stem.removesuffix("_mic1")] = info.frames / info.samplerate
    return lengths


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


def test_speech_has_a_quiet_lead_in_and_is_not_silence(demo: Path) -> None:
    for path in sorted(demo.glob("VCTK-Corpus-0.92/wav48_silence_trimmed/*/*_mic1.flac")):
        samples = soundfile.read(path)[0]
        lead = samples[: 48_000 // 6]
        assert 0 < np.sqrt(np.mean(lead**2)) < 0.03 * np.sqrt(np.mean(samples**2))
        assert 0.1 < np.abs(samples).max() < 0.75


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


def test_levels_vary_and_nothing_is_silent_or_clips(demo: Path) -> None:
    levels_db = []
    for path in demo.rglob("*.wav"):
        samples = soundfile.read(path, dtype="int16", always_2d=True)[0].astype(np.float64)
        assert np.abs(samples).max() < 32_000
        blocks = samples[: len(samples) // 441 * 441].reshape(-1, 441, samples.shape[1])
        assert (np.abs(blocks).max(1) > 0).all()
        levels_db.append(10 * np.log10(np.mean(samples**2)))
    assert 15 < max(levels_db) - min(levels_db) < 40


@pytest.mark.parametrize("label", sorted(standin_sounds.EVENTS))
@pytest.mark.parametrize("seconds", [1.2, 4])
def test_an_event_sounds_from_its_onset_to_its_offset_and_nowhere_else(label: str, seconds: float) -> None:
    def rng() -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(5))

    loop = standin_sounds.bed_loop(rng(), "home")
    shape = (6 * standin_sounds.RATE_HZ, 1)
    bed = standin_sounds.mix(rng(), loop, 0, shape, [], -50)
    both = standin_sounds.mix(rng(), loop, 0, shape, [(label, 1.5, 1.5 + seconds)], -50)
    event = (both - bed)[:, 0]
    first, last = round(1.5 * standin_sounds.RATE_HZ), round((1.5 + seconds) * standin_sounds.RATE_HZ)
    assert not event[:first].any()
    assert not event[last:].any()
    halves = np.array_split(event[first:last], 2)
    assert all(np.mean(half**2) > 0.1 * np.mean(bed**2) for half in halves)
    assert np.isfinite(event).all()


@pytest.mark.parametrize("label", ["Dog", "Cat", "Alarm_bell_ringing"])
def test_brief_events_are_heard_where_the_table_has_them(demo: Path, label: str) -> None:
    clips = 0
    for name, rows in desed_table(demo).items():
        if {found for _, _, found in rows} != {label}:
            continue
        clips += 1
        samples, rate_hz = soundfile.read(demo / "DESED/dataset/audio/eval/public" / name, always_2d=True)
        power = np.mean(samples**2, axis=1)
        labelled = np.zeros(len(power), bool)
        for onset_s, offset_s, _ in rows:
            labelled[round(onset_s * rate_hz) : round(offset_s * rate_hz)] = True
        assert power[labelled].mean() > 3 * power[~labelled].mean()
    assert clips


def test_maestro_events_are_heard_where_the_labels_have_them(demo: Path) -> None:
    """The brakes' squeal is the only loud sound of the city between 1.8 and 3.4 kHz that is a tone."""
    root = demo / "MAESTRO_Real_development"
    squealing = set()
    for line in (root / "development_annotation/soft_labels_city_center/city_center_00.txt").read_text().splitlines():
        start, _, label, value = line.split("\t")
        if label == "brakes_squeaking" and float(value) > 0.5:
            squealing.add(int(float(start)))
    samples = soundfile.read(root / "development_audio/city_center/city_center_00.wav")[0].mean(1)
    heard = set()
    for second in range(45):
        power = np.abs(np.fft.rfft(samples[second * 44_100 : (second + 1) * 44_100])[1800:3400]) ** 2
        if power.sum() > 20 * len(power) * np.median(power):
            heard.add(second)
    assert squealing
    assert heard == squealing


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


def test_another_seed_gives_other_sounds() -> None:
    loops = [standin_sounds.bed_loop(standin_draws.generator(seed, "bed", "a"), "home") for seed in (0, 1)]
    assert not np.array_equal(loops[0], loops[1])
    names = [standin_desed.clip_name(3, 10, seed) for seed in (0, 1)]
    assert names[0] != names[1]


def test_an_utterance_does_not_depend_on_what_was_spoken_before() -> None:
    def speak(text: str, index: int) -> bytes:
        rng = np.random.Generator(np.random.PCG64(1))
        return standin_speech.speak(text, standin_speech.voice(index, 50), rng, None).tobytes()

    alone = speak(standin_speech.SHORT_SENTENCES[0], 2)
    speak(standin_speech.SHORT_SENTENCES[1], 3)
    assert speak(standin_speech.SHORT_SENTENCES[0], 2) == alone


def test_a_sentence_that_cannot_be_spoken_in_time_is_refused() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    with pytest.raises(ValueError, match=r"'Hello\.' takes 1\..* not 8\.0 to 10\.0 s: write a longer or shorter"):
        standin_speech.speak("Hello.", standin_speech.voice(0, 50), rng, (8.0, 10.0))


def test_an_unknown_voice_is_refused_by_name() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    nobody = standin_speech.Voice("nobody+f1", 50, "F", "English", "")
    with pytest.raises(ValueError, match=r"'Hello\.' with voice 'nobody\+f1': ValueError: eSpeak NG has no voice"):
        standin_speech.speak("Hello.", nobody, rng, None)


def test_the_missing_synthesiser_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standin_speech, "find_spec", lambda name: None)
    with pytest.raises(ImportError) as caught:
        make_standin(tmp_path / "corpora", "demo", progress=False)
    assert str(caught.value) == "pip install 'sseu-bench[demo]'"
    assert not (tmp_path / "corpora").exists()


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


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 12), min_size=1), st.integers(12, 30))
def test_dealing_keeps_every_count_and_repeats_no_label_in_a_hand(counts: dict[str, int], hands: int) -> None:
    dealt = standin_draws.deal(counts, hands)
    assert len(dealt) == hands
    assert all(len(set(hand)) == len(hand) for hand in dealt)
    assert Counter(label for hand in dealt for label in hand) == Counter(counts)
    assert sum(bool(hand) for hand in dealt) == min(hands, sum(counts.values()))


def test_dealing_more_of_a_label_than_hands_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\{'a': 3\} cannot be dealt to 2 hands without repeating a label"):
        standin_draws.deal({"a": 3}, 2)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_plan_of_the_full_size_has_the_real_counts_for_any_seed(seed: int) -> None:
    windows = 0
    for scene, plan in standin_maestro.SIZES["full"].items():
        per_file = standin_maestro.windows_per_file(scene, plan, seed)
        assert (len(per_file), sum(per_file)) == (plan.files, plan.windows)
        assert 18 <= min(per_file) <= max(per_file) <= 30
        kept = [
            {label for label, _, _ in events} & MAESTRO_TARGETS
            for events in standin_maestro.scene_events(scene, plan, seed)
        ]
        assert sum(bool(labels) for labels in kept) == plan.kept
        windows += plan.kept
    assert windows == 739
    speakers = standin_vctk.full_speakers(seed)
    recordings = [(name, recording) for name, own in speakers.items() for recording in own]
    pool = [(name, recording.text) for name, recording in recordings if recording.bounds_s]
    assert len(speakers) == 110
    assert 42_000 < len(recordings) < 46_000
    assert (len(pool), len({name for name, _ in pool}), len({text for _, text in pool})) == (240, 104, 12)
    silent_s = np.array([recording.silent_s for _, recording in recordings if recording.silent_s])
    assert len(silent_s) + len(pool) == len(recordings)
    assert not ((silent_s > 7.99) & (silent_s < 10.01)).any()
    assert 3.4 < silent_s.mean() < 3.8


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_full_size_has_the_real_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started, cpu_s = time.monotonic(), os.times()
    make_standin(tmp_path / "corpora", "full", progress=False)
    spent_s = sum(os.times()[:4]) - sum(cpu_s[:4])
    with capsys.disabled():
        print(f"\nfull stand-in: {time.monotonic() - started:.0f} s, {spent_s:.0f} CPU s")
    out = tmp_path / "corpora"
    lengths = vctk_lengths(out)
    texts = {path.stem for path in (out / "VCTK-Corpus-0.92/txt").glob("*/*.txt")}
    pool = {name for name, length_s in lengths.items() if 8 <= length_s <= 10} & texts
    assert 43_000 < len(lengths) < 45_000
    assert (len(pool), len({name.split("_")[0] for name in pool})) == (240, 104)
    assert len({name.split("_")[0] for name in lengths}) == 110
    assert len({name.split("_")[0] for name in texts}) == 109
    labels = {name: {label for _, _, label in rows} for name, rows in desed_table(out).items()}
    without_speech = [found for found in labels.values() if "Speech" not in found]
    assert (len(labels), len(without_speech)) == (692, 378)
    assert {path.name for path in (out / "DESED/dataset/audio/eval/public").iterdir()} == labels.keys()
    assert Counter(label for found in without_speech for label in found) == {
        "Running_water": 69,
        "Vacuum_cleaner": 68,
        "Dog": 57,
        "Alarm_bell_ringing": 54,
        "Dishes": 46,
        "Cat": 44,
        "Frying": 36,
        "Electric_shaver_toothbrush": 28,
        "Blender": 19,
    }
    windows = kept_windows(out)
    assert {scene: len(kept) for scene, kept in windows.items()} == {
        "cafe_restaurant": 64,
        "city_center": 237,
        "grocery_store": 22,
        "metro_station": 194,
        "residential_area": 222,
    }
    assert Counter(label for kept in windows.values() for labels in kept for label in labels) == {
        "car": 400,
        "footsteps": 240,
        "birds_singing": 163,
        "large_vehicle": 115,
        "metro approaching": 81,
        "metro leaving": 69,
        "cutlery and dishes": 57,
        "children voices": 34,
        "brakes_squeaking": 28,
        "wind_blowing": 26,
    }
    files = list((out / "MAESTRO_Real_development/development_audio").glob("*/*.wav"))
    assert len(files) == 49
    assert all(180 <= soundfile.info(path).duration <= 302 for path in files)
    shutil.rmtree(out)  # 3.3 GB, which pytest would keep
