"""The forms of a prediction that scoring accepts, and its values for each task.

A prediction is `{"transcript": str, "scene": str, "events": [str, ...]}`; or the model's raw answer as a string, which
`parse_answer` reads; or what `parse_answer` returned; or None for a missing answer. A value of None could not be
parsed: it scores as an empty one, like a missing answer, and is counted apart. A classifier gives `scene_scores` (6
numbers) or `event_scores` (18 numbers, label order) instead of names; they are used as they are. `status` maps each
task to its parse status. A value that is missing or of the wrong type is a ValueError that names row and key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .answers import ParsedAnswer, ParseMode, parse_answer
from .input_rows import as_rows, kept, mistyped
from .labels import EVENTS, SCENES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Prediction: TypeAlias = Mapping[str, Any] | ParsedAnswer | str | None

FIELDS: Mapping[str, str] = {"asr": "transcript", "asc": "scene", "at": "events"}
"""The key of each task's answer."""

SCORE_FIELDS: Mapping[str, str] = {"asc": "scene_scores", "at": "event_scores"}
"""The key of a classifier's scores."""

CLASSES: Mapping[str, tuple[str, ...]] = {"asc": SCENES, "at": EVENTS}
"""The labels of each task that has classes."""

PREDICTION_KEYS: tuple[str, ...] = (*FIELDS.values(), *SCORE_FIELDS.values(), "status")

_ALL_KEYS = "all keys"
"""Of a prediction without one of the answers: the names of all its keys, also those not read, for messages."""


def read_predictions(predictions: Any, tasks: Sequence[str]) -> list[dict[str, Any] | None]:
    """Predictions as mappings of plain values, None for answers that never came.

    Args:
        predictions: In any container of `input_rows.as_rows`.
        tasks: What they answer; it says how raw text is read.

    Raises:
        ValueError: A row is of none of the forms above; it is named.
    """
    mode = cast(ParseMode, tasks[0] if len(tasks) == 1 else "joint")
    rows = plain_predictions(predictions)
    return [as_prediction(row, mode) if isinstance(row, str) else row for row in rows]


def plain_predictions(predictions: Any, first: int = 0) -> list[dict[str, Any] | str | None]:
    """Predictions as mappings of plain values, raw text as it is.

    Args:
        predictions: In any container of `input_rows.as_rows`.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is of none of the forms above; it is named.
    """
    found: list[dict[str, Any] | str | None] = []
    for number, row in enumerate(as_rows(predictions, "predictions", PREDICTION_KEYS), first):
        if row is None or isinstance(row, str):
            found.append(row)
        elif isinstance(row, ParsedAnswer):
            found.append(as_prediction(row))
        elif isinstance(row, Mapping):
            found.append(_with_all_keys(kept(row, PREDICTION_KEYS, f"prediction {number}"), row))
        else:
            kind = type(row).__name__
            raise ValueError(
                f"prediction {number} is of type {kind}; a mapping, the raw answer as a string, or None is needed"
            )
    return found


def _with_all_keys(read: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    if all(field in read for field in FIELDS.values()) or len(read) == len(row):
        return read
    return read | {_ALL_KEYS: row.get(_ALL_KEYS) or [str(key) for key in row]}


def as_prediction(answer: str | ParsedAnswer, mode: ParseMode = "joint") -> dict[str, Any]:
    """An answer in words as the prediction it makes.

    Args:
        answer: The raw text, or what `parse_answer` returned.
        mode: How raw text is read; see `parse_answer`.
    """
    parsed = parse_answer(answer, mode) if isinstance(answer, str) else answer
    return {
        "transcript": parsed.transcript,
        "scene": parsed.scene,
        "events": parsed.events,
        "status": {task: status.value for task, status in parsed.status.items()},
    }


def _answer_to(task: str, prediction: Mapping[str, Any] | None, number: int) -> tuple[Any, str]:
    """What a prediction says about a task, and its status: `answered`, `missing`, `unparsed` or the status given."""
    if prediction is None:
        return None, "missing"
    field = FIELDS[task]
    if field not in prediction:
        names = prediction.get(_ALL_KEYS) or list(prediction)
        hint = mistyped((name for name in names if name not in PREDICTION_KEYS), [field])
        raise ValueError(f"prediction {number} lacks the key {field!r}; it has {', '.join(names)}{hint}")
    value = prediction[field]
    status = prediction.get("status") or {}
    if not isinstance(status, Mapping):
        raise ValueError(
            f"prediction {number}: status is {type(status).__name__}; a mapping from task to status is needed"
        )
    return value, status.get(task) or ("unparsed" if value is None else "answered")


def transcript_in(prediction: Mapping[str, Any] | None, number: int) -> tuple[str, str]:
    """The transcript, "" where there is none, and its status."""
    value, status = _answer_to("asr", prediction, number)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"prediction {number}: transcript is {type(value).__name__}, a string is needed")
    return value or "", status


def names_in(task: str, prediction: Mapping[str, Any] | None, number: int) -> tuple[tuple[str, ...], str]:
    """The scene or the events that a prediction names, each once, without blank ones, and their status."""
    value, status = _answer_to(task, prediction, number)
    if task == "asc":
        if value is not None and not isinstance(value, str):
            raise ValueError(f"prediction {number}: scene is {type(value).__name__}, a string is needed")
        values = [] if value is None else [value]
    else:
        if value is not None and (isinstance(value, str) or not isinstance(value, Sequence)):
            raise ValueError(f"prediction {number}: events is {type(value).__name__}, a list of strings is needed")
        values = list(value or [])
        if not all(isinstance(item, str) for item in values):
            raise ValueError(f"prediction {number}: events holds {values!r:.80}, a list of strings is needed")
    for text in values:
        try:
            text.encode()
        except UnicodeEncodeError:
            message = f"prediction {number}: {FIELDS[task]} holds {text!r:.80}, which is not valid Unicode"
            raise ValueError(message) from None
    return tuple(dict.fromkeys(text for item in values if (text := item.strip()))), status


def scores_in(task: str, prediction: Mapping[str, Any] | None, number: int) -> NDArray[np.float64] | None:
    """A classifier's scores in label order, shape (classes,); None where a prediction gives none."""
    import numpy as np

    key, classes = SCORE_FIELDS[task], len(CLASSES[task])
    if prediction is None or key not in prediction:
        return None
    try:
        vector = np.asarray(prediction[key], dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)  # refused below, with row and key
    if vector.shape != (classes,) or not np.isfinite(vector).all():
        raise ValueError(
            f"prediction {number}: {key} must be {classes} finite numbers in label order, not {prediction[key]!r:.80}"
        )
    return vector
