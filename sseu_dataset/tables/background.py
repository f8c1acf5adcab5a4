"""A table of backgrounds: one line for each labelled event of a clip."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sseu_dataset.corpora.audio import Header
from sseu_dataset.corpora.headers import read_headers
from sseu_dataset.corpora.source import Backgrounds
from sseu_dataset.records import CLIP_S, Background, EventSegment, SourceIssue, SourceIssues, corpus_name_fault
from sseu_dataset.tables.delimited import Fault, Faults
from sseu_dataset.tables.rows import (
    Row,
    audio_fault,
    format_notes,
    id_of,
    read_rows,
    refuse_faults,
    relative_file,
    table_name,
)
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.suggestions import did_you_mean

COLUMNS = ("file", "scene", "onset", "offset", "label", "recording")
OPTIONAL = ("start", "corpus", "clip")
_SECONDS = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,15})?")
_MIN_S = 1
_ROUNDING_S = 0.1
"""How far an event may outlast its clip: who annotates rounds, and files lack their last milliseconds."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: the clip as this line has it, without events, and its event if it names one."""

    number: int
    clip: Background
    event: EventSegment | None


def read_background_table(path: Path, licence: str, cache: Path, *, progress: bool = True) -> Backgrounds:
    """Read a table of backgrounds and the header of each of its files.

    Args:
        path: The table; its files are named relative to its folder.
        licence: That of its audio and labels.
        cache: The cache of headers (`read_headers`).
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        CorpusError: The table, or a line of it, cannot be used; every such line is named.
        DatasetError: The table is not UTF-8, or empty.
    """
    name, root = table_name(path), path.parent
    table = read_rows(path, COLUMNS, OPTIONAL)
    faults = Faults(table.faults)
    clips: dict[tuple[str, int], list[_Line]] = {}
    for row in table.rows:
        if line := _parse(row, root, name, faults):
            clips.setdefault((line.clip.file, line.clip.offset_s), []).append(line)
    faults.found += [*_doubled_ids(clips), *_overlapping_windows(clips)]
    present = [str(root / file) for file in dict.fromkeys(file for file, _ in clips) if (root / file).is_file()]
    headers = read_headers(present, cache, progress=progress)
    places: dict[str, str] = {}
    for (file, _), lines in clips.items():
        places.setdefault(file, f" (line {lines[0].number} of {path.name})")
    issues = SourceIssues(notes=list(table.notes))
    selected: list[Background] = []
    broken: dict[str, SourceIssue] = {}
    for (file, start_s), lines in clips.items():
        header = headers.get(str(root / file))
        if fault := audio_fault(root / file, header, places[file]):
            broken.setdefault(file, SourceIssue(file, fault))
            length_s = math.inf
        else:
            assert isinstance(header, Header)
            length_s = header.frames / header.rate_hz - start_s
        wrong = _clip_faults(lines, length_s)
        faults.found += wrong
        if not wrong and length_s < math.inf:
            selected.append(_joined(lines))
    refuse_faults(path, faults.found, problems=[f"{issue.path}: {issue.reason}" for issue in broken.values()])
    issues.problems.extend(broken.values())
    used = [headers[str(root / file)] for file in sorted({item.file for item in selected})]
    issues.notes.extend(format_notes(path.name, [header for header in used if isinstance(header, Header)]))
    return Backgrounds(
        corpus=name,
        licence=f"{name}: {licence}",
        root=root,
        selected=sorted(selected, key=lambda item: item.background_id),
        issues=issues,
        places=places,
        deviations=(f"backgrounds of the table {name} instead of DESED and MAESTRO-Real",),
    )


def _parse(row: Row, root: Path, table: str, faults: Faults) -> _Line | None:
    """The clip and event of a row; None if one of its cells is wrong. All that is wrong is added."""
    before, number = len(faults.found), row.number
    file = faults.of(number, relative_file, root, row["file"])
    if row["scene"] not in SCENES:
        hint = did_you_mean(row["scene"], SCENES)
        faults.add(number, f"the scene {row['scene']!r:.80} is none of {', '.join(SCENES)}{hint}")
    if not row["recording"]:
        faults.add(number, "the recording is empty; name the recording that the clip is from, the file if it is one")
    if row["corpus"] and (fault := corpus_name_fault(row["corpus"])):
        faults.add(number, f"corpus: {fault}; choose another name")
    event = faults.of(number, _event, row)
    start = row["start"]
    if start and not (start.isascii() and start.isdecimal() and len(start) < 7):
        faults.add(number, f"the start {start!r:.40} is no whole number of seconds from 0 up")
    if file is None or len(faults.found) > before:
        return None
    stem = PurePosixPath(file).stem
    name = faults.of(number, id_of, row["clip"], f"{stem}@{int(start)}" if start else stem, "clip")
    if name is None:
        return None
    clip = Background(
        background_id=name,
        corpus=row["corpus"] or table,
        file=file,
        offset_s=int(start or 0),
        scene=row["scene"],
        segments=(),
        source_recording_id=row["recording"],
    )
    return _Line(number, clip, event)


