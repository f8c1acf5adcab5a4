"""The embedder `exact`: strings are equal or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .embedder_protocol import check_texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ARTICLE = re.compile(r"^(?:an?|the|some) (?=\w)")


class ExactEmbedder:
    """Strings are equal (cosine 1) or not (cosine 0): for tests and for answers from a closed set.

    Case, surrounding blanks and a leading article do not count. No vectors of fixed length can be orthogonal for all
    strings, so `embed` gives one dimension to each distinct string of a call: rows of one call compare, rows of two
    calls do not.
    """

    id = "exact"
    revision = None
    dimension = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one-hot rows, (texts, distinct texts)."""
        import numpy as np

        check_texts(texts)
        folded = [fold(text) for text in texts]
        column = {text: position for position, text in enumerate(dict.fromkeys(folded))}
        return np.eye(len(column))[[column[text] for text in folded]]


def fold(text: str) -> str:
    """What is compared of a string: neither case, surrounding blanks nor a leading article."""
    return _ARTICLE.sub("", text.strip().casefold())
