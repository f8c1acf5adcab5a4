"""Predictions and references as JSON text, to be stored until they are scored, also by another process.

JSON keeps null, nested lists and floats exactly. Of each row only what scoring needs is kept; what JSON cannot hold is
refused by row and key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .embedder_protocol import Embedder
from .normalisers import DEFAULT_NORMALISER
from .predictions import plain_predictions
from .references import read_references
from .scores import Scores
from .scoring import score
from .tasks import CONFIGURATIONS, Task


def tasks_of(configuration: str) -> tuple[Task, ...]:
    """The tasks that a configuration scores; a ValueError lists the configurations if it is none."""
    if configuration not in CONFIGURATIONS:
        raise ValueError(f"unknown configuration {configuration!r}; there are {', '.join(CONFIGURATIONS)}")
    return CONFIGURATIONS[configuration]


def encode_predictions(predictions: Any, first: int = 0) -> list[str]:
    """Predictions as JSON text, one for each row.

    Args:
        predictions: See predictions.py; in any container of `input_rows.as_rows`.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is not a prediction, or JSON cannot hold a value; row and key are named.
    """
    rows = plain_predictions(predictions, first)
    return [_dump(row, f"prediction {number}") for number, row in enumerate(rows, first)]


def encode_references(references: Any, configuration: str = "joint", first: int = 0) -> list[str]:
    """References as JSON text, one for each row.

    Args:
        references: See `read_references`.
        configuration: One of `CONFIGURATIONS`.
        first: Number of the first row, for messages.

    Raises:
        ValueError: A row is not a reference, or JSON cannot hold a value; row and key are named.
    """
    rows = read_references(references, of_words=configuration == "asr", first=first)
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

    def scored(pairs: Sequence[tuple[str, str]]) -> Scores:
        return score(
            [json.loads(prediction) for _, prediction in pairs],
            [json.loads(reference) for reference, _ in pairs],
            tasks=tasks,
            embedder=embedder,
            normalizer=normalizer,
        )

    pairs = list(zip(references, predictions, strict=True))
    try:
        return scored(sorted(pairs))
    except ValueError:
        scored(pairs)  # fails too, and names the row by its place in the order given
        raise


def _dump(row: Any, what: str) -> str:
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
