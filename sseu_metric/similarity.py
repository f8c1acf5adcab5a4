"""How similar an answer is to each label: sim of eq. (1) and (2) of the paper (section 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .embedder_protocol import Embedder, check_texts, check_vectors
from .exact_embedder import ExactEmbedder, fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def similarities(embedder: Embedder, texts: Sequence[str], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the cosine of every text with every label: sim(theta(text), theta(label)) of eq. (1) and (2).

    Each distinct string is embedded once. A row depends on its own text and the labels only: neither the order nor
    the number of the texts changes it.

    Args:
        embedder: From `make_embedder`, or any other that follows the protocol.
        texts: n answers, none blank (an answer that names nothing has confidence 0 and is not embedded).
        labels: The class names as they are to be embedded.

    Returns:
        (n, labels) in [-1, 1], rounded to 1e-6. With `exact`: 1 where text and label are equal, 0 elsewhere.

    Raises:
        ValueError: A text or label is blank, not a string or not valid Unicode; or there are no labels.
        EmbedderError: The embedder gives no vector per string, or vectors that are not finite or have no direction.
    """
    import numpy as np

    check_texts(texts, "text")
    check_texts(labels, "label")
    if not labels:
        raise ValueError("there are no labels to compare with")
    distinct = list(dict.fromkeys([*labels, *texts]))
    row = {text: position for position, text in enumerate(distinct)}
    if isinstance(embedder, ExactEmbedder):  # its vectors would be as long as the list of distinct strings
        folded = [fold(label) for label in labels]
        cosines = np.array([[fold(text) == label for label in folded] for text in distinct], dtype=np.float64)
    else:
        vectors = check_vectors(embedder.embed(distinct), len(distinct), embedder.id)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = _cosines(vectors, vectors[[row[label] for label in labels]])
    return cosines[[row[text] for text in texts]]


def nearest_labels(cosines: NDArray[np.float64], labels: Sequence[str]) -> list[str | None]:
    """The label of the largest cosine in each row of shape (texts, labels); None where several share it."""
    best = cosines.argmax(axis=1)
    alone = (cosines == cosines.max(axis=1, keepdims=True)).sum(axis=1) == 1
    return [labels[number] if one else None for number, one in zip(best.tolist(), alone.tolist(), strict=True)]


def _cosines(vectors: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rounded dot products; one by one, since the last bits of a matrix product depend on its shape."""
    import numpy as np

    cosines: NDArray[np.float64] = np.asarray(np.vecdot(vectors[:, np.newaxis, :], labels))
    return np.clip(np.round(cosines, 6), -1.0, 1.0) + 0.0  # + 0.0 turns -0.0 into 0.0
