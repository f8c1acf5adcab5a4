"""The text embedder protocol, theta of eq. (1) and (2) of the paper (section 2.2), and the checks embedders share.

A text is a non-blank string. A vector is a float64 row of length 1 whose numbers are exact in float32 (so that a cache
can keep four bytes per number and lose nothing); its length is therefore 1 to within 1e-7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class EmbedderError(RuntimeError):
    """An embedder cannot answer: no model, other weights than the pinned ones, no key, no connection, a bad answer."""


@runtime_checkable
class Embedder(Protocol):
    """A text embedding model (theta in the paper)."""

    @property
    def id(self) -> str:
        """Name that stands beside every score, such as `openai:text-embedding-3-large`; free of paths and keys."""

    @property
    def revision(self) -> str | None:
        """Version of the model: a Hub commit, `sha256:<digest>`, the address of a server, or None."""

    @property
    def dimension(self) -> int | None:
        """Numbers per vector; None while it is not known."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one row of length 1 per text: (texts, dimension). Blank texts are never passed in."""


def unit_rows(raw: NDArray[Any], source: str) -> NDArray[np.float64]:
    """Return rows scaled to length 1, computed in float64 and rounded to float32 (still of type float64).

    Raises:
        EmbedderError: As `check_vectors`.
    """
    import numpy as np

    rows = check_vectors(raw, len(raw), source)
    units: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units.astype(np.float32).astype(np.float64)


def check_vectors(vectors: NDArray[Any], count: int, source: str) -> NDArray[np.float64]:
    """Return the vectors in float64 if there are `count` rows of finite numbers, none of them all zeros.

    Raises:
        EmbedderError: They are not; `source` and the first bad row are named.
    """
    import numpy as np

    vectors = np.asarray(vectors, dtype=np.float64)
    if vectors.ndim != 2 or len(vectors) != count:
        raise EmbedderError(f"{source} gave an array of shape {vectors.shape} for {count} texts")
    for bad, why in ((~np.isfinite(vectors).all(axis=1), "holds NaN or infinity"), (~vectors.any(axis=1), "is zero")):
        if bad.any():
            raise EmbedderError(f"{source}: the vector of text {int(bad.argmax())} {why}; no cosine exists")
    return vectors


def check_texts(texts: Sequence[str], what: str = "text") -> None:
    """Check that every item is a string with something in it.

    Raises:
        ValueError: An item is not a string, is blank, or holds half a surrogate pair; its position is named.
    """
    if isinstance(texts, str):
        raise ValueError(f"{what}s must be a list of strings, not the string {texts[:80]!r}")
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"{what} {position} is a {type(text).__name__}, not a string")
        if not text or text.isspace():
            raise ValueError(f"{what} {position} is blank ({text!r}); leave blank strings out, they have no vector")
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise ValueError(f"{what} {position} is not valid Unicode ({error.reason}): {text[:80]!r}") from None


def batches_of(embedder: Embedder, texts: Sequence[str]) -> Iterator[NDArray[np.float64]]:
    """Yield the vectors of consecutive texts, block after block where the embedder works in blocks.

    An embedder may have a method `batches(texts)` beside `embed`; a long job can then be stored piece by piece.
    """
    batches = getattr(embedder, "batches", None)
    yield from batches(texts) if batches is not None else [embedder.embed(texts)]


def stack(blocks: Iterator[NDArray[np.float64]], dimension: int | None) -> NDArray[np.float64]:
    """Return the blocks as one array, (0, dimension) if there are none."""
    import numpy as np

    found = list(blocks)
    return np.concatenate(found) if found else np.empty((0, dimension or 0))
