"""Stand-in corpora: synthetic sound in the official on-disk layouts, so that a build can be rehearsed anywhere.

`demo` is a few dozen files; `full` has the file counts of the real corpora, and labels that give their 378 clips and
739 windows. Speech comes from `standin_speech`, other sounds from `standin_sounds`, names and lengths from draws. Only
bare counts are taken from the real corpora. Every file has generators of its own, seeded by its name: no file depends
on another, so a run that was killed is completed by the same command.
"""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sseu_dataset.corpus_folder import STANDIN_MARKER
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.recipe import draw
from sseu_dataset.standin_speech import (
    SENTENCES,
    SHORT_SENTENCES,
    Voice,
    espeak_paths,
    silent_flac,
    speak,
    to_flac,
    voice,
)

if TYPE_CHECKING:
    import numpy as np

__all__ = ["STANDIN_MARKER", "Size", "make_standin"]

Size = Literal["demo", "full"]
Task = Callable[[], None]
Event = tuple[str, float, float]
"""Label, onset and offset in seconds."""

_VCTK, _DESED, _MAESTRO = "VCTK-Corpus-0.92", "DESED", "MAESTRO_Real_development"
_EDITION = 1
"""Raised when the same size and seed give other files than before, so that old and new are not mixed."""

_MARKER_TEXT = """\
STAND-IN: this is not {corpus}.
Every sound in this folder is synthetic. Only names, layout and file counts follow the corpus; figures measured on it
say nothing about SSEU-Bench. A dataset built from it is named `custom`.
size {size}, seed {seed}, edition {edition}
"""


def make_standin(out: Path, size: Size, seed: int = 0, progress: bool = True) -> None:
    """Write stand-ins of VCTK 0.92, DESED public eval and MAESTRO-Real development into three folders below `out`.

    Files that are there already are kept. The same size and seed give the same samples on every run on one machine.

    Args:
        out: A new or empty folder, or one that a run with the same size and seed has begun.
        size: `demo` (seconds, 0.1 GB) or `full` (a minute or two, 3.3 GB).
        seed: Seed of every draw.
        progress: Whether to show a progress bar.

    Raises:
        ImportError: The speech synthesiser is missing; the message is the command that installs it.
        ValueError: `out` holds something else.
    """
    if size not in ("demo", "full"):
        raise ValueError(f"size {size!r} is neither 'demo' nor 'full'")
    espeak_paths()
    _claim(out, size, seed)
    tasks = [
        *_maestro(out / _MAESTRO, _MAESTRO_SIZES[size], seed),
        *_vctk(out / _VCTK, size, seed),
        *_desed(out / _DESED / "dataset", _DESED_SIZES[size], seed),
    ]
    workers = worker_count(None)
    done = ordered_map(
        lambda task: task(), tasks, total=len(tasks), workers=workers, title="stand-in", unit="task", progress=progress
    )
    for _ in done:
        pass


