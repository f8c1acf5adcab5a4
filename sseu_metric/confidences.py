"""From similarities with each label to confidences, and to the scene that was meant: eq. (1) to (3) of the paper.

Similarities are cosines of text embeddings in [-1, 1], rounded to 1e-6 by similarity.py, so that equal values are ties
on every machine. Scenes and events stand in the order of `labels`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


def named_confidences(
    task: str,
    answers: Sequence[Sequence[str]],
    classes: int,
    similarities_of: Callable[[list[str]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """The confidences of answers in words.

    Args:
        task: `asc` or `at`.
        answers: What each answer names: at most one scene, or any number of events.
        classes: Number of labels.
        similarities_of: The similarities of distinct names, sorted, with each label, shape (names, classes).

    Returns:
        Shape (answers, classes); all 0 for an answer that names nothing.
    """
    texts = sorted({text for names in answers for text in names})
    if not texts:
        return np.zeros((len(answers), classes))
    place = {text: row for row, text in enumerate(texts)}
    cosines = similarities_of(texts)[[place[text] for names in answers for text in names]]
    if task == "at":
        return event_confidences(cosines, [len(names) for names in answers])
    confidences = np.zeros((len(answers), classes))
    confidences[[number for number, names in enumerate(answers) if names]] = scene_confidences(cosines)
    return confidences


def scene_confidences(similarities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Eq. (1): the softmax of the cosines between the named scene and each scene label.

    Args:
        similarities: Shape (n, scenes).

    Returns:
        Shape (n, scenes), each row sums to 1.
    """
    exponentials = np.exp(similarities)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def event_confidences(similarities: NDArray[np.float64], answers: Sequence[int]) -> NDArray[np.float64]:
    """Eq. (2) and (3): for each class the largest sigmoid of the cosines of the named events.

    The sigmoid is monotone, so the largest cosine is taken first.

    Args:
        similarities: Shape (named events of all answers one after another, classes).
        answers: How many events each answer names; their sum is the number of rows.

    Returns:
        Shape (answers, classes); all 0 for an answer that names no event.
    """
    counts = np.asarray(answers, dtype=np.int64)
    confidences = np.zeros((len(counts), similarities.shape[1]))
    named = counts > 0
    if named.any():
        starts = (np.cumsum(counts) - counts)[named]
        confidences[named] = 1 / (1 + np.exp(-np.maximum.reduceat(similarities, starts, axis=0)))
    return confidences


def scene_hits(confidences: NDArray[np.floating], references: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the reference scene alone has the highest confidence; a tie for the first place hits none.

    Args:
        confidences: Shape (n, scenes); a row that is all equal (no scene named) is a tie.
        references: Scene ids, shape (n,).

    Returns:
        Shape (n,).
    """
    highest = confidences.max(axis=1)
    alone = (confidences == highest[:, np.newaxis]).sum(axis=1) == 1
    return np.asarray(alone & (confidences[np.arange(len(confidences)), references] == highest))