def _event(row: Row) -> EventSegment | None:
    """The event of a row; None if onset, offset and label are empty."""
    onset, offset, label = row["onset"], row["offset"], row["label"]
    if not (onset or offset or label):
        return None
    if not (onset and offset and label):
        raise ValueError(
            f"onset {onset!r:.40}, offset {offset!r:.40}, label {label!r:.80}: give all three, or none for a clip in "
            "which none of the labels sounds"
        )
    if label not in EVENTS:
        raise ValueError(
            f"the label {label!r:.80} is none of the {len(EVENTS)} of this benchmark{did_you_mean(label, EVENTS)}; map "
            "it to one, or leave out its line (if the clip has no other, empty its onset, offset and label; if it is "
            "speech, leave out the clip)"
        )
    if not (_SECONDS.fullmatch(onset) and _SECONDS.fullmatch(offset)):
        hint = ", with a point: 1.2" if "," in onset + offset else " such as 2 or 3.25"
        raise ValueError(f"onset {onset!r:.40} or offset {offset!r:.40} is not a number of seconds; write one{hint}")
    onset_s, offset_s = float(onset), float(offset)
    if not 0 <= onset_s < offset_s <= CLIP_S:
        raise ValueError(
            f"{label} from {onset} to {offset} s is not within 0 to {CLIP_S} s of its clip, or ends before it begins; "
            "times count from the start of the clip"
        )
    return EventSegment(label, onset_s, offset_s)


def _doubled_ids(clips: Mapping[tuple[str, int], Sequence[_Line]]) -> list[Fault]:
    """Clips with the id of an earlier one."""
    faults = []
    first: dict[str, _Line] = {}
    for line, *_ in clips.values():
        other = first.setdefault(line.clip.background_id, line)
        if other is not line:
            text = f"the id {line.clip.background_id} is that of {other.clip.file} on line {other.number} too"
            faults.append(Fault(line.number, f"{text}; give each an id of its own in the column 'clip'"))
    return faults


def _overlapping_windows(clips: Mapping[tuple[str, int], Sequence[_Line]]) -> list[Fault]:
    """Clips of a file that begin before an earlier one of it ends: they would be two cases with the same samples."""
    faults = []
    before: _Line | None = None
    for (file, start_s), (line, *_) in sorted(clips.items(), key=lambda item: item[0]):
        if before is not None and before.clip.file == file and start_s < before.clip.offset_s + CLIP_S:
            text = (
                f"the clip of {file} at {start_s} s overlaps that at {before.clip.offset_s} s on line {before.number}"
            )
            faults.append(Fault(line.number, f"{text}; clips of a file are {CLIP_S} s apart or more"))
        before = line
    return faults


def _clip_faults(lines: Sequence[_Line], length_s: float) -> list[Fault]:
    """What is wrong with the lines of a clip together; `length_s` is that of its file from the clip's start on."""
    first, faults = lines[0], []
    if length_s <= 0:
        ends_s = first.clip.offset_s + length_s
        text = f"{first.clip.file} ends at {ends_s:.3f} s, before the start of the clip at {first.clip.offset_s} s"
        return [Fault(first.number, f"{text}; correct the start")]
    if length_s < _MIN_S:
        text = f"the clip of {first.clip.file} at {first.clip.offset_s} s lasts {length_s:.3f} s"
        return [Fault(first.number, f"{text}, at least {_MIN_S} s are needed; leave it out")]
    for line in lines[1:]:
        for field in ("scene", "source_recording_id", "corpus", "background_id"):
            one, other = getattr(first.clip, field), getattr(line.clip, field)
            if one != other:
                column = {"source_recording_id": "recording", "background_id": "clip"}.get(field, field)
                text = f"the {column} {other!r:.60} contradicts {one!r:.60} on line {first.number}, of the same clip"
                faults.append(Fault(line.number, f"{text}; a clip has one"))
    if len(lines) > 1:
        faults += [
            Fault(line.number, "a line without an event, but the clip has other lines; remove this one")
            for line in lines
            if line.event is None
        ]
    last: dict[str, tuple[EventSegment, int]] = {}
    events = [(line.event, line.number) for line in lines if line.event is not None]
    for event, number in sorted(events, key=lambda item: (item[0].onset_s, item[0].offset_s)):
        span = f"{event.event} from {event.onset_s:g} to {event.offset_s:g} s"
        if event.onset_s >= length_s or event.offset_s > length_s + _ROUNDING_S:
            faults.append(
                Fault(number, f"{span} is outside its clip, which ends at {length_s:.3f} s; correct the times")
            )
        before = last.get(event.event)
        if before is not None and before[0] == event:
            faults.append(Fault(number, f"{span} is on line {before[1]} too; remove one"))
        elif before is not None and before[0].offset_s > event.onset_s:
            other = f"{before[0].onset_s:g} to {before[0].offset_s:g} s on line {before[1]}"
            faults.append(Fault(number, f"{span} overlaps the one from {other}; make one line of both"))
        if before is None or before[0].offset_s < event.offset_s:
            last[event.event] = (event, number)
    return faults


def _joined(lines: Sequence[_Line]) -> Background:
    """The clip with the events of its lines, in order of their onsets."""
    events = [line.event for line in lines if line.event is not None]
    events.sort(key=lambda event: (event.onset_s, event.offset_s, event.event))
    return replace(lines[0].clip, segments=tuple(events))
