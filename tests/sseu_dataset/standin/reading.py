"""What the stand-in corpora hold, read without the code under test."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from pathlib import Path

import soundfile

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
