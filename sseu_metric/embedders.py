"""Text embedders behind one small protocol: the sim and theta of eq. (1) and (2) of the paper (section 2.2).

Conventions
    A text is a non-blank string. A vector is a float64 row of length 1 whose numbers are exact in float32 (so that a
    cache can keep four bytes per number and lose nothing); its length is therefore 1 to within 1e-7.

`make_embedder` turns a name into an embedder, `similarities` is what the scores use. The default is
`sentence-transformers/all-MiniLM-L6-v2`, pinned by its weights (sentence_embedder.py), so that nobody needs a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAPER_MODEL = "text-embedding-3-large"
SPEC_FORMS = (
    "default, paper, exact, openai:<model>, sentence-transformers:<Hub id or folder>[@<revision>] "
    "(a revision is a Hub commit, tag or branch, or sha256:<digest>)"
)


class EmbedderError(RuntimeError):
    """An embedder cannot answer: no model, other weights than the pinned ones, no key, no connection, a bad answer."""


@runtime_checkable
class Embedder(Protocol):
    """What the scores ask of a text embedding model (theta in the paper)."""

    @property
    def id(self) -> str:
        """Name that stands beside every score, such as `openai:text-embedding-3-large`; free of paths and keys."""

    @property
    def revision(self) -> str | None:
        """Which state of the model: a Hub commit, `sha256:<digest>`, the address of a server, or None."""

    @property
    def dimension(self) -> int | None:
        """Numbers per vector; None while it is not known."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one row of length 1 per text: (texts, dimension). Blank texts are never passed in."""


def make_embedder(
    spec: str | Embedder | None = None,
    *,
    base_url: str | None = None,
    cache: Path | Literal[False] | None = None,
) -> Embedder:
    """Return the embedder of a name.

    Args:
        spec: `None` or `default` (the pinned local model), `paper` (OpenAI's text-embedding-3-large), `exact`,
            `openai:<model>`, `sentence-transformers:<Hub id or folder>[@<revision>]`; or an embedder, returned as it
            is (wrapped only if `cache` is a path: its id and revision must then change whenever its vectors do).
        base_url: Server of an `openai:` embedder; without it `OPENAI_BASE_URL`, then OpenAI itself.
        cache: SQLite file of stored vectors; None is `embedding_cache.default_cache_path()`, False stores nothing.

    Raises:
        ValueError: The name is of no known form, or `base_url` is given to an embedder without a server.
        ImportError: A package is missing; the message is the line that installs it.
        EmbedderError: The model is neither on this machine nor to be had from the Hub.
    """
    if spec is not None and not isinstance(spec, str):
        if not isinstance(spec, Embedder):
            raise ValueError(f"embedder is a {type(spec).__name__}; give an embedder or one of: {SPEC_FORMS}")
        return _cached(spec, cache) if isinstance(cache, Path) else spec
    named = {None: "default", "paper": f"openai:{PAPER_MODEL}"}.get(spec, spec or "")
    kind, _, rest = named.partition(":")
    if base_url is not None and kind != "openai":
        raise ValueError(f"base_url is for openai:<model>, not for the embedder {spec!r}")
    if named == "exact":
        return ExactEmbedder()
    if named == "default":
        from .sentence_embedder import SentenceTransformersEmbedder

        return _cached(SentenceTransformersEmbedder(), cache)
    if kind == "sentence-transformers" and rest:
        from .sentence_embedder import SentenceTransformersEmbedder

        model, at, revision = rest.rpartition("@")
        if not at or Path(rest).is_dir():
            model, revision = rest, ""
        return _cached(SentenceTransformersEmbedder(model, revision or None), cache)
    if kind == "openai" and rest:
        from .openai_embedder import OpenAIEmbedder

        return _cached(OpenAIEmbedder(rest, base_url=base_url), cache)
    raise ValueError(f"unknown embedder {spec!r}; it must be one of: {SPEC_FORMS}")


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
        ValueError: A text or label is blank, not a string or no valid Unicode; or there are no labels.
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
        folded = [_fold(label) for label in labels]
        cosines = np.array([[_fold(text) == label for label in folded] for text in distinct], dtype=np.float64)
    else:
        vectors = check_vectors(embedder.embed(distinct), len(distinct), embedder.id)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = _cosines(vectors, vectors[[row[label] for label in labels]])
    return cosines[[row[text] for text in texts]]


def _cosines(vectors: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rounded dot products; one by one, since the last bits of a matrix product depend on its shape."""
    import numpy as np

    cosines: NDArray[np.float64] = np.asarray(np.vecdot(vectors[:, np.newaxis, :], labels))
    return np.clip(np.round(cosines, 6), -1.0, 1.0) + 0.0  # + 0.0 turns -0.0 into 0.0


def unit_rows(raw: NDArray[Any], source: str) -> NDArray[np.float64]:
    """Return rows scaled to length 1, computed in float64 and rounded to float32 (still of type float64).

    Raises:
        EmbedderError: A row is not finite or is all zeros; `source` and the row are named.
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
        ValueError: An item is no string, blank, or holds half a surrogate pair; its position is named.
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
                raise ValueError(f"{what} {position} is no valid Unicode ({error.reason}): {text[:80]!r}") from None


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


class ExactEmbedder:
    """Strings are alike (cosine 1) or not (cosine 0): for tests and for answers from a closed set.

    Case and surrounding blanks do not count. No vectors of fixed length can be orthogonal for all strings, so `embed`
    gives one dimension to each distinct string of a call: rows of one call compare, rows of two calls do not.
    """

    id = "exact"
    revision = None
    dimension = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one-hot rows, (texts, distinct texts)."""
        import numpy as np

        check_texts(texts)
        folded = [_fold(text) for text in texts]
        column = {text: position for position, text in enumerate(dict.fromkeys(folded))}
        return np.eye(len(column))[[column[text] for text in folded]]


def _cached(embedder: Embedder, cache: Path | Literal[False] | None) -> Embedder:
    from .embedding_cache import CachedEmbedder, EmbeddingCache, default_cache_path

    path = default_cache_path() if cache is None else cache
    return CachedEmbedder(embedder, EmbeddingCache(path)) if path else embedder


def _fold(text: str) -> str:
    return text.strip().casefold()
