"""From the lines of a table to clips: every value is checked, every fault named with its line."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any

from sseu_dataset.importing.mapping import Columns, ImportMap
from sseu_dataset.importing.table import Check, Line, Table
from sseu_dataset.records import CLIP_S
from sseu_dataset.schema import mixture_id
from sseu_dataset.tables.delimited import Fault, cell_fault
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE

_SPEECH_IDS = ("utterance_id", "speaker_id", "speaker_gender", "speaker_accent")
_BACKGROUND_IDS = ("background_corpus", "source_recording_id")
_MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Clip:
    """One line of the table: an audio file and what is said of it.

    `ids` holds the columns of speaker, utterance and background, None where the table has none; speech onset and
    duration are in seconds.
    """

    line: int
    file: str
    pair_id: str
    condition: str
    transcript: str
    scene: str | None
    events: tuple[str, ...]
    ids: Mapping[str, str | None]
    speech_onset_s: float | None
    speech_duration_s: float | None

    @property
    def row_id(self) -> str:
        """Id of its row in the dataset."""
        return mixture_id(self.pair_id, self.condition)


def checks_of(rules: ImportMap, files: Mapping[str, Any]) -> dict[str, Check]:
    """For each column that the map names, what can stand in it (`table.read_table`)."""

    def accepts(parse: Callable[[str], object]) -> Check:
        def check(text: str) -> bool:
            try:
                parse(text)
            except ValueError:
                return False
            return True

        return check

    named = {one.name: name for one in fields(Columns) if (name := getattr(rules.columns, one.name)) is not None}
    checks: dict[str, Check] = dict.fromkeys(named.values())
    parsers: dict[str, Callable[[str], object]] = {
        "scene": lambda text: text and rules.scene(text),
        "events": rules.event_list,
        "snr_db": rules.condition,
        "condition": rules.condition,
    }
    checks |= {named[key]: accepts(parse) for key, parse in parsers.items() if key in named}
    checks[named["transcript"]] = lambda text: True
    checks[named["audio"]] = lambda text: text + rules.audio.suffix in files
    return checks


def read_clips(table: Table, rules: ImportMap, files: Mapping[str, Any]) -> tuple[list[Clip], list[Fault], list[str]]:
    """The clips of a table in its order, the faults of its lines, and notes on what was left out.

    Args:
        table: The table.
        rules: The map.
        files: The audio files there are, by path relative to their folder.
    """
    clips: list[Clip] = []
    faults = list(table.faults)
    left_out: Counter[str] = Counter()
    places = _places(files)
    for line in table.lines:
        reader = _LineReader(line, rules)
        found = reader.clip(files, places)
        faults += [Fault(line.number, reason) for reason in reader.faults]
        left_out.update(reader.left_out)
        if found is not None and not reader.faults:
            clips.append(found)
    faults += _doubled(clips)
    notes = [f"{count} {what}" for what, count in sorted(left_out.items())]
    if table.joined:
        notes.append(f"{table.joined} lines have unquoted separators inside a text; there was one way to read each")
    return clips, faults, notes


def _places(files: Mapping[str, Any]) -> dict[str, str]:
    """A path for each file name and each name without suffix, to hint at where a missing file may be."""
    return {key: file for file in files for key in (PurePosixPath(file).stem, PurePosixPath(file).name)}


class _LineReader:
    """Reads one line and collects what is wrong with it."""

    def __init__(self, line: Line, rules: ImportMap) -> None:
        self.line = line
        self.rules = rules
        self.faults: list[str] = []
        self.left_out: list[str] = []

    def clip(self, files: Mapping[str, Any], places: Mapping[str, str]) -> Clip | None:
        """The clip; None, or one that is not to be used, where there are faults."""
        file = self._text("audio") + self.rules.audio.suffix
        if file not in files:
            near = places.get(PurePosixPath(file).name) or places.get(PurePosixPath(file).stem)
            hint = f"; there is {near}" if near else ""
            self.faults.append(f"no audio file {file[:_MAX_SHOWN]!r} in --audio{hint}")
        condition = self._condition()
        if condition is None:
            return None
        has_speech, has_background = condition != BACKGROUND_ALONE, condition != SPEECH_ALONE
        transcript = self._text("transcript")
        if has_speech and not transcript:
            self.faults.append(f"no transcript, though the condition is {condition}")
        if not has_speech and transcript:
            self.left_out.append("transcripts of background alone are left out, since nobody speaks there")
        scene, events = self._labels() if has_background else (None, ())
        if not has_background and (self._text("scene") or self._cell("events")):
            self.left_out.append("clips of speech alone have a scene or events, which are left out")
        onset_s, duration_s = self._seconds("speech_onset_s"), self._seconds("speech_duration_s")
        if (end_s := (onset_s or 0) + (duration_s or 0)) > CLIP_S:
            self.faults.append(f"speech that ends at {end_s:g} s, after the clip's {CLIP_S} s")
        pair_id = self._text("pair_id") if self.rules.columns.pair_id else str(PurePosixPath(file).with_suffix(""))
        if not pair_id or not pair_id.isprintable():
            self.faults.append(f"the pair id {pair_id!r} is empty or not printable")
        ids = dict.fromkeys((*_SPEECH_IDS, *_BACKGROUND_IDS))
        for name in (*_SPEECH_IDS * has_speech, *_BACKGROUND_IDS * has_background):
            ids[name] = self._text(name) or None
        return Clip(
            line=self.line.number,
            file=file,
            pair_id=pair_id.replace("/", "_"),
            condition=condition,
            transcript=transcript if has_speech else "",
            scene=scene,
            events=events,
            ids=ids,
            speech_onset_s=onset_s if has_speech else None,
            speech_duration_s=duration_s if has_speech else None,
        )

    def _cell(self, column: str) -> str | list[str]:
        name = getattr(self.rules.columns, column)
        return "" if name is None else self.line.cells[name]

    def _text(self, column: str) -> str:
        cell = self._cell(column)
        if isinstance(cell, list):
            self.faults.append(f"{column} is a list; only events may be one")
            return ""
        if (fault := cell_fault(column, cell)) and fault not in self.faults:
            self.faults.append(fault)
        return cell

    def _condition(self) -> str | None:
        """The condition by both columns, which have to agree where both are filled."""
        found: dict[str, str] = {}
        for column in ("condition", "snr_db"):
            text = self._text(column)
            if not text:
                continue
            try:
                found[f"{column} {text!r}"] = self.rules.condition(text)
            except ValueError as error:
                self.faults.append(str(error))
                return None
        if len(set(found.values())) > 1:
            one, other = found
            self.faults.append(f"{one} contradicts {other}")
            return None
        if not found:
            self.faults.append("neither an SNR nor a condition")
            return None
        return next(iter(found.values()))

    def _labels(self) -> tuple[str | None, tuple[str, ...]]:
        scene, events = None, list[str]()
        text = self._text("scene")
        for read in (lambda: self.rules.scene(text), lambda: self.rules.event_list(self._cell("events"))):
            try:
                value = read()
            except ValueError as error:
                self.faults.append(str(error))
                continue
            if isinstance(value, list):
                events = value
            else:
                scene = value
        return scene, tuple(events)

    def _seconds(self, column: str) -> float | None:
        text = self._text(column)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf:
            self.faults.append(f"{column} is {text[:_MAX_SHOWN]!r}, no number of seconds")
            return None
        return value


def _doubled(clips: list[Clip]) -> Iterator[Fault]:
    """Files and ids that stand on several lines, and pairs whose clips differ in more than the condition."""
    files: dict[str, int] = {}
    rows: dict[str, int] = {}
    labels: dict[tuple[str, str], tuple[int, object]] = {}
    for clip in clips:
        if (first := files.setdefault(clip.file, clip.line)) != clip.line:
            yield Fault(clip.line, f"the file {clip.file!r} is on line {first} already")
        if (first := rows.setdefault(clip.row_id, clip.line)) != clip.line:
            yield Fault(clip.line, f"the pair {clip.pair_id!r} at {clip.condition} is on line {first} already")
        speech = {"transcript": clip.transcript} if clip.condition != BACKGROUND_ALONE else {}
        background = {"scene": clip.scene, "events": clip.events} if clip.condition != SPEECH_ALONE else {}
        for name, value in (speech | background).items():
            first, other = labels.setdefault((clip.pair_id, name), (clip.line, value))
            if other != value:
                yield Fault(clip.line, f"the {name} of the pair {clip.pair_id!r} is another one on line {first}")
