"""Ground-truth rows: mappings with `transcript`, `scene` and `events`, or whole dataset rows.

The condition of a dataset row decides the tasks it counts for (conditions.py); intervals and breakdowns need its
speaker and recording. Labels are names or ClassLabel integers. What is missing or of the wrong type is a ValueError
that names row and key.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .conditions import snr_db_of
from .input_rows import as_rows, kept
from .labels import EVENTS, SCENES

if TYPE_CHECKING:
    from numpy.typing import NDArray

Reference = Mapping[str, Any]

KEY_COLUMNS: Mapping[str, str] = {
    "id": "id",
    "corpus": "background_corpus",
    "pair": "pair_id",
    "recording": "source_recording_id",
    "speaker": "speaker_id",
    "gender": "speaker_gender",
    "accent": "speaker_accent",
    "sentence": "transcript",
}
"""Columns of `Scores` that hold text, and the dataset column that each is read from."""

REFERENCE_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys((*KEY_COLUMNS.values(), "condition", "transcript", "scene", "events"))
)
"""Every column of a dataset that scoring reads."""


def read_references(references: Any, *, of_words: bool, first: int = 0) -> list[dict[str, Any]]:
    """References as mappings of plain values.

    Args:
        references: Mappings, for ASR alone also transcripts; in any container of `input_rows.as_rows`.
        of_words: Only ASR is scored.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is neither, or has none of the columns; row and keys are named.
    """
    rows = []
    for number, row in enumerate(as_rows(references, "references", REFERENCE_COLUMNS), first):
        if isinstance(row, str) and of_words:
            row = {"transcript": row}
        if not isinstance(row, Mapping):
            also = ", or for asr alone its transcript," if of_words else ""
            raise ValueError(
                f"reference {number} is of type {type(row).__name__}; a mapping such as a dataset row{also} is needed"
            )
        rows.append(kept(row, REFERENCE_COLUMNS, f"reference {number}"))
    return rows


def transcript_of(row: Reference, number: int) -> str:
    """The reference transcript."""
    text = _value(row, "transcript", number)
    if not isinstance(text, str):
        raise ValueError(f"reference {number}: transcript is {type(text).__name__}, a string is needed")
    return text


def scene_id(row: Reference, number: int) -> int:
    """The class id of the scene."""
    return _label_id(_value(row, "scene", number), SCENES, "scene", number)


def event_ids(row: Reference, number: int) -> list[int]:
    """The class ids of the events."""
    values = _value(row, "events", number)
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"reference {number}: events is {type(values).__name__}, a list of labels is needed")
    return [_label_id(value, EVENTS, "events", number) for value in values]


def row_condition(row: Reference, number: int) -> str:
    """The `condition` of a dataset row, a word such as "-5" or "+inf"; "" for a reference that states none."""
    condition = row.get("condition")
    if condition is None or condition != condition:  # pandas writes a missing text as NaN
        return ""
    try:
        snr_db_of(condition)
    except ValueError as error:
        raise ValueError(f"reference {number}: {error}") from None
    return str(condition)


def key_columns(references: Sequence[Reference], conditions: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The columns of `Scores` that identify and group the rows, each of shape (rows,)."""
    import numpy as np

    columns = {name: [_text(row.get(column)) for row in references] for name, column in KEY_COLUMNS.items()}
    columns |= {"scene": [_scene_name(row.get("scene")) for row in references], "condition": list(conditions)}
    return {name: np.array(values, dtype=object) for name, values in columns.items()}


def _value(row: Reference, key: str, number: int) -> Any:
    if key not in row:
        raise ValueError(f"reference {number} lacks the key {key!r}; it has {', '.join(map(str, row))}")
    return row[key]


def _label_id(value: Any, labels: tuple[str, ...], key: str, number: int) -> int:
    """A label's position, from its name or its ClassLabel integer (a float in a pandas column with missing values)."""
    if isinstance(value, str) and value in labels:
        return labels.index(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(len(labels)):
        return int(value)
    raise ValueError(f"reference {number}: {key} holds {value!r}, which is none of {', '.join(labels)}")


def _scene_name(scene: Any) -> str:
    if isinstance(scene, int | float) and not isinstance(scene, bool) and scene in range(len(SCENES)):
        return SCENES[int(scene)]
    return _text(scene)


def _text(value: Any) -> str:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
