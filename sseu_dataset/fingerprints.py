"""What identifies a dataset: the hash of each row's samples, that of its references, and one fingerprint over both.

A label that changes makes another dataset, as a sample does: answers scored against the two are not comparable. Pure
functions of rows; docs/scoring.md says what follows from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sseu_metric.labels import EVENTS, SCENES

_OF_CONDITION = ("condition", "snr_db")
REFERENCE_COLUMNS: tuple[str, ...] = (
    *_OF_CONDITION,
    "pair_id",
    "transcript",
    "scene",
    "events",
    "event_segments",
    "soft_labels",
    "speech_segments",
    "utterance_id",
    "speaker_id",
    "speaker_gender",
    "speaker_accent",
    "background_corpus",
    "source_recording_id",
)
"""The columns that a score, its interval or a breakdown may depend on, in the order in which they are hashed."""

_MAX_SHOWN = 5


class RowHashes(NamedTuple):
    """SHA-256 of a row's samples (`mixing.pcm_sha256`) and of its references (`reference_sha256`), in hex."""

    pcm_sha256: str
    reference_sha256: str


def reference_sha256(row: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the JSON list of a row's `REFERENCE_COLUMNS`, with labels by name.

    Args:
        row: A row of the dataset, its labels as class ids.

    Raises:
        KeyError: A column is missing.
        ValueError, TypeError: A class id does not exist.
    """
    return next(references_sha256([row]))


def references_sha256(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """`reference_sha256` of each row; what a row has in common with the one before it is not written again."""
    before: list[Any] = []
    shared = ""
    for row in rows:
        values = [row[name] for name in REFERENCE_COLUMNS]
        if values[len(_OF_CONDITION) :] != before:
            before = values[len(_OF_CONDITION) :]
            shared = _json(_with_names(row))[1:]
        own = _json(values[: len(_OF_CONDITION)])[:-1]
        yield hashlib.sha256(f"{own},{shared}".encode()).hexdigest()


def _with_names(row: Mapping[str, Any]) -> list[Any]:
    """The references of a row that are not of its condition, with labels by name."""
    values = dict(row)
    if row["scene"] is not None:
        values["scene"] = _label(SCENES, row["scene"])
    values["events"] = [_label(EVENTS, event) for event in row["events"]]
    for column in ("event_segments", "soft_labels"):
        if row[column] is not None:
            values[column] = [{**item, "event": _label(EVENTS, item["event"])} for item in row[column]]
    return [values[name] for name in REFERENCE_COLUMNS[len(_OF_CONDITION) :]]


def _json(values: list[Any]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def _label(labels: tuple[str, ...], class_id: int) -> str:
    if not 0 <= class_id < len(labels):
        raise ValueError(f"the class id {class_id} is not within 0 to {len(labels) - 1}")
    return labels[class_id]


def fingerprint(rows: Mapping[str, RowHashes]) -> str:
    """SHA-256 of the sorted lines `id,pcm_sha256,reference_sha256`, in hex: one value for audio and references."""
    return _sha256_of_lines(f"{row},{hashes.pcm_sha256},{hashes.reference_sha256}" for row, hashes in rows.items())


def pcm_fingerprint(pcm_sha256: Mapping[str, str]) -> str:
    """SHA-256 of the sorted lines `id,pcm_sha256`, in hex: one value for the audio alone."""
    return _sha256_of_lines(f"{row},{sha256}" for row, sha256 in pcm_sha256.items())


def sources_sha256(sources: Mapping[str, str]) -> str:
    """SHA-256, in hex, of the hashes of an import's sources: its table, its map and every audio file."""
    return _sha256_of_lines(f"{sha256},{name}" for name, sha256 in sources.items())


def _sha256_of_lines(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()


@dataclass(frozen=True)
class DatasetDifference:
    """How the rows of two datasets differ, by row id.

    Attributes:
        samples: Rows with other samples.
        references: Rows with other references (transcript, scene, events, ...).
        only_in_one: Rows that only one of the two has.
    """

    samples: tuple[str, ...]
    references: tuple[str, ...]
    only_in_one: tuple[str, ...]

    def __str__(self) -> str:
        """One sentence part for each kind, with the first rows: `references of 1 row differ (clip_snr_0)`."""
        parts = [
            _some_rows("the samples of {} differ", self.samples),
            _some_rows("the references of {} differ", self.references),
            _some_rows("only one of the two has {}", self.only_in_one),
        ]
        return ", ".join(part for part in parts if part) or "no row differs"


def compare_rows(one: Mapping[str, RowHashes], other: Mapping[str, RowHashes]) -> DatasetDifference:
    """The rows in which two datasets differ."""
    both = sorted(one.keys() & other.keys())
    return DatasetDifference(
        samples=tuple(row for row in both if one[row].pcm_sha256 != other[row].pcm_sha256),
        references=tuple(row for row in both if one[row].reference_sha256 != other[row].reference_sha256),
        only_in_one=tuple(sorted(one.keys() ^ other.keys())),
    )


def _some_rows(sentence: str, rows: tuple[str, ...]) -> str:
    if not rows:
        return ""
    shown = ", ".join(rows[:_MAX_SHOWN]) + (", ..." if len(rows) > _MAX_SHOWN else "")
    return f"{sentence.format(f'{len(rows)} row' + 's' * (len(rows) > 1))} ({shown})"
