"""Predictions and references as JSON text, in which they can wait in a file, also that of another process.

JSON text stands for null, nested lists and floats to the last bit alike. Of each row only what scoring needs is kept;
what JSON cannot hold is refused by row and key. `score_encoded` scores the rows; the order in which they come does not
matter.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .answers import ParsedAnswer
from .embedder_protocol import Embedder
from .input_rows import as_rows, kept
from .normalisers import DEFAULT_NORMALISER
from .predictions import PREDICTION_KEYS, SCORE_FIELDS, as_prediction
from .references import read_references
from .scores import Scores
from .scoring import score
from .tasks import TASKS, Task

CONFIGURATIONS: Mapping[str, tuple[Task, ...]] = {"joint": TASKS, "asr": ("asr",), "asc": ("asc",), "at": ("at",)}
"""The tasks of each configuration; its name also says how a raw answer is read."""


def tasks_of(configuration: str) -> tuple[Task, ...]:
    """The tasks that a configuration scores.

    Raises:
        ValueError: There is no such configuration.
    """
    if configuration not in CONFIGURATIONS:
        raise ValueError(f"unknown configuration {configuration!r}; there are {', '.join(CONFIGURATIONS)}")
    return CONFIGURATIONS[configuration]


def encode_predictions(predictions: Any, first: int = 0) -> list[str]:
    """Predictions as JSON text, one for each row.

    Args:
        predictions: See predictions.py; in any container of `input_rows.as_rows`.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is not a prediction, or a value in it cannot be kept; row and key are named.
    """
    rows = as_rows(predictions, "predictions", PREDICTION_KEYS)
    return [_encode_prediction(row, f"prediction {number}") for number, row in enumerate(rows, first)]


def encode_references(references: Any, configuration: str = "joint", first: int = 0) -> list[str]:
    """References as JSON text, one for each row.

    Args:
        references: See `read_references`.
        configuration: One of `CONFIGURATIONS`.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is not a reference, or a value in it cannot be kept; row and key are named.
    """
    rows = read_references(references, of_words=configuration == "asr", first=first)
    for number, row in enumerate(rows, first):
        snr_db = row.get("snr_db")
        if snr_db is not None and not _are_finite([snr_db]):
            raise ValueError(
                f"reference {number}: snr_db is {snr_db!r:.80}; a finite number is needed, or None (and snr then tells)"
            )
    return [_dump(row, f"reference {number}") for number, row in enumerate(rows, first)]


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
            [json.loads(predictions[row]) for row in rows],
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


def _encode_prediction(row: Any, what: str) -> str:
    if row is None or isinstance(row, str):
        return json.dumps(row)
    if isinstance(row, ParsedAnswer):
        row = as_prediction(row)
    if not isinstance(row, Mapping):
        kind = type(row).__name__
        raise ValueError(f"{what} is of type {kind}; a mapping, the raw answer as a string, or None is needed")
    values = kept(row, PREDICTION_KEYS, what)
    for key in SCORE_FIELDS.values():
        if key in values and not _are_finite(values[key]):
            raise ValueError(f"{what}: {key} must be a list of finite numbers in label order, not {values[key]!r:.80}")
    if not isinstance(values.get("status", {}), Mapping):
        raise ValueError(f"{what}: status is {values['status']!r:.80}; a mapping from task to status is needed")
    for key in ("scene", "events"):
        value = values.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not _is_unicode(text):
                raise ValueError(f"{what}: {key} holds {text!r:.80}, which is not valid Unicode")
    return _dump(values, what)


def _dump(row: Mapping[str, Any], what: str) -> str:
    try:
        return json.dumps(row)
    except (TypeError, ValueError, RecursionError):
        for key, value in row.items():
            try:
                json.dumps(value)
            except (TypeError, ValueError, RecursionError) as error:
                kind = type(value).__name__
                raise ValueError(f"{what}: {key} is of type {kind} and cannot be kept: {error}") from None
        raise


def _are_finite(values: Any) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) for value in values
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