def _claim(out: Path, size: Size, seed: int) -> None:
    """Mark the three corpus roots before anything else is in them.

    Raises:
        ValueError: `out` is no folder, or holds something that this size and seed would not have put there.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file; give a folder")
    roots = (_VCTK, _DESED, _MAESTRO)
    remedy = "delete it, or give another folder"
    foreign = sorted(path.name for path in out.iterdir() if path.name not in roots) if out.exists() else []
    if foreign:
        raise ValueError(f"{out} holds {foreign[0]!r}, which is no part of a stand-in; {remedy}")
    texts = {
        out / root / STANDIN_MARKER: _MARKER_TEXT.format(corpus=root, size=size, seed=seed, edition=_EDITION)
        for root in roots
    }
    for marker, text in texts.items():
        if marker.exists():
            if marker.read_text(encoding="utf-8") != text:
                found = marker.read_text(encoding="utf-8").strip().rsplit("\n", 1)[-1]
                wanted = f"size {size}, seed {seed}, edition {_EDITION}"
                raise ValueError(f"{marker.parent} is a stand-in of {found}, not of {wanted}; {remedy}")
        elif marker.parent.exists() and any(path != _part(marker) for path in marker.parent.iterdir()):
            raise ValueError(f"{marker.parent} has no {STANDIN_MARKER}, so it may be the real corpus; {remedy}")
    for marker, text in texts.items():
        _write_text(marker, text)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


@contextmanager
def _finished(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which takes its name once it has been written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    yield _part(path)
    os.replace(_part(path), path)


def _write_text(path: Path, text: str) -> None:
    if not path.exists():
        with _finished(path) as part:
            part.write_text(text, encoding="utf-8", newline="\n")


def _write_bytes(path: Path, data: bytes) -> None:
    if not path.exists():
        with _finished(path) as part:
            part.write_bytes(data)


def _unit(seed: int, purpose: str, *ids: str) -> float:
    """A draw in [0, 1)."""
    return (draw(seed, purpose, *ids) >> 11) / 2**53


def _generator(seed: int, purpose: str, *ids: str) -> np.random.Generator:
    import numpy as np

    return np.random.Generator(np.random.PCG64(draw(seed, purpose, *ids)))


def _deal(counts: Mapping[str, int], hands: int) -> list[list[str]]:
    """Deal each label `count` times, one hand after the other, so that no hand gets a label twice.

    Raises:
        ValueError: A count exceeds the number of hands.
    """
    if max(counts.values()) > hands:
        raise ValueError(f"{counts} cannot be dealt to {hands} hands without repeating a label")
    cards = [label for label, count in counts.items() for _ in range(count)]
    return [cards[hand::hands] for hand in range(hands)]


# --- VCTK -----------------------------------------------------------------------------------------------------------

_POOL_S = (8.0, 10.0)
_TEXTLESS, _NO_MIC2 = "p315", ("p280", "p315")  # the official release lacks these files
_FULL_POOL = (76, 43, 31, 30, 13, 12, 11, 9, 9, 4, 1, 1)
"""Recordings of 8 to 10 s for each of a dozen shared sentences, as counted in the real corpus."""
_FULL_POOL_SPEAKERS = 104


@dataclass(frozen=True, slots=True)
class _Recording:
    """One VCTK utterance: spoken, within the bounds if there are any, or silent for so long."""

    line: int
    text: str
    bounds_s: tuple[float, float] | None = None
    silent_s: float | None = None
    has_text: bool = True


def _vctk(root: Path, size: Size, seed: int) -> list[Task]:
    speakers = _demo_speakers() if size == "demo" else _full_speakers(seed)
    voices = {
        speaker: voice(index, 35 + int(30 * _unit(seed, "pitch", speaker))) for index, speaker in enumerate(speakers)
    }
    rows = ["ID  AGE  GENDER  ACCENTS  REGION COMMENTS"]
    for speaker, who in voices.items():
        comment = "(Text and mic2 files unavailable)" if speaker == _TEXTLESS else ""
        age = 18 + int(20 * _unit(seed, "age", speaker))
        rows.append(f"{speaker:4}  {age}  {who.gender}    {who.accent}  {who.region} {comment}".rstrip())
    return [
        partial(_write_text, root / "speaker-info.txt", "\n".join(rows) + "\n"),
        *(
            partial(_write_speaker, root, speaker, voices[speaker], recordings, seed)
            for speaker, recordings in speakers.items()
        ),
    ]


def _demo_speakers() -> dict[str, list[_Recording]]:
    """Eight speakers with five sentences and a short one each, one short one without text, and p315 without any."""
    names = [f"p{number}" for number in range(225, 232)] + ["s5"]
    speakers = {}
    for index, name in enumerate(names):
        long = [_Recording(line, SENTENCES[5 * index + line - 1], _POOL_S) for line in range(1, 6)]
        speakers[name] = [*long, _Recording(6, SHORT_SENTENCES[index])]
    speakers["p225"].append(_Recording(7, SHORT_SENTENCES[8], has_text=False))
    speakers[_TEXTLESS] = [_Recording(1, SENTENCES[0], _POOL_S, has_text=False)]
    return dict(sorted(speakers.items()))


def _full_speakers(seed: int) -> dict[str, list[_Recording]]:
    """As many speakers and recordings as the real corpus; only the pool of 8 to 10 s is spoken, the rest is silence."""
    names = [f"p{number}" for number in range(225, 334)] + ["s5"]
    readers = [name for name in names if name != _TEXTLESS][:_FULL_POOL_SPEAKERS]
    # each sentence goes to the next so many readers, round and round
    lines = [line for line, count in enumerate(_FULL_POOL, 1) for _ in range(count)]
    pool = {(readers[index % len(readers)], line) for index, line in enumerate(lines)}
    return {name: _full_recordings(name, pool, seed) for name in names}


def _full_recordings(speaker: str, pool: set[tuple[str, int]], seed: int) -> list[_Recording]:
    recordings = []
    for line in range(1, 320 + int(168 * _unit(seed, "lines", speaker))):
        name = f"{speaker}_{line:03}"
        if (speaker, line) in pool:
            recordings.append(_Recording(line, SENTENCES[line - 1], _POOL_S))
            continue
        if draw(seed, "long", name) % 360 == 0:
            length_s = 10.05 + 5 * _unit(seed, "length", name)
        else:  # a logistic distribution
            chance = min(max(_unit(seed, "length", name), 1e-6), 1 - 1e-6)
            length_s = min(max(3.5 + 0.6 * math.log(chance / (1 - chance)), 1.2), 7.95)
        text = SENTENCES[line - 1] if line <= len(_FULL_POOL) else SHORT_SENTENCES[line % len(SHORT_SENTENCES)]
        has_text = speaker != _TEXTLESS and draw(seed, "text", name) % 256 != 0
        recordings.append(_Recording(line, text, silent_s=length_s, has_text=has_text))
    return recordings


def _write_speaker(root: Path, speaker: str, who: Voice, recordings: list[_Recording], seed: int) -> None:
    for recording in recordings:
        name = f"{speaker}_{recording.line:03}"
        mics = [root / "wav48_silence_trimmed" / speaker / f"{name}_mic{mic}.flac" for mic in (1, 2)]
        _write_recording(mics[: 1 if speaker in _NO_MIC2 else 2], name, who, recording, seed)
        if recording.has_text:
            text = _in_the_manner_of(speaker, recording.text)
            _write_text(root / "txt" / speaker / f"{name}.txt", text + "\n")


def _in_the_manner_of(speaker: str, text: str) -> str:
    """Some speakers' texts in the real corpus end in a stray bracket or stand in quotes."""
    return {"p228": f"{text}  )", "p230": f'"{text}"'}.get(speaker, text)


