"""The stand-in of MAESTRO-Real development: long recordings of five scenes, and soft labels for every second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.pairing import draw
from sseu_dataset.standin.draws import bed_level_db, distribute, generator, unit_draw
from sseu_dataset.standin.files import Size, Task, finished, write_once

if TYPE_CHECKING:
    from sseu_dataset.standin.sounds import Event

_TALKING = "people talking"
_FAINT_LABELS = ("announcement", "coffee machine", "door opens/closes", "furniture dragging", "shopping cart", "car")
_WINDOW_S = 10


@dataclass(frozen=True, slots=True)
class Scene:
    """Size of one scene.

    Attributes:
        files: Number of recordings.
        windows: Number of 10-s windows in all of them.
        kept: Number of windows that the benchmark keeps.
        labels: Number of kept windows in which each label sounds.
    """

    files: int
    windows: int
    kept: int
    labels: Mapping[str, int]


_SCENES = ("cafe_restaurant", "city_center", "grocery_store", "metro_station", "residential_area")
_FILES = ((1, 1, 1, 1, 1), (10, 10, 9, 9, 11))  # for each scene, in the size `demo` and in the size `full`
_WINDOWS = ((4, 4, 4, 4, 4), (231, 237, 197, 239, 223))
_KEPT = ((3, 4, 3, 4, 4), (64, 237, 22, 194, 222))
# The sums of `full` were counted in the real corpus; their division among the scenes is a guess, except for talking.
_LABELS = {
    "cutlery and dishes": ((3, 0, 1, 0, 0), (54, 0, 3, 0, 0)),
    "car": ((0, 4, 0, 0, 2), (0, 222, 0, 0, 178)),
    "birds_singing": ((0, 0, 0, 0, 3), (0, 0, 0, 0, 163)),
    "metro approaching": ((0, 0, 0, 2, 0), (0, 0, 0, 81, 0)),
    "metro leaving": ((0, 0, 0, 2, 0), (0, 0, 0, 69, 0)),
    "footsteps": ((1, 2, 2, 2, 0), (16, 80, 20, 84, 40)),
    "large_vehicle": ((0, 2, 0, 0, 0), (0, 95, 0, 0, 20)),
    "brakes_squeaking": ((0, 2, 0, 0, 0), (0, 24, 0, 0, 4)),
    "wind_blowing": ((0, 0, 0, 0, 2), (0, 0, 0, 0, 26)),
    "children voices": ((0, 0, 0, 0, 2), (0, 6, 0, 4, 24)),
    _TALKING: ((2, 1, 3, 2, 1), (59, 87, 22, 100, 35)),
}
EVENT_LABELS = tuple(label for label in _LABELS if label != _TALKING)
"""Labels of MAESTRO-Real that the benchmark has and that are no speech."""

_SIZES: tuple[Size, ...] = ("demo", "full")
SIZES: dict[Size, dict[str, Scene]] = {
    size: {
        scene: Scene(_FILES[s][i], _WINDOWS[s][i], _KEPT[s][i], {label: n[s][i] for label, n in _LABELS.items()})
        for i, scene in enumerate(_SCENES)
    }
    for s, size in enumerate(_SIZES)
}


def maestro_tasks(root: Path, size: Size, seed: int) -> list[Task]:
    """The tasks that write the table of lengths, every annotation and every recording below `root`."""
    tasks: list[Task] = []
    durations = ["filename\tduration\n"]
    for scene, plan in SIZES[size].items():
        events = scene_events(scene, plan, seed)
        first = 0
        for index, windows in enumerate(windows_per_file(scene, plan, seed)):
            name = f"{scene}_{index:02}"
            # The first file's labels stop early, as some do in the real corpus: it has one window more than they say.
            length_s = windows * _WINDOW_S + (10.5 if index == 0 else round(2 + 7 * unit_draw(seed, "length", name), 2))
            length_s = min(length_s, 302.0)
            annotated_s = windows * _WINDOW_S + 5 if index == 0 else int(length_s)
            own = events[first : first + windows]
            first += windows
            durations.append(f"{name}\t{length_s}\n")
            labels = _soft_labels(name, own, annotated_s, seed)
            annotation = root / "development_annotation" / f"soft_labels_{scene}" / f"{name}.txt"
            tasks.append(partial(write_once, annotation, labels))
            path = root / "development_audio" / scene / f"{name}.wav"
            tasks.append(partial(_write_scene, path, scene, length_s, own, seed))
    return [partial(write_once, root / "development_metadata.csv", "".join(durations)), *tasks]


def windows_per_file(scene: str, plan: Scene, seed: int) -> list[int]:
    """Divide the windows among the files so that a full-size file has 18 to 30, the first of each pair fewer."""
    counts = [plan.windows // plan.files + (index < plan.windows % plan.files) for index in range(plan.files)]
    room = max(0, min(counts[-1] - 18, 30 - counts[0]))
    for index in range(0, plan.files - 1, 2):
        moved = int((room + 1) * unit_draw(seed, "windows", scene, str(index)))
        counts[index] -= moved
        counts[index + 1] += moved
    return counts


def scene_events(scene: str, plan: Scene, seed: int) -> list[list[Event]]:
    """The events of each window of a scene, in whole seconds from the window's start."""
    drawn = sorted(range(plan.windows), key=lambda window: draw(seed, "kept", scene, str(window)))
    events: list[list[Event]] = [[] for _ in drawn]
    labels_of_windows = distribute(plan.labels, plan.kept) + [[_TALKING]] * ((plan.windows - plan.kept) // 2 + 1)
    for window, labels in zip(drawn, labels_of_windows, strict=False):
        events[window] = [window_event(scene, window, label, seed) for label in labels]
    return events


def window_event(scene: str, window: int, label: str, seed: int) -> Event:
    """Where an event sounds in a window: one to six seconds."""
    seconds = 1 + draw(seed, "seconds", scene, str(window), label) % 6
    onset_s = draw(seed, "onset", scene, str(window), label) % (_WINDOW_S - seconds + 1)
    return label, onset_s, onset_s + seconds


def _soft_labels(name: str, windows: list[list[Event]], annotated_s: int, seed: int) -> str:
    """Lines of start, end, label and value; every second also has a label below the threshold."""
    lines = []
    for second in range(annotated_s):
        window = windows[second // _WINDOW_S] if second // _WINDOW_S < len(windows) else []
        values = {
            _FAINT_LABELS[draw(seed, "faint", name, str(second)) % len(_FAINT_LABELS)]: 0.02
            + 0.43 * unit_draw(seed, "faint value", name, str(second))
        }
        for label, onset_s, offset_s in window:
            if onset_s <= second % _WINDOW_S < offset_s:
                values[label] = 0.55 + 0.45 * unit_draw(seed, "value", name, str(second), label)
        lines += [f"{second}.0\t{second + 1}.0\t{label}\t{value}\n" for label, value in sorted(values.items())]
    return "".join(lines)


def _write_scene(path: Path, scene: str, length_s: float, windows: list[list[Event]], seed: int) -> None:
    """Write one stereo recording window by window, so that memory use does not grow with its length."""
    import soundfile

    from sseu_dataset.standin.sounds import bed_loop, mix, to_pcm
    from sseu_dataset.standin.waves import RATE_HZ

    if path.exists():
        return
    loop = bed_loop(generator(seed, "bed", path.name), scene)
    samples = round(length_s * RATE_HZ)
    window_samples = _WINDOW_S * RATE_HZ
    with finished(path) as part, soundfile.SoundFile(part, "w", RATE_HZ, 2, "PCM_16", format="WAV") as file:
        for index, start in enumerate(range(0, samples, window_samples)):
            shape = (min(window_samples, samples - start), 2)
            events = windows[index] if index < len(windows) else []
            rng = generator(seed, "sound", path.name, str(index))
            file.write(to_pcm(mix(rng, loop, start, shape, events, bed_level_db(seed, path.name))))
