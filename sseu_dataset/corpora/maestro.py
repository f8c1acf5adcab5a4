"""MAESTRO-Real development set: the 10-s windows in which a target event sounds.

Layout (Zenodo 7244360): `development_audio/<scene>/<scene>_NN.wav` and
`development_annotation/soft_labels_<scene>/<scene>_NN.txt`, lines of start, end, label, value in steps of 1 s; a label
is active where its value exceeds 0.5. Windows do not overlap, start at 0 s and lie inside the annotated span; one is
kept when a target is active in it for at least one second. On the official files that gives 739 (docs/protocol.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset.corpora.folders import (
    LEADS_OUT,
    files_below,
    leads_outside,
    locate,
    missing,
    read_text,
    reason,
    unusual,
)
from sseu_dataset.corpora.headers import read_headers
from sseu_dataset.corpora.source import Backgrounds
from sseu_dataset.records import (
    CLIP_S,
    PAPER_PAIRS,
    Background,
    CorpusError,
    EventSegment,
    SoftLabel,
    SourceIssue,
    SourceIssues,
)

CORPUS = "MAESTRO-Real"
LICENCE = "MAESTRO-Real: non-commercial, not to be redistributed"
SCENES = {
    "cafe_restaurant": "Restaurant",
    "city_center": "City Center",
    "grocery_store": "Grocery Store",
    "metro_station": "Metro Station",
    "residential_area": "Residential Area",
}
EVENTS = {
    "birds singing": "Birds Singing",
    "brakes squeaking": "Brakes Squeaking",
    "car": "Car",
    "children voices": "Children Voices",
    "cutlery and dishes": "Dishes",
    "footsteps": "Footsteps",
    "large vehicle": "Large Vehicle",
    "metro approaching": "Metro Approaching",
    "metro leaving": "Metro Leaving",
    "wind blowing": "Wind Blowing",
}
NOT_TARGETS = frozenset(
    {
        "announcement",
        "cash register beeping",
        "coffee machine",
        "door opens/closes",
        "furniture dragging",
        "people talking",
        "shopping cart",
    }
)
_AUDIO, _ANNOTATION = "development_audio", "development_annotation"
LAYOUTS = {"development set": (_AUDIO, _ANNOTATION)}
_ACTIVE_ABOVE = 0.5
_MAX_VALUE = 1.1  # the official files contain crowd-sourced values slightly above 1
_NAME = re.compile(rf"({'|'.join(SCENES)})_\d{{2}}")


@dataclass(frozen=True, slots=True)
class Annotation:
    """Labels of one recording.

    Attributes:
        values: For each event of the benchmark the soft value in every second that the file lists for it.
        annotated_s: End of the annotated span.
    """

    values: Mapping[str, Mapping[int, float]]
    annotated_s: int

    def is_active(self, event: str, second: int) -> bool:
        """Whether an event counts as sounding in a second; one that is not listed does not."""
        return self.values.get(event, {}).get(second, 0.0) > _ACTIVE_ABOVE


def read_maestro(folder: Path, cache: Path, *, progress: bool = True) -> Backgrounds:
    """Select the windows with a target event, of every recording.

    Args:
        folder: The corpus, or the folder above it.
        cache: The cache of headers (`read_headers`).
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        CorpusError: There is no MAESTRO-Real development set in `folder`.
    """
    root, _ = locate(CORPUS, folder, LAYOUTS)
    issues = SourceIssues()
    audio, audio_elsewhere = _scan(root, _AUDIO, "{scene}/{name}.wav", issues)
    texts, texts_elsewhere = _scan(root, _ANNOTATION, "soft_labels_{scene}/{name}.txt", issues)
    selected: list[Background] = []
    headers = read_headers(map(str, audio.values()), cache, progress=progress)
    for name in sorted({*audio, *texts, *audio_elsewhere, *texts_elsewhere}):
        scene, path, text = name[:-3], audio.get(name), texts.get(name)
        file = f"{_AUDIO}/{scene}/{name}.wav"
        try:
            if path is None:
                raise CorpusError(missing(audio_elsewhere.get(name)))
            if text is None:
                where = f"{_ANNOTATION}/soft_labels_{scene}/{name}.txt"
                raise CorpusError(f"its annotation {where} is {missing(texts_elsewhere.get(name))}")
            if leads_outside(root, path) or leads_outside(root, text):
                raise CorpusError(f"it or its annotation is {LEADS_OUT}")
            header = headers[str(path)]
            if isinstance(header, CorpusError):
                raise header
            annotation = read_annotation(text)
            if annotation.annotated_s < CLIP_S:
                short = f"annotated to {annotation.annotated_s} s, which is less than a window of {CLIP_S} s"
                raise CorpusError(f"{short}; fetch the annotation again")
            length_s = header.frames / header.rate_hz
            if annotation.annotated_s > length_s + 1:
                ends = f"annotated to {annotation.annotated_s} s, but its audio ends at {length_s:.1f} s"
                raise CorpusError(f"{ends}; fetch it again")
        except CorpusError as error:
            issues.problems.append(SourceIssue(file, reason(error, *filter(None, (path, text)))))
            continue
        issues.notes.extend(unusual(file, header))
        windows = select_windows(file, SCENES[scene], annotation)
        if not windows:
            issues.excluded.append(SourceIssue(file, "no 10-s window with a target event"))
        selected += windows
    return Backgrounds(
        corpus=CORPUS,
        licence=LICENCE,
        root=root,
        selected=selected,
        issues=issues,
        expected=("MAESTRO-Real windows", PAPER_PAIRS[CORPUS]),
    )


def _scan(root: Path, folder: str, place: str, issues: SourceIssues) -> tuple[dict[str, Path], dict[str, str]]:
    """The files below `folder` of the recordings of the five scenes, by name; adds the other files to `issues`.

    Returns:
        Those at their `place`, and the paths below `root` of those that are elsewhere only.
    """
    there: dict[str, Path] = {}
    elsewhere: dict[str, str] = {}
    for path in files_below(root / folder):
        file, match = path.relative_to(root).as_posix(), _NAME.fullmatch(path.stem)
        if match is not None and file == f"{folder}/{place.format(scene=match[1], name=path.stem)}":
            there[path.stem] = path
        elif match is not None:
            elsewhere[path.stem] = file
        elif path.suffix == Path(place).suffix:
            issues.notes.append(SourceIssue(file, "not named like a recording of the five scenes, not used"))
    for name in elsewhere.keys() & there.keys():
        issues.notes.append(SourceIssue(elsewhere.pop(name), f"not used, since {there[name].name} is in its place too"))
    return there, elsewhere


def read_annotation(path: Path) -> Annotation:
    """Read one file of soft labels.

    Raises:
        CorpusError: It cannot be read, or a line is not `start end label value` with whole seconds one apart, a known
            label and a value from 0 to 1.1.
    """
    values: dict[str, dict[int, float]] = {}
    annotated_s = 0
    try:
        text = read_text(path, encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise CorpusError(f"{path}: the annotation cannot be read ({error.strerror}); check the file") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            second, label, value = _parse(line)
        except ValueError as error:
            raise CorpusError(f"{path}: line {number}: {error}") from error
        annotated_s = max(annotated_s, second + 1)
        if label in EVENTS:
            heard = values.setdefault(EVENTS[label], {})
            heard[second] = max(value, heard.get(second, 0.0))
    return Annotation(values, annotated_s)


def _parse(line: str) -> tuple[int, str, float]:
    fields = line.split("\t")
    if len(fields) != 4:
        raise ValueError(f"{len(fields)} columns instead of start, end, label, value: {line[:80]!r}")
    try:
        start_s, end_s, value = float(fields[0]), float(fields[1]), float(fields[3])
    except ValueError:
        raise ValueError(f"start, end or value is not a number: {line[:80]!r}") from None
    if not (0 <= start_s < 1e6 and start_s == int(start_s) and end_s == start_s + 1):
        raise ValueError(f"start and end are not whole seconds one apart: {line[:80]!r}")
    label = " ".join(fields[2].replace("_", " ").lower().split())
    if label not in EVENTS and label not in NOT_TARGETS:
        raise ValueError(f"unknown label {fields[2]!r}")
    if not 0 <= value <= _MAX_VALUE:  # NaN fails too
        raise ValueError(f"value {fields[3]} is not between 0 and 1")
    return int(start_s), label, value


def select_windows(file: str, scene: str, annotation: Annotation) -> list[Background]:
    """The non-overlapping 10-s windows within the annotated span that have at least one active second of a target."""
    recording = file.rsplit("/", 1)[1].removesuffix(".wav")
    windows = []
    for offset_s in range(0, annotation.annotated_s - CLIP_S + 1, CLIP_S):
        segments = _segments(annotation, offset_s)
        if segments:
            name, soft_labels = f"{recording}@{offset_s}", _soft_labels(annotation, offset_s)
            windows.append(Background(name, CORPUS, file, offset_s, scene, segments, recording, soft_labels))
    return windows


def _segments(annotation: Annotation, offset_s: int) -> tuple[EventSegment, ...]:
    """Runs of active seconds within the window, relative to its start."""
    segments = []
    for event in annotation.values:
        active = [second for second in range(CLIP_S) if annotation.is_active(event, offset_s + second)]
        onsets = [second for second in active if second - 1 not in active]
        offsets = [second + 1 for second in active if second + 1 not in active]
        segments += [EventSegment(event, float(on), float(off)) for on, off in zip(onsets, offsets, strict=True)]
    return tuple(sorted(segments, key=lambda segment: (segment.onset_s, segment.event)))


def _soft_labels(annotation: Annotation, offset_s: int) -> tuple[SoftLabel, ...]:
    """The values of every annotated class in each second of the window; 0 where the file lists none."""
    return tuple(
        SoftLabel(
            event, tuple(annotation.values.get(event, {}).get(offset_s + second, 0.0) for second in range(CLIP_S))
        )
        for event in EVENTS.values()
    )