def _write_recording(mics: list[Path], name: str, who: Voice, recording: _Recording, seed: int) -> None:
    if all(mic.exists() for mic in mics):
        return
    if recording.silent_s is not None:
        for mic in mics:
            _write_bytes(mic, silent_flac(round(100 * recording.silent_s)))
        return
    pcm = speak(recording.text, who, _generator(seed, "speech", name), recording.bounds_s)
    for mic, level in zip(mics, (1, 0.6), strict=False):
        _write_bytes(mic, to_flac((pcm * level).astype("int16")))


# --- DESED ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _DesedSize:
    """Clips without speech, how often each label occurs among them, clips with speech, every how many-th is short."""

    clips: int
    labels: Mapping[str, int]
    with_speech: int
    short_every: int


_BRIEF = {"Alarm_bell_ringing": 2.0, "Cat": 0.9, "Dishes": 0.6, "Dog": 1.0, "Speech": 1.5}
"""Classes that sound several times in a clip, with their longest length in seconds; the others sound once, for long."""

# The last labels are dealt on top of the first ones (`_deal`), so running water goes with dishes.
_DESED_LABELS = {
    "Dishes": 46,
    "Alarm_bell_ringing": 54,
    "Blender": 19,
    "Cat": 44,
    "Dog": 57,
    "Electric_shaver_toothbrush": 28,
    "Vacuum_cleaner": 68,
    "Frying": 36,
    "Running_water": 69,
}
_DESED_SIZES = {
    "demo": _DesedSize(22, dict.fromkeys(_DESED_LABELS, 3), 3, 7),
    "full": _DesedSize(378, _DESED_LABELS, 692 - 378, 22),
}
_SHORT_S = (9, 5, 4, 8, 7)


