"""What the shells take, as JSON text: raw answers or predictions, references or whole dataset rows.

`encode_predictions` and `encode_references` keep of each row what scoring needs. Nothing else in it is read (reading
an audio column would decode it), and what JSON cannot hold is refused by row and key. JSON text stands for null,
nested lists and floats to the last bit alike, so that rows can wait in a file, also in that of another process.
`score_encoded` scores them; the order in which they come does not matter.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, cast

from .answers import parse_answer
from .embedder_protocol import Embedder
from .normalisers import DEFAULT_NORMALISER
from .scores import TASKS, Scores
from .scoring import Prediction, score

Configuration: TypeAlias = Literal["joint", "asr", "asc", "at"]

CONFIGURATIONS: Mapping[str, tuple[str, ...]] = {"joint": TASKS, "asr": ("asr",), "asc": ("asc",), "at": ("at",)}
"""The tasks of each configuration; its name also says how a raw answer is read."""

PREDICTION_KEYS = ("transcript", "scene", "events", "scene_scores", "event_scores", "status")
REFERENCE_KEYS = (
    "id",
    "snr_db",
    "snr",
    "transcript",
    "scene",
    "events",
    "background_corpus",
    "pair_id",
    "source_recording_id",
    "speaker_id",
    "speaker_gender",
    "speaker_accent",
)


def tasks_of(configuration: str) -> tuple[str, ...]:
    """The tasks that a configuration scores.

    Raises:
        ValueError: There is no such configuration.
    """
    if configuration not in CONFIGURATIONS:
        raise ValueError(f"unknown configuration {configuration!r}; there are {', '.join(CONFIGURATIONS)}")
    return CONFIGURATIONS[configuration]


def encode_predictions(predictions: Iterable[Any], first: int = 0) -> list[str]:
    """Predictions as JSON text, one for each row.

    Args:
        predictions: Each a mapping (see `scoring`), the model's raw text, or None for an answer that never came.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is none of these, or a value in it cannot be kept; row and key are named.
    """
    rows = _rows(predictions, "predictions", PREDICTION_KEYS)
    return [_encode_prediction(row, number) for number, row in enumerate(rows, first)]


def encode_references(references: Iterable[Any], first: int = 0) -> list[str]:
    """References as JSON text, one for each row; a `datasets.Dataset` is read without its other columns.

    Args:
        references: Mappings: dataset rows, or `transcript`, `scene`, `events`.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is no mapping, or a value in it cannot be kept; row and key are named.
    """
    rows = _rows(references, "references", REFERENCE_KEYS)
    return [_encode_reference(row, number) for number, row in enumerate(rows, first)]


def read_prediction(prediction: Prediction | str, configuration: str) -> Prediction:
    """A raw answer as the prediction that `parse_answer` reads in it; any other prediction as it is."""
    if not isinstance(prediction, str):
        return prediction
    answer = parse_answer(prediction, cast(Configuration, configuration))
    return {
        "transcript": answer.transcript,
        "scene": answer.scene,
        "events": answer.events,
        "status": {task: status.value for task, status in answer.status.items()},
    }


def score_encoded(
    predictions: Sequence[str],
    references: Sequence[str],
    configuration: str = "joint",
    *,
    embedder: str | Embedder | None = None,
    normalizer: str = DEFAULT_NORMALISER,
) -> Scores:
    """Score encoded rows, sorted by their text, so that not even an interval depends on the order they came in.

    Raises:
        ValueError: As `score`, with the number of the row in the order given.
        ImportError: The embedder's package is missing.
        EmbedderError: The embedder cannot answer.
    """
    tasks = tasks_of(configuration)

    def scored(order: Iterable[int]) -> Scores:
        rows = list(order)
        return score(
            [read_prediction(json.loads(predictions[row]), configuration) for row in rows],
            [json.loads(references[row]) for row in rows],
            tasks=tasks,
            embedder=embedder,
            normalizer=normalizer,
        )

    if len(predictions) != len(references):
        raise ValueError(f"{len(predictions)} predictions for {len(references)} references; one for each is needed")
    try:
        return scored(sorted(range(len(references)), key=lambda row: (references[row], predictions[row])))
    except ValueError:
        scored(range(len(references)))  # fails too, and names the row by its place in the order given
        raise


def _rows(rows: Iterable[Any], name: str, keys: Collection[str]) -> list[Any]:
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        raise ValueError(f"{name} is of type {type(rows).__name__}; a list with one item per row is needed")
    select = getattr(rows, "select_columns", None)  # a datasets.Dataset's: iterating over all would decode the audio
    columns = getattr(rows, "column_names", None)
    return list(select([column for column in columns if column in keys]) if select and columns else rows)


def _encode_prediction(prediction: Any, number: int) -> str:
    if prediction is None or isinstance(prediction, str):
        return json.dumps(prediction)
    what = f"prediction {number}"
    if not isinstance(prediction, Mapping):
        kind = type(prediction).__name__
        raise ValueError(f"{what} is of type {kind}; a mapping, the raw answer as a string, or None is needed")
    kept = _kept(prediction, PREDICTION_KEYS, what)
    for key in ("scene_scores", "event_scores"):
        if key in kept and not _is_vector(kept[key]):
            raise ValueError(f"{what}: {key} must be a list of finite numbers in label order, not {kept[key]!r:.80}")
    if not isinstance(kept.get("status", {}), Mapping):
        raise ValueError(f"{what}: status is {kept['status']!r:.80}; a mapping from task to status is needed")
    for key in ("scene", "events"):
        value = kept.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not _is_unicode(text):
                raise ValueError(f"{what}: {key} holds {text!r:.80}, which is no valid Unicode")
    return json.dumps(kept)


def _encode_reference(row: Any, number: int) -> str:
    what = f"reference {number}"
    if not isinstance(row, Mapping):
        raise ValueError(f"{what} is of type {type(row).__name__}; a mapping such as a dataset row is needed")
    kept = _kept(row, REFERENCE_KEYS, what)
    snr_db = kept.get("snr_db")
    if snr_db is not None and not _is_vector([snr_db]):
        raise ValueError(f"{what}: snr_db is {snr_db!r:.80}; a finite number is needed, or None (and snr then tells)")
    return json.dumps(kept)


def _kept(row: Mapping[str, Any], keys: Sequence[str], what: str) -> dict[str, Any]:
    """The values under `keys` as plain Python values."""
    kept = {}
    for key in keys:
        if key in row:
            value = row[key]
            try:
                kept[key] = json.loads(json.dumps(value, default=_from_array))
            except (TypeError, ValueError, RecursionError) as error:
                raise ValueError(
                    f"{what}: {key} is of type {type(value).__name__} and cannot be kept: {error}"
                ) from None
    if not kept:
        raise ValueError(f"{what} has none of the keys {', '.join(keys)}; it has {', '.join(map(str, row))}")
    return kept


def _from_array(value: Any) -> Any:
    """What NumPy's and torch's arrays and scalars hold, as Python values."""
    if not hasattr(value, "tolist"):
        raise TypeError(f"{type(value).__name__} has no place in JSON")
    return value.tolist()


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, int | float) and not isinstance(item, bool) and math.isfinite(item) for item in value
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
