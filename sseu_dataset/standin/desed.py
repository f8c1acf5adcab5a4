"""The stand-in of the DESED public evaluation set: its table, and a clip for every file that the table names."""

from __future__ import annotations

import base64
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


@dataclass(frozen=True, slots=True)
class _Counts:
    """Numbers of clips.

    Attributes:
        clips: Clips without speech.
        labels: How often each label occurs among them.
        with_speech: Clips with speech.
        short_every: One in so many clips is shorter than 10 s.
    """

    clips: int
    labels: Mapping[str, int]
    with_speech: int
    short_every: int


_MAX_EVENT_S = {"Alarm_bell_ringing": 2.0, "Cat": 0.9, "Dishes": 0.6, "Dog": 1.0, "Speech": 1.5}
"""Maximum length of classes that sound several times in a clip; each of the others sounds once, for long."""

# The last labels are distributed on top of the first ones (`distribute`), so running water goes with dishes.
_LABELS = {
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
EVENT_LABELS = tuple(_LABELS)
"""Labels of DESED other than speech."""

_COUNTS: dict[Size, _Counts] = {
    "demo": _Counts(22, dict.fromkeys(_LABELS, 3), 3, 7),
    "full": _Counts(378, _LABELS, 692 - 378, 22),
}
_SHORT_S = (9, 5, 4, 8, 7)


def desed_tasks(root: Path, size: Size, seed: int) -> list[Task]:
    """The tasks that write the table and every clip below `root`."""
    counts, dataset = _COUNTS[size], root / "dataset"
    labels_of_clips = distribute(counts.labels, counts.clips)
    classes = list(counts.labels)
    labels_of_clips += [["Speech", *classes[index % 12 : index % 12 + 1]] for index in range(counts.with_speech)]
    rows: list[tuple[str, float, float, str]] = []
    tasks: list[Task] = []
    for index, labels in enumerate(labels_of_clips):
        is_short = index % counts.short_every == counts.short_every // 2
        duration_s = _SHORT_S[index // counts.short_every % len(_SHORT_S)] if is_short else 10
        name = clip_name(index, duration_s, seed)
        events = [event for label in labels for event in clip_events(name, label, duration_s, seed)]
        rows += [(name, onset_s, offset_s, label) for label, onset_s, offset_s in events]
        path = dataset / "audio" / "eval" / "public" / name
        tasks.append(partial(_write_clip, path, duration_s, 2 if index % 4 == 1 else 1, events, seed))
    lines = [f"{name}\t{onset_s:.3f}\t{offset_s:.3f}\t{label}\n" for name, onset_s, offset_s, label in sorted(rows)]
    table = "filename\tonset\toffset\tevent_label\n" + "".join(lines)
    return [partial(write_once, dataset / "metadata" / "eval" / "public.tsv", table), *tasks]


def clip_name(index: int, duration_s: int, seed: int) -> str:
    """`<11 characters>_<start>_<end>.wav`; the first id starts with `-`, as some do."""
    characters = base64.urlsafe_b64encode(draw(seed, "clip", str(index)).to_bytes(8, "big")).decode()
    start_s = draw(seed, "start", str(index)) % 400
    identifier = ("-" if index == 0 else characters[0]) + characters[1:11]
    return f"{identifier}_{start_s}_{start_s + duration_s}.wav"


def clip_events(name: str, label: str, duration_s: int, seed: int) -> list[Event]:
    """Two to four consecutive short events, or one that fills most of the clip, in whole milliseconds."""

    def unit(purpose: str) -> float:
        return unit_draw(seed, purpose, name, label)

    if label not in _MAX_EVENT_S:
        onset_s = max(0.0, duration_s * (0.4 * unit("onset") - 0.1))
        offset_s = min(float(duration_s), duration_s * (0.7 + 0.4 * unit("offset")))
        return [(label, round(onset_s, 3), round(offset_s, 3))]
    count = 2 + int(3 * unit("count"))
    slot_s = duration_s / count
    events = []
    for slot in range(count):
        length_s = min(_MAX_EVENT_S[label], 0.8 * slot_s) * (0.5 + 0.5 * unit(f"length {slot}"))
        onset_s = slot_s * slot + (slot_s - length_s) * unit(f"onset {slot}")
        events.append((label, round(onset_s, 3), round(onset_s + length_s, 3)))
    return events


def _write_clip(path: Path, duration_s: int, channels: int, events: list[Event], seed: int) -> None:
    import soundfile

    from sseu_dataset.standin.sounds import bed_loop, mix, to_pcm
    from sseu_dataset.standin.waves import RATE_HZ

    if path.exists():
        return
    rng = generator(seed, "sound", path.name)
    level_db = bed_level_db(seed, path.name)
    signal = mix(rng, bed_loop(rng, "home"), 0, (duration_s * RATE_HZ, channels), events, level_db)
    with finished(path) as part:
        soundfile.write(part, to_pcm(signal), RATE_HZ, "PCM_16", format="WAV")