def _desed(dataset: Path, size: _DesedSize, seed: int) -> list[Task]:
    hands = _deal(size.labels, size.clips)
    classes = list(size.labels)
    hands += [["Speech", *classes[index % 12 : index % 12 + 1]] for index in range(size.with_speech)]
    rows: list[tuple[str, float, float, str]] = []
    tasks: list[Task] = []
    for index, labels in enumerate(hands):
        is_short = index % size.short_every == size.short_every // 2
        duration_s = _SHORT_S[index // size.short_every % len(_SHORT_S)] if is_short else 10
        name = _desed_name(index, duration_s, seed)
        events = [event for label in labels for event in _desed_events(name, label, duration_s, seed)]
        rows += [(name, onset_s, offset_s, label) for label, onset_s, offset_s in events]
        path = dataset / "audio" / "eval" / "public" / name
        tasks.append(partial(_write_clip, path, duration_s, 2 if index % 4 == 1 else 1, events, seed))
    lines = [f"{name}\t{onset_s:.3f}\t{offset_s:.3f}\t{label}\n" for name, onset_s, offset_s, label in sorted(rows)]
    table = "filename\tonset\toffset\tevent_label\n" + "".join(lines)
    return [partial(_write_text, dataset / "metadata" / "eval" / "public.tsv", table), *tasks]


def _desed_name(index: int, duration_s: int, seed: int) -> str:
    """`<11 characters>_<start>_<end>.wav`; the first id starts with `-`, as some do."""
    characters = base64.urlsafe_b64encode(draw(seed, "clip", str(index)).to_bytes(8, "big")).decode()
    start_s = draw(seed, "start", str(index)) % 400
    identifier = ("-" if index == 0 else characters[0]) + characters[1:11]
    return f"{identifier}_{start_s}_{start_s + duration_s}.wav"


def _desed_events(name: str, label: str, duration_s: int, seed: int) -> list[Event]:
    """Two to four short events one after the other, or one that fills most of the clip; times in whole milliseconds."""

    def unit(purpose: str) -> float:
        return _unit(seed, purpose, name, label)

    if label not in _BRIEF:
        onset_s = max(0.0, duration_s * (0.4 * unit("onset") - 0.1))
        offset_s = min(float(duration_s), duration_s * (0.7 + 0.4 * unit("offset")))
        return [(label, round(onset_s, 3), round(offset_s, 3))]
    count = 2 + int(3 * unit("count"))
    slot_s = duration_s / count
    events = []
    for slot in range(count):
        length_s = min(_BRIEF[label], 0.8 * slot_s) * (0.5 + 0.5 * unit(f"length {slot}"))
        onset_s = slot_s * slot + (slot_s - length_s) * unit(f"onset {slot}")
        events.append((label, round(onset_s, 3), round(onset_s + length_s, 3)))
    return events


def _level_db(seed: int, name: str) -> float:
    """RMS of a recording's bed in dBFS; events raise it, to a spread of some 20 dB between recordings."""
    return -56 + 14 * _unit(seed, "level", name)


def _write_clip(path: Path, duration_s: int, channels: int, events: list[Event], seed: int) -> None:
    import soundfile

    from sseu_dataset.standin_sounds import RATE_HZ, bed_loop, mix, to_pcm

    if path.exists():
        return
    rng = _generator(seed, "sound", path.name)
    level_db = _level_db(seed, path.name)
    signal = mix(rng, bed_loop(rng, "home"), 0, (duration_s * RATE_HZ, channels), events, level_db)
    with _finished(path) as part:
        soundfile.write(part, to_pcm(signal), RATE_HZ, "PCM_16", format="WAV")


# --- MAESTRO-Real ---------------------------------------------------------------------------------------------------

_TALKING = "people talking"
_FAINT_LABELS = ("announcement", "coffee machine", "door opens/closes", "furniture dragging", "shopping cart", "car")
_WINDOW_S = 10


@dataclass(frozen=True, slots=True)
class _Scene:
    """Files, windows of 10 s in all, and in how many of the windows to keep each label sounds."""

    files: int
    windows: int
    kept: int
    labels: Mapping[str, int]


def _scenes(
    files: tuple[int, ...], windows: tuple[int, ...], kept: tuple[int, ...], labels: Mapping[str, tuple[int, ...]]
) -> dict[str, _Scene]:
    """Read the tables below, whose columns are the scenes."""
    scenes = ("cafe_restaurant", "city_center", "grocery_store", "metro_station", "residential_area")
    return {
        scene: _Scene(files[i], windows[i], kept[i], {label: counts[i] for label, counts in labels.items()})
        for i, scene in enumerate(scenes)
    }


_MAESTRO_SIZES = {
    "demo": _scenes(
        files=(1, 1, 1, 1, 1),
        windows=(4, 4, 4, 4, 4),
        kept=(3, 4, 3, 4, 4),
        labels={
            "cutlery and dishes": (3, 0, 1, 0, 0),
            "car": (0, 4, 0, 0, 2),
            "birds_singing": (0, 0, 0, 0, 3),
            "metro approaching": (0, 0, 0, 2, 0),
            "metro leaving": (0, 0, 0, 2, 0),
            "footsteps": (1, 2, 2, 2, 0),
            "large_vehicle": (0, 2, 0, 0, 0),
            "brakes_squeaking": (0, 2, 0, 0, 0),
            "wind_blowing": (0, 0, 0, 0, 2),
            "children voices": (0, 0, 0, 0, 2),
            _TALKING: (2, 1, 3, 2, 1),
        },
    ),
    # The sum of each row is counted in the real corpus; how it divides over the scenes is a guess, but for talking.
    "full": _scenes(
        files=(10, 10, 9, 9, 11),
        windows=(231, 237, 197, 239, 223),
        kept=(64, 237, 22, 194, 222),
        labels={
            "cutlery and dishes": (54, 0, 3, 0, 0),
            "car": (0, 222, 0, 0, 178),
            "birds_singing": (0, 0, 0, 0, 163),
            "metro approaching": (0, 0, 0, 81, 0),
            "metro leaving": (0, 0, 0, 69, 0),
            "footsteps": (16, 80, 20, 84, 40),
            "large_vehicle": (0, 95, 0, 0, 20),
            "brakes_squeaking": (0, 24, 0, 0, 4),
            "wind_blowing": (0, 0, 0, 0, 26),
            "children voices": (0, 6, 0, 4, 24),
            _TALKING: (59, 87, 22, 100, 35),
        },
    ),
}


def _maestro(root: Path, scenes: Mapping[str, _Scene], seed: int) -> list[Task]:
    tasks: list[Task] = []
    durations = ["filename\tduration\n"]
    for scene, plan in scenes.items():
        events = _scene_events(scene, plan, seed)
        first = 0
        for index, windows in enumerate(_windows_per_file(scene, plan, seed)):
            name = f"{scene}_{index:02}"
            # The first file's labels stop early, as some do in the real corpus: it has one window more than they say.
            length_s = windows * _WINDOW_S + (10.5 if index == 0 else round(2 + 7 * _unit(seed, "length", name), 2))
            length_s = min(length_s, 302.0)
            annotated_s = windows * _WINDOW_S + 5 if index == 0 else int(length_s)
            own = events[first : first + windows]
            first += windows
            durations.append(f"{name}\t{length_s}\n")
            labels = _soft_labels(name, own, annotated_s, seed)
            annotation = root / "development_annotation" / f"soft_labels_{scene}" / f"{name}.txt"
            tasks.append(partial(_write_text, annotation, labels))
            path = root / "development_audio" / scene / f"{name}.wav"
            tasks.append(partial(_write_scene, path, scene, length_s, own, seed))
    return [partial(_write_text, root / "development_metadata.csv", "".join(durations)), *tasks]


def _windows_per_file(scene: str, plan: _Scene, seed: int) -> list[int]:
    """Share the windows out so that a full-size file has 18 to 30, the first of each two the fewer."""
    counts = [plan.windows // plan.files + (index < plan.windows % plan.files) for index in range(plan.files)]
    room = max(0, min(counts[-1] - 18, 30 - counts[0]))
    for index in range(0, plan.files - 1, 2):
        moved = int((room + 1) * _unit(seed, "windows", scene, str(index)))
        counts[index] -= moved
        counts[index + 1] += moved
    return counts


def _scene_events(scene: str, plan: _Scene, seed: int) -> list[list[Event]]:
    """For each window of a scene its events: whole seconds within the window, from its start."""
    drawn = sorted(range(plan.windows), key=lambda window: draw(seed, "kept", scene, str(window)))
    events: list[list[Event]] = [[] for _ in drawn]
    hands = _deal(plan.labels, plan.kept) + [[_TALKING]] * ((plan.windows - plan.kept) // 2 + 1)
    for window, labels in zip(drawn, hands, strict=False):
        for label in labels:
            seconds = 1 + draw(seed, "seconds", scene, str(window), label) % 6
            onset_s = draw(seed, "onset", scene, str(window), label) % (_WINDOW_S - seconds + 1)
            events[window].append((label, onset_s, onset_s + seconds))
    return events


def _soft_labels(name: str, windows: list[list[Event]], annotated_s: int, seed: int) -> str:
    """Lines of start, end, label, value; every second also has a sound too faint to count."""
    lines = []
    for second in range(annotated_s):
        window = windows[second // _WINDOW_S] if second // _WINDOW_S < len(windows) else []
        values = {
            _FAINT_LABELS[draw(seed, "faint", name, str(second)) % len(_FAINT_LABELS)]: 0.02
            + 0.43 * _unit(seed, "faint value", name, str(second))
        }
        for label, onset_s, offset_s in window:
            if onset_s <= second % _WINDOW_S < offset_s:
                values[label] = 0.55 + 0.45 * _unit(seed, "value", name, str(second), label)
        lines += [f"{second}.0\t{second + 1}.0\t{label}\t{value}\n" for label, value in sorted(values.items())]
    return "".join(lines)


def _write_scene(path: Path, scene: str, length_s: float, windows: list[list[Event]], seed: int) -> None:
    """Write one stereo recording window by window, so that memory does not grow with its length."""
    import soundfile

    from sseu_dataset.standin_sounds import RATE_HZ, bed_loop, mix, to_pcm

    if path.exists():
        return
    loop = bed_loop(_generator(seed, "bed", path.name), scene)
    samples = round(length_s * RATE_HZ)
    window_samples = _WINDOW_S * RATE_HZ
    with _finished(path) as part, soundfile.SoundFile(part, "w", RATE_HZ, 2, "PCM_16", format="WAV") as file:
        for index, start in enumerate(range(0, samples, window_samples)):
            shape = (min(window_samples, samples - start), 2)
            events = windows[index] if index < len(windows) else []
            rng = _generator(seed, "sound", path.name, str(index))
            file.write(to_pcm(mix(rng, loop, start, shape, events, _level_db(seed, path.name))))
