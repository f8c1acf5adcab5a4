"""The map: which column of a table means what, and what its labels are called here (`MAP.toml`)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from sseu_dataset.records import STRICT, DatasetError
from sseu_dataset.validation import parse_json
from sseu_metric.conditions import condition_of, snr_db_of
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.suggestions import did_you_mean

_DB = re.compile(r"\s*db$", re.IGNORECASE)
_BETWEEN_LABELS = re.compile(r"\s*[;,|]\s*")


@dataclass(frozen=True)
class Columns:
    """The table's name for each column; None where it has none."""

    __pydantic_config__ = STRICT

    audio: str
    transcript: str
    scene: str
    events: str
    snr_db: str | None = None
    condition: str | None = None
    pair_id: str | None = None
    utterance_id: str | None = None
    speaker_id: str | None = None
    speaker_gender: str | None = None
    speaker_accent: str | None = None
    background_corpus: str | None = None
    source_recording_id: str | None = None
    speech_onset_s: str | None = None
    speech_duration_s: str | None = None

    def __post_init__(self) -> None:
        """Check that the condition stands somewhere."""
        if self.snr_db is None and self.condition is None:
            raise ValueError("neither snr_db nor condition: one of them says how loud the background is")


@dataclass(frozen=True)
class AudioRules:
    """What may be done to a file that is not a mono clip of 10 s; by default nothing, and it is refused.

    Attributes:
        suffix: Appended to each name in the table, such as `.wav`.
        average_channels: Several channels become their mean.
        pad_shorter: Zeros are appended to a shorter clip.
        cut_longer: What comes after 10 s is left out.
    """

    __pydantic_config__ = STRICT

    suffix: str = ""
    average_channels: bool = False
    pad_shorter: bool = False
    cut_longer: bool = False


@dataclass(frozen=True)
class ImportMap:
    """The content of `MAP.toml`.

    Attributes:
        licence: Of the audio and the texts; stands in every row.
        columns: Where things stand.
        conditions: The table's names of conditions, each with its SNR in dB, `+inf` or `-inf`.
        scenes: The table's names of scenes that are not ours, each with ours.
        events: Likewise; an empty text for a label that is no target, which is left out.
        audio: What may be done to files.

    Raises:
        ValueError: A label or condition on the right side does not exist.
    """

    __pydantic_config__ = STRICT

    licence: str
    columns: Columns
    conditions: dict[str, str] = field(default_factory=dict)
    scenes: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    audio: AudioRules = field(default_factory=AudioRules)

    def __post_init__(self) -> None:
        """Check that every name leads to one of ours."""
        if not self.licence.strip():
            raise ValueError("licence is empty; say under which licence audio and texts are")
        for condition in self.conditions.values():
            snr_db_of(condition)
        for kind, names, known in (("scenes", self.scenes, SCENES), ("events", self.events, (*EVENTS, ""))):
            for name, label in names.items():
                if label not in known:
                    raise ValueError(f"{kind}: {name!r} leads to {label!r}, which is none{did_you_mean(label, known)}")

    def scene(self, text: str) -> str:
        """The scene that a text of the table names; a ValueError if it is unknown."""
        return _label(text, self.scenes, SCENES, "scene")

    def event_list(self, cell: str | list[str]) -> list[str]:
        """The events that a cell names, in our order, without those that are no targets.

        A cell is a list, a list as JSON or Python writes it, or labels with `;`, `,` or `|` between them.

        Raises:
            ValueError: A label is unknown.
        """
        labels = [_label(text, self.events, EVENTS, "event") for text in self._event_texts(cell)]
        return [event for event in EVENTS if event in labels]

    def _event_texts(self, cell: str | list[str]) -> list[str]:
        if isinstance(cell, list):
            return cell
        if cell.startswith("["):
            try:
                listed = ast.literal_eval(cell)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                listed = None
            if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
                raise ValueError(f"events {cell[:60]!r} begin like a list, but are none")
            return listed
        return [cell] if cell in self.events else [text for text in _BETWEEN_LABELS.split(cell) if text]

    def condition(self, text: str) -> str:
        """The condition that a name or an SNR, such as `clean`, `5.0` or `-10 dB`, means; a ValueError if none."""
        if text in self.conditions:
            return self.conditions[text]
        try:
            return condition_of(float(_DB.sub("", text)))
        except ValueError:
            raise ValueError(
                f"{text!r} is neither an SNR in dB nor a name in [conditions] of the map"
                f"{did_you_mean(text, self.conditions)}"
            ) from None


def read_map(path: Path) -> tuple[ImportMap, str]:
    """The map and its text.

    Raises:
        DatasetError: It is not TOML, or a key is missing, unknown or leads nowhere.
    """
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DatasetError(f"{path}: not TOML ({error}); docs/import.md shows a map") from None
    parts: tuple[tuple[str, object, type], ...] = (
        ("", values, ImportMap),
        ("columns.", values.get("columns"), Columns),
        ("audio.", values.get("audio"), AudioRules),
    )
    for place, part, record in parts:
        known = [one.name for one in fields(record)]
        for key in part if isinstance(part, Mapping) else ():
            if key not in known:
                raise DatasetError(
                    f"{path}: unknown key {place + key!r}{did_you_mean(key, known)}; there are {', '.join(known)}"
                )
    return parse_json(ImportMap, json.dumps(values, default=str), str(path), "docs/import.md shows a map"), text


def _label(text: str, names: Mapping[str, str], known: tuple[str, ...], kind: str) -> str:
    """Our label for a text: by the map, or the same words in other letter case, `_` or `-` between them."""
    text = text.strip()
    if text in names:
        return names[text]
    ours = {_plain(label): label for label in known}
    if (label := ours.get(_plain(text))) is not None:
        return label
    raise ValueError(
        f"unknown {kind} {text!r}, to be added to [{kind}s] of the map{did_you_mean(text, (*known, *names))}"
    )


def _plain(label: str) -> str:
    return " ".join(re.split(r"[\s_-]+", label.strip().casefold()))
