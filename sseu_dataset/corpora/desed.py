"""DESED public evaluation set: the clips without speech and their events.

Layout (Zenodo 4560759): `audio/eval/public/*.wav` and `metadata/eval/public.tsv`, at the archive's root or below
`dataset/`. The table has the columns filename, onset, offset, event_label, one row per event, seconds. All 378 clips
without a `Speech` event are backgrounds of the scene Home (docs/protocol.md).
"""

from __future__ import annotations

import math
from collections import defaultdict
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
from sseu_dataset.records import CLIP_S, PAPER_PAIRS, Background, CorpusError, EventSegment, SourceIssue, SourceIssues
from sseu_metric.labels import EVENTS

CORPUS = "DESED"
LICENCE = "DESED: audio of YouTube users, not to be redistributed"
_AUDIO, _TABLE = "audio/eval/public", "metadata/eval/public.tsv"
LAYOUTS = {"public evaluation set": (_AUDIO, _TABLE)}
_COLUMNS = ["filename", "onset", "offset", "event_label"]
_SPEECH = "Speech"
_MAX_NAME_BYTES = 255
_EVENTS = {event.replace(" ", "_").capitalize(): event for event in EVENTS[:9]}


@dataclass(frozen=True, slots=True)
class DesedEvent:
    """One row of the table."""

    filename: str
    onset_s: float
    offset_s: float
    label: str


def read_desed(folder: Path, cache: Path, *, progress: bool = True) -> Backgrounds:
    """Select every clip of the table that has no `Speech` event.

    Args:
        folder: The corpus, or the folder above it.
        cache: The cache of headers (`read_headers`).
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        CorpusError: There is no DESED public evaluation set in `folder`, or its table has other columns.
    """
    root, _ = locate(CORPUS, folder, LAYOUTS)
    table = read_table(root / _TABLE)
    audio = list(files_below(root / _AUDIO))
    present = {path.name: path for path in audio if path.parent == root / _AUDIO and path.suffix == ".wav"}
    elsewhere = {f"{path.stem}.wav": path.relative_to(root).as_posix() for path in audio if path.name not in present}
    headers = read_headers(map(str, present.values()), cache, progress=progress)
    with_speech = {event.filename for event in table.events if event.label == _SPEECH}
    problems = table.unreadable + [
        SourceIssue(f"{_AUDIO}/{name}", why) for name, why in table.broken.items() if name not in with_speech
    ]
    notes, selected = [], []
    for background in select_clips(table.events):
        name = background.file.rsplit("/", 1)[1]
        path = present.get(name)
        if name in table.broken:
            continue
        if path is None:
            problems.append(SourceIssue(background.file, f"named in public.tsv but {missing(elsewhere.get(name))}"))
        elif leads_outside(root, path):
            problems.append(SourceIssue(background.file, LEADS_OUT))
        elif isinstance(header := headers[str(path)], CorpusError):
            problems.append(SourceIssue(background.file, reason(header, path)))
        else:
            notes += unusual(background.file, header)
            selected.append(background)
    named = {event.filename for event in table.events} | table.broken.keys()
    notes += [SourceIssue(f"{_AUDIO}/{name}", "not named in public.tsv, not used") for name in present.keys() - named]
    notes.sort(key=lambda note: note.path)
    return Backgrounds(
        corpus=CORPUS,
        licence=LICENCE,
        root=root,
        selected=selected,
        issues=SourceIssues(problems=problems, notes=notes),
        expected=("DESED clips without speech", PAPER_PAIRS[CORPUS]),
    )


@dataclass(frozen=True)
class DesedTable:
    """The content of `public.tsv`.

    Attributes:
        events: One for each valid row.
        broken: For each clip with an invalid row, why it is invalid.
        unreadable: Rows that name no clip.
    """

    events: list[DesedEvent]
    broken: dict[str, str]
    unreadable: list[SourceIssue]


def read_table(path: Path) -> DesedTable:
    """Read `public.tsv`.

    Raises:
        CorpusError: The columns are not DESED's, or there is no row.
    """
    text = read_text(path, encoding="utf-8-sig", errors="replace")
    header, *rows = (line.split("\t") for line in text.split("\n"))
    if header != _COLUMNS:
        raise CorpusError(f"{path}: the columns are {header!s:.200}, not {_COLUMNS}; is this DESED's public.tsv?")
    table = DesedTable([], {}, [])
    for number, row in enumerate(rows, start=2):
        if row == [""]:
            continue
        if not _is_bare_name(row[0]):
            why = f"{row[0]!r:.80} is not the bare name of a wav file in the corpus"
            table.unreadable.append(SourceIssue(f"{_TABLE} line {number}", why))
            continue
        try:
            table.events.append(_parse(row))
        except ValueError as error:
            table.broken[row[0]] = f"public.tsv line {number}: {error}"
    if not (table.events or table.broken or table.unreadable):
        raise CorpusError(f"{path}: it lists no clip; fetch it again")
    return table


def _is_bare_name(name: str) -> bool:
    fits = len(name.encode()) <= _MAX_NAME_BYTES
    return fits and name.endswith(".wav") and not name.startswith(".") and not any(sign in name for sign in "/\\\0")


def _parse(row: list[str]) -> DesedEvent:
    if len(row) != len(_COLUMNS):
        raise ValueError(f"{len(row)} columns instead of {len(_COLUMNS)}: {row!s:.80}")
    filename, onset, offset, label = row
    try:
        onset_s, offset_s = float(onset), float(offset)
    except ValueError:
        raise ValueError(f"onset {onset!r:.40} or offset {offset!r:.40} is not a number") from None
    if not (math.isfinite(onset_s) and math.isfinite(offset_s)):
        raise ValueError(f"onset {onset!r:.40} or offset {offset!r:.40} is not finite")
    if offset_s < onset_s or onset_s < 0:
        raise ValueError(f"onset {onset:.40} s is negative, or offset {offset:.40} s is before it")
    if label != _SPEECH and label not in _EVENTS:
        raise ValueError(f"unknown label {label!r:.80}")
    return DesedEvent(filename, onset_s, offset_s, label)


def select_clips(events: list[DesedEvent]) -> list[Background]:
    """The clips without a `Speech` event, sorted by name, with their segments clipped to 0-10 s.

    Segments entirely after 10 s are left out.
    """
    by_clip: dict[str, list[DesedEvent]] = defaultdict(list)
    for event in events:
        by_clip[event.filename].append(event)
    backgrounds = []
    for filename, clip_events in sorted(by_clip.items()):
        if any(event.label == _SPEECH for event in clip_events):
            continue
        segments = tuple(
            EventSegment(_EVENTS[event.label], event.onset_s, min(event.offset_s, float(CLIP_S)))
            for event in sorted(clip_events, key=lambda event: (event.onset_s, event.offset_s, event.label))
            if event.onset_s < CLIP_S
        )
        clip_id = filename.removesuffix(".wav")
        backgrounds.append(
            Background(clip_id, CORPUS, f"{_AUDIO}/{filename}", 0, "Home", segments, source_recording_id=clip_id)
        )
    return backgrounds
